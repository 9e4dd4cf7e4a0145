import { expect, test } from "vitest";
import {
  axisUnit,
  categoryTicks,
  characterWidth,
  fittingTimeTicks,
  niceTicks,
  shorten,
  tickText,
  timeTicks,
  type Tick,
} from "./chart-axis.ts";

const en = { locale: "en-GB" };

test.each([
  [0, 9.3, 5, [0, 2, 4, 6, 8, 10]],
  [0, 707, 5, [0, 200, 400, 600, 800]],
  [-3, 7, 5, [-4, -2, 0, 2, 4, 6, 8]],
  [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
  [5, 5, 5, [0, 1, 2, 3, 4, 5]],
  [0, 0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])("from %d to %d in about %d steps the marks are round numbers", (least, most, count, ticks) => {
  expect(niceTicks(least, most, count)).toEqual(ticks);
});

test("the numbers of an axis are short, alike and in their unit", () => {
  expect(
    [0, 200, 400].map((value) =>
      tickText(value, [0, 200, 400], { unit: "USD" }, { locale: "en-US" }),
    ),
  ).toEqual(["$0", "$200", "$400"]);
  expect([0, 0.5].map((value) => tickText(value, [0, 0.5, 1], null, en))).toEqual(["0.0", "0.5"]);
  expect(tickText(2.5, [0, 2.5, 5], null, en)).toBe("2.5");
  expect(tickText(1_500_000, [0, 500_000, 1_000_000, 1_500_000], null, { locale: "en-US" })).toBe(
    "1.5M",
  );
  expect(tickText(20_000, [0, 20_000], { unit: "USD" }, { locale: "en-US" })).toBe("$20K");
  expect(tickText(0.25, [0, 0.25], { format: { style: "percent" } }, en)).toBe("25%");
  expect(tickText(25, [0, 25], { unit: "%" }, en)).toBe("25%");
  expect(tickText(25, [0, 25], { unit: "kg" }, en)).toBe("25");
  expect(axisUnit({ unit: "kg" })).toBe("kg");
  expect(axisUnit({ unit: "USD" })).toBeNull();
});

const every = (count: number, at: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ at: at(index) }));
const texts = (...given: Parameters<typeof timeTicks>): string[] =>
  timeTicks(...given).map(({ text }) => text);
const date = { name: "d", label: "D", type: "date" as const };

test("ten years of months are marked by years, a few of them by months", () => {
  const months = every(123, (index) => Date.UTC(2000, index, 1));
  expect(texts(months, { ...date, bucket: "month" }, 12, en)).toEqual([
    "2000",
    "2001",
    "2002",
    "2003",
    "2004",
    "2005",
    "2006",
    "2007",
    "2008",
    "2009",
    "2010",
  ]);
  expect(texts(months, { ...date, bucket: "month" }, 6, en)).toEqual([
    "2000",
    "2002",
    "2004",
    "2006",
    "2008",
    "2010",
  ]);
  expect(texts(months.slice(10, 15), { ...date, bucket: "month" }, 8, en)).toEqual([
    "Nov 2000",
    "Dec",
    "Jan 2001",
    "Feb",
    "Mar",
  ]);
});

test("quarters, weeks and years are marked as what they are", () => {
  expect(
    texts(
      every(4, (index) => Date.UTC(2010, index * 3, 1)),
      { ...date, bucket: "quarter" },
      8,
      en,
    ),
  ).toEqual(["Q1 2010", "Q2 2010", "Q3 2010", "Q4 2010"]);
  expect(
    texts(
      every(3, (index) => Date.UTC(2010, 2, 1 + 7 * index)),
      { ...date, bucket: "week" },
      8,
      en,
    ),
  ).toEqual(["1 Mar", "8 Mar", "15 Mar"]);
  expect(
    texts(
      every(3, (index) => Date.UTC(2010 + index, 0, 1)),
      { ...date, bucket: "year" },
      8,
      en,
    ),
  ).toEqual(["2010", "2011", "2012"]);
});

test("a first mark that would crowd the second is left out", () => {
  expect(
    texts(
      every(100, (index) => Date.UTC(1999, 11 + index, 1)),
      { ...date, bucket: "month" },
      10,
      en,
    )[0],
  ).toBe("2000");
});

test("days and hours begin where the data are, and not where the reader is", () => {
  const hours = every(49, (index) => Date.UTC(2026, 0, 10, index + 5));
  const column = { name: "h", label: "H", type: "timestamp" as const, bucket: "hour" as const };
  expect(
    timeTicks(hours, column, 4, { ...en, bucketTimeZone: "America/New_York" }).map(
      ({ index, text }) => [index, text],
    ),
  ).toEqual([
    [0, "10 Jan"],
    [24, "11 Jan"],
    [48, "12 Jan"],
  ]);
});

test("marks that would run into each other give way to fewer", () => {
  const hours = every(48, (index) => Date.UTC(2026, 2, 28, index));
  const column = { name: "h", label: "H", type: "timestamp" as const, bucket: "hour" as const };
  const place = { locale: "en-US", bucketTimeZone: "Europe/Berlin" };
  const spanOf = ({ index, text }: Tick) => ({
    from: index * 6 - (text.length * characterWidth) / 2,
    to: index * 6 + (text.length * characterWidth) / 2,
  });
  const meet = (ticks: readonly Tick[]): boolean =>
    ticks.some(
      (tick, index) => index > 0 && spanOf(tick).from < spanOf(ticks[index - 1] ?? tick).to,
    );
  expect(meet(timeTicks(hours, column, 5, place))).toBe(true);
  const fitting = fittingTimeTicks(hours, column, 5, place, spanOf);
  expect(meet(fitting)).toBe(false);
  expect(fitting.length).toBeGreaterThan(1);
});

test("a name is shortened to what it measures, whatever its letters are", () => {
  const wide = (text: string): number => text.length * 11;
  expect(shorten("Romantic Comedy", 90, wide)).toBe("Romanti…");
  expect(shorten("Iii", 40, wide)).toBe("Iii");
  expect(shorten("Emoji 👩 more", 88, wide)).not.toMatch(/[\uD800-\uDBFF]…/);
});

test("names that do not fit stand at every second, or third, point, and are shortened", () => {
  expect(categoryTicks(["Agriculture", "Construction"], 300)).toEqual([
    { index: 0, text: "Agriculture" },
    { index: 1, text: "Construction" },
  ]);
  expect(categoryTicks(["Agriculture", "Construction"], 120)[0]?.text).toMatch(/^Agri.*…$/);
  expect(
    categoryTicks(
      Array.from({ length: 50 }, (_, index) => `Name ${index}`),
      300,
    ).length,
  ).toBeLessThan(8);
});

test("names of the same length are all there or all left out: a wide digit does not cut one of them", () => {
  const hours = Array.from(
    { length: 19 },
    (_, index) => `${String(index + 5).padStart(2, "0")}:00`,
  );
  // In the page's typeface a one is narrower than the other digits.
  const widthOf = (text: string): number =>
    Math.ceil(text.length * 7 - 2 * (text.split("1").length - 1));
  for (let width = 150; width < 600; width += 5)
    for (const { index, text } of categoryTicks(hours, width, widthOf))
      expect(text, `at ${width} pixels`).toBe(hours[index]);
});
