import { expect, test } from "vitest";
import { paths, safeNext } from "./paths.ts";

const origin = "https://dashboards.example.com";

test("what leads off the site, or back to the sign-in page, is the start page", () => {
  expect(safeNext("/sections/marketing?last=P30D", origin)).toBe("/sections/marketing?last=P30D");
  expect(safeNext("//evil.example", origin)).toBe("/");
  expect(safeNext("/sign-in?next=%2Faccount", origin)).toBe("/");
});

test("links encode what they carry", () => {
  expect(paths.section("a/b")).toBe("/sections/a%2Fb");
  expect(paths.signIn({ next: "/sections/a?b=c&d" })).toBe(
    "/sign-in?next=%2Fsections%2Fa%3Fb%3Dc%26d",
  );
  expect(paths.signIn({ next: "/" })).toBe("/sign-in");
});
