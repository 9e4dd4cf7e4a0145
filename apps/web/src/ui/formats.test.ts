import { expect, test } from "vitest";
import {
  formatNumber,
  formatValue,
  formatWithUnit,
  fractionDigitsOf,
  precisionOf,
  type Column,
} from "./formats.ts";
import { formatDateTime, formatDuration, formatTime } from "./times.ts";

const en = { locale: "en-GB", timeZone: "Europe/Berlin" };
const column = (type: Column["type"]): Column => ({ name: "c", label: "C", type });

test("every row has as many digits after the point as the row that needs most, two at most", () => {
  expect(fractionDigitsOf([1, 2, 3])).toBe(0);
  expect(fractionDigitsOf([1, 2.5])).toBe(1);
  expect(fractionDigitsOf([1, 2.25, null, "x"])).toBe(2);
  expect(fractionDigitsOf([1 / 3])).toBe(2);
  expect(fractionDigitsOf([0.1 + 0.2])).toBe(1);
});

test("a number too small for two digits has the digits that it needs, and nothing is written as less than nothing that is nothing", () => {
  expect(fractionDigitsOf([0.000369])).toBe(6);
  expect(fractionDigitsOf([0.0000012, 0, 0.0003])).toBe(6);
  expect(fractionDigitsOf([0.000369, 12.5])).toBe(1);
  expect(fractionDigitsOf([0.002, -0.0035])).toBe(4);
  expect(fractionDigitsOf([1e-15])).toBe(15);
  expect(formatWithUnit(-0.3, undefined, 0, en)).toBe("0");
  expect(formatWithUnit(-0.004, "EUR", 2, { locale: "en-US" })).toBe("€0.00");
  expect(formatNumber(-0.0001, { format: { style: "percent" } }, 0, en)).toBe("0%");
  expect(formatNumber(-0.3, { format: { style: "compact" } }, 0, en)).toBe("0");
});

test("a unit is a currency where it is the code of one, and stands behind the number otherwise", () => {
  expect(formatWithUnit(1234.5, "USD", 2, { locale: "en-US" })).toBe("$1,234.50");
  expect(formatWithUnit(1234.5, "EUR", 2, { locale: "de-DE" })).toBe("1.234,50\u00a0€");
  expect(formatWithUnit(12, "%", 0, en)).toBe("12%");
  expect(formatWithUnit(12, "kg", 0, en)).toBe("12\u00a0kg");
  expect(formatWithUnit(12, "ABC", 0, en)).toBe("12\u00a0ABC");
  expect(formatWithUnit(1234567, undefined, 0, en)).toBe("1,234,567");
});

test("a day is the same day in every time zone, an instant is shown in the reader's", () => {
  expect(
    formatValue("2026-01-31", column("date"), 0, { ...en, timeZone: "America/Los_Angeles" }),
  ).toBe("31 Jan 2026");
  expect(formatValue("2026-01-31T23:30:00Z", column("timestamp"), 0, en)).toMatch(
    /^1 Feb 2026, 00:30/,
  );
  expect(formatValue("soon", column("date"), 0, en)).toBe("soon");
});

test("what is missing is a dash, and truth is in words", () => {
  expect(formatValue(null, column("integer"), 0, en)).toBe("–");
  expect(formatValue(true, column("boolean"), 0, en)).toBe("Yes");
  expect(formatValue(0, column("integer"), 0, en)).toBe("0");
  expect(formatValue("42", column("text"), 0, en)).toBe("42");
});

test("a wait is never said to be shorter than it is", () => {
  expect(formatDuration(0.2)).toBe("1 second");
  expect(formatDuration(45)).toBe("45 seconds");
  expect(formatDuration(90)).toBe("2 minutes");
  expect(formatDuration(3600)).toBe("60 minutes");
  expect(formatDuration(5401)).toBe("2 hours");
});

test("a bucket of time is named as people name it, where the data are", () => {
  expect(formatValue("2010-03-01", { ...column("date"), bucket: "month" }, 0, en)).toBe("Mar 2010");
  expect(formatValue("2010-04-01", { ...column("date"), bucket: "quarter" }, 0, en)).toBe(
    "Q2 2010",
  );
  expect(formatValue("2010-03-01", { ...column("date"), bucket: "week" }, 0, en)).toBe(
    "Week of 1 Mar 2010",
  );
  expect(formatValue("2010-01-01", { ...column("date"), bucket: "year" }, 0, en)).toBe("2010");
  expect(
    formatValue("2010-02-28T23:00:00Z", { ...column("timestamp"), bucket: "month" }, 0, {
      ...en,
      bucketTimeZone: "Europe/Paris",
    }),
  ).toBe("Mar 2010");
  expect(
    formatValue("2010-03-01T13:00:00Z", { ...column("timestamp"), bucket: "hour" }, 0, en),
  ).toMatch(/^1 Mar 2010.*13:00 UTC$/);
});

test("a column's format decides over digits and percent", () => {
  expect(formatValue(0.125, { ...column("decimal"), format: { style: "percent" } }, 1, en)).toBe(
    "12.5%",
  );
  expect(
    formatValue(
      1_250_000,
      { ...column("integer"), format: { style: "compact" } },
      precisionOf({ format: { style: "compact" } }, [1_250_000]),
      { locale: "en-US" },
    ),
  ).toBe("1.3M");
  expect(precisionOf({ format: { style: "percent" } }, [0.125])).toEqual({ digits: 1 });
  expect(precisionOf({ format: { digits: 0 } }, [0.125])).toEqual({ digits: 0 });
});

const written = (
  values: readonly number[],
  format: NonNullable<Column["format"]>,
  unit?: string,
) => {
  const one = { format, ...(unit !== undefined && { unit }) };
  return values.map((value) =>
    formatNumber(value, one, precisionOf(one, values), { locale: "en-US" }),
  );
};

test("compact numbers of one column are in one unit, and can be told apart", () => {
  const compact = { style: "compact" } as const;
  expect(written([2_700_000, 340_000, -1_200_000, 0], compact)).toEqual([
    "2.7M",
    "0.3M",
    "-1.2M",
    "0.0M",
  ]);
  expect(written([1_210_000, 1_240_000], compact)).toEqual(["1.21M", "1.24M"]);
  expect(written([2_000_000, 3_000_000], compact)).toEqual(["2M", "3M"]);
  expect(written([2_784_000_000, 1_200_000], compact)).toEqual(["2,784.0M", "1.2M"]);
  expect(written([999_999], compact)).toEqual(["1M"]);
  expect(written([999], compact)).toEqual(["999"]);
  expect(written([1_500_000, 2_000_000], compact, "USD")).toEqual(["$1.5M", "$2.0M"]);
  expect(written([1_500_000, 2_000_000], { style: "compact", digits: 0 }, "kg")).toEqual([
    "2M\u00a0kg",
    "2M\u00a0kg",
  ]);
  expect(
    formatNumber(2_500_000, { format: compact }, { digits: 1, thousands: 2 }, { locale: "ja-JP" }),
  ).toBe("250.0万");
});

test("a code is written digit by digit, and prices keep their cents", () => {
  expect(written([20_417, 7], { style: "code" })).toEqual(["20417", "7"]);
  expect(formatValue(2026, { ...column("integer"), format: { style: "code" } }, 0, en)).toBe(
    "2026",
  );
  expect(written([12_345.5, 12], { digits: 2 }, "USD")).toEqual(["$12,345.50", "$12.00"]);
});

test("a time of day says whose it is", () => {
  const noon = new Date("2026-01-31T12:00:00Z");
  expect(formatTime(noon, en)).toMatch(/^13:00 (CET|GMT\+1)$/);
  expect(formatDateTime(noon, en)).toMatch(/^31 January 2026 at 13:00 (CET|GMT\+1)$/);
  expect(
    formatValue("2026-01-31T12:00:00Z", { ...column("timestamp"), bucket: "hour" }, 0, en),
  ).toMatch(/12:00 UTC$/);
});
