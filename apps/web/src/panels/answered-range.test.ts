import { expect, test } from "vitest";
import { labelOfAnswered, ownRangeOf, pageRangeOf, rangeInFileName } from "./answered-range.ts";

const say = (from: string | null, to: string | null, timeZone?: string): string =>
  labelOfAnswered({ range: { from, to }, ...(timeZone && { timeZone }) }, "en-GB").replaceAll(
    /[\u2009\u202f]/g,
    " ",
  );

test("a range is named by whole years, months or days, whichever it has", () => {
  expect(say("2001-01-01", "2011-01-01")).toBe("2001 – 2010");
  expect(say("2010-01-01", "2011-01-01")).toBe("2010");
  expect(say("2001-01-01", "2001-04-01")).toBe("Jan – Mar 2001");
  expect(say("2001-01-03", "2001-02-10")).toBe("3 Jan – 9 Feb 2001");
  expect(say("2001-01-03", "2001-01-04")).toBe("3 Jan 2001");
  expect(say("2001-01-03", null)).toBe("Since 3 Jan 2001");
  expect(say(null, "2001-01-04")).toBe("Until 3 Jan 2001");
  expect(labelOfAnswered({})).toBe("All time");
  expect(say("0000-01-01", "9999-12-32")).toBe("All time");
});

test("days of a time zone are its days, and times of day say their zone", () => {
  expect(say("2001-01-01T06:00:00.000Z", "2001-02-01T06:00:00.000Z", "America/Chicago")).toBe(
    "Jan 2001",
  );
  expect(say("2001-01-01T06:00:00.000Z", "2001-01-01T09:00:00.000Z")).toMatch(/06:00.*09:00.*UTC/);
  expect(say("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z", "Europe/Paris")).toBe(
    "25 Oct 2026",
  );
});

test("a file is named by its days", () => {
  expect(rangeInFileName({ range: { from: "2001-01-01", to: "2002-01-01" } })).toBe(
    "2001-01-01 to 2001-12-31",
  );
  expect(rangeInFileName({ range: { from: null, to: "2002-01-01" } })).toBe("until 2001-12-31");
  expect(rangeInFileName({})).toBe("all time");
});

const panel = (range: { from: string; to: string } | null, last?: string) => ({
  followsRange: true,
  ...(last && { last }),
  data: { ...(range && { range }) },
});
const years = { from: "1990-01-01", to: "2010-01-01" };
const words = { kind: "markdown" };

test("a page whose panels have ranges of their own does not say that it shows all time", () => {
  const panels = [words, panel(years, "P20Y"), panel(null)];
  expect(ownRangeOf(panels, null)).toBeNull();
  expect(pageRangeOf(panels, null, null, "en-GB")).toEqual({
    label: "Each panel’s own time",
    answered: null,
    isNarrowed: true,
  });
});

test("a page whose panels all answer the same says so once", () => {
  const panels = [panel(years, "P20Y"), panel(years, "P20Y"), { followsRange: false, data: {} }];
  expect(pageRangeOf(panels, null, null, "en-GB")).toMatchObject({
    label: "Last 20 years",
    isNarrowed: true,
  });
  expect(pageRangeOf(panels, null, null, "en-GB").answered).toMatch(/^1990.*2009$/);
});

test("under one choice each panel says its own dates where they differ", () => {
  const panels = [panel(years), panel({ from: "2000-01-01", to: "2020-01-01" })];
  expect(pageRangeOf(panels, { last: "P20Y" }, null)).toMatchObject({
    label: "Last 20 years",
    answered: null,
  });
});

test("all time is all time where every panel answers it", () => {
  expect(pageRangeOf([panel(null, "P20Y"), panel(null)], { last: "all" }, null)).toEqual({
    label: "All time",
    answered: "All time",
    isNarrowed: false,
  });
});
