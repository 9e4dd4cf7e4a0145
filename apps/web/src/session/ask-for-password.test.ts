import { expect, test, vi } from "vitest";
import { createFreshSignIn } from "./ask-for-password.ts";

test("all that want the password at one moment are answered by one dialog, and the next asks anew", async () => {
  const { ask, answer, isAsked, subscribe } = createFreshSignIn();
  const listener = vi.fn<() => void>();
  subscribe(listener);
  const both = Promise.all([ask(), ask()]);
  expect([isAsked(), listener.mock.calls.length]).toEqual([true, 1]);
  answer(true);
  expect(isAsked()).toBe(false);
  await expect(both).resolves.toEqual([true, true]);
  const next = ask();
  expect(isAsked()).toBe(true);
  answer(false);
  await expect(next).resolves.toBe(false);
});
