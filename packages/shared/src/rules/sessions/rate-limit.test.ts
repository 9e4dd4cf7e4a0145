import { describe, expect, it } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

const second = 1_000;
const window = 900 * second;

const growing = () =>
  createRateLimit({ name: "account", limit: 5, windowSeconds: 900, growingDelay: true });
const flat = () =>
  createRateLimit({ name: "refresh", limit: 30, windowSeconds: 60, growingDelay: false });

/** How many attempts pass, one right after the other. */
const passes = (
  limit: ReturnType<typeof growing>,
  key: string,
  now: number,
  tries: number,
): number => {
  let allowed = 0;
  for (let time = 0; time < tries; time += 1) if (limit.take(key, now).allowed) allowed += 1;
  return allowed;
};

describe("a limit whose delay grows", () => {
  it("allows as many as it says, then one after 30 s, the next after 60 s, doubling up to the window", () => {
    const limit = growing();
    let now = 0;
    expect(passes(limit, "mike", now, 50)).toBe(5);
    for (const delay of [30, 60, 120, 240, 480]) {
      expect(limit.take("mike", now)).toEqual({
        allowed: false,
        retryAfterSeconds: delay,
        field: `"account";r=0;t=${delay}`,
      });
      now += delay * second;
      expect(limit.take("mike", now - 1).allowed).toBe(false);
      expect(passes(limit, "mike", now, 50)).toBe(1);
    }
    expect(limit.take("mike", now)).toMatchObject({ allowed: false, retryAfterSeconds: 900 });
    expect(passes(limit, "mike", now + window, 50)).toBe(1);
    expect(passes(limit, "mike", now + 3 * window, 50)).toBe(5);
  });

  it("does not outlast a clock that has been set back", () => {
    const limit = growing();
    expect(passes(limit, "mike", 100 * window, 50)).toBe(5);
    expect(passes(limit, "mike", 0, 50)).toBe(5);
  });

  it("locks nobody out: the owner's next try is never further away than the window", () => {
    const limit = growing();
    let longest = 0;
    for (let now = 0; now < 100 * window; now += second * 10) {
      const taken = limit.take("mike", now);
      if (!taken.allowed) longest = Math.max(longest, taken.retryAfterSeconds);
    }
    expect(longest).toBeGreaterThan(800);
    expect(longest).toBeLessThanOrEqual(900);
  });

  it("starts afresh once the window has passed without an attempt", () => {
    const limit = growing();
    expect(passes(limit, "mike", 0, 50)).toBe(5);
    expect(passes(limit, "mike", window, 50)).toBe(5);
  });

  it("counts each key for itself", () => {
    const limit = growing();
    passes(limit, "mike", 0, 50);
    expect(passes(limit, "mica", 0, 50)).toBe(5);
  });

  it("counts nothing that is given back", () => {
    const limit = growing();
    for (let time = 0; time < 50; time += 1) {
      const taken = limit.take("mike", 0);
      expect(taken.allowed).toBe(true);
      if (taken.allowed) taken.giveBack();
    }
  });

  it("takes back the delay of an attempt that succeeded, so that nobody waits after signing in", () => {
    const limit = growing();
    passes(limit, "mike", 0, 5);
    const taken = limit.take("mike", 30 * second);
    if (taken.allowed) taken.giveBack();
    expect(taken.allowed).toBe(true);
    expect(limit.take("mike", 30 * second).allowed).toBe(true);
    expect(limit.take("mike", 30 * second).allowed).toBe(false);
  });

  it("stays blocked when an earlier attempt succeeds while later ones have reached the limit", () => {
    const limit = growing();
    const first = limit.take("mike", 0);
    expect(passes(limit, "mike", 0, 50)).toBe(4);
    if (first.allowed) first.giveBack();
    expect(passes(limit, "mike", 0, 50)).toBe(1);
  });

  it("says its policy as the draft wants it", () => {
    expect(growing().policy).toBe('"account";q=5;w=900');
  });
});

describe("a flat limit", () => {
  it("allows its number in a window and says when the next begins", () => {
    const limit = flat();
    expect(passes(limit, "ses", 0, 30)).toBe(30);
    expect(limit.take("ses", 20 * second)).toEqual({
      allowed: false,
      retryAfterSeconds: 40,
      field: '"refresh";r=0;t=40',
    });
    expect(passes(limit, "ses", 60 * second, 50)).toBe(30);
  });
});

describe("the memory of a limit", () => {
  it("is bounded, however many keys are tried", () => {
    const limit = growing();
    passes(limit, "first", 0, 5);
    for (let index = 0; index < 100_001; index += 1) limit.take(`key-${index}`, 0);
    expect(passes(limit, "first", 0, 50)).toBe(5);
  });
});
