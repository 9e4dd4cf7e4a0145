/** What a store of failed sign-ins has to do. */
import type { CountedAttempt, SignInCountStore } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import { promisesOn } from "./promise.ts";

const { promise } = promisesOn<"signInCounts">();

const minute = 60_000;

const attemptOf = (party: string, account: string | null = "everywhere mike"): CountedAttempt => ({
  gates: [
    { kind: "failures", key: "address of all" },
    { kind: "failures", key: party },
    ...(account === null ? [] : [{ kind: "account" as const, key: account }]),
  ],
  party,
});
const countOf = (now: number, failed = 3) => ({
  count: 2,
  resetsAt: now + minute,
  blockedUntil: now + 7,
  lastAt: now,
  failed,
});

/** As whoever decides in one turn has it. */
const write = async (
  store: SignInCountStore,
  attempt: CountedAttempt,
  now: number,
  writes: Parameters<SignInCountStore["apply"]>[2],
): Promise<void> => {
  for (;;) {
    const { version } = await store.read(attempt, now);
    if ((await store.apply(attempt, version, writes)) === "applied") return;
  }
};

export const ofSignInCounts = [
  promise(
    "what is written is found, by each key, and nothing where nothing has been",
    async ({ stores: { signInCounts }, now }) => {
      const [one, other] = [attemptOf("one"), attemptOf("other", null)];
      const { counts, underWay, turn } = await signInCounts.read(one, now);
      const none = { count: 0, resetsAt: 0, blockedUntil: 0, lastAt: 0, failed: 0 };
      same(
        { counts, underWay, turn },
        { counts: [none, none, none], underWay: [0, 0, 0], turn: null },
        "at first",
      );
      await write(signInCounts, one, now, {
        counts: [countOf(now), countOf(now, 9), countOf(now)],
      });
      const written = await signInCounts.read(one, now);
      same(written.counts.slice(0, 2), [countOf(now), countOf(now, 9)], "of network and party");
      same(written.counts[2]?.blockedUntil, now + 7, "of the account");
      same((await signInCounts.read(other, now)).counts, [countOf(now), none], "of another party");
      await write(signInCounts, other, now, { counts: [null, countOf(now, 1)] });
      same(
        (await signInCounts.read(one, now)).counts.slice(0, 2),
        [countOf(now), countOf(now, 9)],
        "what is left out stays",
      );
    },
  ),

  promise(
    "of many that have found the same one is written, whatever it writes",
    async ({ stores: { signInCounts }, now }) => {
      const attempt = attemptOf("one");
      const begins = (id: string) => ({ begins: { id, until: now + minute } });
      for (const writes of [
        () => ({ counts: [countOf(now), null, null] }),
        () => ({ turn: { until: now + minute, failed: 0, lastAt: 0 } }),
        (index: number) => begins(`attempt ${index}`),
      ]) {
        const { version } = await signInCounts.read(attempt, now);
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, async (_, index) =>
            signInCounts.apply(attempt, version, writes(index)),
          ),
        );
        same(outcomes.filter((outcome) => outcome === "applied").length, 1, "how many");
        holds((await signInCounts.read(attempt, now)).version !== version, "another version");
      }
      same((await signInCounts.read(attempt, now)).underWay, [1, 1, 1], "those under way");
      // Others share a key, and so the count that was decided on.
      const { version } = await signInCounts.read(attempt, now);
      await write(signInCounts, attemptOf("other"), now, begins("another"));
      same(await signInCounts.apply(attempt, version, {}), "changed", "where a key is shared");
    },
  ),

  promise(
    "an attempt is under way at each of its keys until it ends, once, or its time is over",
    async ({ stores: { signInCounts }, now }) => {
      const [one, other] = [attemptOf("one"), attemptOf("other")];
      const until = now + minute;
      await write(signInCounts, one, now, { begins: { id: "first", until } });
      await write(signInCounts, other, now, { begins: { id: "second", until: until + minute } });
      const underWayOf = async (attempt: CountedAttempt, at: number) =>
        (await signInCounts.read(attempt, at)).underWay;
      same(await underWayOf(one, now), [2, 1, 2], "both");
      await write(signInCounts, one, now, { ends: "nobody's" });
      same(await underWayOf(one, until - 1), [2, 1, 2], "up to the end of the first one's time");
      const { version } = await signInCounts.read(one, until - 1);
      same(await underWayOf(one, until), [1, 0, 1], "once that is over");
      same(await signInCounts.apply(one, version, {}), "changed", "what was decided on it");
      await write(signInCounts, one, until, { ends: "first" });
      same(await underWayOf(other, until), [1, 1, 1], "when its process ends it after all");
      await write(signInCounts, other, until, { ends: "second" });
      await write(signInCounts, other, until, { ends: "second" });
      same(await underWayOf(other, until), [0, 0, 0], "when both have ended");
    },
  ),

  promise(
    "a turn is one party's at its account, until it is another's or nobody's",
    async ({ stores: { signInCounts }, now }) => {
      const [one, other] = [attemptOf("one"), attemptOf("other")];
      const elsewhere = attemptOf("one", "everywhere nora");
      const turn = { until: now + minute, failed: 2, lastAt: now - minute };
      await write(signInCounts, one, now, { turn });
      const turnOf = async (attempt: CountedAttempt) =>
        (await signInCounts.read(attempt, now)).turn;
      same(await turnOf(one), { ...turn, isOwn: true }, "its own");
      same(await turnOf(other), { ...turn, isOwn: false }, "somebody else's");
      same(await turnOf(elsewhere), null, "at another account");
      await write(signInCounts, other, now, { turn: { ...turn, failed: 1 } });
      same(await turnOf(one), { ...turn, failed: 1, isOwn: false }, "taken over");
      await write(signInCounts, one, now, { turn: null });
      same(await turnOf(other), null, "given up");
    },
  ),

  promise(
    "an account's count and turn stay however much else is counted, and so does what was counted last",
    async ({ stores: { signInCounts }, now }) => {
      const account = attemptOf("mike's");
      const turn = { until: now + minute, failed: 2, lastAt: now };
      await write(signInCounts, account, now, { turn, counts: [null, null, countOf(now)] });
      const many = 1_500;
      const other = (index: number): CountedAttempt => ({
        gates: [{ kind: "failures", key: `other ${index}` }],
        party: "",
      });
      for (let index = 0; index < many; index += 1)
        await write(signInCounts, other(index), now, { counts: [countOf(now + index)] });
      const found = await signInCounts.read(account, now);
      same(
        { blockedUntil: found.counts[2]?.blockedUntil, turn: found.turn },
        { blockedUntil: now + 7, turn: { ...turn, isOwn: true } },
        "of the account",
      );
      same(
        (await signInCounts.read(other(many - 1), now)).counts,
        [countOf(now + many - 1)],
        "what was counted last",
      );
    },
  ),
];
