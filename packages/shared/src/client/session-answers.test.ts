import { expect, test } from "vitest";
import { errorCatalogue, errorCodes } from "../contract/error-codes.ts";
import type { Problem } from "../contract/problem.ts";
import type { Answer } from "./request.ts";
import { isDeadToken } from "./session-answers.ts";

test("the access token is no good for every code of 401 that speaks of it, and for no other", () => {
  const dead = errorCodes.filter((code) => {
    const { status } = errorCatalogue[code];
    return isDeadToken({ status, problem: { code } as Problem } as Answer);
  });
  expect(dead).toEqual(["token_missing", "token_invalid", "token_expired", "token_stale"]);
});
