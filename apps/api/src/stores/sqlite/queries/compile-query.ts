/**
 * From a query that is data to SQL that is ours. Names and values never reach the SQL text: a
 * column is called by its position, the table by the name the server made for it, and every value
 * is bound.
 */
import type { Query } from "@sallyport/shared/contract";
import {
  resolveQuery,
  type Asked,
  type QueriedDataset,
  type Refused,
  type ResolvedOrder,
  type ResolvedQuery,
  type ResultColumn,
} from "@sallyport/shared/core";
import { columnSql } from "./compile-filter.ts";
import {
  compileParts,
  groupAndCompare,
  rankGroups,
  scan,
  type CompiledParts,
} from "./compile-groups.ts";
import { joinSql, nothing, numberedSql, sql, type Sql } from "./sql.ts";

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

const directions = { ascending: sql`ASC NULLS LAST`, descending: sql`DESC NULLS LAST` } as const;

/**
 * The result without its order, its columns called `r0`, …; after them what else an order needs.
 */
const compileResult = (parts: CompiledParts): Sql => {
  const { keys, values, top, compares, range, previous, hasAggregates, others } = parts;
  const shown: Sql[] = [];
  for (const [index, { result: position, compile }] of keys.entries()) {
    const { key, show } = compile(range);
    const name = numberedSql("k", index);
    if (!hasAggregates) shown[position] = show(key);
    else
      shown[position] =
        others !== undefined && index === top?.key
          ? sql`CASE WHEN kept THEN ${name} ELSE ${others} END`
          : show(name);
  }
  for (const [index, { result: position }] of values.entries())
    shown[position] = numberedSql("v", index);
  if (compares)
    for (const index of values.keys())
      shown.push(previous === undefined ? sql`NULL` : numberedSql("p", index));
  const selected = shown.map((one, position) => sql`${one} AS ${numberedSql("r", position)}`);
  if (top !== undefined) {
    const place = sql`(SELECT place FROM ranked WHERE k IS ${numberedSql("k", top.key)})`;
    selected.push(
      others !== undefined
        ? sql`CASE WHEN kept THEN ${place} END AS place`
        : sql`${place} AS place`,
    );
  }
  return sql`${rankGroups(parts)}SELECT ${joinSql(selected, ", ")} ${hasAggregates ? sql`FROM (${groupAndCompare(parts)})` : scan(parts, range)}`;
};

/**
 * @param ties what orders rows that are equal by the named columns, so that no page repeats a row
 * of another
 */
const compileOrder = (
  { keys, others }: CompiledParts,
  named: readonly ResolvedOrder[],
  ties: readonly Sql[],
): Sql => {
  const ordering = named.map(({ by, direction }) => {
    const column = typeof by === "number" ? numberedSql("r", by) : columnSql(by);
    return sql`${column} ${directions[direction]}`;
  });
  if (others !== undefined) {
    // The rest comes last, whatever it amounts to; but within its bucket of time.
    const place = named.findIndex(
      ({ by }) => !keys.some(({ bucket, result }) => bucket !== null && result === by),
    );
    ordering.splice(place === -1 ? ordering.length : place, 0, sql`place IS NULL`);
  }
  ordering.push(...ties);
  return ordering.length === 0 ? nothing : sql` ORDER BY ${joinSql(ordering, ", ")}`;
};

/** In the direction of the last column, so that an index on it gives the whole order. */
const rowOrder = (last: ResolvedOrder | undefined): Sql =>
  last?.direction === "descending" ? sql`rowid DESC` : sql`rowid`;

const limitedTo = (rows: number | undefined): Sql =>
  rows === undefined ? nothing : sql` LIMIT ${rows}`;

/** The rows of the result that are asked for, in order. */
const compileRows = (
  parts: CompiledParts,
  { order, sort, columns, rows: ceiling }: ResolvedQuery,
  result: Sql,
  { page }: Asked,
  isPart: boolean,
): Sql => {
  const { hasAggregates, keys, top } = parts;
  const keyOrder = [
    ...(top === undefined ? [] : [sql`place ASC NULLS LAST`]),
    ...keys.map((key) => sql`${numberedSql("r", key.result)} ASC NULLS LAST`),
  ];
  // Without any column only where not all rows are shown: an index that comes while somebody turns
  // the pages would give others.
  const rowTies = order.length > 0 || isPart ? [rowOrder(order.at(-1))] : [];
  const ownOrder = compileOrder(parts, order, hasAggregates ? keyOrder : rowTies);
  if (page === undefined) return sql`${result}${ownOrder}${limitedTo(ceiling)}`;
  const { offset, limit } = page;
  const onPage = Math.max(0, Math.min(limit, (ceiling ?? Number.POSITIVE_INFINITY) - offset));
  const paged = (rows: Sql): Sql => sql`${rows} LIMIT ${onPage} OFFSET ${offset}`;
  if (sort === undefined) return paged(sql`${result}${ownOrder}`);
  if (ceiling === undefined)
    return paged(
      sql`${result}${compileOrder(parts, [sort], hasAggregates ? keyOrder : [rowOrder(sort)])}`,
    );
  // A query with a limit of its own: the rows that it gives are sorted, and no others.
  const everyColumn = columns.map(
    (_, position) => sql`${numberedSql("r", position)} ASC NULLS LAST`,
  );
  const sorted = compileOrder(parts, [sort], hasAggregates ? keyOrder : everyColumn);
  return paged(sql`SELECT * FROM (${result}${ownOrder}${limitedTo(ceiling)})${sorted}`);
};

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
  const parts = compileParts(resolved, dataset);
  const result = compileResult(parts);
  const isPart = asked.page !== undefined || query.limit !== undefined;
  const statement = compileRows(parts, resolved, result, asked, isPart);
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
    count: sql`SELECT count(*) FROM (${result}${limitedTo(resolved.rows)})`,
    columns: resolved.columns,
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
