import { expect, test } from "vitest";
import {
  isDay,
  labelOfLast,
  labelOfRange,
  presetsFor,
  problemOfDates,
  queryOfRange,
  readRange,
  withRange,
} from "./time-range.ts";

const read = (search: string) => readRange(new URLSearchParams(search));

test("the address names the last so many days, two dates, or one of them", () => {
  expect(read("last=P30D")).toEqual({ last: "P30D" });
  expect(read("last=all")).toEqual({ last: "all" });
  expect(read("from=2026-01-01&to=2026-01-31")).toEqual({ from: "2026-01-01", to: "2026-01-31" });
  expect(read("to=2026-01-31")).toEqual({ from: null, to: "2026-01-31" });
});

test.each([
  "",
  "last=",
  "last=P0D",
  "last=P1Y2M",
  "last=30",
  "from=yesterday",
  "from=2026-02-30",
  "from=2026-02-02&to=2026-02-01",
  "last=P30D%27--",
])("an address that says %j about time says nothing", (search) => {
  expect(read(search)).toBeNull();
});

test("the last day that is named is shown: the API is asked for what comes before the next", () => {
  expect(queryOfRange({ from: "2026-01-01", to: "2026-02-28" })).toEqual({
    from: "2026-01-01",
    to: "2026-03-01",
  });
  expect(queryOfRange({ from: null, to: "2026-12-31" })).toEqual({ to: "2027-01-01" });
  expect(queryOfRange({ last: "all" })).toEqual({ last: "all" });
  expect(queryOfRange(null)).toEqual({});
  // The API knows no day after this one.
  expect(queryOfRange({ from: null, to: "9999-12-31" })).toEqual({});
});

test("another range takes the place of the one before, and tables begin at their first page again", () => {
  const search = new URLSearchParams("last=P7D&page.pan_1=4&sort.pan_1=-price&other=1");
  expect(withRange(search, { from: "2026-01-01", to: null }).toString()).toBe(
    "sort.pan_1=-price&other=1&from=2026-01-01",
  );
  expect(
    withRange(new URLSearchParams("from=2026-01-01&to=2026-01-02"), { last: "all" }).toString(),
  ).toBe("last=all");
  expect(withRange(search, null).toString()).toBe("sort.pan_1=-price&other=1");
});

test("a range is named in words", () => {
  expect(labelOfLast("P30D")).toBe("Last 30 days");
  expect(labelOfLast("P1Y")).toBe("Last year");
  expect(labelOfLast("PT15M")).toBe("Last 15 minutes");
  expect(labelOfRange(null, null)).toBe("All time");
  expect(labelOfRange(null, "P12M")).toBe("Last 12 months");
  expect(labelOfRange({ from: "2026-01-01", to: "2026-01-31" }, null, "en-GB")).toBe(
    "1 Jan 2026 – 31 Jan 2026",
  );
  expect(labelOfRange({ from: "2026-01-01", to: "2026-01-01" }, null, "en-GB")).toBe("1 Jan 2026");
  expect(labelOfRange({ from: null, to: "2026-01-31" }, null, "en-GB")).toBe("Until 31 Jan 2026");
});

test("what is offered shows less than everything, and has the section's own range among it", () => {
  expect(presetsFor({ from: "2026-01-01", to: "2026-03-31" }, null)).toEqual([
    "P7D",
    "P30D",
    "all",
  ]);
  expect(presetsFor({ from: "2000-01-01", to: "2010-03-01" }, null)).toEqual([
    "P90D",
    "P12M",
    "P5Y",
    "P10Y",
    "all",
  ]);
  expect(presetsFor({ from: "2000-01-01", to: "2010-03-01" }, "P24M")).toEqual([
    "P12M",
    "P24M",
    "P5Y",
    "P10Y",
    "all",
  ]);
  expect(presetsFor({ from: "2000-01-01", to: "2010-03-01" }, "P5Y")).toEqual([
    "P90D",
    "P12M",
    "P5Y",
    "P10Y",
    "all",
  ]);
  expect(presetsFor({ from: "2026-01-01", to: "2026-01-01" }, null)).toEqual(["all"]);
});

test("two dates that are no range say what is wrong, and where", () => {
  expect(problemOfDates({ from: "2026-01-02", to: "2026-01-01" })?.field).toBe("to");
  expect(problemOfDates({ from: null, to: null })?.text).toMatch(/at least one/);
  expect(problemOfDates({ from: "2026-13-01", to: null })?.field).toBe("from");
  expect(problemOfDates({ from: "2026-01-01", to: "2026-01-01" })).toBeNull();
  expect(problemOfDates({ from: null, to: "2026-01-01" })).toBeNull();
});

test("a day is one that a calendar has", () => {
  expect(["2024-02-29", "2026-02-29", "2026-1-1", "2026-01-01T00:00"].map(isDay)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
