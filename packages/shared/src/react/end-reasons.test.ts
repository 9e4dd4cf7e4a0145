import { sessionEndReasons } from "../contract/error-codes.ts";
import { expect, test } from "vitest";
import { reasonInWords } from "./end-reasons.ts";

test("every reason of the contract has words of its own", () => {
  const words = sessionEndReasons.map(reasonInWords);
  expect(new Set(words).size).toBe(sessionEndReasons.length);
  expect(words).not.toContain(reasonInWords(undefined));
});

test("a reason that this build does not know is no blank", () => {
  expect(reasonInWords("somethingNew" as never)).toBe(reasonInWords(undefined));
});

test("reuse says what has happened", () => {
  expect(reasonInWords("reuse")).toContain("Someone else used an old copy of your session");
});
