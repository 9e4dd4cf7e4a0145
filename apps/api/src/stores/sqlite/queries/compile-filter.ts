/** The conditions of a query as SQL: its filter, and the ranges of time it is narrowed to. */
import {
  timeBoundsOf,
  type QueriedDataset,
  type ResolvedFilter,
  type SourceColumn,
  type StoredRange,
  type StoredValue,
} from "@sallyport/shared/core";
import { joinSql, numberedSql, sql, type Sql } from "./sql.ts";

/**
 * Beyond this part of the rows, measured, reading all of them in their order is quicker than
 * reading some through an index.
 */
const indexedShare = 0.1;

const comparisons = { less: sql`<`, atMost: sql`<=`, greater: sql`>`, atLeast: sql`>=` } as const;

const escapeLikeWildcards = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

/** `c0`, `c1`, … */
export const columnSql = ({ position }: SourceColumn): Sql => numberedSql("c", position);

/** Which part of the rows a range is likely to hold, if they are spread evenly. */
const shareOf = (
  { from, to }: StoredRange,
  { column: { name, type } }: SourceColumn,
  dataset: QueriedDataset,
): number => {
  const bounds = timeBoundsOf(dataset, name);
  if (bounds === undefined) return 0;
  const instantOf = (stored: StoredValue): number =>
    type === "date" ? Date.parse(String(stored)) : Number(stored);
  const [first, last] = [instantOf(bounds[0]), instantOf(bounds[1])];
  const start = from === undefined ? first : Math.max(first, instantOf(from));
  const end = to === undefined ? last : Math.min(last, instantOf(to));
  return (end - start) / Math.max(1, last - first);
};

export const compileRange = (
  source: SourceColumn,
  range: StoredRange,
  dataset: QueriedDataset,
): Sql[] => {
  const { from, to } = range;
  const name = columnSql(source);
  // A plus keeps SQLite from looking every row up through an index on the column, which it would do
  // for most of the rows as well.
  const time = shareOf(range, source, dataset) > indexedShare ? sql`+${name}` : name;
  return [
    ...(from === undefined ? [] : [sql`${time} >= ${from}`]),
    ...(to === undefined ? [] : [sql`${time} < ${to}`]),
  ];
};

export const compileFilter = (filter: ResolvedFilter, dataset: QueriedDataset): Sql => {
  if ("parts" in filter) {
    const parts = filter.parts.map((part) => compileFilter(part, dataset));
    return sql`(${joinSql(parts, filter.is === "and" ? " AND " : " OR ")})`;
  }
  const name = columnSql(filter.source);
  switch (filter.is) {
    case "within":
      return sql`(${joinSql(compileRange(filter.source, filter.range, dataset), " AND ")})`;
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
