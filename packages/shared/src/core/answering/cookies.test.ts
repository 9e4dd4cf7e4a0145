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
    const cookies = createTokenCookies({
      mode: "same-site",
      instance: "s",
      publicUrl: "https://api.example.com",
    });
    expect(cookies.set("a", "r", 1_000, 5_000)[0]).toContain("Max-Age=0;");
  });

  describe("on plain http of this machine", () => {
    const { clearedAlong } = createTokenCookies({
      mode: "same-site",
      instance: "s",
      publicUrl: "http://localhost:4000",
    });
    const pathsOf = (path: string): string[] =>
      clearedAlong(path)
        .filter((line) => line.startsWith("s-access-4000=; Max-Age=0; "))
        .map((line) => /; Path=([^;]*); HttpOnly; SameSite=Strict$/.exec(line)?.[1] ?? line);

    it("are cleared wherever a request for the path would have brought them from", () => {
      expect(pathsOf("/")).toEqual(["/"]);
      expect(pathsOf("/session")).toEqual(["/", "/session", "/session/"]);
      expect(pathsOf("/sections/a%20b/")).toEqual([
        "/",
        "/sections",
        "/sections/",
        "/sections/a%20b",
        "/sections/a%20b/",
      ]);
    });

    it("are cleared by lines that hold nothing but a path, and no more of them for a longer one", () => {
      expect(pathsOf("/a;Domain=example.com/b")).toEqual(["/"]);
      expect(pathsOf("/a/\r\nb")).toEqual(["/", "/a", "/a/"]);
      expect(pathsOf("/a".repeat(10_000))).toHaveLength(33);
    });
  });
});
