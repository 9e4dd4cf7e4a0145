import { expect, test } from "vitest";
import {
  describeChart,
  extentOf,
  mostSeries,
  partsOf,
  shapeChart,
  type ChartDefinition,
  type ChartRows,
} from "./chart-shape.ts";

const en = { locale: "en-GB" };
const month = { name: "month", label: "Month", type: "date" as const, bucket: "month" as const };
const price = { name: "price", label: "Price", type: "decimal" as const, unit: "USD" };
const symbol = { name: "symbol", label: "Symbol", type: "text" as const };

const shape = (chart: ChartDefinition, data: ChartRows) => {
  const shaped = shapeChart(chart, data, en);
  if (!shaped) throw new Error("The chart does not fit its data.");
  return shaped;
};

test("each column with values is a series", () => {
  const data = {
    columns: [symbol, price, { name: "volume", label: "Volume", type: "integer" as const }],
    rows: [
      ["IBM", 100, 7],
      ["AAPL", null, 9],
    ],
  };
  const shaped = shape({ type: "bar", x: "symbol", y: ["price", "volume"] }, data);
  expect(shaped.isTime).toBe(false);
  expect(shaped.series.map(({ label }) => label)).toEqual(["Price", "Volume"]);
  expect(shaped.points.map(({ x, values }) => [x, values])).toEqual([
    ["IBM", [100, 7]],
    ["AAPL", [null, 9]],
  ]);
});

test("the values of a column are series, in the order in which they come; what is missing is a gap", () => {
  const data = {
    columns: [month, symbol, price],
    rows: [
      ["2010-02-01", "IBM", 2],
      ["2010-01-01", "IBM", 1],
      ["2010-02-01", "AAPL", 3],
      [null, "AAPL", 5],
    ],
  };
  const shaped = shape({ type: "line", x: "month", y: ["price"], series: "symbol" }, data);
  expect(shaped.series.map(({ label }) => label)).toEqual(["IBM", "AAPL"]);
  expect(shaped.points.map(({ x, values }) => [x, values])).toEqual([
    ["2010-01-01", [1, null]],
    ["2010-02-01", [2, 3]],
  ]);
});

test("series stand as they do where most of them are, so that one that begins late does not come after the others", () => {
  const data = {
    columns: [month, symbol, price],
    rows: [
      ["2010-01-01", "Comedy", 1],
      ["2010-01-01", "Other genres", 1],
      ["2010-02-01", "Adventure", 3],
      ["2010-02-01", "Comedy", 3],
      ["2010-02-01", "Other genres", 3],
      ["2010-03-01", "Western", 3],
    ],
  };
  const labels = shape(
    { type: "bar", x: "month", y: ["price"], series: "symbol" },
    data,
  ).series.map(({ label }) => label);
  expect(labels).toEqual(["Adventure", "Comedy", "Other genres", "Western"]);
});

test("series keep the order that they have at each point, though the first point lacks some of them", () => {
  const of = (month: string, ...names: string[]) => names.map((name) => [month, name, 1]);
  const data = {
    columns: [month, symbol, price],
    rows: [
      ...of("2010-01-01", "B", "Others"),
      ...of("2010-02-01", "A", "B", "C", "Others"),
      ...of("2010-03-01", "B", "D"),
    ],
  };
  const shaped = shape({ type: "area", x: "month", y: ["price"], series: "symbol" }, data);
  expect(shaped.series.map(({ label }) => label)).toEqual(["A", "B", "D", "C", "Others"]);
});

test.each([
  ["month", "2009-12-01", "2010-03-01", ["2009-12-01", "2010-01-01", "2010-02-01", "2010-03-01"]],
  ["quarter", "2009-10-01", "2010-04-01", ["2009-10-01", "2010-01-01", "2010-04-01"]],
  ["week", "2010-02-22", "2010-03-08", ["2010-02-22", "2010-03-01", "2010-03-08"]],
  ["day", "2012-02-28", "2012-03-01", ["2012-02-28", "2012-02-29", "2012-03-01"]],
  ["year", "2008-01-01", "2010-01-01", ["2008-01-01", "2009-01-01", "2010-01-01"]],
] as const)("a %s without rows is a gap and not a short cut", (bucket, from, to, expected) => {
  const rows = [
    [from, 1],
    [to, 2],
  ];
  const shaped = shape(
    { type: "line", x: "month", y: ["price"] },
    { columns: [{ ...month, bucket }, price], rows },
  );
  expect(shaped.points.map(({ x }) => x)).toEqual(expected);
  expect(shaped.points.slice(1, -1).every(({ values }) => values[0] === null)).toBe(true);
});

test("in a reduced series what is missing is no gap", () => {
  const rows = [
    ["2010-01-01", 1],
    ["2010-06-01", 2],
  ];
  expect(
    shape({ type: "line", x: "month", y: ["price"] }, { columns: [month, price], rows, points: 6 })
      .points,
  ).toHaveLength(2);
});

test("of more series than can be told apart the largest are kept, and the rest is counted", () => {
  const rows = Array.from({ length: 15 }, (_, index) => ["2010-01-01", `S${index}`, index]);
  const shaped = shape(
    { type: "line", x: "month", y: ["price"], series: "symbol" },
    { columns: [month, symbol, price], rows },
  );
  expect(shaped.series).toHaveLength(mostSeries);
  expect(shaped.series[0]?.label).toBe("S3");
  expect(shaped.seriesLeftOut).toBe(3);
});

test("as many series as the API gives rows do not hold up the page", () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ["2010-01-01", `S${index}`, index]);
  expect(
    shape(
      { type: "line", x: "month", y: ["price"], series: "symbol" },
      { columns: [month, symbol, price], rows },
    ).seriesLeftOut,
  ).toBe(10_000 - mostSeries);
});

test("a chart that names a column the result does not have has no shape", () => {
  const data = { columns: [month, price], rows: [["2010-01-01", 1]] };
  expect(shapeChart({ type: "line", x: "day", y: ["price"] }, data)).toBeNull();
  expect(shapeChart({ type: "line", x: "month", y: ["price", "cost"] }, data)).toBeNull();
  expect(shapeChart({ type: "line", x: "month", y: ["price"], series: "symbol" }, data)).toBeNull();
});

test("stacked values reach as far as their sums, above and below nothing, and hidden ones do not count", () => {
  const points = [
    { x: "a", at: 0, values: [1, 2, -3] },
    { x: "b", at: 0, values: [5, null, 1] },
  ];
  expect(extentOf(points, [true, true, true], false)).toEqual([-3, 5]);
  expect(extentOf(points, [true, true, true], true)).toEqual([-3, 6]);
  expect(extentOf(points, [false, true, false], false)).toEqual([2, 2]);
  expect(extentOf(points, [false, false, false], false)).toBeNull();
});

test("shares are of what is shown, and less than nothing is no part of a whole", () => {
  const data = {
    columns: [symbol, price],
    rows: [
      ["A", 60],
      ["B", 20],
      [null, 20],
      ["D", -5],
    ],
  };
  const shaped = shape({ type: "share", x: "symbol", y: ["price"] }, data);
  const all = partsOf(shaped, new Set());
  expect(all.parts.map(({ label, share }) => [label, share])).toEqual([
    ["A", 0.6],
    ["B", 0.2],
    ["No value", 0.2],
    ["D", 0],
  ]);
  expect(all.impossible).toBe(1);
  expect(partsOf(shaped, new Set([0])).parts.map(({ share }) => share)).toEqual([0, 0.5, 0.5, 0]);
  expect(partsOf(shaped, new Set([0, 1, 2, 3])).total).toBe(0);
});

test("a sentence says what a chart shows", () => {
  const chart = { type: "line" as const, x: "month", y: ["price"], series: "symbol" };
  const data = {
    columns: [month, symbol, price],
    rows: [
      ["2010-01-01", "IBM", 1],
      ["2010-02-01", "AAPL", 3],
    ],
  };
  expect(describeChart(chart, shape(chart, data), en, (_, value) => `$${value}`)).toBe(
    "Line chart of IBM, AAPL by Month, Jan 2010 to Feb 2010, from $1 at Jan 2010 (IBM) up to $3 at Feb 2010 (AAPL).",
  );
  const shares = { type: "share" as const, x: "symbol", y: ["price"] };
  const parts = {
    columns: [symbol, price],
    rows: [
      ["A", 3],
      ["B", 1],
    ],
  };
  expect(describeChart(shares, shape(shares, parts), en, (_, value) => `$${value}`)).toBe(
    "Shares: A $3 (75%), B $1 (25%).",
  );
});
