/**
 * How values stand in a dataset's table: text as text, integers and decimals as numbers, booleans
 * as 0 and 1, dates as `YYYY-MM-DD`, timestamps as milliseconds since 1970 in UTC.
 */
import type { ColumnType } from "../../contract/contract.ts";

export type StoredValue = string | number | null;
export type Encoded =
  | { readonly ok: true; readonly value: StoredValue }
  | {
      readonly ok: false;
      /** What would have been right, as the end of a sentence. */ readonly expected: string;
    };

const longestText = 10_000;
const longestNumber = 400;

const expectations: Record<ColumnType, string> = {
  text: `a text of at most ${longestText} characters without NUL`,
  integer: "a whole number",
  decimal: "a number",
  boolean: "true or false",
  date: "a date such as 2026-01-31",
  timestamp: "a date-time with an offset, such as 2026-01-31T09:30:00Z",
};

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const timestampPattern =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const integerPattern = /^[+-]?\d+$/;
const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const isDate = (text: string): boolean => {
  if (!datePattern.test(text)) return false;
  const milliseconds = Date.parse(text);
  // JavaScript may read 31 February as 3 March.
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
};

const encodeTime = (text: string): number | undefined => {
  if (isDate(text)) return Date.parse(text);
  if (!timestampPattern.test(text) || !isDate(text.slice(0, 10))) return undefined;
  const milliseconds = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
};

const encodeOrUndefined = (type: ColumnType, value: unknown): StoredValue | undefined => {
  switch (type) {
    case "text":
      // As UTF-8 has it: half of a surrogate pair is no character, and is replaced in any database.
      return typeof value === "string" && value.length <= longestText && !value.includes("\0")
        ? value.toWellFormed()
        : undefined;
    case "integer":
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case "decimal":
      return Number.isFinite(value) ? (value as number) : undefined;
    case "boolean":
      return typeof value === "boolean" ? Number(value) : undefined;
    case "date":
      return typeof value === "string" && isDate(value) ? value : undefined;
    case "timestamp":
      return typeof value === "string" ? encodeTime(value) : undefined;
  }
};

const encodedOrExpected = (type: ColumnType, value: StoredValue | undefined): Encoded =>
  value === undefined ? { ok: false, expected: expectations[type] } : { ok: true, value };

/** A JSON value as its column stores it. Nothing is converted: `"1"` is no integer. */
export const encodeValue = (type: ColumnType, value: unknown): Encoded =>
  encodedOrExpected(type, encodeOrUndefined(type, value));

/** Points may group the digits before the comma, if they group all of them. */
const withCommaPattern = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?$/;
const withPoint = (text: string): string =>
  withCommaPattern.test(text) ? text.replaceAll(".", "").replace(",", ".") : "";

export type DecimalMark = "point" | "comma";

const readText = (type: ColumnType, text: string, decimalMark: DecimalMark): unknown => {
  if (type === "integer" || type === "decimal") {
    if (text.length > longestNumber) return undefined;
    const plain = decimalMark === "comma" ? withPoint(text) : text;
    return (type === "integer" ? integerPattern : decimalPattern).test(plain)
      ? Number(plain)
      : undefined;
  }
  if (type !== "boolean") return text;
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "1") return true;
  return lower === "false" || lower === "0" ? false : undefined;
};

/**
 * A cell of a CSV file as its column stores it. An empty cell is null; space around anything but
 * text does not count.
 */
export const encodeText = (
  type: ColumnType,
  cell: string,
  decimalMark: DecimalMark = "point",
): Encoded => {
  const text = type === "text" ? cell : cell.trim();
  return encodedOrExpected(
    type,
    text === "" ? null : encodeOrUndefined(type, readText(type, text, decimalMark)),
  );
};

/** A value from a dataset's table as it goes into JSON. */
export const decodeValue = (
  type: ColumnType,
  stored: StoredValue,
): string | number | boolean | null => {
  if (stored === null) return null;
  if (type === "boolean") return stored === 1;
  if (type === "timestamp") return new Date(Number(stored)).toISOString();
  // A sum of decimals can leave the range of numbers; JSON has no infinity.
  return typeof stored === "number" && !Number.isFinite(stored) ? null : stored;
};
