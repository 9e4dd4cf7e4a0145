import { expect, test } from "vitest";
import { detectNumberFormat, numberFormatOf } from "./number-formats.ts";

test.each([
  "id",
  "ID",
  "customer_id",
  "orderId",
  "Order ID",
  "year",
  "fiscal_year",
  "Release year",
  "country-code",
  "ZIP",
])("whole numbers called %s are names", (name) => {
  expect(numberFormatOf({ name, label: name, type: "integer" })).toEqual({ style: "code" });
});

test.each([
  "paid",
  "grid",
  "quantity",
  "sales_per_year",
  "visitsLastYear",
  "yearChange",
  "codes used",
  "ideas",
])("whole numbers called %s are amounts", (name) => {
  expect(numberFormatOf({ name, label: name, type: "integer" })).toBeUndefined();
});

test("what a column says of itself goes before, and a unit or a decimal is no name", () => {
  const id = { name: "id", label: "Id", type: "integer" } as const;
  expect(numberFormatOf({ ...id, format: { style: "plain" } })).toEqual({ style: "plain" });
  expect(numberFormatOf({ ...id, unit: "pcs" })).toBeUndefined();
  expect(numberFormatOf({ ...id, type: "decimal" })).toBeUndefined();
});

test("decimals that all have the same digits keep them, others have as many as they need", () => {
  expect(detectNumberFormat("price", "decimal", ["1.50", "20.00", "3.25"])).toEqual({ digits: 2 });
  expect(detectNumberFormat("price", "decimal", ["1,50", "20,00"])).toEqual({ digits: 2 });
  expect(detectNumberFormat("price", "decimal", ["1.5", "20.00"])).toBeUndefined();
  expect(detectNumberFormat("price", "decimal", ["1.50", "20"])).toBeUndefined();
  expect(detectNumberFormat("ratio", "decimal", ["0.123456", "0.654321"])).toBeUndefined();
  expect(detectNumberFormat("price", "decimal", ["1.50"])).toBeUndefined();
});

test("years are known by their values where the name alone might be an amount", () => {
  expect(detectNumberFormat("year_built", "integer", ["1999", "2026"])).toEqual({ style: "code" });
  expect(detectNumberFormat("salesThisYear", "integer", ["1999", "20260"])).toBeUndefined();
});
