import { expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { ContractError } from "../client/client.ts";
import { validateResponse } from "./validate-response.ts";

const cookieCheck = { access: true, refresh: false, mode: "same-site" };

test("A body that keeps the contract is given without what the contract does not name", () => {
  expect(
    validateResponse("GET /cookie-check", 200, { ...cookieCheck, added: "by a newer server" }),
  ).toEqual(cookieCheck);
  expect(validateResponse("POST /logout", 204, undefined)).toBeUndefined();
});

test("A body, a status and a missing body that break the contract are refused", () => {
  expect(() =>
    validateResponse("GET /cookie-check", 200, { ...cookieCheck, mode: "third-party" }),
  ).toThrow(/mode/);
  expect(() => validateResponse("GET /cookie-check", 201, cookieCheck)).toThrow(
    "answers 200, not 201",
  );
  expect(() => validateResponse("GET /cookie-check", 200, undefined)).toThrow(/object/);
  expect(() => validateResponse("POST /logout", 204, {})).toThrow(/undefined/);
});

test("A client that validates tells its caller of a broken contract, with the cause, and lets errors of the API through", async () => {
  const world = createWorld();
  const tab = world.openTab("one", { validateResponse });
  world.network.instead = (_, route) =>
    route === "GET /healthz" ? { status: 200, body: { status: "splendid" } } : null;
  const error = await world.until(tab.client.call("GET /healthz").catch((error: unknown) => error));
  expect(error).toBeInstanceOf(ContractError);
  expect((error as ContractError).message).toBe(
    "GET /healthz answered 200 with a body that breaks the contract.",
  );
  expect(((error as ContractError).cause as Error).message).toMatch(/status/);
  await expect(
    world.until(
      tab.client
        .call("GET /sections/:slug", { params: { slug: "secret" } })
        .catch((error: unknown) => error),
    ),
  ).resolves.toMatchObject({
    code: "token_missing",
  });
});
