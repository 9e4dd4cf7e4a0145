/**
 * From a query that is data to SQL that is ours. Names and values never reach the SQL text: a column is called by its
 * position, the table by the name the server made for it, and every value is bound.
 */
import type { Aggregate, ColumnType, DatasetColumn, Filter, Query, Value } from "@sallyport/shared/contract";
import type { ValidationIssue } from "../http/errors.ts";
import { encodeValue, type StoredValue } from "./values.ts";

/** What the compiler has to know about a dataset. */
export interface DatasetShape {
  readonly name: string;
  readonly tableName: string;
  readonly columns: readonly DatasetColumn[];
}

/** From ≤ time < to, as ISO 8601 dates (midnight UTC) or date-times with an offset. */
export interface Range {
  readonly from?: string;
  readonly to?: string;
}

export interface ResultColumn {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  readonly unit?: string;
}

export type CompiledQuery =
  | { readonly ok: true; readonly sql: string; readonly parameters: readonly StoredValue[]; readonly columns: readonly ResultColumn[] }
  | { readonly ok: false; readonly issues: readonly ValidationIssue[] };

/** No query answers with more rows than this, whatever limit it asks for. */
export const rowCeiling = 1_000;
const conditionCeiling = 200;

const tableNamePattern = /^dataset_[0-9a-f]{32}$/;
const comparisons = { less: "<", atMost: "<=", greater: ">", atLeast: ">=" } as const;
const directions = { ascending: "ASC", descending: "DESC" } as const;
const numeric: readonly ColumnType[] = ["integer", "decimal"];
const ordered: readonly ColumnType[] = ["integer", "decimal", "text", "date", "timestamp"];

interface KnownColumn {
  /** `c0`, `c1`, … */
  readonly sql: string;
  readonly column: DatasetColumn;
}

/** Each aggregate: its SQL, the types it takes, and the type it gives for a column. */
const aggregateRules: Record<
  Aggregate,
  { readonly sql: (column: string) => string; readonly takes: readonly ColumnType[] | "any"; readonly gives: (type: ColumnType) => ColumnType; readonly keepsUnit: boolean }
> = {
  sum: { sql: (column) => `sum(${column})`, takes: numeric, gives: (type) => type, keepsUnit: true },
  average: { sql: (column) => `avg(${column})`, takes: numeric, gives: () => "decimal", keepsUnit: true },
  count: { sql: (column) => `count(${column})`, takes: "any", gives: () => "integer", keepsUnit: false },
  distinct: { sql: (column) => `count(DISTINCT ${column})`, takes: "any", gives: () => "integer", keepsUnit: false },
  minimum: { sql: (column) => `min(${column})`, takes: ordered, gives: (type) => type, keepsUnit: true },
  maximum: { sql: (column) => `max(${column})`, takes: ordered, gives: (type) => type, keepsUnit: true },
  median: { sql: (column) => `median(${column})`, takes: numeric, gives: () => "decimal", keepsUnit: true },
  percentile: { sql: (column) => `percentile(${column}, 50)`, takes: numeric, gives: () => "decimal", keepsUnit: true },
};

const escapeLikeWildcards = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

const millisecondsPerDay = 86_400_000;
const lastMillisecondOfDates = Date.UTC(9999, 11, 31);

/** The bound of a range as the column stores it: for a date, the first day whose midnight is not before the instant. */
const encodeRangeBound = (type: "date" | "timestamp", instant: number): StoredValue => {
  if (type === "timestamp") return instant;
  const midnight = Math.ceil(instant / millisecondsPerDay) * millisecondsPerDay;
  // Beyond the last date that the column can hold, a text that sorts after all of them.
  return midnight > lastMillisecondOfDates ? "9999-12-32" : new Date(midnight).toISOString().slice(0, 10);
};

/**
 * Compiles a query that has passed the schema `query` into one SELECT with bound parameters.
 *
 * Guarantees: the SQL text depends on the query's structure only, never on a name or value in it; the result has at most
 * `rowCeiling` rows; `columns` describes the result's columns in order. `notEqual` holds for null; the other comparisons
 * do not. `contains` ignores the case of ASCII letters and has no wildcards.
 * @param dataset the dataset that the query names, or undefined when there is none
 * @returns the statement, or every reason why the query does not fit the dataset, each with a pointer into the query
 */
export const compileQuery = (query: Query, dataset: DatasetShape | undefined, range: Range = {}): CompiledQuery => {
  if (dataset?.name !== query.dataset)
    return { ok: false, issues: [{ pointer: "/dataset", code: "unknown_dataset", detail: `There is no dataset ${JSON.stringify(query.dataset)} here.` }] };
  if (!tableNamePattern.test(dataset.tableName)) throw new Error("A dataset's table has a name that this server did not make");

  const known = new Map<string, KnownColumn>(dataset.columns.map((column, position) => [column.name, { sql: `c${position}`, column }]));
  const issues: ValidationIssue[] = [];
  const parameters: StoredValue[] = [];
  let conditionCount = 0;

  const refuse = (pointer: string, code: string, detail: string): void => {
    issues.push({ pointer, code, detail });
  };
  const findColumn = (name: string, pointer: string): KnownColumn | undefined => {
    const found = known.get(name);
    if (found === undefined) refuse(pointer, "unknown_column", `The dataset has no column ${JSON.stringify(name)}.`);
    return found;
  };
  const bind = (encoded: StoredValue): string => {
    parameters.push(encoded);
    return "?";
  };
  const bindValue = (column: DatasetColumn, value: Value, pointer: string): string => {
    const encoded = encodeValue(column.type, value);
    if (!encoded.ok) {
      refuse(pointer, "wrong_value_type", `The column ${JSON.stringify(column.name)} compares with ${encoded.expected}.`);
      return "?";
    }
    return bind(encoded.value);
  };

  const compileFilter = (filter: Filter, pointer: string): string => {
    if ("and" in filter) return `(${filter.and.map((part, index) => compileFilter(part, `${pointer}/and/${index}`)).join(" AND ")})`;
    if ("or" in filter) return `(${filter.or.map((part, index) => compileFilter(part, `${pointer}/or/${index}`)).join(" OR ")})`;
    conditionCount += 1;
    const found = findColumn(filter.column, `${pointer}/column`);
    if (found === undefined) return "";
    const { sql, column } = found;
    switch (filter.is) {
      case "null":
        return `${sql} IS NULL`;
      case "notNull":
        return `${sql} IS NOT NULL`;
      case "in":
        return `${sql} IN (${filter.values.map((value, index) => bindValue(column, value, `${pointer}/values/${index}`)).join(", ")})`;
      case "contains":
        if (column.type !== "text" || typeof filter.value !== "string") {
          refuse(pointer, "wrong_value_type", "`contains` looks for a text in a column of text.");
          return "";
        }
        return String.raw`${sql} LIKE ${bind(`%${escapeLikeWildcards(filter.value)}%`)} ESCAPE '\'`;
      case "equal":
        return `${sql} = ${bindValue(column, filter.value, `${pointer}/value`)}`;
      case "notEqual":
        return `${sql} IS NOT ${bindValue(column, filter.value, `${pointer}/value`)}`;
      case "last":
        refuse(`${pointer}/is`, "not_supported", "Relative times are not known here.");
        return "";
      default:
        if (column.type === "boolean") refuse(`${pointer}/is`, "not_ordered", "A boolean is neither less nor greater.");
        return `${sql} ${comparisons[filter.is]} ${bindValue(column, filter.value, `${pointer}/value`)}`;
    }
  };

  const compileRange = (): string[] => {
    if (query.timeColumn === undefined) return [];
    const found = findColumn(query.timeColumn, "/timeColumn");
    if (found === undefined) return [];
    const { type } = found.column;
    if (type !== "date" && type !== "timestamp") {
      refuse("/timeColumn", "not_a_time", `The column ${JSON.stringify(query.timeColumn)} is neither a date nor a timestamp.`);
      return [];
    }
    const conditions: string[] = [];
    for (const [bound, comparison] of [
      ["from", ">="],
      ["to", "<"],
    ] as const) {
      const text = range[bound];
      if (text === undefined) continue;
      const instant = Date.parse(text);
      if (Number.isNaN(instant)) refuse(`/${bound}`, "not_a_time", "Not a date or date-time that can be computed with.");
      else conditions.push(`${found.sql} ${comparison} ${bind(encodeRangeBound(type, instant))}`);
    }
    return conditions;
  };

  const selected: string[] = [];
  const groupedBy: string[] = [];
  const columns: ResultColumn[] = [];
  const hasAggregates = query.select.some((selection) => "aggregate" in selection);
  for (const [index, selection] of query.select.entries()) {
    const pointer = `/select/${index}`;
    if ("bucket" in selection) {
      refuse(pointer, "not_supported", "Buckets of time are not known here.");
      continue;
    }
    const name = "aggregate" in selection ? selection.name : selection.column;
    if (columns.some((column) => column.name === name)) refuse(pointer, "duplicate_name", `Two columns of the result are called ${JSON.stringify(name)}.`);
    if (!("aggregate" in selection)) {
      const found = findColumn(selection.column, `${pointer}/column`);
      if (found === undefined) continue;
      selected.push(found.sql);
      groupedBy.push(found.sql);
      columns.push({ ...found.column, label: selection.label ?? found.column.label });
      continue;
    }
    const rule = aggregateRules[selection.aggregate];
    const found = selection.column === undefined ? undefined : findColumn(selection.column, `${pointer}/column`);
    if (selection.column === undefined && selection.aggregate !== "count") refuse(pointer, "column_required", `\`${selection.aggregate}\` needs a column.`);
    if (found !== undefined && rule.takes !== "any" && !rule.takes.includes(found.column.type))
      refuse(`${pointer}/aggregate`, "wrong_aggregate", `\`${selection.aggregate}\` does not work on ${found.column.type} columns.`);
    const unit = selection.unit ?? (rule.keepsUnit ? found?.column.unit : undefined);
    selected.push(rule.sql(found?.sql ?? "*"));
    columns.push({ name, label: selection.label ?? selection.name, type: rule.gives(found?.column.type ?? "integer"), ...(unit !== undefined && { unit }) });
  }

  // Parameters are bound in the order in which they stand in the text: the filter, the range, the limit.
  const conditions = [...(query.filter === undefined ? [] : [compileFilter(query.filter, "/filter")]), ...compileRange()];
  if (conditionCount > conditionCeiling) refuse("/filter", "too_many_conditions", `At most ${conditionCeiling} conditions.`);

  const order = (query.orderBy ?? []).map(({ name, direction }, index) => {
    const position = columns.findIndex((column) => column.name === name);
    const unselected = hasAggregates || position !== -1 ? undefined : known.get(name);
    if (position === -1 && unselected === undefined) refuse(`/orderBy/${index}/name`, "unknown_column", `The result has no column ${JSON.stringify(name)}.`);
    return `${unselected?.sql ?? position + 1} ${directions[direction]} NULLS LAST`;
  });

  if (issues.length > 0) return { ok: false, issues };
  const clauses = [
    `SELECT ${selected.join(", ")} FROM ${dataset.tableName}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.join(" AND ")}`] : []),
    ...(hasAggregates && groupedBy.length > 0 ? [`GROUP BY ${groupedBy.join(", ")}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(", ")}`] : []),
    `LIMIT ${bind(Math.min(query.limit ?? rowCeiling, rowCeiling))}`,
  ];
  return { ok: true, sql: clauses.join(" "), parameters, columns };
};
