/**
 * The queue of sign-ins on a store that several processes share, whose answers come in later turns.
 * What it decides, hour after hour, is in `sign-in-limits.test.ts`.
 */
import { expect, it } from "vitest";
import { AppError } from "../answering/errors.ts";
import type { Awaitable } from "../awaitable.ts";
import { createFailureColumns, createFailureTable } from "./failure-table.ts";
import type { SignInCountStore } from "./sign-in-count-store.ts";
import type { AttemptUnderWay, SignInAttempt } from "./sign-in-limits.ts";
import { createSignInQueue } from "./sign-in-queue.ts";

const minute = 60_000;

/** @param seed of how late the store answers, each time anew */
const createWorld = (seed = 1) => {
  let now = 1_000 * minute;
  let made = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1)
      await new Promise((resolve) => void setImmediate(resolve));
  };
  const size = { accounts: 1_024, sets: 256 };
  const columns = createFailureColumns<Record<number, number>>(size, () => ({}));
  const table = createFailureTable(
    () => columns,
    size,
    (key) => [key.length, [...key].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 7) >>> 0],
  );
  let isDown = false;
  let drawn = seed;
  const draw = (): number => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31;
    return (drawn >> 16) % 4;
  };
  const late = async <T>(call: () => T): Promise<T> => {
    await turns(draw());
    if (isDown) throw new AppError("busy", { retryAfterSeconds: 1 });
    const answer = call();
    await turns(draw());
    return answer;
  };
  const counts: SignInCountStore = {
    read: (...given) => late(() => table.read(...given)),
    apply: (...given) => late(() => table.apply(...given)),
  };
  const createProcess = () =>
    createSignInQueue({
      counts,
      newAttemptId: () => `attempt ${(made += 1)}`,
      clock: {
        now: () => now,
        every: (milliseconds, run) => {
          const timer = { at: now + milliseconds, run };
          timers.add(timer);
          return () => timers.delete(timer);
        },
      },
    });
  const settle = (): Promise<void> => turns(400);
  return {
    createProcess,
    turns,
    settle,
    setDown: (value: boolean): void => void (isDown = value),
    pass: async (milliseconds: number): Promise<void> => {
      now += milliseconds;
      for (const timer of timers)
        if (timer.at <= now) {
          timers.delete(timer);
          timer.run();
        }
      await settle();
    },
  };
};

const mike: SignInAttempt = { account: "mike", networks: ["192.0.2.1"], device: null };
const from = (network: string): SignInAttempt => ({ ...mike, networks: [network] });

const collect = () => {
  const underWay: AttemptUnderWay[] = [];
  const refused: string[] = [];
  return {
    underWay,
    refused,
    add: (entering: Promise<AttemptUnderWay>): void =>
      void entering.then(
        (one) => underWay.push(one),
        (error: AppError) => refused.push(error.code),
      ),
  };
};
/** One after the other, as hashes end. */
const failAll = async (
  underWay: readonly AttemptUnderWay[],
  settle: () => Awaitable<void>,
): Promise<void> => {
  for (let index = 0; index < underWay.length; index += 1) {
    await underWay[index]?.fail();
    await settle();
  }
};

it.each([1, 2, 3, 4, 5])(
  "Guesses at once, at two processes, are no more than one after the other (%i)",
  async (seed) => {
    const { createProcess, settle, pass } = createWorld(seed);
    const [one, other] = [createProcess(), createProcess()];
    const { underWay, refused, add } = collect();
    for (let index = 0; index < 30; index += 1) add((index % 2 === 0 ? one : other).enter(mike));
    await settle();
    expect([underWay.length, refused.length]).toEqual([5, 9]);
    await failAll(underWay, settle);
    await pass(1_000);
    expect(underWay).toHaveLength(5);
    expect(refused).toEqual(Array.from({ length: 25 }, () => "rate_limited"));
    expect([one.size(), other.size()]).toEqual([
      { waiting: 0, underWay: 0 },
      { waiting: 0, underWay: 0 },
    ]);
  },
);

it("Right passwords at once, at two processes, are all let in, also where the one before was let in elsewhere", async () => {
  const { createProcess, settle, pass } = createWorld();
  const [one, other] = [createProcess(), createProcess()];
  const { underWay, refused, add } = collect();
  for (let index = 0; index < 5; index += 1) add(one.enter(mike));
  await settle();
  for (let index = 0; index < 8; index += 1) add(other.enter(mike));
  await settle();
  expect(underWay).toHaveLength(5);
  for (const attempt of underWay.slice()) await attempt.end();
  await pass(1_000);
  expect(underWay).toHaveLength(10);
  for (const attempt of underWay.slice(5)) await attempt.end();
  await settle();
  expect([underWay.length, refused.length]).toEqual([13, 0]);
});

it.each([0, 2, 4, 6, 8, 10, 12, 14, 16])(
  "A place that opens goes to whoever waits for it, not to whoever knocks in that moment (%i)",
  async (later) => {
    const { createProcess, turns, settle } = createWorld();
    const queue = createProcess();
    const { underWay, add } = collect();
    for (let index = 0; index < 5; index += 1) add(queue.enter(mike));
    await settle();
    let first = "";
    void queue.enter(mike).then(() => (first ||= "who waits"));
    await settle();
    const ended = underWay[0]?.end();
    await turns(later);
    void queue.enter(mike).then(() => (first ||= "who knocks"));
    await ended;
    await settle();
    expect(first).toBe("who waits");
  },
);

it("What a process has let in that has died holds its place for a minute", async () => {
  const { createProcess, settle, pass } = createWorld();
  const dead = collect();
  const died = createProcess();
  for (let index = 0; index < 5; index += 1) dead.add(died.enter(mike));
  await settle();
  const { underWay, refused, add } = collect();
  const queue = createProcess();
  add(queue.enter(mike));
  await settle();
  await pass(10_000);
  expect([underWay.length, refused]).toEqual([0, ["rate_limited"]]);
  await pass(50_000);
  add(queue.enter(mike));
  await settle();
  expect(underWay).toHaveLength(1);
});

it("A store that fails is told to whoever asks and whoever waits, and a failure that it has not counted holds its place", async () => {
  const { createProcess, settle, setDown, pass } = createWorld();
  const queue = createProcess();
  const { underWay, refused, add } = collect();
  for (let index = 0; index < 6; index += 1) add(queue.enter(mike));
  await settle();
  setDown(true);
  await expect(underWay[0]?.fail()).rejects.toMatchObject({ code: "busy" });
  await expect(queue.enter(mike)).rejects.toMatchObject({ code: "busy" });
  await expect(underWay[1]?.end()).resolves.toBeUndefined();
  await pass(10_000);
  expect([underWay.length, refused, queue.size().waiting]).toEqual([5, ["busy"], 0]);
  setDown(false);
  for (let index = 0; index < 3; index += 1) add(queue.enter(mike));
  await settle();
  expect(underWay).toHaveLength(5);
  for (const attempt of underWay.slice(2)) await attempt.end();
  await settle();
  for (let index = 0; index < 3; index += 1) add(queue.enter(mike));
  await settle();
  // Three of five places: the store has not heard of the end of two.
  expect(underWay).toHaveLength(8);
});

it("No more wait for the store than there is room for", async () => {
  const { createProcess, settle } = createWorld();
  const queue = createProcess();
  const { refused, add } = collect();
  for (let index = 0; index < 1_200; index += 1)
    add(queue.enter(from(`10.0.${index >> 8}.${index & 255}`)));
  await settle();
  expect(refused.filter((code) => code === "busy")).toHaveLength(1_200 - 1_024);
});
