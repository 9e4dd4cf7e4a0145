/**
 * The tables that hold datasets' rows. Nobody but the server names a table, a column or an index.
 */
import type BetterSqlite3 from "better-sqlite3";
import { randomBytes } from "node:crypto";
import type { ColumnType, DatasetColumn } from "@sallyport/shared/contract";
import type { StoredValue } from "@sallyport/shared/core";

const sqlTypes: Record<ColumnType, "TEXT" | "INTEGER" | "REAL"> = {
  text: "TEXT",
  integer: "INTEGER",
  decimal: "REAL",
  boolean: "INTEGER",
  date: "TEXT",
  timestamp: "INTEGER",
};

/** Positions of columns, in the order of the index. */
export type IndexColumns = readonly number[];

const indexNameOf = (tableName: string, columns: IndexColumns): string =>
  `${tableName}_${columns.map((position) => `c${position}`).join("_")}`;

export const addIndexes = (
  sqlite: BetterSqlite3.Database,
  tableName: string,
  indexes: readonly IndexColumns[],
): void => {
  for (const columns of indexes)
    sqlite.exec(
      `CREATE INDEX IF NOT EXISTS ${indexNameOf(tableName, columns)} ON ${tableName} (${columns.map((position) => `c${position}`).join(", ")})`,
    );
};

/** Those of the indexes that the table does not have. */
export const missingIndexes = (
  sqlite: BetterSqlite3.Database,
  tableName: string,
  indexes: readonly IndexColumns[],
): IndexColumns[] => {
  const names = new Set(
    sqlite
      .prepare<[string], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?",
      )
      .pluck()
      .all(tableName),
  );
  return indexes.filter((columns) => !names.has(indexNameOf(tableName, columns)));
};

/**
 * @returns the name of the new table. Identifiers in SQL ignore case, so its random part is
 * hexadecimal.
 */
export const addTable = (
  sqlite: BetterSqlite3.Database,
  columns: readonly DatasetColumn[],
  indexes: readonly IndexColumns[] = [],
): string => {
  const tableName = `dataset_${randomBytes(16).toString("hex")}`;
  sqlite.exec(
    `CREATE TABLE ${tableName} (${columns.map((column, position) => `c${position} ${sqlTypes[column.type]}`).join(", ")}) STRICT`,
  );
  addIndexes(sqlite, tableName, indexes);
  return tableName;
};

export const prepareInsert = (
  sqlite: BetterSqlite3.Database,
  tableName: string,
  columns: readonly DatasetColumn[],
): BetterSqlite3.Statement<StoredValue[]> =>
  sqlite.prepare<StoredValue[]>(
    `INSERT INTO ${tableName} VALUES (${columns.map(() => "?").join(", ")})`,
  );

/** Tables that no dataset names: left by an import that was cut off, or retired by one. */
export const listOrphans = (sqlite: BetterSqlite3.Database): string[] =>
  sqlite
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'dataset_*' AND name NOT IN (SELECT table_name FROM datasets) ORDER BY name",
    )
    .pluck()
    .all()
    .filter((name) => /^dataset_[0-9a-f]{32}$/.test(name));
