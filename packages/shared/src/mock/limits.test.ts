import { expect, it } from "vitest";
import { networksOf } from "../core/core.ts";
import { admit } from "./limits.ts";
import { createState } from "./world.ts";

const at = Date.parse("2026-11-22T09:00:00Z");

it("Failed sign-ins are counted in no more room than there is, and each account's until they are over", () => {
  const state = createState(1, at);
  const fail = (account: string, address: string, now = at): void =>
    admit(state, { account, networks: networksOf(address), device: null }, now)();
  for (let index = 0; index < 10; index += 1) fail("mike", `203.0.113.${index}`);
  const address = (index: number): string =>
    `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  let made = 0;
  const fill = (): void => {
    for (let index = 0; index < 10_000; index += 1) {
      made += 1;
      try {
        fail(`made-up-${made}`, address(made));
      } catch {
        // Names share an account's place where there are many; then it has no place left.
      }
    }
  };
  fill();
  fill();
  expect(JSON.stringify(state.signInFailures).length).toBeLessThan(256 * 1024);

  expect(() => fail("mike", "203.0.113.200")).toThrow(/./);
  fail("mike", "203.0.113.200", at + 400_000);
  expect(state.limits).toEqual({});
});
