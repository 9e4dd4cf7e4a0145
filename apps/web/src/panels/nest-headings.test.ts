import { expect, test } from "vitest";
import { nestHeadings } from "./nest-headings.ts";

const nested = (...written: number[]): number[] => written.map(nestHeadings());

test("headings begin below the panel's own, whatever the author began with", () => {
  expect(nested(1, 2, 2, 1)).toEqual([3, 4, 4, 3]);
  expect(nested(2, 3)).toEqual([3, 4]);
});

test("no level is left out, and none is beyond six", () => {
  expect(nested(1, 4, 6, 2)).toEqual([3, 4, 5, 4]);
  expect(nested(3, 1)).toEqual([3, 3]);
  expect(nested(1, 2, 3, 4, 5, 6)).toEqual([3, 4, 5, 6, 6, 6]);
});
