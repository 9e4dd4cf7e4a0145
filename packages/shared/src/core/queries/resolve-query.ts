/**
 * What a query means on a dataset, before anything is read: which columns its names are, which range of time it is
 * narrowed to, what its result looks like, or every reason why it does not fit.
 */
import type {
  Aggregate,
  ColumnType,
  DatasetColumn,
  Filter,
  NumberFormat,
  Query,
  Selection,
  TimeUnit,
  Value,
} from "../../contract/contract.ts";
import { fitsFormat, formatMisfit } from "../../contract/number-formats.ts";
import { numberFormatOf } from "../datasets/number-formats.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import type { TimeBounds } from "../datasets/time-bounds.ts";
import {
  boundsOf,
  lastUnits,
  type AskedRange,
  type StoredRange,
  type TimeLine,
} from "./time-ranges.ts";
import { timeZoneOf } from "./time-zones.ts";
import { encodeValue, type StoredValue } from "../datasets/values.ts";

/** What has to be known about a dataset. */
export interface DatasetShape {
  readonly name: string;
  readonly columns: readonly DatasetColumn[];
  readonly timeBounds: TimeBounds;
}

/** What is asked of a query when it is run, beside what stands in it. */
export interface Asked {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The request's range of time: it goes before the query's own, and that before the section's. */
  readonly range?: AskedRange;
  readonly sectionLast?: string;
  /** One page of the result, as a table shows it. `sort` names a column of the result. */
  readonly page?: { readonly sort?: Order; readonly offset: number; readonly limit: number };
  /** A column of the result: where it holds times or numbers and the query names no order, the rows are ordered by it. */
  readonly along?: string;
  /** How many rows at most, where neither the query nor a page says; `rowCeiling` without it. */
  readonly rows?: number;
}

type Order = NonNullable<Query["orderBy"]>[number];

export interface ResultColumn {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  readonly unit?: string;
  readonly format?: NumberFormat;
  /** The unit of time whose first moment stands in this column. */
  readonly bucket?: TimeUnit;
  /** The name of the column whose values of the period before stand in this one. */
  readonly previousOf?: string;
}

export interface Refused {
  readonly ok: false;
  readonly issues: readonly ValidationIssue[];
}

/** A column of the dataset, and where it stands among them. */
export interface SourceColumn {
  readonly position: number;
  readonly column: DatasetColumn;
}

/** Every value is one that the column can hold, in stored form. */
export type ResolvedFilter =
  | { readonly is: "and" | "or"; readonly parts: readonly ResolvedFilter[] }
  | { readonly is: "within"; readonly source: SourceColumn; readonly range: StoredRange }
  | { readonly is: "null" | "notNull"; readonly source: SourceColumn }
  | { readonly is: "in"; readonly source: SourceColumn; readonly values: readonly StoredValue[] }
  | { readonly is: "contains"; readonly source: SourceColumn; readonly text: string }
  | {
      readonly is: "equal" | "notEqual" | "less" | "atMost" | "greater" | "atLeast";
      readonly source: SourceColumn;
      readonly value: StoredValue;
    };

/** What the rows of a result are grouped by: a column as it is, or a bucket of time. */
export interface ResolvedKey {
  /** Its position in the result. */
  readonly result: number;
  readonly source: SourceColumn;
  readonly bucket: { readonly unit: TimeUnit; readonly line: TimeLine } | null;
}

export interface ResolvedValue {
  readonly result: number;
  readonly aggregate: Aggregate;
  /** Undefined where rows are counted. */
  readonly source: SourceColumn | undefined;
  readonly percentile: number;
}

export interface ResolvedOrder {
  readonly direction: Order["direction"];
  /** A position in the result; or, of a result without aggregates, a column that is not selected. */
  readonly by: number | SourceColumn;
}

export interface ResolvedQuery {
  readonly ok: true;
  /** The result's columns, in order. */
  readonly columns: readonly ResultColumn[];
  /** The column that a range of time narrows, and to what. */
  readonly time: { readonly source: SourceColumn; readonly line: TimeLine } | undefined;
  readonly narrowed: StoredRange | undefined;
  readonly filter: ResolvedFilter | undefined;
  readonly keys: readonly ResolvedKey[];
  readonly values: readonly ResolvedValue[];
  readonly hasAggregates: boolean;
  /** Positions among the keys and the values. */
  readonly top:
    | {
        readonly key: number;
        readonly value: number;
        readonly count: number;
        readonly others: string | undefined;
      }
    | undefined;
  readonly compares: boolean;
  /** The query's own order, and what the page asks for instead. */
  readonly order: readonly ResolvedOrder[];
  readonly sort: ResolvedOrder | undefined;
  /** How many rows at most; undefined for all that are on pages. */
  readonly rows: number | undefined;
  /** What the time column was narrowed to, as ISO 8601. */
  readonly range?: { readonly from: string | null; readonly to: string | null };
  readonly timeZone?: string;
}

/** No query answers with more rows than this, whatever limit it asks for. */
export const rowCeiling = 10_000;
const conditionCeiling = 200;

/** Of what is wrong with the page that is asked for, and not with the query. */
export const sortPointer = "/query/sort";

const numeric: readonly ColumnType[] = ["integer", "decimal"];
const ordered: readonly ColumnType[] = ["integer", "decimal", "text", "date", "timestamp"];
const isTime = (type: ColumnType): type is "date" | "timestamp" =>
  type === "date" || type === "timestamp";

/** Each aggregate: the types it takes, and the type it gives for a column. */
const aggregateRules: Record<
  Aggregate,
  {
    readonly takes: readonly ColumnType[] | "any";
    readonly gives: (type: ColumnType) => ColumnType;
    readonly keepsUnit: boolean;
    /** Its result is one of the values, and not made of them: the smallest id is an id. */
    readonly picks?: true;
  }
> = {
  sum: { takes: numeric, gives: (type) => type, keepsUnit: true },
  average: { takes: numeric, gives: () => "decimal", keepsUnit: true },
  count: { takes: "any", gives: () => "integer", keepsUnit: false },
  distinct: { takes: "any", gives: () => "integer", keepsUnit: false },
  minimum: { takes: ordered, gives: (type) => type, keepsUnit: true, picks: true },
  maximum: { takes: ordered, gives: (type) => type, keepsUnit: true, picks: true },
  median: { takes: numeric, gives: () => "decimal", keepsUnit: true },
  percentile: { takes: numeric, gives: () => "decimal", keepsUnit: true },
};

/** The first and the last value of a column of times, in stored form, where it has any. */
export const timeBoundsOf = (
  { timeBounds }: DatasetShape,
  name: string,
): TimeBounds[string] | undefined =>
  Object.hasOwn(timeBounds, name) ? timeBounds[name] : undefined;

/** Stands where something was refused. */
const nothing: ResolvedFilter = { is: "and", parts: [] };

/**
 * Resolves a query that has passed the schema `query`.
 *
 * `notEqual` holds for null; the other comparisons do not. `contains` ignores the case of ASCII letters and has no wildcards.
 * @param dataset the dataset that the query names, or undefined when there is none
 * @returns every reason why the query does not fit the dataset, each with a pointer into the query; or what it means
 */
export const resolveQuery = (
  query: Query,
  dataset: DatasetShape | undefined,
  asked: Asked,
): ResolvedQuery | Refused => {
  if (dataset?.name !== query.dataset)
    return {
      ok: false,
      issues: [
        {
          pointer: "/dataset",
          code: "unknown_dataset",
          detail: `There is no dataset ${JSON.stringify(query.dataset)} here.`,
        },
      ],
    };
  const known = new Map<string, SourceColumn>(
    dataset.columns.map((column, position) => [column.name, { position, column }]),
  );
  const zone = timeZoneOf(query.timeZone ?? "UTC");
  const issues: ValidationIssue[] = [];

  const refuse = (pointer: string, code: string, detail: string): void => {
    issues.push({ pointer, code, detail });
  };
  const findColumn = (name: string, pointer: string): SourceColumn | undefined => {
    const found = known.get(name);
    if (found === undefined)
      refuse(pointer, "unknown_column", `The dataset has no column ${JSON.stringify(name)}.`);
    return found;
  };
  /** A column of times, or a complaint. */
  const findTimes = (
    name: string,
    pointer: string,
  ): { readonly source: SourceColumn; readonly line: TimeLine } | undefined => {
    const source = findColumn(name, pointer);
    if (source === undefined) return undefined;
    const { type } = source.column;
    if (isTime(type)) return { source, line: { type, zone } };
    refuse(
      pointer,
      "not_a_time",
      `The column ${JSON.stringify(name)} is neither a date nor a timestamp.`,
    );
    return undefined;
  };

  // The range of time.
  const time =
    query.timeColumn === undefined ? undefined : findTimes(query.timeColumn, "/timeColumn");
  if (query.timeColumn === undefined)
    for (const member of ["last", "relativeTo", "compare"] as const)
      if (query[member] !== undefined)
        refuse(`/${member}`, "time_column_required", `\`${member}\` needs a \`timeColumn\`.`);
  /** What relative times count back from, as a column stores it; undefined for the present. */
  const anchorOn = (line: TimeLine): StoredValue | undefined => {
    if (query.relativeTo !== "latest" || time === undefined) return undefined;
    const latest = timeBoundsOf(dataset, time.source.column.name)?.[1];
    if (latest === undefined || line.type === time.line.type) return latest;
    return boundsOf(
      { from: line.type === "date" ? new Date(Number(latest)).toISOString() : String(latest) },
      line,
    ).from;
  };
  const { range: requested, sectionLast } = asked;
  const narrowed = ((): StoredRange | undefined => {
    if (time === undefined) return undefined;
    if (requested !== undefined && !("last" in requested)) return boundsOf(requested, time.line);
    const last = requested?.last ?? query.last ?? sectionLast;
    return last === undefined || last === "all"
      ? undefined
      : lastUnits(last, time.line, anchorOn(time.line), asked.now);
  })();

  // The filter.
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
  const resolveFilter = (filter: Filter, pointer: string): ResolvedFilter => {
    if ("and" in filter)
      return {
        is: "and",
        parts: filter.and.map((part, index) => resolveFilter(part, `${pointer}/and/${index}`)),
      };
    if ("or" in filter)
      return {
        is: "or",
        parts: filter.or.map((part, index) => resolveFilter(part, `${pointer}/or/${index}`)),
      };
    conditionCount += 1;
    if (filter.is === "last") {
      const times = findTimes(filter.column, `${pointer}/column`);
      return times === undefined
        ? nothing
        : {
            is: "within",
            source: times.source,
            range: lastUnits(filter.duration, times.line, anchorOn(times.line), asked.now),
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
  const filter = query.filter === undefined ? undefined : resolveFilter(query.filter, "/filter");
  if (conditionCount > conditionCeiling)
    refuse("/filter", "too_many_conditions", `At most ${conditionCeiling} conditions.`);

  // What is selected.
  const keys: ResolvedKey[] = [];
  const values: ResolvedValue[] = [];
  const columns: ResultColumn[] = [];
  const add = (column: ResultColumn, pointer: string): number => {
    if (columns.some(({ name }) => name === column.name))
      refuse(
        pointer,
        "duplicate_name",
        `Two columns of the result are called ${JSON.stringify(column.name)}.`,
      );
    return columns.push(column) - 1;
  };

  /** Other formats of what is no number have no meaning, and were always let pass. */
  const checkFormat = (
    format: NumberFormat | undefined,
    type: ColumnType,
    pointer: string,
  ): void => {
    if (format?.style === "code" && !fitsFormat(type, format))
      refuse(`${pointer}/format/style`, "wrong_format", formatMisfit);
  };

  const selectColumn = (
    selection: Extract<Selection, { column: string }>,
    pointer: string,
  ): void => {
    const source = findColumn(selection.column, `${pointer}/column`);
    if (source === undefined) return;
    const { label, format: own } = { format: undefined, ...selection } as {
      label?: string;
      format: NumberFormat | undefined;
    };
    checkFormat(own, source.column.type, pointer);
    const format = own ?? numberFormatOf(source.column);
    keys.push({
      result: add(
        { ...source.column, label: label ?? source.column.label, ...(format && { format }) },
        pointer,
      ),
      bucket: null,
      source,
    });
  };

  const selectBucket = (
    { bucket: unit, column, name, label }: Extract<Selection, { bucket: TimeUnit }>,
    pointer: string,
  ): void => {
    const times = findTimes(column, `${pointer}/column`);
    if (times === undefined) return;
    const { source, line } = times;
    const isClock = unit === "minute" || unit === "hour";
    if (isClock && line.type === "date")
      refuse(`${pointer}/bucket`, "not_a_bucket", "A date has no hours and minutes.");
    const result = add(
      {
        name: name ?? column,
        label: label ?? source.column.label,
        type: isClock ? "timestamp" : "date",
        bucket: unit,
      },
      pointer,
    );
    keys.push({ result, bucket: { unit, line }, source });
  };

  const selectAggregate = (
    selection: Extract<Selection, { aggregate: Aggregate }>,
    pointer: string,
  ): void => {
    const { aggregate, column, name, percentile } = selection;
    const rule = aggregateRules[aggregate];
    const source = column === undefined ? undefined : findColumn(column, `${pointer}/column`);
    if (column === undefined && aggregate !== "count")
      refuse(pointer, "column_required", `\`${aggregate}\` needs a column.`);
    if (source !== undefined && rule.takes !== "any" && !rule.takes.includes(source.column.type))
      refuse(
        `${pointer}/aggregate`,
        "wrong_aggregate",
        `\`${aggregate}\` does not work on ${source.column.type} columns.`,
      );
    if (aggregate === "percentile" && percentile === undefined)
      refuse(pointer, "percentile_required", "Say which percentile, from 0 to 100.");
    if (aggregate !== "percentile" && percentile !== undefined)
      refuse(`${pointer}/percentile`, "not_a_percentile", `\`${aggregate}\` has no percentile.`);
    const unit = selection.unit ?? (rule.keepsUnit ? source?.column.unit : undefined);
    const type = rule.gives(source?.column.type ?? "integer");
    const inherited =
      source !== undefined && rule.keepsUnit ? numberFormatOf(source.column) : undefined;
    const format =
      selection.format ??
      (inherited?.style === "code" && rule.picks !== true ? undefined : inherited);
    checkFormat(selection.format, type, pointer);
    const result = add(
      {
        name,
        label: selection.label ?? name,
        type,
        ...(unit !== undefined && { unit }),
        ...(format && { format }),
      },
      pointer,
    );
    values.push({ result, aggregate, source, percentile: percentile ?? 50 });
  };

  for (const [index, selection] of query.select.entries()) {
    const pointer = `/select/${index}`;
    if ("aggregate" in selection) selectAggregate(selection, pointer);
    else if ("bucket" in selection) selectBucket(selection, pointer);
    else selectColumn(selection, pointer);
  }
  const hasAggregates = query.select.some((selection) => "aggregate" in selection);

  // The largest groups.
  const top = ((): ResolvedQuery["top"] => {
    if (query.top === undefined) return undefined;
    const { column, by, count, others } = query.top;
    const key = keys.findIndex(
      ({ result, bucket }) => bucket === null && columns[result]?.name === column,
    );
    const value = values.findIndex(({ result }) => columns[result]?.name === by);
    if (key === -1)
      refuse(
        "/top/column",
        "unknown_column",
        `The rows are not grouped by a column ${JSON.stringify(column)}.`,
      );
    else if (keys[key]?.source.column.type !== "text")
      refuse("/top/column", "not_a_text", `The column ${JSON.stringify(column)} is no text.`);
    if (value === -1)
      refuse("/top/by", "unknown_column", `The result has no aggregate ${JSON.stringify(by)}.`);
    else if (!numeric.includes(columns[values[value]?.result ?? 0]?.type ?? "text"))
      refuse("/top/by", "not_a_number", `${JSON.stringify(by)} is no number.`);
    return { key, value, count, others };
  })();

  // The period before.
  const compares = query.compare !== undefined;
  if (compares && time !== undefined) {
    if (!hasAggregates)
      refuse(
        "/compare",
        "not_comparable",
        "Only aggregates can be compared with the period before.",
      );
    else if (
      keys.length > 1 ||
      keys.some(({ bucket, source }) => bucket === null || source !== time.source)
    )
      refuse(
        "/compare",
        "not_comparable",
        "Only a result without groups, or one grouped by a bucket of the time column alone, can be compared with the period before.",
      );
    for (const { result } of values) {
      const { name, label, ...rest } = columns[result] as ResultColumn;
      add(
        { ...rest, name: `${name} (previous)`, label: `${label} (previous)`, previousOf: name },
        "/compare",
      );
    }
  }

  // The order, by the result's columns.
  const namedOrder = ((): readonly Order[] => {
    if (query.orderBy !== undefined) return query.orderBy;
    const along = columns.find(({ name }) => name === asked.along);
    if (along !== undefined && (isTime(along.type) || numeric.includes(along.type)))
      return [{ name: along.name, direction: "ascending" }];
    return hasAggregates
      ? keys.flatMap(({ bucket, result }) =>
          bucket === null
            ? []
            : [{ name: (columns[result] as ResultColumn).name, direction: "ascending" }],
        )
      : [];
  })();
  const inResult = (name: string): number | undefined => {
    const position = columns.findIndex((column) => column.name === name);
    return position === -1 ? undefined : position;
  };
  const order = namedOrder.flatMap(({ name, direction }, index): ResolvedOrder[] => {
    const by = inResult(name) ?? (hasAggregates ? undefined : known.get(name));
    if (by !== undefined) return [{ direction, by }];
    refuse(
      `/orderBy/${index}/name`,
      "unknown_column",
      `The result has no column ${JSON.stringify(name)}.`,
    );
    return [];
  });
  const { page } = asked;
  const sort = ((): ResolvedOrder | undefined => {
    if (page?.sort === undefined) return undefined;
    const { name, direction } = page.sort;
    const by = inResult(name);
    if (by !== undefined) return { direction, by };
    refuse(sortPointer, "unknown_column", `The result has no column ${JSON.stringify(name)}.`);
    return undefined;
  })();

  if (issues.length > 0) return { ok: false, issues };
  const show = (stored: StoredValue | undefined): string | null =>
    stored === undefined || stored === null
      ? null
      : typeof stored === "string"
        ? stored
        : new Date(Math.min(Math.max(stored, -8.64e15), 8.64e15)).toISOString();
  return {
    ok: true,
    columns,
    time,
    narrowed,
    filter,
    keys,
    values,
    hasAggregates,
    top,
    compares,
    order,
    sort,
    rows: query.limit ?? (page === undefined ? (asked.rows ?? rowCeiling) : undefined),
    ...(narrowed !== undefined &&
      (narrowed.from ?? narrowed.to) !== undefined && {
        range: { from: show(narrowed.from), to: show(narrowed.to) },
      }),
    ...(query.timeZone !== undefined && query.timeZone !== "UTC" && { timeZone: query.timeZone }),
  };
};

/** The columns of a query's result, or every reason why the query does not fit its dataset. */
type DescribeResult = (
  query: Query,
  dataset: DatasetShape | undefined,
) => { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused;
export const describeResult: DescribeResult = (query, dataset) =>
  resolveQuery(query, dataset, { now: 0 });
