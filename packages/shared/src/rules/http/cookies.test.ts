import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenCookies, readCookie } from "./cookies.ts";

describe("reading a cookie", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["a", undefined],
    ["=x", undefined],
    ["a=", ""],
    ["a=1", "1"],
    ["b=2; a=1", "1"],
    ["b=2;a=1;c=3", "1"],
    ["  a=1 \t; b=2", "1"],
    ["a=1=2", "1=2"],
    ["a=1; a=1", null],
    ["a=1; b=2; a=3", null],
    ["ab=1", undefined],
    ["a =1", undefined],
    ["A=1", undefined],
    ["\u00a0a=1", undefined],
    ["\u3000a=1", undefined],
    ["b=a=1", undefined],
    [";;; a=1 ;;;", "1"],
  ])("finds a in %j as %j", (header, expected) => {
    expect(readCookie(header, "a")).toBe(expected);
  });

  it("finds any value among any others exactly as it stands", () => {
    const value = fc.stringMatching(/^[A-Za-z0-9._-]{0,20}$/);
    fc.assert(
      fc.property(fc.array(value), value, fc.array(value), (before, wanted, after) => {
        const header = [
          ...before.map((text, index) => `b${index}=${text}`),
          `name=${wanted}`,
          ...after.map((text, index) => `c${index}=${text}`),
        ].join("; ");
        expect(readCookie(header, "name")).toBe(wanted);
      }),
    );
  });

  it("takes time in proportion to the header's length", () => {
    const started = performance.now();
    readCookie(" ".repeat(1_000_000), "a");
    readCookie("a".repeat(1_000_000), "a");
    readCookie(";".repeat(1_000_000), "a");
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("the cookies of a pair", () => {
  it("never get a negative life", () => {
    expect(createTokenCookies("same-site", "s").set("a", "r", 1_000, 5_000)[0]).toContain(
      "Max-Age=0;",
    );
  });
});
