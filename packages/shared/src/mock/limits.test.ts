import { expect, it } from "vitest";
import { admitAtOnce, networksOf } from "../core/core.ts";
import { createSignInCountStore } from "./stores/sign-in-counts.ts";
import { createState } from "./world.ts";

const at = Date.parse("2026-11-22T09:00:00Z");

it("Failed sign-ins are counted in no more room than there is, and each account's until they are over", async () => {
  const state = createState(1, at);
  const counts = createSignInCountStore({ state: () => state });
  const fail = async (account: string, address: string, now = at): Promise<void> => {
    const attempt = { account, networks: networksOf(address), device: null };
    await (await admitAtOnce(attempt, counts, now)).fail();
  };
  for (let index = 0; index < 10; index += 1) await fail("mike", `203.0.113.${index}`);
  const address = (index: number): string =>
    `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  let made = 0;
  const fill = async (): Promise<void> => {
    for (let index = 0; index < 10_000; index += 1) {
      made += 1;
      try {
        await fail(`made-up-${made}`, address(made));
      } catch {
        // Names share an account's place where there are many; then it has no place left.
      }
    }
  };
  await fill();
  await fill();
  expect(JSON.stringify(state.signInFailures).length).toBeLessThan(256 * 1024);

  await expect(fail("mike", "203.0.113.200")).rejects.toMatchObject({ code: "rate_limited" });
  await fail("mike", "203.0.113.200", at + 400_000);
  expect(state.limits).toEqual({});
});
