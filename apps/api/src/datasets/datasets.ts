/**
 * Datasets and their rows. Each dataset has a typed STRICT table of its own. An import never changes the rows of a table
 * that is in use: it fills a fresh table and then points the dataset to it, so that a reader sees all of the old rows or
 * all of the new ones.
 */
import { eq, sql } from "drizzle-orm";
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import * as z from "zod";
import type { Database } from "../database/connection.ts";
import { datasetColumn, datasetName, type ColumnType, type DatasetColumn } from "@sallyport/shared/contract";
import { newId } from "../database/identifier.ts";
import { datasets } from "../database/schema.ts";
import { readCsv } from "./read-csv.ts";
import { RowsRejected, type RowIssue } from "./rows-rejected.ts";
import { watchTimeBounds, type TimeBounds } from "./time-bounds.ts";
import { encodeValue, type StoredValue } from "./values.ts";

export const newDataset = z.strictObject({
  name: datasetName,
  title: z.string().min(1).max(100),
  attribution: z.string().max(500).exactOptional(),
  columns: z
    .array(datasetColumn)
    .min(1)
    .max(200)
    .refine((columns) => new Set(columns.map((column) => column.name)).size === columns.length, "two columns have one name"),
});
export type NewDataset = z.output<typeof newDataset>;

const rowsPerTransaction = 1_000;
const issueCeiling = 100;

const sqlTypes: Record<ColumnType, "TEXT" | "INTEGER" | "REAL"> = { text: "TEXT", integer: "INTEGER", decimal: "REAL", boolean: "INTEGER", date: "TEXT", timestamp: "INTEGER" };

/** Identifiers in SQL ignore case, so the random part is hexadecimal. */
const newTableName = (): string => `dataset_${randomBytes(16).toString("hex")}`;

const createTable = (database: Database, columns: readonly DatasetColumn[]): string => {
  const tableName = newTableName();
  database.sqlite.exec(`CREATE TABLE ${tableName} (${columns.map((column, position) => `c${position} ${sqlTypes[column.type]}`).join(", ")}) STRICT`);
  return tableName;
};

const prepareInsert = (database: Database, tableName: string, columns: readonly DatasetColumn[]) =>
  database.sqlite.prepare<StoredValue[]>(`INSERT INTO ${tableName} VALUES (${columns.map(() => "?").join(", ")})`);

const findDataset = (database: Database, datasetId: string) => {
  const found = database.orm.select().from(datasets).where(eq(datasets.id, datasetId)).get();
  if (found === undefined) throw new Error(`There is no dataset ${datasetId}`);
  return found;
};

/** Points the dataset to a table and drops the one it had. To be called inside a transaction. */
const useTable = (database: Database, datasetId: string, table: { readonly tableName: string; readonly rowCount: number; readonly timeBounds: TimeBounds }, at: number): void => {
  const { tableName: formerTableName } = findDataset(database, datasetId);
  database.orm
    .update(datasets)
    .set({ ...table, version: sql`${datasets.version} + 1`, updatedAt: at })
    .where(eq(datasets.id, datasetId))
    .run();
  database.sqlite.exec(`DROP TABLE ${formerTableName}`);
};

/**
 * Creates a dataset without rows, and its table.
 * @param at milliseconds since 1970
 * @throws ZodError when the definition breaks the schema `newDataset`; the database's error when the name is taken
 * @returns the dataset's id
 */
export const createDataset = (database: Database, definition: NewDataset, at: number): string => {
  const { name, title, attribution, columns } = newDataset.parse(definition);
  const id = newId("dat");
  database.sqlite.transaction(() => {
    const tableName = createTable(database, columns);
    database.orm
      .insert(datasets)
      .values({ id, name, title, attribution: attribution ?? null, tableName, columns: [...columns], updatedAt: at })
      .run();
  })();
  return id;
};

/**
 * Replaces a dataset's rows by rows that are already in stored form, as `readCsv` yields them, in one transaction.
 * @returns how many rows the dataset has now
 */
export const replaceRows = (database: Database, datasetId: string, rows: Iterable<readonly StoredValue[]>, at: number): number =>
  database.sqlite.transaction(() => {
    const { columns } = findDataset(database, datasetId);
    const tableName = createTable(database, columns);
    const insert = prepareInsert(database, tableName, columns);
    const times = watchTimeBounds(columns);
    let rowCount = 0;
    for (const row of rows) {
      insert.run(...row);
      times.see(row);
      rowCount += 1;
    }
    useTable(database, datasetId, { tableName, rowCount, timeBounds: times.bounds() }, at);
    return rowCount;
  })();

function* encodeRows(columns: readonly DatasetColumn[], rows: Iterable<Readonly<Record<string, unknown>>>): Generator<StoredValue[]> {
  const names = new Set(columns.map((column) => column.name));
  const issues: RowIssue[] = [];
  let line = 0;
  for (const row of rows) {
    line += 1;
    for (const name of Object.keys(row)) if (!names.has(name)) issues.push({ line, column: name, detail: "The dataset has no such column." });
    const encodedRow = columns.map((column) => {
      const value = Object.hasOwn(row, column.name) ? (row[column.name] ?? null) : null;
      if (value === null) return null;
      const encoded = encodeValue(column.type, value);
      if (encoded.ok) return encoded.value;
      issues.push({ line, column: column.name, detail: `Not ${encoded.expected}.` });
      return null;
    });
    if (issues.length === 0) yield encodedRow;
    if (issues.length >= issueCeiling) break;
  }
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
}

/**
 * Replaces a dataset's rows by rows from JSON, all or none, in one transaction. A member that is missing is null;
 * dates and timestamps are ISO 8601 texts.
 * @returns how many rows the dataset has now
 * @throws RowsRejected with every bad row (the first hundred); the dataset then keeps the rows it had
 */
export const importRows = (database: Database, datasetId: string, rows: Iterable<Readonly<Record<string, unknown>>>, at: number): number =>
  replaceRows(database, datasetId, encodeRows(findDataset(database, datasetId).columns, rows), at);

/**
 * Replaces a dataset's rows by those of a CSV file (see `readCsv`), all or none. Reads as a stream and writes in
 * batches, so that neither the file's size nor the import's duration holds anything up.
 * @returns how many rows the dataset has now
 * @throws RowsRejected with every bad row (the first hundred); the dataset then keeps the rows it had
 */
export const importCsv = async (database: Database, datasetId: string, source: string | Readable, at: number): Promise<number> => {
  const { columns } = findDataset(database, datasetId);
  const tableName = createTable(database, columns);
  try {
    const insert = prepareInsert(database, tableName, columns);
    const times = watchTimeBounds(columns);
    const insertAll = database.sqlite.transaction((rows: readonly StoredValue[][]) => {
      for (const row of rows) {
        insert.run(...row);
        times.see(row);
      }
    });
    let rowCount = 0;
    let batch: StoredValue[][] = [];
    for await (const row of readCsv(columns, source)) {
      rowCount += 1;
      batch.push(row);
      if (batch.length < rowsPerTransaction) continue;
      insertAll(batch);
      batch = [];
      // A source that is always ready would otherwise keep timers and requests waiting to the end.
      await setImmediate();
    }
    database.sqlite.transaction(() => {
      insertAll(batch);
      useTable(database, datasetId, { tableName, rowCount, timeBounds: times.bounds() }, at);
    })();
    return rowCount;
  } catch (error) {
    database.sqlite.exec(`DROP TABLE IF EXISTS ${tableName}`);
    throw error;
  }
};
