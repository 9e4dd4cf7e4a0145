import { describe, expect, it } from "vitest";
import { createFailureTable } from "./failure-table.ts";

const count = (at: number) => ({
  count: 3,
  resetsAt: at + 900_000,
  blockedUntil: 7,
  lastAt: at,
  failed: 4,
});

describe("the table of failures", { timeout: 30_000 }, () => {
  it("keeps what was written under a key, whatever else is", () => {
    const { counterOf } = createFailureTable();
    counterOf("failures", "one").write(count(1_000));
    counterOf("failures", "two").write(count(2_000));
    counterOf("account", "one").write({ ...count(0), blockedUntil: 5_000 });
    expect(counterOf("failures", "one").read()).toEqual(count(1_000));
    expect(counterOf("failures", "two").read()).toEqual(count(2_000));
    expect(counterOf("failures", "three").read().count).toBe(0);
    expect(counterOf("account", "one").read().blockedUntil).toBe(5_000);
    expect(counterOf("account", "two").read().blockedUntil).toBe(0);
  });

  it("takes under five megabytes, however many keys are written", () => {
    // One secret, so that the same keys share a place each time.
    const { counterOf, turnOf, bytes } = createFailureTable(Buffer.alloc(32, 1));
    expect(bytes).toBeLessThan(5 * 1024 * 1024);
    const turn = { party: 9, until: 1e15, failed: 3, lastAt: 1e14 };
    counterOf("account", "mike").write({ ...count(0), blockedUntil: 1e15 });
    turnOf("mike").write(turn);
    for (let index = 0; index < 80_000; index += 1)
      counterOf("failures", `key ${index}`).write(count(index));
    const foundFrom = (first: number): number => {
      let found = 0;
      for (let index = first; index < first + 10_000; index += 1)
        if (counterOf("failures", `key ${index}`).read().lastAt === index) found += 1;
      return found;
    };
    // Of all keys the newest are there, but for the few whose sets were fuller than others, and
    // most of the oldest are gone.
    expect(foundFrom(70_000)).toBeGreaterThan(9_500);
    expect(foundFrom(0)).toBeLessThan(4_000);
    expect(counterOf("account", "mike").read().blockedUntil).toBe(1e15);
    expect(turnOf("mike").read()).toEqual(turn);
    expect(turnOf("nora").read().party).toBe(0);
  });

  it("puts keys where nobody can foresee", () => {
    const [one, other] = [createFailureTable(), createFailureTable()];
    const taken = (table: typeof one): string => {
      for (let index = 0; index < 2_000; index += 1)
        table.counterOf("account", `name ${index}`).write({ ...count(0), blockedUntil: 1 });
      return Array.from(
        { length: 2_000 },
        (_, index) => table.counterOf("account", `other ${index}`).read().blockedUntil,
      ).join("");
    };
    expect(taken(one)).not.toBe(taken(other));
  });
});
