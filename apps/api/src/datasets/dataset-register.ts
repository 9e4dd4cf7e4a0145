import { asc, eq, gt, sql } from "drizzle-orm";
import type { NewDataset } from "@sallyport/shared/contract";
import {
  AppError,
  changeDataset,
  datasetInUse,
  datasetNameTaken,
  rowRangeOf,
  unknownDataset,
  type DatasetChange,
  type RangeInWords,
} from "@sallyport/shared/rules";
import type { Database } from "../database/connection.ts";
import { newId } from "../database/identifier.ts";
import { auditEvents, datasets } from "../database/schema.ts";
import type { AuditEvent } from "../database/store.ts";
import type { Writer } from "../database/writer.ts";
import { queueCallerOfRecord } from "../http/fair-queue.ts";
import type { Author } from "./change-rows.ts";
import { createDataset } from "./datasets.ts";
import type { Imports } from "./imports.ts";

export type DatasetRow = typeof datasets.$inferSelect;

/** Which datasets there are and what they say of themselves. Each change is in the audit trail. */
export interface DatasetRegister {
  /** At most so many, those behind a name. */
  list(after: string, limit: number): DatasetRow[];
  /** @throws AppError `not_found` */
  find(name: string): DatasetRow;
  /** @throws AppError `dataset_name_taken`, `busy` */
  add(definition: NewDataset, author: Author): Promise<DatasetRow>;
  /** @throws AppError `not_found`, `validation_failed` for columns that it does not have, `busy` */
  change(name: string, change: DatasetChange, author: Author): Promise<DatasetRow>;
  /** @throws AppError `not_found`, `dataset_in_use` with the sections whose panels read it, `busy` */
  remove(name: string, author: Author): Promise<void>;
  /** @throws AppError `not_found`, `validation_failed`, `dataset_changed`, `busy` */
  removeRows(name: string, range: RangeInWords, author: Author): ReturnType<Imports["deleteRows"]>;
}

interface Dependencies {
  readonly database: Database;
  readonly writer: Pick<Writer, "write">;
  readonly imports: Imports;
}

export const createDatasetRegister = ({
  database,
  writer,
  imports,
}: Dependencies): DatasetRegister => {
  const { orm, sqlite } = database;
  const read = (name: string): DatasetRow | undefined =>
    orm.select().from(datasets).where(eq(datasets.name, name)).get();
  const find = (name: string): DatasetRow => {
    const found = read(name);
    if (found === undefined) throw unknownDataset(name);
    return found;
  };

  const addAuditEvent = (
    action: string,
    { id, name }: Pick<DatasetRow, "id" | "name">,
    { at, by, ...author }: Author,
    detail: Record<string, unknown>,
  ): void => {
    const event: AuditEvent = {
      at,
      action,
      result: "success",
      ...author,
      subjectType: "dataset",
      subjectId: id,
      detail: { dataset: name, ...detail, ...(by !== undefined && { by }) },
    };
    orm
      .insert(auditEvents)
      .values({ id: newId("evt"), ...event })
      .run();
  };

  /** Titles of the sections that have a panel which reads the dataset. */
  const sectionsThatRead = sqlite
    .prepare<[string, string, string], string>(
      `SELECT DISTINCT sections.title FROM panels JOIN sections ON sections.id = panels.section_id
       WHERE panels.dataset_id = ? OR json_extract(panels.definition, '$.query.dataset') = ? OR json_extract(panels.definition, '$.trend.dataset') = ?
       ORDER BY sections.position, sections.slug`,
    )
    .pluck();

  // Built once: that takes longer than to run it.
  const listAfter = orm
    .select()
    .from(datasets)
    .where(gt(datasets.name, sql.placeholder("after")))
    .orderBy(asc(datasets.name))
    .limit(sql.placeholder("limit"))
    .prepare();

  return {
    list: (after, limit) => listAfter.all({ after, limit }),
    find,

    add: async (definition, author) => {
      const added = await writer.write(() => {
        if (read(definition.name) !== undefined) return null;
        const id = createDataset(database, definition, author.at);
        addAuditEvent("dataset.create", { id, name: definition.name }, author, {
          title: definition.title,
          columns: definition.columns.map(({ name, type }) => ({ name, type })),
        });
        return find(definition.name);
      }, queueCallerOfRecord(author));
      if (added === null) throw datasetNameTaken();
      return added;
    },

    change: async (name, change, author) => {
      // An error thrown inside would be the change's own; an outcome is told once it is certain.
      const outcome = await writer.write(() => {
        const before = read(name);
        if (before === undefined) return { error: unknownDataset(name) };
        const after = changeDataset(before, change);
        if (after === null) return { row: before };
        if (after instanceof AppError) return { error: after };
        orm
          .update(datasets)
          .set({ ...after, updatedAt: author.at })
          .where(eq(datasets.id, before.id))
          .run();
        const said = ({ title, attribution, columns }: typeof after) => ({
          title,
          attribution,
          columns,
        });
        addAuditEvent("dataset.change", before, author, {
          before: said(before),
          after: said(after),
        });
        return { row: find(name) };
      }, queueCallerOfRecord(author));
      if (outcome.row === undefined) throw outcome.error;
      return outcome.row;
    },

    remove: async (name, author) => {
      const error = await writer.write(() => {
        const found = read(name);
        if (found === undefined) return unknownDataset(name);
        const titles = sectionsThatRead.all(found.id, name, name);
        if (titles.length > 0) return datasetInUse(titles);
        // Its table is swept up afterwards: to drop a large one would hold the database for long.
        orm.delete(datasets).where(eq(datasets.id, found.id)).run();
        addAuditEvent("dataset.delete", found, author, {
          title: found.title,
          rows: found.rowCount,
        });
        return null;
      }, queueCallerOfRecord(author));
      if (error !== null) throw error;
      imports.sweepSoon();
    },

    removeRows: async (name, range, author) =>
      imports.deleteRows({
        dataset: name,
        column: range.column,
        ...rowRangeOf(find(name).columns, range),
        author,
      }),
  };
};
