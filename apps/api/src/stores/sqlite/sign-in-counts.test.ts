import { describe, expect, it } from "vitest";
import type { CountedAttempt, FailureTable } from "@sallyport/shared/core";
import { createSignInCountStore } from "./sign-in-counts.ts";

const count = (at: number) => ({
  count: 3,
  resetsAt: at + 900_000,
  blockedUntil: 7,
  lastAt: at,
  failed: 4,
});
const attemptOf = (kind: "account" | "failures", key: string): CountedAttempt => ({
  gates: [{ kind, key }],
  party: key,
});
const write = (
  table: FailureTable,
  attempt: CountedAttempt,
  writes: Parameters<FailureTable["apply"]>[2],
): void => {
  const outcome = table.apply(attempt, table.read(attempt, 0).version, writes);
  if (outcome !== "applied") throw new Error(outcome);
};
const readCount = (table: FailureTable, kind: "account" | "failures", key: string) =>
  table.read(attemptOf(kind, key), 0).counts[0];

describe("the table of failures", { timeout: 30_000 }, () => {
  it("takes under five megabytes, however many keys are written", () => {
    // One secret, so that the same keys share a place each time.
    const table = createSignInCountStore(Buffer.alloc(32, 1));
    expect(table.bytes).toBeLessThan(5 * 1024 * 1024);
    const turn = { until: 1e15, failed: 3, lastAt: 1e14 };
    write(table, attemptOf("account", "mike"), {
      counts: [{ ...count(0), blockedUntil: 1e15 }],
      turn,
    });
    for (let index = 0; index < 80_000; index += 1)
      write(table, attemptOf("failures", `key ${index}`), { counts: [count(index)] });
    const foundFrom = (first: number): number => {
      let found = 0;
      for (let index = first; index < first + 10_000; index += 1)
        if (readCount(table, "failures", `key ${index}`)?.lastAt === index) found += 1;
      return found;
    };
    // Of all keys the newest are there, but for the few whose sets were fuller than others, and
    // most of the oldest are gone.
    expect(foundFrom(70_000)).toBeGreaterThan(9_500);
    expect(foundFrom(0)).toBeLessThan(4_000);
    const { counts, turn: kept } = table.read(attemptOf("account", "mike"), 0);
    expect(counts[0]?.blockedUntil).toBe(1e15);
    expect(kept).toEqual({ ...turn, isOwn: true });
    expect(table.read(attemptOf("account", "nora"), 0).turn).toBeNull();
  });

  it("puts keys where nobody can foresee", () => {
    const [one, other] = [createSignInCountStore(), createSignInCountStore()];
    const taken = (table: FailureTable): string => {
      for (let index = 0; index < 2_000; index += 1)
        write(table, attemptOf("account", `name ${index}`), {
          counts: [{ ...count(0), blockedUntil: 1 }],
        });
      return Array.from(
        { length: 2_000 },
        (_, index) => readCount(table, "account", `other ${index}`)?.blockedUntil,
      ).join("");
    };
    expect(taken(one)).not.toBe(taken(other));
  });
});
