/**
 * Raw statements take their columns from the schema, so that none of them can be forgotten or
 * misnamed.
 */
import { getTableColumns } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";

/** All columns of a table under the names that its rows have here, for a SELECT. */
export const columnsOf = (table: SQLiteTable, alias: string): string =>
  Object.entries(getTableColumns(table))
    .map(([name, column]) => `${alias}."${column.name}" AS "${name}"`)
    .join(", ");

/** `"column" = ?` for each of these, for an UPDATE; values are bound in the same order. */
export const assignmentsOf = <T extends SQLiteTable>(
  table: T,
  names: readonly (keyof T["$inferSelect"] & string)[],
): string => {
  const columns = getTableColumns(table);
  return names.map((name) => `"${columns[name]?.name}" = ?`).join(", ");
};
