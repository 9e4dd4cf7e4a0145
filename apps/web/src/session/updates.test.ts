import type { ClientState } from "@sallyport/shared/client";
import { expect, test } from "vitest";
import { createUpdates } from "./updates.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 0, 1);

const setUp = (state: ClientState) => {
  let now = begin;
  let touch = (): void => undefined;
  let timers: { readonly at: number; readonly work: () => void }[] = [];
  const updates = createUpdates(() => ({ state: () => state }), {
    now: () => now,
    onInput: (note) => {
      touch = note;
    },
    setTimer: (work, milliseconds) => timers.push({ at: now + milliseconds, work }),
  });
  let told = 0;
  updates.subscribe(() => (told += 1));
  return {
    updates,
    touch: () => touch(),
    pass: (milliseconds: number) => {
      const end = now + milliseconds;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        now = Math.max(now, due.at);
        due.work();
      }
      now = end;
    },
    told: () => told,
  };
};

const signedIn = (idleMinutes: number): ClientState =>
  ({
    status: "signedIn",
    session: {
      expiresIn: 300,
      accessExpiresAt: new Date(begin + 5 * minute).toISOString(),
      session: { idleExpiresAt: new Date(begin + idleMinutes * minute).toISOString() },
    },
  }) as ClientState;

test("pages ask by themselves until nobody has touched them for half of the session's idle life", () => {
  const { updates, pass } = setUp(signedIn(60));
  const may = [0, 29, 1, 570].map((minutes) => {
    pass(minutes * minute);
    return updates.mayAsk();
  });
  expect(may).toEqual([true, true, false, false]);
});

test("whoever comes back is told that pages may ask again, once", () => {
  const { updates, pass, touch, told } = setUp(signedIn(60));
  touch();
  expect(told()).toBe(0);
  pass(45 * minute);
  const before = told();
  touch();
  touch();
  expect([told() - before, updates.mayAsk()]).toEqual([1, true]);
});

test("a page that stops because nobody is there says so by itself, and since when", () => {
  const { updates, pass, touch, told } = setUp(signedIn(60));
  pass(20 * minute);
  touch();
  expect(updates.stoppedAt()).toBeNull();
  pass(29 * minute);
  expect([updates.stoppedAt(), told()]).toEqual([null, 0]);
  pass(10 * minute);
  expect([updates.stoppedAt(), told()]).toEqual([begin + 50 * minute, 1]);
  touch();
  expect([updates.stoppedAt(), told()]).toEqual([null, 2]);
  pass(31 * minute);
  expect([updates.stoppedAt(), told()]).toEqual([begin + 89 * minute, 3]);
});

test("asking alone never makes a session live longer than half as long again as its idle life", () => {
  const { updates, pass } = setUp(signedIn(60));
  let endsAt = 60;
  for (let now = 0; now < endsAt; now += 1) {
    if (updates.mayAsk()) endsAt = now + 60;
    pass(minute);
  }
  expect(endsAt).toBeLessThanOrEqual(90);
});

test("a visitor's page has no session to keep alive", () => {
  const { updates, pass } = setUp({ status: "visitor" } as ClientState);
  pass(10_000 * minute);
  expect(updates.mayAsk()).toBe(true);
});

test("paused is paused, whoever is there", () => {
  const { updates, touch, told } = setUp(signedIn(60));
  updates.pause(true);
  touch();
  expect([updates.mayAsk(), updates.isPaused(), told()]).toEqual([false, true, 1]);
  updates.pause(false);
  expect([updates.mayAsk(), updates.isPaused(), told()]).toEqual([true, false, 2]);
});
