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
  for (let time = 0; time < tries; time += 1) if (limit.take(key, now).allowed) allowed += 1;
  return allowed;
};

describe("a limit", () => {
  it("allows its number in a window and says when the next begins", () => {
    const limit = create();
    expect(passes(limit, "ses", 0, 30)).toBe(30);
    expect(limit.take("ses", 20 * second)).toEqual({
      allowed: false,
      retryAfterSeconds: 40,
      field: '"refresh";r=0;t=40',
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
      expect(taken.allowed).toBe(true);
      if (taken.allowed) taken.giveBack();
    }
  });

  it("does not outlast a clock that has been set back", () => {
    const limit = create();
    expect(passes(limit, "ses", 100 * 60 * second, 50)).toBe(30);
    expect(passes(limit, "ses", 0, 50)).toBe(30);
  });

  it("says its policy as the draft wants it", () => {
    expect(create().policy).toBe('"refresh";q=30;w=60');
  });

  it("remembers no more keys than it says, however many are tried", () => {
    const entries = new Map();
    const limit = createRateLimit({
      name: "few",
      limit: 1,
      windowSeconds: 60,
      largestSize: 100,
      entries,
    });
    for (let index = 0; index < 10_000; index += 1) limit.take(`key-${index}`, 0);
    expect(entries.size).toBe(100);
    expect(limit.take("key-9999", 0).allowed).toBe(false);
    expect(limit.take("key-0", 0).allowed).toBe(true);
  });
});
