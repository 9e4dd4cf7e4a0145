/**
 * The rows that a query reads, and the groups it makes of them: the largest alone where it asks for
 * those, and beside each what it was in the period before.
 */
import type { Aggregate } from "@sallyport/shared/contract";
import {
  bucketOf,
  timeBoundsOf,
  type QueriedDataset,
  type ResolvedKey,
  type ResolvedQuery,
  type StoredRange,
  type StoredValue,
} from "@sallyport/shared/core";
import { bucketsSince, compileBucket, type BucketSql } from "./compile-buckets.ts";
import { columnSql, compileFilter, compileRange } from "./compile-filter.ts";
import { joinSql, nothing, numberedSql, sql, tableSql, type Sql } from "./sql.ts";

export interface CompiledKey extends ResolvedKey {
  /** Depends on the rows that can come up: how often their clocks were changed. */
  compile(range: StoredRange | undefined): BucketSql;
}

/** A query whose parts are SQL, and not yet a statement. */
export interface CompiledParts extends Pick<
  ResolvedQuery,
  "time" | "top" | "compares" | "hasAggregates"
> {
  readonly dataset: QueriedDataset;
  readonly range: StoredRange | undefined;
  readonly previous: StoredRange | undefined;
  readonly filter: readonly Sql[];
  readonly keys: readonly CompiledKey[];
  /** With their positions in the result. */
  readonly values: readonly { readonly result: number; readonly sql: Sql }[];
  /** What all but the largest groups are called, where they are one group of their own. */
  readonly others: string | undefined;
}

/**
 * Stands before every condition of a scan: once in about a thousand rows it asks whether the query
 * still has time, and throws when it has not. SQLite itself cannot be told to stop. In a thread
 * that is being ended no function of JavaScript is called any more, and SQLite takes NULL for its
 * answer: then the overflow of `abs` ends the query.
 */
export const stillAlive = sql`((rowid & 1023) <> 0 OR abs(coalesce(sallyport_alive(), -9223372036854775808)))`;

const aggregateSql: Record<Aggregate, (column: Sql, percentile: number) => Sql> = {
  // Of floating-point numbers, since a sum of integers fails where it leaves their 64 bits.
  sum: (column) => sql`sum(${column} * 1.0)`,
  average: (column) => sql`avg(${column})`,
  count: (column) => sql`count(${column})`,
  distinct: (column) => sql`count(DISTINCT ${column})`,
  minimum: (column) => sql`min(${column})`,
  maximum: (column) => sql`max(${column})`,
  median: (column) => sql`median(${column})`,
  percentile: (column, percentile) => sql`percentile(${column}, ${percentile})`,
};

const asItIs = (key: Sql): Sql => key;

/** Times that no dataset reaches: where nothing is known of a column's bounds. */
const everyTime = [Date.UTC(1900, 0, 1), Date.UTC(2100, 0, 1)] as const;

const compileKey = (
  key: ResolvedKey,
  time: ResolvedQuery["time"],
  dataset: QueriedDataset,
): CompiledKey => {
  const { bucket, source } = key;
  const name = columnSql(source);
  if (bucket === null) return { ...key, compile: () => ({ key: name, show: asItIs }) };
  const { unit, line } = bucket;
  if (line.type === "date")
    return { ...key, compile: () => compileBucket(unit, name, line, everyTime) };
  const [first, last] = timeBoundsOf(dataset, source.column.name) ?? everyTime;
  const compile = (range: StoredRange | undefined): BucketSql => {
    const { from = first, to = last } = source === time?.source ? (range ?? {}) : {};
    return compileBucket(unit, name, line, [
      Math.max(Number(first), Number(from)),
      Math.min(Number(last), Number(to)),
    ]);
  };
  return { ...key, compile };
};

export const compileParts = (resolved: ResolvedQuery, dataset: QueriedDataset): CompiledParts => {
  const { time, narrowed: range, top, compares, hasAggregates, filter } = resolved;
  return {
    dataset,
    time,
    top,
    compares,
    hasAggregates,
    range,
    previous: range?.previous,
    filter: filter === undefined ? [] : [compileFilter(filter, dataset)],
    keys: resolved.keys.map((key) => compileKey(key, time, dataset)),
    values: resolved.values.map(({ result, aggregate, source, percentile }) => ({
      result,
      sql: aggregateSql[aggregate](source === undefined ? sql`*` : columnSql(source), percentile),
    })),
    others: top?.others,
  };
};

/** The rows of a range of time that fit the filter, from the table. */
export const scan = (
  { dataset, time, filter }: CompiledParts,
  range: StoredRange | undefined,
  more: readonly Sql[] = [],
): Sql => {
  const inTime =
    time === undefined || range === undefined ? [] : compileRange(time.source, range, dataset);
  return sql`FROM ${tableSql(dataset.tableName)} WHERE ${joinSql([stillAlive, ...filter, ...inTime, ...more], " AND ")}`;
};

/** The column whose largest groups are shown. */
const rankedColumn = ({ keys }: CompiledParts, top: NonNullable<ResolvedQuery["top"]>): Sql =>
  columnSql((keys[top.key] as CompiledKey).source);

/** Before the statement: the largest groups (`ranked`), and the place of each. */
export const rankGroups = (parts: CompiledParts): Sql => {
  const { top, values, range } = parts;
  if (top === undefined) return nothing;
  const groups = sql`SELECT ${rankedColumn(parts, top)} AS k, ${(values[top.value] as { sql: Sql }).sql} AS v ${scan(parts, range)} GROUP BY 1`;
  return sql`WITH ranked(k, place) AS MATERIALIZED (SELECT k, row_number() OVER (ORDER BY v DESC NULLS LAST, k ASC NULLS LAST) FROM (${groups}) ORDER BY 2 LIMIT ${top.count}) `;
};

/**
 * One row for each group: its keys (`k0`, …), its aggregates (`v0`, …), and whether it is one of
 * the largest (`kept`).
 */
const group = (parts: CompiledParts, range: StoredRange | undefined): Sql => {
  const { top, keys, values, others } = parts;
  const mergesOthers = others !== undefined;
  const column = top === undefined ? nothing : rankedColumn(parts, top);
  const kept = sql`CASE WHEN ${column} IS NULL THEN EXISTS (SELECT 1 FROM ranked WHERE k IS NULL) ELSE ${column} IN (SELECT k FROM ranked WHERE k IS NOT NULL) END`;
  const grouped = keys.map(({ compile }, index) => {
    const { key } = compile(range);
    return mergesOthers && index === top?.key ? sql`CASE WHEN ${kept} THEN ${key} END` : key;
  });
  const selected = [
    ...grouped.map((key, index) => sql`${key} AS ${numberedSql("k", index)}`),
    ...(mergesOthers ? [sql`${kept} AS kept`] : []),
    ...values.map((value, index) => sql`${value.sql} AS ${numberedSql("v", index)}`),
  ];
  const names = [
    ...keys.map((_, index) => numberedSql("k", index)),
    ...(mergesOthers ? [sql`kept`] : []),
  ];
  const from = scan(parts, range, top !== undefined && !mergesOthers ? [kept] : []);
  return sql`SELECT ${joinSql(selected, ", ")} ${from}${names.length === 0 ? nothing : sql` GROUP BY ${joinSql(names, ", ")}`}`;
};

/** The groups, each with its aggregates over the period before (`p0`, …) where there is one. */
export const groupAndCompare = (parts: CompiledParts): Sql => {
  const { time, compares, range, previous, values } = parts;
  if (!compares || range === undefined || previous === undefined || time === undefined)
    return group(parts, range);
  const before = joinSql(
    values.map((_, index) => sql`b.${numberedSql("v", index)} AS ${numberedSql("p", index)}`),
    ", ",
  );
  const [key] = parts.keys;
  if (key?.bucket == null)
    return sql`SELECT a.*, ${before} FROM (${group(parts, range)}) AS a, (${group(parts, previous)}) AS b`;
  // The first bucket of the one period stands beside the first of the other, and so on: also where
  // some are empty.
  const { unit, line } = key.bucket;
  const counted = (period: StoredRange): Sql => {
    const first = bucketOf(unit, period.from as StoredValue, line) as string | number;
    const since = bucketsSince(unit, first, key.compile(period).show(sql`k0`));
    return sql`SELECT *, ${since} AS place FROM (${group(parts, period)})`;
  };
  const own = joinSql(
    values.map((_, index) => numberedSql("v", index)),
    ", ",
  );
  // With min(), the other columns are those of the row that has it. Two buckets can share a place
  // where clocks were changed by half an hour.
  return sql`SELECT a.*, ${before} FROM (${counted(range)}) AS a LEFT JOIN (SELECT place, min(k0), ${own} FROM (${counted(previous)}) GROUP BY place) AS b ON b.place = a.place`;
};
