/**
 * From a query that is data to SQL that is ours. Names and values never reach the SQL text: a
 * column is called by its position, the table by the name the server made for it, and every value
 * is bound.
 */
import type { Aggregate, DatasetColumn, Query } from "@sallyport/shared/contract";
import {
  bucketOf,
  resolveQuery,
  timeBoundsOf,
  type Asked,
  type QueriedDataset,
  type Refused,
  type ResolvedFilter,
  type ResolvedKey,
  type ResolvedOrder,
  type ResultColumn,
  type SourceColumn,
  type StoredRange,
  type StoredValue,
} from "@sallyport/shared/core";
import { bucketsSince, compileBucket, type BucketSql } from "./compile-buckets.ts";
import { joinSql, numberedSql, sql, tableSql, type Sql } from "./sql.ts";

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

/** SQLite takes 32,766. */
const parameterCeiling = 30_000;

/**
 * Beyond this part of the rows, measured, reading all of them in their order is quicker than
 * reading some through an index.
 */
const indexedShare = 0.1;

const comparisons = { less: sql`<`, atMost: sql`<=`, greater: sql`>`, atLeast: sql`>=` } as const;
const directions = { ascending: sql`ASC NULLS LAST`, descending: sql`DESC NULLS LAST` } as const;
const nothing = sql``;

/**
 * Stands before every condition of a scan: once in about a thousand rows it asks whether the query
 * still has time, and throws when it has not. SQLite itself cannot be told to stop.
 */
const stillAlive = sql`((rowid & 1023) <> 0 OR sallyport_alive())`;

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

const escapeLikeWildcards = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

interface Key extends ResolvedKey {
  /** Depends on the rows that can come up: how often their clocks were changed. */
  compile(range: StoredRange | undefined): BucketSql;
}

const asItIs = (key: Sql): Sql => key;
/** `c0`, `c1`, … */
const columnSql = ({ position }: SourceColumn): Sql => numberedSql("c", position);

/** Times that no dataset reaches: where nothing is known of a column's bounds. */
const everyTime = [Date.UTC(1900, 0, 1), Date.UTC(2100, 0, 1)] as const;

/**
 * Compiles a query that has passed the schema `query` into one SELECT with bound parameters.
 *
 * Guarantees: the SQL text depends on the structure of the query, its time zone and its dataset's
 * bounds of time, never on a name or value; every scan of the table calls `sallyport_alive()`,
 * which the connection has to have; `columns` describes the result's columns in order. What a query
 * means is said by `resolveQuery`.
 * @param dataset the dataset that the query names, or undefined when there is none
 * @returns the statement, or every reason why the query does not fit the dataset, each with a
 * pointer into the query
 */
export const compileQuery = (
  query: Query,
  dataset: QueriedDataset | undefined,
  asked: Asked,
): CompiledQuery | Refused => {
  const resolved = resolveQuery(query, dataset, asked);
  if (!resolved.ok || dataset === undefined) return resolved as Refused;
  const { columns, time, narrowed: range, hasAggregates, top, compares, rows: ceiling } = resolved;
  const table = tableSql(dataset.tableName);

  /** Which part of the rows a range is likely to hold, if they are spread evenly. */
  const shareOf = ({ from, to }: StoredRange, { name, type }: DatasetColumn): number => {
    const bounds = timeBoundsOf(dataset, name);
    if (bounds === undefined) return 0;
    const instantOf = (stored: StoredValue): number =>
      type === "date" ? Date.parse(String(stored)) : Number(stored);
    const [first, last] = [instantOf(bounds[0]), instantOf(bounds[1])];
    const start = from === undefined ? first : Math.max(first, instantOf(from));
    const end = to === undefined ? last : Math.min(last, instantOf(to));
    return (end - start) / Math.max(1, last - first);
  };
  const within = (source: SourceColumn, narrowed: StoredRange): Sql[] => {
    const { from, to } = narrowed;
    const name = columnSql(source);
    // A plus keeps SQLite from looking every row up through an index on the column, which it would
    // do for most of the rows as well.
    const time = shareOf(narrowed, source.column) > indexedShare ? sql`+${name}` : name;
    return [
      ...(from === undefined ? [] : [sql`${time} >= ${from}`]),
      ...(to === undefined ? [] : [sql`${time} < ${to}`]),
    ];
  };
  const compileFilter = (filter: ResolvedFilter): Sql => {
    if ("parts" in filter)
      return sql`(${joinSql(filter.parts.map(compileFilter), filter.is === "and" ? " AND " : " OR ")})`;
    const name = columnSql(filter.source);
    switch (filter.is) {
      case "within":
        return sql`(${joinSql(within(filter.source, filter.range), " AND ")})`;
      case "null":
        return sql`${name} IS NULL`;
      case "notNull":
        return sql`${name} IS NOT NULL`;
      case "in":
        return sql`${name} IN (${joinSql(
          filter.values.map((value) => sql`${value}`),
          ", ",
        )})`;
      case "contains":
        return sql`${name} LIKE ${`%${escapeLikeWildcards(filter.text)}%`} ESCAPE '\\'`;
      case "equal":
        return sql`${name} = ${filter.value}`;
      case "notEqual":
        return sql`${name} IS NOT ${filter.value}`;
      default:
        return sql`${name} ${comparisons[filter.is]} ${filter.value}`;
    }
  };
  const filter = resolved.filter === undefined ? [] : [compileFilter(resolved.filter)];

  const keys = resolved.keys.map((key): Key => {
    const { bucket, source } = key;
    const name = columnSql(source);
    if (bucket === null) return { ...key, compile: () => ({ key: name, show: asItIs }) };
    const { unit, line } = bucket;
    if (line.type === "date")
      return { ...key, compile: () => compileBucket(unit, name, line, everyTime) };
    const [first, last] = timeBoundsOf(dataset, source.column.name) ?? everyTime;
    const compile = (narrowed: StoredRange | undefined): BucketSql => {
      const { from = first, to = last } = source === time?.source ? (narrowed ?? {}) : {};
      return compileBucket(unit, name, line, [
        Math.max(Number(first), Number(from)),
        Math.min(Number(last), Number(to)),
      ]);
    };
    return { ...key, compile };
  });
  const values = resolved.values.map(({ result, aggregate, source, percentile }) => ({
    result,
    sql: aggregateSql[aggregate](source === undefined ? sql`*` : columnSql(source), percentile),
  }));
  const [bucketKey] = keys;

  const scan = (narrowed: StoredRange | undefined, more: readonly Sql[] = []): Sql =>
    sql`FROM ${table} WHERE ${joinSql([stillAlive, ...filter, ...(time === undefined || narrowed === undefined ? [] : within(time.source, narrowed)), ...more], " AND ")}`;

  /** Is a row's group among the largest? */
  const kept = ((): Sql => {
    const column = top === undefined ? nothing : columnSql((keys[top.key] as Key).source);
    return sql`CASE WHEN ${column} IS NULL THEN EXISTS (SELECT 1 FROM ranked WHERE k IS NULL) ELSE ${column} IN (SELECT k FROM ranked WHERE k IS NOT NULL) END`;
  })();
  const mergesOthers = top?.others !== undefined;
  const ranked = (): Sql => {
    if (top === undefined) return nothing;
    const column = columnSql((keys[top.key] as Key).source);
    const groups = sql`SELECT ${column} AS k, ${(values[top.value] as { sql: Sql }).sql} AS v ${scan(range)} GROUP BY 1`;
    return sql`WITH ranked(k, place) AS MATERIALIZED (SELECT k, row_number() OVER (ORDER BY v DESC NULLS LAST, k ASC NULLS LAST) FROM (${groups}) ORDER BY 2 LIMIT ${top.count}) `;
  };

  /**
   * One row for each group: its keys (`k0`, …), its aggregates (`v0`, …), and whether it is one of
   * the largest (`kept`).
   */
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
    const names = [
      ...keys.map((_, index) => numberedSql("k", index)),
      ...(mergesOthers ? [sql`kept`] : []),
    ];
    const from = scan(narrowed, top !== undefined && !mergesOthers ? [kept] : []);
    return sql`SELECT ${joinSql(selected, ", ")} ${from}${names.length === 0 ? nothing : sql` GROUP BY ${joinSql(names, ", ")}`}`;
  };

  /** The groups, each with its aggregates over the period before (`p0`, …) where there is one. */
  const groupAndCompare = (): Sql => {
    const previous = range?.previous;
    if (!compares || range === undefined || previous === undefined || time === undefined)
      return group(range);
    const before = joinSql(
      values.map((_, index) => sql`b.${numberedSql("v", index)} AS ${numberedSql("p", index)}`),
      ", ",
    );
    if (bucketKey?.bucket == null)
      return sql`SELECT a.*, ${before} FROM (${group(range)}) AS a, (${group(previous)}) AS b`;
    // The first bucket of the one period stands beside the first of the other, and so on: also
    // where some are empty.
    const { unit, line } = bucketKey.bucket;
    const counted = (narrowed: StoredRange, first: StoredValue): Sql => {
      const since = bucketsSince(
        unit,
        bucketOf(unit, first, line) as string | number,
        bucketKey.compile(narrowed).show(sql`k0`),
      );
      return sql`SELECT *, ${since} AS place FROM (${group(narrowed)})`;
    };
    const own = joinSql(
      values.map((_, index) => numberedSql("v", index)),
      ", ",
    );
    // With min(), the other columns are those of the row that has it. Two buckets can share a place
    // where clocks were changed by half an hour.
    return sql`SELECT a.*, ${before} FROM (${counted(range, range.from as StoredValue)}) AS a LEFT JOIN (SELECT place, min(k0), ${own} FROM (${counted(previous, previous.from)}) GROUP BY place) AS b ON b.place = a.place`;
  };

  /**
   * The result without its order, its columns called `r0`, …; after them what else an order needs.
   */
  const result = ((): Sql => {
    const shown: Sql[] = [];
    for (const [index, { result: position, compile }] of keys.entries()) {
      const { key, show } = compile(range);
      const name = numberedSql("k", index);
      if (!hasAggregates) shown[position] = show(key);
      else
        shown[position] =
          mergesOthers && index === top.key
            ? sql`CASE WHEN kept THEN ${name} ELSE ${top.others} END`
            : show(name);
    }
    for (const [index, { result: position }] of values.entries())
      shown[position] = numberedSql("v", index);
    if (compares)
      for (const index of values.keys())
        shown.push(range?.previous === undefined ? sql`NULL` : numberedSql("p", index));
    const selected = shown.map((one, position) => sql`${one} AS ${numberedSql("r", position)}`);
    if (top !== undefined) {
      const place = sql`(SELECT place FROM ranked WHERE k IS ${numberedSql("k", top.key)})`;
      selected.push(
        mergesOthers ? sql`CASE WHEN kept THEN ${place} END AS place` : sql`${place} AS place`,
      );
    }
    return sql`${ranked()}SELECT ${joinSql(selected, ", ")} ${hasAggregates ? sql`FROM (${groupAndCompare()})` : scan(range)}`;
  })();

  /**
   * @param tie what orders rows that are equal by the named columns, so that no page repeats a row
   * of another
   */
  const order = (named: readonly ResolvedOrder[], tie: readonly Sql[]): Sql => {
    const terms = named.map(({ by, direction }) => {
      const column = typeof by === "number" ? numberedSql("r", by) : columnSql(by);
      return {
        sql: sql`${column} ${directions[direction]}`,
        isBucket: keys.some(({ bucket, result: at }) => bucket !== null && at === by),
      };
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
  const keyOrder = [
    ...(top === undefined ? [] : [sql`place ASC NULLS LAST`]),
    ...keys.map((key) => sql`${numberedSql("r", key.result)} ASC NULLS LAST`),
  ];
  // In the direction of the last column, so that an index on it gives the whole order. Without any
  // column only where not all rows are shown: an index that comes while somebody turns the pages
  // would give others.
  const isPart = asked.page !== undefined || query.limit !== undefined;
  const rowOrder =
    resolved.order.length === 0
      ? isPart
        ? [sql`rowid`]
        : []
      : [resolved.order.at(-1)?.direction === "descending" ? sql`rowid DESC` : sql`rowid`];
  const ownOrder = order(resolved.order, hasAggregates ? keyOrder : rowOrder);

  const { page } = asked;
  const limited = (rows: number | undefined): Sql =>
    rows === undefined ? nothing : sql` LIMIT ${rows}`;
  const statement = ((): Sql => {
    if (page === undefined) return sql`${result}${ownOrder}${limited(ceiling)}`;
    const { offset, limit } = page;
    const { sort } = resolved;
    const onPage = Math.max(0, Math.min(limit, (ceiling ?? Number.POSITIVE_INFINITY) - offset));
    if (sort === undefined) return sql`${result}${ownOrder} LIMIT ${onPage} OFFSET ${offset}`;
    if (ceiling === undefined)
      return sql`${result}${order([sort], hasAggregates ? keyOrder : [sort.direction === "descending" ? sql`rowid DESC` : sql`rowid`])} LIMIT ${onPage} OFFSET ${offset}`;
    // A query with a limit of its own: the rows that it gives are sorted, and no others.
    const everyColumn = columns.map(
      (_, position) => sql`${numberedSql("r", position)} ASC NULLS LAST`,
    );
    return sql`SELECT * FROM (${result}${ownOrder}${limited(ceiling)})${order([sort], hasAggregates ? keyOrder : everyColumn)} LIMIT ${onPage} OFFSET ${offset}`;
  })();
  if (statement.parameters.length > parameterCeiling)
    return {
      ok: false,
      issues: [
        {
          pointer: "/filter",
          code: "too_many_values",
          detail: "The query compares with too many values.",
        },
      ],
    };

  return {
    ok: true,
    statement,
    count: sql`SELECT count(*) FROM (${result}${limited(ceiling)})`,
    columns,
    ...(resolved.range && { range: resolved.range }),
    ...(resolved.timeZone !== undefined && { timeZone: resolved.timeZone }),
  };
};

/**
 * The columns of a query's result, or every reason why the query does not fit its dataset. For
 * whoever stores queries: what is let in here can be run, with any range.
 */
export const describeResult = (
  query: Query,
  dataset: QueriedDataset | undefined,
): { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused => {
  const compiled = compileQuery(query, dataset, { now: 0 });
  return compiled.ok ? { ok: true, columns: compiled.columns } : compiled;
};
