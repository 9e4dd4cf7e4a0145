/** A dataset whose rows a test stores itself, so that it can be asked without an import. */
import type { DatasetColumn } from "@sallyport/shared/contract";
import { encodeValue, type QueriedDataset, type StoredValue } from "@sallyport/shared/core";
import { randomBytes } from "node:crypto";
import type { Database } from "../connection.ts";

const sqlTypes = {
  text: "TEXT",
  integer: "INTEGER",
  decimal: "REAL",
  boolean: "INTEGER",
  date: "TEXT",
  timestamp: "INTEGER",
} as const;

/** One column of each type. */
export const shopColumns: readonly DatasetColumn[] = [
  { name: "city", label: "City", type: "text" },
  { name: "visits", label: "Visits", type: "integer" },
  { name: "takings", label: "Takings", type: "decimal", unit: "USD" },
  { name: "open", label: "Open", type: "boolean" },
  { name: "day", label: "Day", type: "date" },
  { name: "at", label: "At", type: "timestamp" },
];

export interface StoredDataset {
  /** As it is now. */
  shape(): QueriedDataset;
  /** Puts rows in the place of those there were: into a new table, or into the one there is. */
  store(
    rows: readonly Readonly<Record<string, unknown>>[],
    into?: "a new table" | "the same table",
  ): void;
}

export const storeDataset = (
  { sqlite }: Pick<Database, "sqlite">,
  name: string,
  columns: readonly DatasetColumn[],
): StoredDataset => {
  const newTable = (): string => {
    const tableName = `dataset_${randomBytes(16).toString("hex")}`;
    sqlite.exec(
      `CREATE TABLE ${tableName} (${columns.map(({ type }, position) => `c${position} ${sqlTypes[type]}`).join(", ")}) STRICT`,
    );
    return tableName;
  };
  sqlite
    .prepare(
      "INSERT INTO datasets (id, name, title, table_name, columns, updated_at) VALUES (?, ?, ?, ?, ?, 0)",
    )
    .run(`dat_${name}`, name, name, newTable(), JSON.stringify(columns));
  const shape = (): QueriedDataset => {
    const found = sqlite
      .prepare<[string], { table_name: string; version: number; time_bounds: string }>(
        "SELECT table_name, version, time_bounds FROM datasets WHERE name = ?",
      )
      .get(name);
    if (found === undefined) throw new Error(`There is no dataset ${name}`);
    return {
      name,
      tableName: found.table_name,
      columns,
      attribution: null,
      version: found.version,
      timeBounds: JSON.parse(found.time_bounds) as QueriedDataset["timeBounds"],
    };
  };
  return {
    shape,
    store: sqlite.transaction(
      (
        rows: readonly Readonly<Record<string, unknown>>[],
        into: "a new table" | "the same table" = "a new table",
      ) => {
        const former = shape().tableName;
        const tableName = into === "the same table" ? former : newTable();
        if (into === "the same table") sqlite.exec(`DELETE FROM ${former}`);
        else sqlite.exec(`DROP TABLE ${former}`);
        const insert = sqlite.prepare<StoredValue[]>(
          `INSERT INTO ${tableName} VALUES (${columns.map(() => "?").join(", ")})`,
        );
        const bounds: Record<string, [StoredValue, StoredValue]> = {};
        for (const row of rows)
          insert.run(
            ...columns.map(({ name: column, type }) => {
              const given = Object.hasOwn(row, column) ? row[column] : null;
              if (given === null || given === undefined) return null;
              const encoded = encodeValue(type, given);
              if (!encoded.ok) throw new Error(`${column} holds ${encoded.expected}`);
              if (type === "date" || type === "timestamp") {
                const [first, last] = bounds[column] ?? [encoded.value, encoded.value];
                bounds[column] = [
                  (encoded.value as string) < (first as string) ? encoded.value : first,
                  (encoded.value as string) > (last as string) ? encoded.value : last,
                ];
              }
              return encoded.value;
            }),
          );
        sqlite
          .prepare(
            "UPDATE datasets SET table_name = ?, version = version + 1, time_bounds = ? WHERE name = ?",
          )
          .run(tableName, JSON.stringify(bounds), name);
      },
    ),
  };
};
