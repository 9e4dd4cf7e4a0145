import type { DatasetColumn, Filter, Value } from "../../contract/contract.ts";
import { encodeValue, type StoredValue } from "../datasets/values.ts";
import type { Columns, Refuse } from "./find-columns.ts";
import type { ResolvedFilter } from "./resolved-query.ts";
import { lastUnits, type TimeLine } from "./time-ranges.ts";

const conditionCeiling = 200;

/** Stands where something was refused. */
const nothing: ResolvedFilter = { is: "and", parts: [] };

/** @param anchorOn what relative times count back from; undefined for the present */
export const resolveFilter = (
  filter: Filter,
  { findColumn, findTimes }: Columns,
  refuse: Refuse,
  anchorOn: (line: TimeLine) => StoredValue | undefined,
  now: number,
): ResolvedFilter => {
  let conditionCount = 0;
  const storeValue = (column: DatasetColumn, value: Value, pointer: string): StoredValue => {
    const encoded = encodeValue(column.type, value);
    if (encoded.ok) return encoded.value;
    refuse(
      pointer,
      "wrong_value_type",
      `The column ${JSON.stringify(column.name)} compares with ${encoded.expected}.`,
    );
    return null;
  };
  const resolvePart = (filter: Filter, pointer: string): ResolvedFilter => {
    if ("and" in filter)
      return {
        is: "and",
        parts: filter.and.map((part, index) => resolvePart(part, `${pointer}/and/${index}`)),
      };
    if ("or" in filter)
      return {
        is: "or",
        parts: filter.or.map((part, index) => resolvePart(part, `${pointer}/or/${index}`)),
      };
    conditionCount += 1;
    if (filter.is === "last") {
      const times = findTimes(filter.column, `${pointer}/column`);
      return times === undefined
        ? nothing
        : {
            is: "within",
            source: times.source,
            range: lastUnits(filter.duration, times.line, anchorOn(times.line), now),
          };
    }
    const source = findColumn(filter.column, `${pointer}/column`);
    if (source === undefined) return nothing;
    const { column } = source;
    switch (filter.is) {
      case "null":
      case "notNull":
        return { is: filter.is, source };
      case "in":
        return {
          is: "in",
          source,
          values: filter.values.map((value, index) =>
            storeValue(column, value, `${pointer}/values/${index}`),
          ),
        };
      case "contains":
        if (column.type === "text" && typeof filter.value === "string")
          return { is: "contains", source, text: filter.value };
        refuse(pointer, "wrong_value_type", "`contains` looks for a text in a column of text.");
        return nothing;
      default:
        if (column.type === "boolean" && filter.is !== "equal" && filter.is !== "notEqual")
          refuse(`${pointer}/is`, "not_ordered", "A boolean is neither less nor greater.");
        return {
          is: filter.is,
          source,
          value: storeValue(column, filter.value, `${pointer}/value`),
        };
    }
  };
  const resolved = resolvePart(filter, "/filter");
  if (conditionCount > conditionCeiling)
    refuse("/filter", "too_many_conditions", `At most ${conditionCeiling} conditions.`);
  return resolved;
};
