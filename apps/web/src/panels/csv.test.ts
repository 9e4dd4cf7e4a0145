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

const signs = ["=", "+", "-", "@", "＝", "＋", "－", "＠"];
/**
 * The cells of a file with one column, below its head, as a program reads it that knows what
 * separates them.
 */
const readBack = (csv: string): string[] =>
  csv
    .slice(1)
    .split("\r\n")
    .slice(1, -1)
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
const textColumn = [{ name: "t", label: "T", type: "text" as const }];

test.each(
  signs.flatMap((sign) =>
    ["", "\n", "\t", "\r", " ", "\u00a0", "\u200b", "\ufeff", "\u0000", '"', "\n\n "].map(
      (before) => `${before}${sign}1+1`,
    ),
  ),
)("the text %j is no formula in a spreadsheet", (text) => {
  const [cell = ""] = readBack(csvOf(textColumn, [[text]]));
  expect(cell).toMatch(/^'/);
  expect(cell).not.toMatch(/[\t\n\r] *[=+\-@＝＋－＠]/);
  expect(cell.replaceAll("'", "")).toBe(text);
});

test.each(["\tx", "\rx", "\nx"])(
  "the text %j begins with nothing that spreadsheets take away",
  (text) => {
    expect(readBack(csvOf(textColumn, [[text]]))).toEqual([`'${text}`]);
  },
);

test("nor does a formula begin inside a text, for a spreadsheet that cuts the file elsewhere", () => {
  for (const end of [";", "\t", "|", "\n", "\r"])
    for (const sign of signs)
      expect(readBack(csvOf(textColumn, [[`a${end}${sign}1${end} "${sign}2`]]))).toEqual([
        `a${end}'${sign}1${end}' "${sign}2`,
      ]);
});

test("any other text stays as it is", () => {
  for (const text of ["a=b", "1 - 2", "a, -5", "me@example.com", "x; y", "it's", "a\nb", "", "5%"])
    expect(readBack(csvOf(textColumn, [[text]]))).toEqual([text]);
});

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
