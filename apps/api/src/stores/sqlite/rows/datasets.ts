/**
 * Datasets and their rows. Each dataset has a typed STRICT table of its own. An import never
 * changes the rows of a table that is in use: it fills a fresh table and then points the dataset to
 * it, so that a reader sees all of the old rows or all of the new ones.
 *
 * What is here fills a table in one transaction of the caller's: for rows that are at hand and a
 * database that nobody waits for. Rows from outside go through `imports.ts`.
 */
import { eq, sql } from "drizzle-orm";
import { newDataset, type NewDataset } from "@sallyport/shared/contract";
import {
  createRowEncoder,
  issueCeiling,
  type RowIssue,
  RowsRejected,
  type StoredValue,
  watchTimeBounds,
} from "@sallyport/shared/core";
import type { Database } from "../connection.ts";
import { newId } from "../../../tokens/chance.ts";
import { datasets } from "../schema.ts";
import { addTable, prepareInsert } from "./tables.ts";

export type { NewDataset };

const findDataset = (database: Database, datasetId: string) => {
  const found = database.orm.select().from(datasets).where(eq(datasets.id, datasetId)).get();
  if (found === undefined) throw new Error(`There is no dataset ${datasetId}`);
  return found;
};

/**
 * Creates a dataset without rows, and its table.
 * @param at milliseconds since 1970
 * @throws ZodError when the definition breaks the schema `newDataset`; the database's error when
 * the name is taken
 * @returns the dataset's id
 */
export const createDataset = (
  database: Pick<Database, "orm" | "sqlite">,
  definition: NewDataset,
  at: number,
  id = newId("dat"),
): string => {
  const { name, title, attribution, columns } = newDataset.parse(definition);
  database.sqlite.transaction(() => {
    const tableName = addTable(database.sqlite, columns);
    database.orm
      .insert(datasets)
      .values({
        id,
        name,
        title,
        attribution: attribution ?? null,
        tableName,
        columns: [...columns],
        updatedAt: at,
      })
      .run();
  })();
  return id;
};

/**
 * Replaces a dataset's rows by rows that are already in stored form, as `readCsv` yields them, in
 * one transaction.
 * @returns how many rows the dataset has now
 */
export const replaceRows = (
  database: Database,
  datasetId: string,
  rows: Iterable<readonly StoredValue[]>,
  at: number,
): number =>
  database.sqlite.transaction(() => {
    const { columns, tableName: formerTableName } = findDataset(database, datasetId);
    const tableName = addTable(database.sqlite, columns);
    const insert = prepareInsert(database.sqlite, tableName, columns);
    const times = watchTimeBounds(columns);
    let rowCount = 0;
    for (const row of rows) {
      insert.run(...row);
      times.see(row);
      rowCount += 1;
    }
    database.orm
      .update(datasets)
      .set({
        tableName,
        rowCount,
        timeBounds: times.bounds(),
        version: sql`${datasets.version} + 1`,
        updatedAt: at,
      })
      .where(eq(datasets.id, datasetId))
      .run();
    database.sqlite.exec(`DROP TABLE ${formerTableName}`);
    return rowCount;
  })();

/**
 * Replaces a dataset's rows by rows from JSON, all or none, in one transaction. A member that is
 * missing is null; dates and timestamps are ISO 8601 texts.
 * @returns how many rows the dataset has now
 * @throws RowsRejected with every bad row (the first hundred); the dataset then keeps the rows it
 * had
 */
export const importRows = (
  database: Database,
  datasetId: string,
  rows: Iterable<Readonly<Record<string, unknown>>>,
  at: number,
): number => {
  const encode = createRowEncoder(findDataset(database, datasetId).columns);
  const issues: RowIssue[] = [];
  function* encodeRows(): Generator<StoredValue[]> {
    let line = 0;
    for (const row of rows) {
      line += 1;
      const encoded = encode(row, line, issues);
      if (encoded !== null && issues.length === 0) yield encoded;
      if (issues.length >= issueCeiling) break;
    }
    if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
  }
  return replaceRows(database, datasetId, encodeRows(), at);
};
