import { describe, expect, it } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

const second = 1_000;

const create = () => createRateLimit({ name: "refresh", limit: 30, windowSeconds: 60 });

/** How many pass, one right after the other. */
const passes = (
  limit: ReturnType<typeof create>,
  key: string,
  now: number,
  tries: number,
): number => {
  let allowed = 0;
  for (let time = 0; time < tries; time += 1) if (limit.take(key, now).isAllowed) allowed += 1;
  return allowed;
};

describe("a limit", () => {
  it("allows its number in a window and says when the next begins", () => {
    const limit = create();
    expect(passes(limit, "ses", 0, 30)).toBe(30);
    expect(limit.take("ses", 20 * second)).toEqual({
      isAllowed: false,
      resetsAt: 60 * second,
    });
    expect(passes(limit, "ses", 60 * second, 50)).toBe(30);
  });

  it("counts each key for itself", () => {
    const limit = create();
    passes(limit, "one", 0, 50);
    expect(passes(limit, "other", 0, 50)).toBe(30);
  });

  it("counts nothing that is given back", () => {
    const limit = create();
    for (let time = 0; time < 50; time += 1) {
      const taken = limit.take("ses", 0);
      expect(taken.isAllowed).toBe(true);
      limit.giveBack("ses", taken.resetsAt);
    }
  });

  it("does not outlast a clock that has been set back", () => {
    const limit = create();
    expect(passes(limit, "ses", 100 * 60 * second, 50)).toBe(30);
    expect(passes(limit, "ses", 0, 50)).toBe(30);
  });

  it("remembers no more keys than it says, however many are tried", () => {
    const limit = createRateLimit({ name: "few", limit: 1, windowSeconds: 60, mostKeys: 100 });
    const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);
    for (const key of keys) limit.take(key, 0);
    expect(keys.toReversed().filter((key) => !limit.take(key, 0).isAllowed)).toEqual(
      keys.slice(-100).toReversed(),
    );
  });
});
