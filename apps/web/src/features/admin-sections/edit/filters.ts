/** The conditions of a filter while it is edited. Pure. */
import type { ColumnType, Condition, Filter, Value } from "@sallyport/shared/contract";

export type Comparison = Condition["is"];
type Group = Exclude<Filter, Condition>;

export const comparisonTitles: Readonly<Record<Comparison, string>> = {
  equal: "is",
  notEqual: "is not",
  less: "is less than",
  atMost: "is at most",
  greater: "is greater than",
  atLeast: "is at least",
  contains: "contains",
  in: "is one of",
  null: "has no value",
  notNull: "has a value",
  last: "is within the last",
};

const always: readonly Comparison[] = ["null", "notNull"];
const ordered: readonly Comparison[] = ["less", "atMost", "greater", "atLeast"];

/** Those that make sense for a column, and the one that is chosen, whatever it is. */
export const comparisonsFor = (
  type: ColumnType | undefined,
  chosen?: Comparison,
): readonly Comparison[] => {
  const fitting: readonly Comparison[] =
    type === "boolean"
      ? ["equal", "notEqual", ...always]
      : type === "date" || type === "timestamp"
        ? ["last", "atLeast", "less", "equal", "notEqual", "atMost", "greater", ...always]
        : type === "text"
          ? ["equal", "notEqual", "contains", "in", ...ordered, ...always]
          : ["equal", "notEqual", ...ordered, "in", ...always];
  return chosen === undefined || fitting.includes(chosen) ? fitting : [chosen, ...fitting];
};

/**
 * What somebody typed, as the column compares with it. What is no number stays a text, so that
 * nothing is lost while one types.
 */
export const valueOfText = (text: string, type: ColumnType | undefined): Value => {
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  const isNumber = type === "integer" || type === "decimal";
  const number = Number(text);
  return isNumber && text.trim() !== "" && Number.isFinite(number) && String(number) === text.trim()
    ? number
    : text;
};

const firstValue = (type: ColumnType | undefined): Value => (type === "boolean" ? true : "");

/** A condition with another comparison: what it compares with stays, where both have it. */
export const withComparison = (
  condition: Condition,
  is: Comparison,
  type: ColumnType | undefined,
): Condition => {
  const { column } = condition;
  const value =
    "value" in condition
      ? condition.value
      : "values" in condition
        ? (condition.values[0] ?? firstValue(type))
        : firstValue(type);
  switch (is) {
    case "null":
    case "notNull":
      return { column, is };
    case "in":
      return { column, is, values: "values" in condition ? condition.values : [value] };
    case "last":
      return { column, is, duration: "P30D" };
    case "equal":
    case "notEqual":
    case "less":
    case "atMost":
    case "greater":
    case "atLeast":
    case "contains":
      return { column, is, value };
  }
};

/** What a new condition on a column begins as. */
export const newCondition = (column: string, type: ColumnType | undefined): Condition => {
  const [is = "notNull"] = comparisonsFor(type);
  return withComparison({ column, is: "notNull" }, is, type);
};

export const isGroup = (filter: Filter): filter is Group => "and" in filter || "or" in filter;
export const partsOf = (group: Group): readonly Filter[] => ("and" in group ? group.and : group.or);
export const wordOf = (group: Group): "and" | "or" => ("and" in group ? "and" : "or");
export const groupOf = (word: "and" | "or", parts: readonly Filter[]): Filter =>
  word === "and" ? { and: parts } : { or: parts };

/** One more part: a condition alone becomes a group of which all have to hold. */
export const withPart = (filter: Filter | undefined, part: Filter): Filter => {
  if (filter === undefined) return part;
  return isGroup(filter)
    ? groupOf(wordOf(filter), [...partsOf(filter), part])
    : { and: [filter, part] };
};

/** Without one of its parts; undefined where none is left. */
export const withoutPart = (group: Group, index: number): Filter | undefined => {
  const parts = partsOf(group).toSpliced(index, 1);
  return parts.length === 0 ? undefined : groupOf(wordOf(group), parts);
};

/** Levels of groups inside each other that the server takes. */
export const mostLevels = 5;
