import { expect, test } from "vitest";
import { metricOf } from "./metric.ts";

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
  });
});

test("no row is no figure, and an empty value is a dash", () => {
  const columns = [{ name: "n", label: "N", type: "integer" as const }];
  expect(metricOf({ columns, rows: [] }, en)).toBeNull();
  expect(metricOf({ columns, rows: [[null]] }, en)?.main.text).toBe("–");
});

test("a very large figure is rounded to its magnitude, and its exact number is kept", () => {
  const columns = [{ name: "gross", label: "Gross", type: "integer" as const, unit: "USD" }];
  expect(metricOf({ columns, rows: [[272_583_739_559]] }, en)?.main).toEqual({ label: "Gross", text: "$272.6B", exact: "$272,583,739,559" });
  expect(metricOf({ columns, rows: [[99_999_999]] }, en)?.main).toEqual({ label: "Gross", text: "$99,999,999" });
});
