/**
 * How the cells of rows in memory are compared, and what is made of many of them. As plainly as can
 * be, and with nothing of the core: the compiler of queries is held to it.
 */
import type { Selection, Value } from "../../contract/contract.ts";

export type Cell = Value | null;
export type Row = Readonly<Record<string, Cell>>;
export type Direction = "ascending" | "descending";
export type AggregateSelection = Extract<Selection, { aggregate: string }>;

/** In the order of code points, which is that of the bytes of UTF-8. */
const compareTexts = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one !== other) return weightOf(one) - weightOf(other);
  }
  return left.length - right.length;
};
/** Halves of characters beyond the sixteen bits come after all characters within them. */
const weightOf = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;

export const compareValues = (left: Value, right: Value): number => {
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  return Number(left) - Number(right);
};
/** Null comes last either way. */
export const compareCells = (
  left: Cell,
  right: Cell,
  direction: Direction = "ascending",
): number => {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return direction === "ascending" ? compareValues(left, right) : compareValues(right, left);
};

/**
 * With what each addition has lost added in the end (Kahan, Babuška, Neumaier), as SQLite has it:
 * the order hardly matters then.
 */
const sumOf = (values: readonly number[]): number => {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) > Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
};

export const aggregate = (
  { aggregate: name, column, percentile }: AggregateSelection,
  rows: readonly Row[],
): Cell => {
  const values =
    column === undefined
      ? rows.map(() => true)
      : rows.map((row) => row[column] ?? null).filter((one) => one !== null);
  const sort = (): Value[] => values.toSorted(compareValues);
  const sum = (): number => sumOf(values.map(Number));
  switch (name) {
    case "count":
      return values.length;
    case "distinct":
      return new Set(values).size;
    case "minimum":
      return sort()[0] ?? null;
    case "maximum":
      return sort().at(-1) ?? null;
    case "sum":
      return values.length === 0 ? null : sum();
    case "average":
      return values.length === 0 ? null : sum() / values.length;
    case "median":
    case "percentile": {
      if (values.length === 0) return null;
      const sorted = sort();
      const place = ((percentile ?? 50) * (sorted.length - 1)) / 100;
      const [below, above] = [Number(sorted[Math.floor(place)]), Number(sorted[Math.ceil(place)])];
      return below + (above - below) * (place - Math.floor(place));
    }
  }
};
