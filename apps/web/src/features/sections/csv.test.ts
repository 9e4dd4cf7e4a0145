import { expect, test } from "vitest";
import { csvOf, fileNameOf } from "./csv.ts";

const columns = [
  { name: "name", label: "Name", type: "text" as const },
  { name: "price", label: "Price", type: "decimal" as const, unit: "USD" },
];

test("a file begins with a byte order mark and a head, and quotes what has to be quoted", () => {
  const csv = csvOf(columns, [
    ['a "b"', 1.5],
    ["one, two\nthree", null],
  ]);
  expect(csv).toBe('\uFEFFName,Price (USD)\r\n"a ""b""",1.5\r\n"one, two\nthree",\r\n');
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])(
  "the text %j is no formula in a spreadsheet",
  (text) => {
    expect(csvOf([{ name: "t", label: "T", type: "text" }], [[text]]).split("\r\n")[1]).toMatch(
      /^"?'/,
    );
  },
);

test("a negative number stays a number, and a label that is a formula does not stay one", () => {
  expect(csvOf([{ name: "t", label: "=cmd", type: "decimal" }], [[-1.5], [true]])).toBe(
    "\uFEFF'=cmd\r\n-1.5\r\ntrue\r\n",
  );
});

test("a file is named after what is in it and the day", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  expect(fileNameOf(["Finance", "Worst months: 1/2"], "csv", now)).toBe(
    "finance-worst-months-1-2-2026-11-22.csv",
  );
  expect(fileNameOf(["Übersicht", "人口"], "png", now)).toBe("übersicht-人口-2026-11-22.png");
  expect(fileNameOf(["../..", "?"], "csv", now)).toBe("data-2026-11-22.csv");
});
