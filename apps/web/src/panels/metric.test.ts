import { expect, test } from "vitest";
import { changeOf, metricOf } from "./metric.ts";

const en = { locale: "en-US" };

test("the first value is the figure, and the rest of its row stands beside it", () => {
  const data = {
    columns: [
      { name: "sales", label: "Sales", type: "decimal" as const, unit: "USD" },
      { name: "month", label: "Month", type: "text" as const },
      { name: "change", label: "Change", type: "decimal" as const, unit: "%" },
    ],
    rows: [[1234567.5, "March", -3.2]],
  };
  expect(metricOf(data, en)).toEqual({
    main: { label: "Sales", text: "$1,234,568" },
    others: [
      { label: "Month", text: "March" },
      { label: "Change", text: "-3.2%" },
    ],
    change: null,
  });
});

test("no row is no figure, and an empty value is a dash", () => {
  const columns = [{ name: "n", label: "N", type: "integer" as const }];
  expect(metricOf({ columns, rows: [] }, en)).toBeNull();
  expect(metricOf({ columns, rows: [[null]] }, en)?.main.text).toBe("–");
});

test("a very large figure is rounded to its magnitude, and its exact number is kept", () => {
  const columns = [{ name: "gross", label: "Gross", type: "integer" as const, unit: "USD" }];
  expect(metricOf({ columns, rows: [[272_583_739_559]] }, en)?.main).toEqual({
    label: "Gross",
    text: "$272.6B",
    exact: "$272,583,739,559",
  });
  expect(metricOf({ columns, rows: [[99_999_999]] }, en)?.main).toEqual({
    label: "Gross",
    text: "$99,999,999",
  });
});

const sales = { name: "sales", label: "Sales", type: "decimal" as const, unit: "USD" };
const thirtyDays = { from: "2026-01-01T00:00:00Z", to: "2026-01-31T00:00:00Z" };
const changed = (value: number | null, previous: number | null, good?: "up" | "down") =>
  changeOf(value, previous, sales, good, thirtyDays, en);

test("a change is said in words, as an amount and a percentage, and against what", () => {
  expect(changed(1300, 1200)).toEqual({
    direction: "up",
    text: "Up $100 (8.3%)",
    than: "on the 30 days before",
    tone: "neutral",
  });
  expect(changed(600, 1200)?.text).toBe("Down $600 (50%)");
  expect(changed(-50, -100)?.text).toBe("Up $50 (50%)");
  expect(changed(5000, 1000)?.text).toBe("Up $4,000 (400%)");
});

test("whether a change is good is for the panel to say", () => {
  expect([
    changed(2, 1)?.tone,
    changed(2, 1, "up")?.tone,
    changed(2, 1, "down")?.tone,
    changed(1, 2, "down")?.tone,
  ]).toEqual(["neutral", "good", "bad", "good"]);
});

test("no change is no percentage, and from nothing there is none", () => {
  expect(changed(5, 5)?.text).toBe("No change");
  expect(changed(0, 0)?.text).toBe("No change");
  expect(changed(5, 0)).toEqual({
    direction: "new",
    text: "New",
    than: "nothing in the 30 days before",
    tone: "neutral",
  });
  expect(changed(5, null)?.direction).toBe("new");
  expect(changed(null, 5)).toBeNull();
});

test("percentages differ by points", () => {
  const late = {
    name: "late",
    label: "Late",
    type: "decimal" as const,
    format: { style: "percent" as const },
  };
  expect(changeOf(0.25, 0.2, late, "down", undefined, en)).toEqual({
    direction: "up",
    text: "Up 5 points",
    than: "on the period before",
    tone: "bad",
  });
  expect(changeOf(25, 20, { ...sales, unit: "%" }, undefined, undefined, en)?.text).toBe(
    "Up 5 points",
  );
});

test("the value of the period before is no fact of its own", () => {
  const columns = [
    sales,
    { ...sales, name: "before", label: "Sales before", previousOf: "sales" },
    { name: "count", label: "Orders", type: "integer" as const },
  ];
  const metric = metricOf(
    {
      columns,
      rows: [[120, 100, 7]],
      range: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" },
    },
    en,
    "up",
  );
  expect(metric?.others).toEqual([{ label: "Orders", text: "7" }]);
  expect(metric?.change).toEqual({
    direction: "up",
    text: "Up $20 (20%)",
    than: "on the day before",
    tone: "good",
  });
});

test("a figure is written as its column's format has it", () => {
  const written = (
    format: { digits?: number; style?: "plain" | "compact" | "percent" },
    value: number,
  ) =>
    metricOf({ columns: [{ name: "n", label: "N", type: "decimal", format }], rows: [[value]] }, en)
      ?.main.text;
  expect(written({ style: "compact" }, 1_234_567)).toBe("1.2M");
  expect(written({ style: "percent" }, 0.1234)).toBe("12.34%");
  expect(written({ style: "percent", digits: 0 }, 0.1234)).toBe("12%");
  expect(written({ digits: 3 }, 1.5)).toBe("1.500");
});

test.each([
  ["2015-01-01", "2016-01-01", "on the year before"],
  ["2012-01-01", "2013-01-01", "on the year before"],
  ["2001-01-01", "2006-01-01", "on the 5 years before"],
  ["2002-01-01", "2012-01-01", "on the 10 years before"],
  ["2015-01-01", "2015-12-28", "on the 361 days before"],
  ["2015-10-01", "2016-01-01", "on the 92 days before"],
])("from %s to %s, a figure is compared with the one %s", (from, to, than) => {
  expect(changeOf(2, 1, sales, undefined, { from, to }, en)?.than).toBe(than);
});
