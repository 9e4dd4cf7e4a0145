/**
 * Raw statements take their columns from the schema, so that none of them can be forgotten or
 * misnamed.
 */
import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/**
 * All columns of a table under the names that its rows have here, for a SELECT.
 * @param but those that only the table itself needs
 */
export const columnsOf = (table: PgTable, alias: string, but: readonly string[] = []): string =>
  Object.entries(getTableColumns(table))
    .filter(([name]) => !but.includes(name))
    .map(([name, column]) => `${alias}."${column.name}" AS "${name}"`)
    .join(", ");

/**
 * `"column" = $1` for each of these, counted from 1, for an UPDATE; values are bound in the same
 * order.
 */
export const assignmentsOf = <T extends PgTable>(
  table: T,
  names: readonly (keyof T["$inferSelect"] & string)[],
): string => {
  const columns = getTableColumns(table);
  return names.map((name, index) => `"${columns[name]?.name}" = $${index + 1}`).join(", ");
};

/**
 * What one column of a subquery has, as a list, beside the columns of the row that it belongs to.
 * drizzle leaves the name of the table out where a column stands in an expression of a selection
 * itself, and not where it stands in a part of one.
 */
export const listOf = <T>(subquery: SQL): SQL<T[]> => sql<T[]>`array(${subquery})`;
