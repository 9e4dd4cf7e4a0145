/** What lists that are sorted and paged have in common. */
import { sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";

/**
 * How many rows of this table point to the row that is selected. Columns are named with their
 * tables, since both are read.
 */
export const countOf = (
  table: SQLiteTable,
  pointing: SQLiteColumn,
  to: SQLiteTable,
  id: SQLiteColumn,
) =>
  sql<number>`(select count(*) from ${table} where ${table}.${sql.identifier(pointing.name)} = ${to}.${sql.identifier(id.name)})`;

/**
 * Those behind a place in an order. The first half says nothing that the second does not; but only
 * with it SQLite finds the place in an index on an expression.
 */
export const behind = (
  rank: SQL,
  name: SQLiteColumn,
  isDescending: boolean,
  place: readonly [rank: string | number, name: string] | null,
): SQL | undefined => {
  if (place === null) return undefined;
  const [past, from] = isDescending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
  return sql`${rank} ${from} ${place[0]} and (${rank}, ${name}) ${past} (${place[0]}, ${place[1]})`;
};
