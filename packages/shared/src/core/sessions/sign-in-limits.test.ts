/**
 * The limits of sign-in under attack, hour after hour on a clock that the test moves: who knocks,
 * who waits and who gets in is simulated with the very queue and limits that the server has.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AppError } from "../answering/errors.ts";
import { networksOf } from "../answering/networks.ts";
import { createFailureColumns, createFailureTable } from "./failure-table.ts";
import type { SignInCountStore } from "./sign-in-count-store.ts";
import type { AttemptUnderWay, SignInAttempt } from "./sign-in-limits.ts";
import { createSignInQueue } from "./sign-in-queue.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const createCounts = (): SignInCountStore => {
  const size = { accounts: 65_536, sets: 16_384 };
  const columns = createFailureColumns<Record<number, number>>(size, () => ({}));
  return createFailureTable(
    () => columns,
    size,
    (key) => {
      const hash = createHash("sha256").update(key).digest();
      return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
    },
  );
};

let attempts = 0;
const newAttemptId = (): string => `attempt ${(attempts += 1)}`;

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
const createChance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/**
 * A clock on which what is due happens in order, with everything that follows from it, before time
 * goes on.
 */
const createWorld = () => {
  let now = 1_000 * hour;
  let made = 0;
  const due: { at: number; made: number; run: () => void }[] = [];
  const after = (milliseconds: number, run: () => void): (() => void) => {
    const entry = { at: now + milliseconds, made: (made += 1), run };
    due.push(entry);
    return () => {
      const index = due.indexOf(entry);
      if (index !== -1) due.splice(index, 1);
    };
  };
  const clock = {
    now: () => now,
    every: (milliseconds: number, run: () => void) => after(milliseconds, run),
  };
  /** Promises that are settled get their turn. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  const queue = createSignInQueue({ counts: createCounts(), newAttemptId, clock });
  return {
    now: () => now,
    after,
    queue,
    settle,
    /** Lets time pass until something is true, or it is over. */
    run: async (span: number, isDone = (): boolean => false): Promise<void> => {
      const end = now + span;
      await settle();
      while (!isDone()) {
        due.sort((one, other) => one.at - other.at || one.made - other.made);
        if (due[0] === undefined || due[0].at > end) break;
        const next = due.shift() as (typeof due)[number];
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      if (!isDone()) now = end;
    },
  };
};
type World = ReturnType<typeof createWorld>;

const from = (account: string | null, address: string, device: string | null = null) => ({
  account,
  networks: networksOf(address),
  device,
});

/** How long a hash takes. */
const hashMilliseconds = 40;

/**
 * Guesses for as long as the world goes on. What it is told to wait it does not heed for longer
 * than four seconds, so that it always waits when a place opens, and knocks the moment one has.
 */
const poll = (
  world: World,
  attempt: () => SignInAttempt,
  onGuess: () => void,
  atOnce = 2,
): void => {
  const knock = (): void => {
    world.queue.enter(attempt()).then(
      (underWay) =>
        world.after(hashMilliseconds, () => {
          onGuess();
          void underWay.fail();
          world.after(1, knock);
        }),
      (error: AppError) =>
        world.after(Math.min(error.members.retryAfterSeconds ?? 4, 4) * second, knock),
    );
  };
  for (let index = 0; index < atOnce; index += 1) world.after(index, knock);
};

/**
 * A person: knows the password, comes again when told to, and takes a while to press the button.
 * @param how.lateBy drawn anew each time
 * @param how.typos that come before the right password
 * @returns how long it took
 */
const signIn = async (
  world: World,
  attempt: SignInAttempt,
  how: { readonly lateBy?: () => number; readonly typos?: number } = {},
  longest = 3 * hour,
): Promise<number> => {
  const { lateBy = () => second, typos = 0 } = how;
  const began = world.now();
  let isIn = false;
  let mistyped = 0;
  const knock = (): void => {
    world.queue.enter(attempt).then(
      (underWay) =>
        world.after(hashMilliseconds, () => {
          isIn = mistyped >= typos;
          if (isIn) return void underWay.end();
          mistyped += 1;
          void underWay.fail();
          world.after(lateBy(), knock);
        }),
      (error: unknown) => {
        const seconds = error instanceof AppError ? (error.members.retryAfterSeconds ?? 0) : 0;
        world.after(seconds * second + lateBy(), knock);
      },
    );
  };
  knock();
  await world.run(longest, () => isIn);
  expect(isIn, "is signed in").toBe(true);
  return world.now() - began;
};

/** Wants each turn of an account, and comes so late for it, after the time that it is told. */
const comeLate = (world: World, attempt: SignInAttempt, late: number): void => {
  const knock = (): void => {
    world.queue.enter(attempt).then(
      (underWay) => {
        void underWay.fail();
        world.after(second, knock);
      },
      (error: AppError) =>
        world.after((error.members.retryAfterSeconds ?? 0) * second + late, knock),
    );
  };
  knock();
};

const owner = "198.51.100.7";

// Hours of it take a while on a machine that is busy.
describe("An account under attack", { timeout: 60_000 }, () => {
  it("by one poller holds its owner up nowhere else, new device or not", async () => {
    const world = createWorld();
    let guesses = 0;
    poll(
      world,
      () => from("mike", "203.0.113.1"),
      () => (guesses += 1),
    );
    for (let time = 0; time < 20; time += 1) {
      await world.run(7 * minute);
      expect(await signIn(world, from("mike", owner))).toBe(hashMilliseconds);
    }
    expect(guesses).toBeGreaterThan(5);
  });

  it.each([
    ["ten who guess without a pause", [10, 0, 0]],
    ["five who guess, and five who let each of their turns pass", [5, 5, 0]],
    ["five who guess, and five who take each of their turns at its very end", [5, 0, 5]],
    ["ten who let each of their turns pass", [0, 10, 0]],
  ] as const)(
    "by %s on ten networks lets an owner on a new device in within ten minutes, whenever they come, up to a minute late each time",
    async (_, [guessing, passing, dawdling]) => {
      const took: number[] = [];
      const tookAfterTypo: number[] = [];
      // It is worst in the first half hour: later the networks have delays of their own.
      for (let seed = 1; seed <= 12; seed += 1) {
        const world = createWorld();
        const chance = createChance(seed);
        const lateBy = (): number => Math.floor(chance() * 61) * second;
        for (let index = 1; index <= 10; index += 1) {
          const attempt = from("mike", `203.0.113.${index}`);
          if (index <= guessing)
            poll(
              world,
              () => attempt,
              () => {},
            );
          else if (index <= guessing + passing) comeLate(world, attempt, 69 * second);
          else if (index <= guessing + passing + dawdling) comeLate(world, attempt, 67 * second);
        }
        await world.run(chance() * 20 * minute);
        const attempt = from("mike", owner);
        took.push(await signIn(world, attempt, { lateBy }));
        await world.run(chance() * minute);
        tookAfterTypo.push(await signIn(world, attempt, { lateBy, typos: 1 }));
      }
      // Who has not failed has the next turn, which is kept for longer than they are late.
      expect(Math.max(...took)).toBeLessThan(2 * minute);
      expect(Math.max(...tookAfterTypo)).toBeLessThan(10 * minute);
    },
  );

  it("by ten pollers lets in also an owner who has mistyped once, since networks take turns", async () => {
    const world = createWorld();
    const guesses = new Map<number, number>();
    for (let index = 1; index <= 10; index += 1)
      poll(
        world,
        () => from("mike", `203.0.113.${index}`),
        () => guesses.set(index, (guesses.get(index) ?? 0) + 1),
      );
    await world.run(10 * minute);
    const enter = async (end: "fail" | "end"): Promise<number> => {
      const began = world.now();
      let done = false;
      const knock = (): void => {
        world.queue.enter(from("mike", owner)).then(
          (underWay) => {
            void underWay[end]();
            done = true;
          },
          (error: unknown) =>
            world.after(((error as AppError).members.retryAfterSeconds ?? 0) * second, knock),
        );
      };
      knock();
      await world.run(2 * hour, () => done);
      expect(done).toBe(true);
      return world.now() - began;
    };
    await enter("fail");
    expect(await enter("end")).toBeLessThan(10 * minute);
    const counts = [...guesses.values()];
    expect(counts).toHaveLength(10);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it("never holds up an owner on a device from which they have signed in, nor one with another name", async () => {
    const world = createWorld();
    for (let index = 1; index <= 10; index += 1)
      poll(
        world,
        () => from("mike", `203.0.113.${index}`),
        () => {},
      );
    for (let time = 0; time < 10; time += 1) {
      await world.run(2 * minute + 777);
      expect(await signIn(world, from("mike", owner, "a device"))).toBe(hashMilliseconds);
      // From a network that guesses, too.
      expect(await signIn(world, from("mike", "203.0.113.3", "a device"))).toBe(hashMilliseconds);
      expect(await signIn(world, from("nora", owner))).toBe(hashMilliseconds);
    }
  });

  it("suffers a hundred guesses in the first hour and ninety in any later one, from however many networks", async () => {
    const world = createWorld();
    let guesses = 0;
    const address = (index: number): string => `203.0.${index % 250}.${index % 7}`;
    let asked = 0;
    poll(
      world,
      () => from("mike", address((asked += 1))),
      () => (guesses += 1),
      12,
    );
    const inHours: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      const before = guesses;
      await world.run(hour);
      inHours.push(guesses - before);
    }
    expect(inHours[0]).toBeLessThanOrEqual(100);
    expect(inHours[0]).toBeGreaterThan(95);
    for (const count of inHours.slice(1)) {
      expect(count).toBeLessThanOrEqual(90);
      expect(count).toBeGreaterThan(85);
    }
  });

  it("by a /48 of IPv6 suffers no more than by one address", async () => {
    const guessesOf = async (attempt: (index: number) => SignInAttempt): Promise<number> => {
      const world = createWorld();
      let guesses = 0;
      let index = 0;
      poll(
        world,
        () => attempt((index += 1)),
        () => (guesses += 1),
      );
      await world.run(3 * hour);
      return guesses;
    };
    const alone = await guessesOf(() => from("mike", "203.0.113.1"));
    expect(
      await guessesOf((index) => from("mike", `2001:db8:7:${(index % 65_536).toString(16)}::1`)),
    ).toBe(alone);
    expect(alone).toBeLessThan(30);
  });

  it("by many networks at once, each for the first time, gives each its turn and the owner theirs", async () => {
    const world = createWorld();
    const networks = 40;
    const guesses = new Map<number, number>();
    for (let index = 0; index < networks; index += 1)
      poll(
        world,
        () => from("mike", `2001:db8:${index.toString(16)}::1`),
        () => guesses.set(index, (guesses.get(index) ?? 0) + 1),
        1,
      );
    await world.run(5 * minute);
    expect(await signIn(world, from("mike", owner, "a device"))).toBe(hashMilliseconds);
    // On a new device the owner is one among them.
    expect(guesses.size).toBeLessThan(networks / 2);
    const chance = createChance(11);
    const lateBy = (): number => Math.floor(chance() * 61) * second;
    expect(await signIn(world, from("mike", owner), { lateBy })).toBeLessThan(
      networks * 40 * second,
    );
    await world.run(hour, () => guesses.size === networks);
    expect(guesses.size).toBe(networks);
    // A second one has only who was waiting when a place opened, and whoever had none was not.
    expect(Math.max(...guesses.values())).toBeLessThanOrEqual(2);
    expect([...guesses.values()].filter((count) => count > 1).length).toBeLessThan(5);
  });
});

describe("An office behind one address", () => {
  it("in which somebody guesses holds up nobody for long whose name is not the one, and known devices never", async () => {
    const world = createWorld();
    let guessed = 0;
    // Some names, until the whole network has failed too often.
    poll(
      world,
      () => from(`user-${(guessed += 1) % 6}`, owner),
      () => {},
      6,
    );
    await world.run(10 * minute);
    let longest = 0;
    for (const name of ["nora", "frida", "dan"]) {
      expect(await signIn(world, from(name, owner, `device of ${name}`))).toBe(hashMilliseconds);
      longest = Math.max(longest, await signIn(world, from(name, owner)));
    }
    // The longest delay there is, and nobody who guesses takes the place that opens.
    expect(longest).toBeLessThanOrEqual(15 * minute + second);
  });
});

describe("Attempts at once", () => {
  const enterMany = (
    world: World,
    count: number,
    attempt: (index: number) => SignInAttempt,
  ): { readonly underWay: AttemptUnderWay[]; readonly refused: AppError[] } => {
    const underWay: AttemptUnderWay[] = [];
    const refused: AppError[] = [];
    for (let index = 0; index < count; index += 1)
      world.queue
        .enter(attempt(index))
        .then((one) => underWay.push(one))
        .catch((error: AppError) => refused.push(error));
    return { underWay, refused };
  };

  it("with the right password are all let in, up to five under way and eight waiting", async () => {
    const world = createWorld();
    const { underWay, refused } = enterMany(world, 14, () => from("mike", owner));
    await world.settle();
    expect([underWay.length, refused.length]).toEqual([5, 1]);
    for (let index = 0; index < 13; index += 1) {
      await world.settle();
      void underWay[index]?.end();
    }
    expect(underWay).toHaveLength(13);
    expect(world.queue.size()).toEqual({ waiting: 0, underWay: 0 });
    expect(refused[0]?.members).toMatchObject({
      retryAfterSeconds: 2,
      headers: { RateLimit: '"account";r=0;t=2', "RateLimit-Policy": '"account";q=5;w=900' },
    });
  });

  it("with wrong ones are no more guesses than one after the other", async () => {
    const world = createWorld();
    const { underWay, refused } = enterMany(world, 50, () => from("mike", owner));
    await world.settle();
    for (let index = 0; index < underWay.length; index += 1) {
      void underWay[index]?.fail();
      await world.settle();
    }
    expect([underWay.length, refused.length]).toEqual([5, 45]);
    expect(refused.at(-1)?.members.retryAfterSeconds).toBe(30);
    expect(world.queue.size()).toEqual({ waiting: 0, underWay: 0 });
  });

  it("wait ten seconds at most", async () => {
    const world = createWorld();
    const { underWay, refused } = enterMany(world, 6, () => from("mike", owner));
    await world.run(10 * second - 1);
    expect([underWay.length, refused.length]).toEqual([5, 0]);
    await world.run(1);
    expect(refused).toHaveLength(1);
    expect(world.queue.size().waiting).toBe(0);
  });

  it("from everywhere are let in ten at a time, and one each 40 s from then on", async () => {
    const world = createWorld();
    const { underWay, refused } = enterMany(world, 50, (index) =>
      from("mike", `203.0.113.${index}`),
    );
    await world.settle();
    expect([underWay.length, refused.length]).toEqual([10, 0]);
    for (const one of underWay) void one.fail();
    await world.settle();
    expect(refused).toHaveLength(40);
    // Eight seconds early, to wait for the place that opens.
    expect(refused[0]?.members).toMatchObject({
      retryAfterSeconds: 32,
      headers: {
        RateLimit: '"everywhere";r=0;t=32',
        "RateLimit-Policy": '"everywhere";q=10;w=400',
      },
    });
    await world.run(32 * second);
    // Whoever was sent away first.
    const again = enterMany(world, 1, () => from("mike", "203.0.113.10"));
    await world.run(8 * second - 1);
    expect(again.underWay).toHaveLength(0);
    await world.run(1);
    expect(again.underWay).toHaveLength(1);
  });

  it("wait in no greater number than there is room for, and who has not failed finds room", async () => {
    const world = createWorld();
    enterMany(world, 5_000, (index) => from("mike", `10.0.${index % 250}.${index >> 8}`));
    await world.settle();
    expect(world.queue.size().waiting).toBe(256);
    const { refused } = enterMany(world, 1, () => from("nora", owner));
    await world.settle();
    expect(refused).toHaveLength(0);
  });
});

describe("The turn at an account without a place", () => {
  const createAttacked = async () => {
    const world = createWorld();
    /** @returns null where it was let in, and failed; otherwise when to come again */
    const guess = (index: number): Promise<number | null> =>
      world.queue.enter(from("mike", `203.0.113.${index}`)).then(
        (underWay) => (underWay.fail(), null),
        (error: AppError) => error.members.retryAfterSeconds ?? 0,
      );
    for (let index = 0; index < 10; index += 1) {
      expect(await guess(index)).toBeNull();
      await world.run(1);
    }
    return { world, guess };
  };

  it("goes from whoever has it to whoever has failed less, and not the other way", async () => {
    const { guess } = await createAttacked();
    expect([await guess(1), await guess(2)]).toEqual([32, 72]);
    // Has failed longer ago than the one who has it.
    expect([await guess(0), await guess(1)]).toEqual([32, 72]);
    // Has never failed.
    expect([await guess(200), await guess(0), await guess(201)]).toEqual([32, 72, 72]);
  });

  it("is kept until a minute after the place has opened, and holds up others once", async () => {
    const { world, guess } = await createAttacked();
    expect(await guess(200)).toBe(32);
    await world.run(80 * second);
    expect(await guess(1)).toBeNull();
    expect(await guess(2)).toBe(12);
    await world.run(20 * second);
    expect(await guess(2)).toBeNull();
    expect(await guess(200)).toBe(12);
  });

  it("that was let pass counts as failed in the order, and nowhere else", async () => {
    const { world, guess } = await createAttacked();
    expect(await guess(200)).toBe(32);
    await world.run(100 * second);
    for (const index of [1, 2]) expect(await guess(index)).toBeNull();
    expect([await guess(200), await guess(201)]).toEqual([12, 12]);
    expect(await guess(200)).toBe(52);
    await world.run(hour);
    for (let time = 0; time < 5; time += 1) expect(await guess(200)).toBeNull();
  });
});

describe("The allowance of a known device", () => {
  it("is five failures in 15 minutes, outside the account's and the network's", async () => {
    const world = createWorld();
    const fail = async (attempt: SignInAttempt): Promise<number | null> =>
      world.queue.enter(attempt).then(
        (underWay) => (underWay.fail(), null),
        (error: AppError) => error.members.retryAfterSeconds ?? 0,
      );
    const known = from("mike", owner, "a device");
    for (let time = 0; time < 5; time += 1) expect(await fail(known)).toBeNull();
    expect(await fail(known)).toBe(30);
    // As if nothing had been: five of the account's own from here, then its delay.
    for (let time = 0; time < 5; time += 1) expect(await fail(from("mike", owner))).toBeNull();
    expect(await fail(from("mike", owner))).toBe(30);
    expect(await fail(from("mike", owner, "another"))).toBeNull();
    await world.run(15 * minute);
    expect(await signIn(world, known)).toBe(hashMilliseconds);
  });
});

describe("The delay of an account and a network", () => {
  it("grows from 30 s to 15 minutes, and is over a window after the last failure", async () => {
    const world = createWorld();
    const attempt = from("mike", owner);
    const fail = async (): Promise<number | null> =>
      world.queue.enter(attempt).then(
        (underWay) => (underWay.fail(), null),
        (error: AppError) => error.members.retryAfterSeconds ?? 0,
      );
    for (let time = 0; time < 5; time += 1) expect(await fail()).toBeNull();
    for (const delay of [30, 60, 120, 240, 480, 900, 900]) {
      expect(await fail()).toBe(delay);
      await world.run(delay * second - 1);
      expect(await fail()).toBe(1);
      await world.run(1);
      expect(await fail()).toBeNull();
    }
    await world.run(30 * minute);
    for (let time = 0; time < 5; time += 1) expect(await fail()).toBeNull();
    expect(await fail()).toBe(30);
  });

  it("is not longer for a turn that was let pass", async () => {
    const world = createWorld();
    const fail = async (attempt: SignInAttempt): Promise<boolean> =>
      world.queue.enter(attempt).then(
        (underWay) => (underWay.fail(), true),
        () => false,
      );
    for (let time = 0; time < 4; time += 1) expect(await fail(from("mike", owner))).toBe(true);
    await world.run(14 * minute);
    for (let index = 0; index < 10; index += 1)
      expect(await fail(from("mike", `203.0.113.${index}`))).toBe(true);
    // It has the turn now, and a minute later its failures are over.
    expect(await fail(from("mike", owner))).toBe(false);
    await world.run(10 * minute);
    for (let time = 0; time < 5; time += 1) expect(await fail(from("mike", owner))).toBe(true);
  });

  it("does not outlast a clock that has been set back", async () => {
    let now = 100 * hour;
    const queue = createSignInQueue({
      counts: createCounts(),
      newAttemptId,
      clock: { now: () => now, every: () => () => {} },
    });
    for (let time = 0; time < 5; time += 1) void (await queue.enter(from("mike", owner))).fail();
    await expect(queue.enter(from("mike", owner))).rejects.toThrow(AppError);
    now -= 50 * hour;
    void (await queue.enter(from("mike", owner))).end();
  });
});
