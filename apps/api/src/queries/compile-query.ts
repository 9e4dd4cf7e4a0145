/**
 * From a query that is data to SQL that is ours. Names and values never reach the SQL text: a column is called by its
 * position, the table by the name the server made for it, and every value is bound.
 */
import type { Aggregate, ColumnType, DatasetColumn, Filter, NumberFormat, Query, Selection, TimeUnit, Value } from "@sallyport/shared/contract";
import {
  type AskedRange,
  boundsOf,
  bucketOf,
  encodeValue,
  lastUnits,
  type StoredRange,
  type StoredValue,
  type TimeLine,
  timeZoneOf,
  type ValidationIssue,
} from "@sallyport/shared/rules";
import { bucketsSince, compileBucket, type BucketSql } from "./compile-buckets.ts";
import { joinSql, numberedSql, sql, tableSql, type Sql } from "./sql.ts";

/** What the compiler has to know about a dataset. */
export interface DatasetShape {
  readonly name: string;
  readonly tableName: string;
  readonly columns: readonly DatasetColumn[];
  /** Rises with every change of rows or columns. */
  readonly version: number;
  /** The first and the last value of each column of times that has any, in stored form. */
  readonly timeBounds: Readonly<Record<string, readonly [first: string | number, last: string | number]>>;
}

/** What is asked of a query when it is run, beside what stands in it. */
export interface Asked {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The request's range of time: it goes before the query's own, and that before the section's. */
  readonly range?: AskedRange;
  readonly sectionLast?: string;
  /** One page of the result, as a table shows it. `sort` names a column of the result. */
  readonly page?: { readonly sort?: NonNullable<Query["orderBy"]>[number]; readonly offset: number; readonly limit: number };
  /** A column of the result: where it holds times or numbers and the query names no order, the rows are ordered by it. */
  readonly along?: string;
  /** How many rows at most, where neither the query nor a page says; `rowCeiling` without it. */
  readonly rows?: number;
}

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

export interface CompiledQuery {
  readonly ok: true;
  /** Its rows begin with the columns below; columns that only order them may follow. */
  readonly statement: Sql;
  /** One row of one column: the rows there are on all pages. */
  readonly count: Sql;
  readonly columns: readonly ResultColumn[];
  /** What the time column was narrowed to, as ISO 8601. */
  readonly range?: { readonly from: string | null; readonly to: string | null };
  readonly timeZone?: string;
}

/** No query answers with more rows than this, whatever limit it asks for. */
export const rowCeiling = 10_000;
const conditionCeiling = 200;
/** SQLite takes 32,766. */
const parameterCeiling = 30_000;

/** Beyond this part of the rows, measured, reading all of them in their order is quicker than reading some through an index. */
const indexedShare = 0.1;

/** Of what is wrong with the page that is asked for, and not with the query. */
export const sortPointer = "/query/sort";

const comparisons = { less: sql`<`, atMost: sql`<=`, greater: sql`>`, atLeast: sql`>=` } as const;
const directions = { ascending: sql`ASC NULLS LAST`, descending: sql`DESC NULLS LAST` } as const;
const numeric: readonly ColumnType[] = ["integer", "decimal"];
const ordered: readonly ColumnType[] = ["integer", "decimal", "text", "date", "timestamp"];
const nothing = sql``;

/**
 * Stands before every condition of a scan: once in about a thousand rows it asks whether the query still has time, and
 * throws when it has not. SQLite itself cannot be told to stop.
 */
const stillAlive = sql`((rowid & 1023) <> 0 OR sallyport_alive())`;

interface KnownColumn {
  /** `c0`, `c1`, … */
  readonly sql: Sql;
  readonly column: DatasetColumn;
}

/** Each aggregate: its SQL, the types it takes, and the type it gives for a column. */
const aggregateRules: Record<
  Aggregate,
  {
    readonly sql: (column: Sql, percentile: number) => Sql;
    readonly takes: readonly ColumnType[] | "any";
    readonly gives: (type: ColumnType) => ColumnType;
    readonly keepsUnit: boolean;
  }
> = {
  // Of floating-point numbers, since a sum of integers fails where it leaves their 64 bits.
  sum: { sql: (column) => sql`sum(${column} * 1.0)`, takes: numeric, gives: (type) => type, keepsUnit: true },
  average: { sql: (column) => sql`avg(${column})`, takes: numeric, gives: () => "decimal", keepsUnit: true },
  count: { sql: (column) => sql`count(${column})`, takes: "any", gives: () => "integer", keepsUnit: false },
  distinct: { sql: (column) => sql`count(DISTINCT ${column})`, takes: "any", gives: () => "integer", keepsUnit: false },
  minimum: { sql: (column) => sql`min(${column})`, takes: ordered, gives: (type) => type, keepsUnit: true },
  maximum: { sql: (column) => sql`max(${column})`, takes: ordered, gives: (type) => type, keepsUnit: true },
  median: { sql: (column) => sql`median(${column})`, takes: numeric, gives: () => "decimal", keepsUnit: true },
  percentile: { sql: (column, percentile) => sql`percentile(${column}, ${percentile})`, takes: numeric, gives: () => "decimal", keepsUnit: true },
};

const escapeLikeWildcards = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);
const isTime = (type: ColumnType): type is "date" | "timestamp" => type === "date" || type === "timestamp";

/** What the rows of a result are grouped by: a column as it is, or a bucket of time. */
interface Key {
  readonly result: number;
  readonly bucket: { readonly unit: TimeUnit; readonly line: TimeLine } | null;
  readonly source: KnownColumn;
  /** Depends on the rows that can come up: how often their clocks were changed. */
  compile(range: StoredRange | undefined): BucketSql;
}

const asItIs = (key: Sql): Sql => key;

/** Times that no dataset reaches: where nothing is known of a column's bounds. */
const everyTime = [Date.UTC(1900, 0, 1), Date.UTC(2100, 0, 1)] as const;

/**
 * Compiles a query that has passed the schema `query` into one SELECT with bound parameters.
 *
 * Guarantees: the SQL text depends on the structure of the query, its time zone and its dataset's bounds of time, never
 * on a name or value; every scan of the table calls `sallyport_alive()`, which the connection has to have; `columns`
 * describes the result's columns in order. `notEqual` holds for null; the other comparisons do not. `contains` ignores
 * the case of ASCII letters and has no wildcards.
 * @param dataset the dataset that the query names, or undefined when there is none
 * @returns the statement, or every reason why the query does not fit the dataset, each with a pointer into the query
 */
export const compileQuery = (query: Query, dataset: DatasetShape | undefined, asked: Asked): CompiledQuery | Refused => {
  if (dataset?.name !== query.dataset)
    return { ok: false, issues: [{ pointer: "/dataset", code: "unknown_dataset", detail: `There is no dataset ${JSON.stringify(query.dataset)} here.` }] };
  const table = tableSql(dataset.tableName);
  const known = new Map<string, KnownColumn>(dataset.columns.map((column, position) => [column.name, { sql: numberedSql("c", position), column }]));
  const zone = timeZoneOf(query.timeZone ?? "UTC");
  const issues: ValidationIssue[] = [];

  const refuse = (pointer: string, code: string, detail: string): void => {
    issues.push({ pointer, code, detail });
  };
  const findColumn = (name: string, pointer: string): KnownColumn | undefined => {
    const found = known.get(name);
    if (found === undefined) refuse(pointer, "unknown_column", `The dataset has no column ${JSON.stringify(name)}.`);
    return found;
  };
  /** A column of times, or a complaint. */
  const findTimes = (name: string, pointer: string): { readonly found: KnownColumn; readonly line: TimeLine } | undefined => {
    const found = findColumn(name, pointer);
    if (found === undefined) return undefined;
    const { type } = found.column;
    if (isTime(type)) return { found, line: { type, zone } };
    refuse(pointer, "not_a_time", `The column ${JSON.stringify(name)} is neither a date nor a timestamp.`);
    return undefined;
  };
  const timeBoundsOf = (name: string): readonly [StoredValue, StoredValue] | undefined => (Object.hasOwn(dataset.timeBounds, name) ? dataset.timeBounds[name] : undefined);

  // The range of time.
  const time = query.timeColumn === undefined ? undefined : findTimes(query.timeColumn, "/timeColumn");
  if (query.timeColumn === undefined)
    for (const member of ["last", "relativeTo", "compare"] as const)
      if (query[member] !== undefined) refuse(`/${member}`, "time_column_required", `\`${member}\` needs a \`timeColumn\`.`);
  /** What relative times count back from, as a column stores it; undefined for the present. */
  const anchorOn = (line: TimeLine): StoredValue | undefined => {
    if (query.relativeTo !== "latest" || time === undefined) return undefined;
    const latest = timeBoundsOf(time.found.column.name)?.[1];
    if (latest === undefined || line.type === time.line.type) return latest;
    return boundsOf({ from: line.type === "date" ? new Date(Number(latest)).toISOString() : String(latest) }, line).from;
  };
  const { range: requested, sectionLast } = asked;
  const range = ((): StoredRange | undefined => {
    if (time === undefined) return undefined;
    if (requested !== undefined && !("last" in requested)) return boundsOf(requested, time.line);
    const last = requested?.last ?? query.last ?? sectionLast;
    return last === undefined || last === "all" ? undefined : lastUnits(last, time.line, anchorOn(time.line), asked.now);
  })();

  // The filter.
  let conditionCount = 0;
  const bindValue = (column: DatasetColumn, value: Value, pointer: string): StoredValue => {
    const encoded = encodeValue(column.type, value);
    if (encoded.ok) return encoded.value;
    refuse(pointer, "wrong_value_type", `The column ${JSON.stringify(column.name)} compares with ${encoded.expected}.`);
    return null;
  };
  /** Which part of the rows a range is likely to hold, if they are spread evenly. */
  const shareOf = ({ from, to }: StoredRange, { name, type }: DatasetColumn): number => {
    const bounds = timeBoundsOf(name);
    if (bounds === undefined) return 0;
    const instantOf = (stored: StoredValue): number => (type === "date" ? Date.parse(String(stored)) : Number(stored));
    const [first, last] = [instantOf(bounds[0]), instantOf(bounds[1])];
    const start = from === undefined ? first : Math.max(first, instantOf(from));
    const end = to === undefined ? last : Math.min(last, instantOf(to));
    return (end - start) / Math.max(1, last - first);
  };
  const within = ({ sql: name, column }: KnownColumn, narrowed: StoredRange): Sql[] => {
    const { from, to } = narrowed;
    // A plus keeps SQLite from looking every row up through an index on the column, which it would do for most of the rows as well.
    const time = shareOf(narrowed, column) > indexedShare ? sql`+${name}` : name;
    return [...(from === undefined ? [] : [sql`${time} >= ${from}`]), ...(to === undefined ? [] : [sql`${time} < ${to}`])];
  };
  const compileFilter = (filter: Filter, pointer: string): Sql => {
    if ("and" in filter)
      return sql`(${joinSql(
        filter.and.map((part, index) => compileFilter(part, `${pointer}/and/${index}`)),
        " AND ",
      )})`;
    if ("or" in filter)
      return sql`(${joinSql(
        filter.or.map((part, index) => compileFilter(part, `${pointer}/or/${index}`)),
        " OR ",
      )})`;
    conditionCount += 1;
    if (filter.is === "last") {
      const times = findTimes(filter.column, `${pointer}/column`);
      return times === undefined ? nothing : sql`(${joinSql(within(times.found, lastUnits(filter.duration, times.line, anchorOn(times.line), asked.now)), " AND ")})`;
    }
    const found = findColumn(filter.column, `${pointer}/column`);
    if (found === undefined) return nothing;
    const { sql: name, column } = found;
    switch (filter.is) {
      case "null":
        return sql`${name} IS NULL`;
      case "notNull":
        return sql`${name} IS NOT NULL`;
      case "in":
        return sql`${name} IN (${joinSql(
          filter.values.map((value, index) => sql`${bindValue(column, value, `${pointer}/values/${index}`)}`),
          ", ",
        )})`;
      case "contains":
        if (column.type === "text" && typeof filter.value === "string") return sql`${name} LIKE ${`%${escapeLikeWildcards(filter.value)}%`} ESCAPE '\\'`;
        refuse(pointer, "wrong_value_type", "`contains` looks for a text in a column of text.");
        return nothing;
      case "equal":
        return sql`${name} = ${bindValue(column, filter.value, `${pointer}/value`)}`;
      case "notEqual":
        return sql`${name} IS NOT ${bindValue(column, filter.value, `${pointer}/value`)}`;
      default:
        if (column.type === "boolean") refuse(`${pointer}/is`, "not_ordered", "A boolean is neither less nor greater.");
        return sql`${name} ${comparisons[filter.is]} ${bindValue(column, filter.value, `${pointer}/value`)}`;
    }
  };
  const filter = query.filter === undefined ? [] : [compileFilter(query.filter, "/filter")];
  if (conditionCount > conditionCeiling) refuse("/filter", "too_many_conditions", `At most ${conditionCeiling} conditions.`);

  // What is selected.
  const keys: Key[] = [];
  const values: { readonly result: number; readonly sql: Sql; readonly isOver: KnownColumn | undefined }[] = [];
  const columns: ResultColumn[] = [];
  const add = (column: ResultColumn, pointer: string): number => {
    if (columns.some(({ name }) => name === column.name)) refuse(pointer, "duplicate_name", `Two columns of the result are called ${JSON.stringify(column.name)}.`);
    return columns.push(column) - 1;
  };

  const selectColumn = (selection: Extract<Selection, { column: string }>, pointer: string): void => {
    const found = findColumn(selection.column, `${pointer}/column`);
    if (found === undefined) return;
    const { label, format } = { format: undefined, ...selection } as { label?: string; format: NumberFormat | undefined };
    const result = add({ ...found.column, label: label ?? found.column.label, ...(format && { format }) }, pointer);
    keys.push({ result, bucket: null, source: found, compile: () => ({ key: found.sql, show: asItIs }) });
  };

  const selectBucket = ({ bucket: unit, column, name, label }: Extract<Selection, { bucket: TimeUnit }>, pointer: string): void => {
    const times = findTimes(column, `${pointer}/column`);
    if (times === undefined) return;
    const { found, line } = times;
    const isClock = unit === "minute" || unit === "hour";
    if (isClock && line.type === "date") refuse(`${pointer}/bucket`, "not_a_bucket", "A date has no hours and minutes.");
    const result = add({ name: name ?? column, label: label ?? found.column.label, type: isClock ? "timestamp" : "date", bucket: unit }, pointer);
    const [first, last] = timeBoundsOf(column) ?? everyTime;
    const compile = (narrowed: StoredRange | undefined): BucketSql => {
      if (line.type === "date") return compileBucket(unit, found.sql, line, everyTime);
      const { from = first, to = last } = found === time?.found ? (narrowed ?? {}) : {};
      return compileBucket(unit, found.sql, line, [Math.max(Number(first), Number(from)), Math.min(Number(last), Number(to))]);
    };
    keys.push({ result, bucket: { unit, line }, source: found, compile });
  };

  const selectAggregate = (selection: Extract<Selection, { aggregate: Aggregate }>, pointer: string): void => {
    const { aggregate, column, name, percentile, format } = selection;
    const rule = aggregateRules[aggregate];
    const found = column === undefined ? undefined : findColumn(column, `${pointer}/column`);
    if (column === undefined && aggregate !== "count") refuse(pointer, "column_required", `\`${aggregate}\` needs a column.`);
    if (found !== undefined && rule.takes !== "any" && !rule.takes.includes(found.column.type))
      refuse(`${pointer}/aggregate`, "wrong_aggregate", `\`${aggregate}\` does not work on ${found.column.type} columns.`);
    if (aggregate === "percentile" && percentile === undefined) refuse(pointer, "percentile_required", "Say which percentile, from 0 to 100.");
    if (aggregate !== "percentile" && percentile !== undefined) refuse(`${pointer}/percentile`, "not_a_percentile", `\`${aggregate}\` has no percentile.`);
    const unit = selection.unit ?? (rule.keepsUnit ? found?.column.unit : undefined);
    const type = rule.gives(found?.column.type ?? "integer");
    const result = add({ name, label: selection.label ?? name, type, ...(unit !== undefined && { unit }), ...(format && { format }) }, pointer);
    values.push({ result, sql: rule.sql(found?.sql ?? sql`*`, percentile ?? 50), isOver: found });
  };

  for (const [index, selection] of query.select.entries()) {
    const pointer = `/select/${index}`;
    if ("aggregate" in selection) selectAggregate(selection, pointer);
    else if ("bucket" in selection) selectBucket(selection, pointer);
    else selectColumn(selection, pointer);
  }
  const hasAggregates = query.select.some((selection) => "aggregate" in selection);

  // The largest groups.
  const top = ((): { readonly key: number; readonly value: number; readonly count: number; readonly others: string | undefined } | undefined => {
    if (query.top === undefined) return undefined;
    const { column, by, count, others } = query.top;
    const key = keys.findIndex(({ result, bucket }) => bucket === null && columns[result]?.name === column);
    const value = values.findIndex(({ result }) => columns[result]?.name === by);
    if (key === -1) refuse("/top/column", "unknown_column", `The rows are not grouped by a column ${JSON.stringify(column)}.`);
    else if (keys[key]?.source.column.type !== "text") refuse("/top/column", "not_a_text", `The column ${JSON.stringify(column)} is no text.`);
    if (value === -1) refuse("/top/by", "unknown_column", `The result has no aggregate ${JSON.stringify(by)}.`);
    else if (!numeric.includes(columns[values[value]?.result ?? 0]?.type ?? "text")) refuse("/top/by", "not_a_number", `${JSON.stringify(by)} is no number.`);
    return { key, value, count, others };
  })();

  // The period before.
  const [bucketKey] = keys;
  const compares = query.compare !== undefined;
  if (compares && time !== undefined) {
    if (!hasAggregates) refuse("/compare", "not_comparable", "Only aggregates can be compared with the period before.");
    else if (keys.length > 1 || keys.some(({ bucket, source }) => bucket === null || source !== time.found))
      refuse("/compare", "not_comparable", "Only a result without groups, or one grouped by a bucket of the time column alone, can be compared with the period before.");
    for (const { result } of values) {
      const { name, label, ...rest } = columns[result] as ResultColumn;
      add({ ...rest, name: `${name} (previous)`, label: `${label} (previous)`, previousOf: name }, "/compare");
    }
  }

  // The order, by the result's columns.
  const namedOrder = ((): NonNullable<Query["orderBy"]> => {
    if (query.orderBy !== undefined) return query.orderBy;
    const along = columns.find(({ name }) => name === asked.along);
    if (along !== undefined && (isTime(along.type) || numeric.includes(along.type))) return [{ name: along.name, direction: "ascending" }];
    return hasAggregates ? keys.flatMap(({ bucket, result }) => (bucket === null ? [] : [{ name: (columns[result] as ResultColumn).name, direction: "ascending" }])) : [];
  })();
  const orderOf = (name: string): { readonly sql: Sql; readonly position: number } | undefined => {
    const position = columns.findIndex((column) => column.name === name);
    if (position !== -1) return { sql: numberedSql("r", position), position };
    const unselected = hasAggregates ? undefined : known.get(name);
    return unselected && { sql: unselected.sql, position };
  };
  for (const [index, { name }] of namedOrder.entries())
    if (orderOf(name) === undefined) refuse(`/orderBy/${index}/name`, "unknown_column", `The result has no column ${JSON.stringify(name)}.`);
  const sortName = asked.page?.sort?.name;
  if (sortName !== undefined && !columns.some(({ name }) => name === sortName)) refuse(sortPointer, "unknown_column", `The result has no column ${JSON.stringify(sortName)}.`);

  if (issues.length > 0) return { ok: false, issues };

  const scan = (narrowed: StoredRange | undefined, more: readonly Sql[] = []): Sql =>
    sql`FROM ${table} WHERE ${joinSql([stillAlive, ...filter, ...(time === undefined || narrowed === undefined ? [] : within(time.found, narrowed)), ...more], " AND ")}`;

  /** Is a row's group among the largest? */
  const kept = ((): Sql => {
    const column = top === undefined ? nothing : (keys[top.key] as Key).source.sql;
    return sql`CASE WHEN ${column} IS NULL THEN EXISTS (SELECT 1 FROM ranked WHERE k IS NULL) ELSE ${column} IN (SELECT k FROM ranked WHERE k IS NOT NULL) END`;
  })();
  const mergesOthers = top?.others !== undefined;
  const ranked = (): Sql => {
    if (top === undefined) return nothing;
    const column = (keys[top.key] as Key).source.sql;
    const groups = sql`SELECT ${column} AS k, ${(values[top.value] as { sql: Sql }).sql} AS v ${scan(range)} GROUP BY 1`;
    return sql`WITH ranked(k, place) AS MATERIALIZED (SELECT k, row_number() OVER (ORDER BY v DESC NULLS LAST, k ASC NULLS LAST) FROM (${groups}) ORDER BY 2 LIMIT ${top.count}) `;
  };

  /** One row for each group: its keys (`k0`, …), its aggregates (`v0`, …), and whether it is one of the largest (`kept`). */
  const group = (narrowed: StoredRange | undefined): Sql => {
    const grouped = keys.map(({ compile }, index) => {
      const { key } = compile(narrowed);
      return mergesOthers && index === top.key ? sql`CASE WHEN ${kept} THEN ${key} END` : key;
    });
    const selected = [
      ...grouped.map((key, index) => sql`${key} AS ${numberedSql("k", index)}`),
      ...(mergesOthers ? [sql`${kept} AS kept`] : []),
      ...values.map((value, index) => sql`${value.sql} AS ${numberedSql("v", index)}`),
    ];
    const names = [...keys.map((_, index) => numberedSql("k", index)), ...(mergesOthers ? [sql`kept`] : [])];
    const from = scan(narrowed, top !== undefined && !mergesOthers ? [kept] : []);
    return sql`SELECT ${joinSql(selected, ", ")} ${from}${names.length === 0 ? nothing : sql` GROUP BY ${joinSql(names, ", ")}`}`;
  };

  /** The groups, each with its aggregates over the period before (`p0`, …) where there is one. */
  const groupAndCompare = (): Sql => {
    const previous = range?.previous;
    if (!compares || range === undefined || previous === undefined || time === undefined) return group(range);
    const before = joinSql(
      values.map((_, index) => sql`b.${numberedSql("v", index)} AS ${numberedSql("p", index)}`),
      ", ",
    );
    if (bucketKey?.bucket == null) return sql`SELECT a.*, ${before} FROM (${group(range)}) AS a, (${group(previous)}) AS b`;
    // The first bucket of the one period stands beside the first of the other, and so on: also where some are empty.
    const { unit, line } = bucketKey.bucket;
    const counted = (narrowed: StoredRange, first: StoredValue): Sql => {
      const since = bucketsSince(unit, bucketOf(unit, first, line) as string | number, bucketKey.compile(narrowed).show(sql`k0`));
      return sql`SELECT *, ${since} AS place FROM (${group(narrowed)})`;
    };
    const own = joinSql(
      values.map((_, index) => numberedSql("v", index)),
      ", ",
    );
    // With min(), the other columns are those of the row that has it. Two buckets can share a place where clocks were changed by half an hour.
    return sql`SELECT a.*, ${before} FROM (${counted(range, range.from as StoredValue)}) AS a LEFT JOIN (SELECT place, min(k0), ${own} FROM (${counted(previous, previous.from)}) GROUP BY place) AS b ON b.place = a.place`;
  };

  /** The result without its order, its columns called `r0`, …; after them what else an order needs. */
  const result = ((): Sql => {
    const shown: Sql[] = [];
    for (const [index, { result: position, compile }] of keys.entries()) {
      const { key, show } = compile(range);
      const name = numberedSql("k", index);
      if (!hasAggregates) shown[position] = show(key);
      else shown[position] = mergesOthers && index === top.key ? sql`CASE WHEN kept THEN ${name} ELSE ${top.others} END` : show(name);
    }
    for (const [index, { result: position }] of values.entries()) shown[position] = numberedSql("v", index);
    if (compares) for (const index of values.keys()) shown.push(range?.previous === undefined ? sql`NULL` : numberedSql("p", index));
    const selected = shown.map((one, position) => sql`${one} AS ${numberedSql("r", position)}`);
    if (top !== undefined) {
      const place = sql`(SELECT place FROM ranked WHERE k IS ${numberedSql("k", top.key)})`;
      selected.push(mergesOthers ? sql`CASE WHEN kept THEN ${place} END AS place` : sql`${place} AS place`);
    }
    return sql`${ranked()}SELECT ${joinSql(selected, ", ")} ${hasAggregates ? sql`FROM (${groupAndCompare()})` : scan(range)}`;
  })();

  /** @param tie what orders rows that are equal by the named columns, so that no page repeats a row of another */
  const order = (named: NonNullable<Query["orderBy"]>, tie: readonly Sql[]): Sql => {
    const terms = named.map(({ name, direction }) => {
      const { sql: column, position } = orderOf(name) as { sql: Sql; position: number };
      return { sql: sql`${column} ${directions[direction]}`, isBucket: keys.some(({ bucket, result: at }) => bucket !== null && at === position) };
    });
    const ordering = terms.map((term) => term.sql);
    if (mergesOthers) {
      // The rest comes last, whatever it amounts to; but within its bucket of time.
      const place = terms.findIndex(({ isBucket }) => !isBucket);
      ordering.splice(place === -1 ? terms.length : place, 0, sql`place IS NULL`);
    }
    ordering.push(...tie);
    return ordering.length === 0 ? nothing : sql` ORDER BY ${joinSql(ordering, ", ")}`;
  };
  const keyOrder = [...(top === undefined ? [] : [sql`place ASC NULLS LAST`]), ...keys.map((key) => sql`${numberedSql("r", key.result)} ASC NULLS LAST`)];
  // In the direction of the last column, so that an index on it gives the whole order.
  const rowOrder = namedOrder.length === 0 ? [] : [namedOrder.at(-1)?.direction === "descending" ? sql`rowid DESC` : sql`rowid`];
  const ownOrder = order(namedOrder, hasAggregates ? keyOrder : rowOrder);

  const { page } = asked;
  const ceiling = query.limit ?? (page === undefined ? (asked.rows ?? rowCeiling) : undefined);
  const limited = (rows: number | undefined): Sql => (rows === undefined ? nothing : sql` LIMIT ${rows}`);
  const statement = ((): Sql => {
    if (page === undefined) return sql`${result}${ownOrder}${limited(ceiling)}`;
    const { sort, offset, limit } = page;
    const onPage = Math.max(0, Math.min(limit, (ceiling ?? Number.POSITIVE_INFINITY) - offset));
    if (sort === undefined) return sql`${result}${ownOrder} LIMIT ${onPage} OFFSET ${offset}`;
    if (ceiling === undefined)
      return sql`${result}${order([sort], hasAggregates ? keyOrder : [sort.direction === "descending" ? sql`rowid DESC` : sql`rowid`])} LIMIT ${onPage} OFFSET ${offset}`;
    // A query with a limit of its own: the rows that it gives are sorted, and no others.
    const everyColumn = columns.map((_, position) => sql`${numberedSql("r", position)} ASC NULLS LAST`);
    return sql`SELECT * FROM (${result}${ownOrder}${limited(ceiling)})${order([sort], hasAggregates ? keyOrder : everyColumn)} LIMIT ${onPage} OFFSET ${offset}`;
  })();
  if (statement.parameters.length > parameterCeiling)
    return { ok: false, issues: [{ pointer: "/filter", code: "too_many_values", detail: "The query compares with too many values." }] };

  const show = (stored: StoredValue | undefined): string | null =>
    stored === undefined || stored === null ? null : typeof stored === "string" ? stored : new Date(Math.min(Math.max(stored, -8.64e15), 8.64e15)).toISOString();
  return {
    ok: true,
    statement,
    count: sql`SELECT count(*) FROM (${result}${limited(ceiling)})`,
    columns,
    ...(range !== undefined && (range.from ?? range.to) !== undefined && { range: { from: show(range.from), to: show(range.to) } }),
    ...(query.timeZone !== undefined && query.timeZone !== "UTC" && { timeZone: query.timeZone }),
  };
};

/**
 * The columns of a query's result, or every reason why the query does not fit its dataset. For whoever stores queries:
 * what is let in here can be run, with any range.
 */
export const describeResult = (query: Query, dataset: DatasetShape | undefined): { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused => {
  const compiled = compileQuery(query, dataset, { now: 0 });
  return compiled.ok ? { ok: true, columns: compiled.columns } : compiled;
};
