import { expect, test } from "vitest";
import { safeNext } from "./safe-next.ts";

const origin = "https://dashboards.example.com";

test.each([
  ["/"],
  ["/sections/marketing"],
  ["/sections/marketing?from=2026-01-01#top"],
  ["/sections/%C3%A4"],
])("%s is a target of this site", (next) => {
  expect(safeNext(next, "/sign-in", origin)).toBe(next);
});

test.each([
  [null],
  [""],
  ["sections/marketing"],
  ["https://evil.example/"],
  ["//evil.example"],
  ["///evil.example"],
  ["/\\evil.example"],
  ["\\\\evil.example"],
  ["/a\\b"],
  ["/\t/evil.example"],
  ["/\n/evil.example"],
  ["/\u0000"],
  ["/a\u007fb"],
  ["/a\u0085b"],
  ["/.//evil.example"],
  ["/%2e//evil.example"],
  ["/a/..//evil.example"],
  ["javascript:alert(1)"],
  [" /a"],
])("%j is not, and becomes the start page", (next) => {
  expect(safeNext(next, "/sign-in", origin)).toBe("/");
});

test.each([
  ["/sign-in"],
  ["/sign-in?next=%2Faccount"],
  ["/sign-in#x"],
  ["/sign-in/"],
  ["/a/../sign-in"],
])("%s leads back to where one comes from, so the start page it is", (next) => {
  expect(safeNext(next, "/sign-in", origin)).toBe("/");
});
