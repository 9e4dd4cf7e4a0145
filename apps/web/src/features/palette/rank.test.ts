import { expect, test } from "vitest";
import { rank } from "./rank.ts";

test("what begins with it is best, then whose words do, then what has it, then what has its letters in order", () => {
  const titles = ["Remarks of May", "Marketing", "Team marketing", "Summary", "Mail archive"];
  const ranked = titles
    .map((title) => ({ title, fits: rank("mar", title) }))
    .sort((one, other) => (one.fits ?? 9) - (other.fits ?? 9));
  expect(ranked.map(({ title, fits }) => [title, fits])).toEqual([
    ["Marketing", 0],
    ["Team marketing", 1],
    ["Remarks of May", 2],
    ["Summary", 2],
    ["Mail archive", 3],
  ]);
});

test("case, marks and the order of words do not matter, and what lacks a letter does not fit", () => {
  expect(rank("zoe", "Zoë Ng")).toBe(0);
  expect(rank("ng zo", "Zoë Ng")).toBe(1);
  expect(rank("ZOË", "Zoe")).toBe(0);
  expect(rank("مر", "مرحبا")).toBe(0);
  expect(rank("mikes", "Mike")).toBeNull();
  expect(rank("", "Anything")).toBe(0);
});
