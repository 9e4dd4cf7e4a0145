import { expect, test } from "vitest";
import { mayPoll } from "./polling.ts";

const minutes = (count: number): number => count * 60_000;

test("a page asks by itself until nobody has touched it for half of the session's idle life", () => {
  const lastInputAt = minutes(1000);
  const at = (elapsed: number): boolean => mayPoll({ now: lastInputAt + elapsed, lastInputAt, idleSeconds: 3600 });
  expect([at(0), at(minutes(29)), at(minutes(30)), at(minutes(600))]).toEqual([true, true, false, false]);
});

test("asking alone never makes a session live longer than half as long again as its idle life", () => {
  const idleSeconds = 3600;
  let endsAt = idleSeconds * 1000;
  for (let now = 0; now < endsAt; now += minutes(1)) if (mayPoll({ now, lastInputAt: 0, idleSeconds })) endsAt = now + idleSeconds * 1000;
  expect(endsAt).toBeLessThanOrEqual(idleSeconds * 1500);
});

test("a visitor's page has no session to keep alive", () => {
  expect(mayPoll({ now: minutes(10_000), lastInputAt: 0, idleSeconds: null })).toBe(true);
});
