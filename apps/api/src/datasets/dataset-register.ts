import { asc, eq, gt } from "drizzle-orm";
import type { DatasetColumn, NewDataset } from "@sallyport/shared/contract";
import { AppError, encodeText, type StoredValue, type ValidationIssue } from "@sallyport/shared/rules";
import type { Database } from "../database/connection.ts";
import { newId } from "../database/identifier.ts";
import { auditEvents, datasets } from "../database/schema.ts";
import type { AuditEvent } from "../database/store.ts";
import type { Writer } from "../database/writer.ts";
import type { Author } from "./change-rows.ts";
import { createDataset } from "./datasets.ts";
import type { Imports } from "./imports.ts";

export type DatasetRow = typeof datasets.$inferSelect;

export interface DatasetChange {
  readonly title?: string;
  readonly attribution?: string | null;
  readonly columns?: readonly { readonly name: string; readonly label?: string; readonly unit?: string | null }[];
}

/** What a range names in words, for one column of a dataset. */
export interface RangeInWords {
  readonly column: string;
  readonly from?: string;
  readonly to?: string;
}

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

const invalid = (...errors: ValidationIssue[]): AppError =>
  new AppError("validation_failed", { detail: errors.map((issue) => `${issue.pointer}: ${issue.detail}`).join("; "), errors });
const unknown = (name: string): AppError => new AppError("not_found", { detail: `There is no dataset ${JSON.stringify(name)}.` });

export const createDatasetRegister = ({ database, writer, imports }: Dependencies): DatasetRegister => {
  const { orm, sqlite } = database;
  const read = (name: string): DatasetRow | undefined => orm.select().from(datasets).where(eq(datasets.name, name)).get();
  const find = (name: string): DatasetRow => {
    const found = read(name);
    if (found === undefined) throw unknown(name);
    return found;
  };

  const addAuditEvent = (action: string, { id, name }: Pick<DatasetRow, "id" | "name">, { at, by, ...author }: Author, detail: Record<string, unknown>): void => {
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

  return {
    list: (after, limit) => orm.select().from(datasets).where(gt(datasets.name, after)).orderBy(asc(datasets.name)).limit(limit).all(),
    find,

    add: async (definition, author) => {
      const added = await writer.write(() => {
        if (read(definition.name) !== undefined) return null;
        const id = createDataset(database, definition, author.at);
        addAuditEvent("dataset.create", { id, name: definition.name }, author, { title: definition.title, columns: definition.columns.map(({ name, type }) => ({ name, type })) });
        return find(definition.name);
      });
      if (added === null)
        throw new AppError("dataset_name_taken", {
          detail: "There is a dataset of this name.",
          errors: [{ pointer: "/name", code: "taken", detail: "There is a dataset of this name." }],
        });
      return added;
    },

    change: async (name, change, author) => {
      // An error thrown inside would be the change's own; an outcome is told once it is certain.
      const outcome = await writer.write(() => {
        const before = read(name);
        if (before === undefined) return { error: unknown(name) };
        const known = new Set(before.columns.map((column) => column.name));
        const issues = (change.columns ?? []).flatMap((column, index) =>
          known.has(column.name) ? [] : [{ pointer: `/columns/${index}/name`, code: "unknown_column", detail: `The dataset has no column ${JSON.stringify(column.name)}.` }],
        );
        if (issues.length > 0) return { error: invalid(...issues) };
        const columns = before.columns.map(({ unit, ...column }): DatasetColumn => {
          const changed = change.columns?.findLast((one) => one.name === column.name);
          const newUnit = changed?.unit === undefined ? unit : (changed.unit ?? undefined);
          return { ...column, label: changed?.label ?? column.label, ...(newUnit !== undefined && { unit: newUnit }) };
        });
        const former = { title: before.title, attribution: before.attribution, columns: before.columns };
        const after = { title: change.title ?? before.title, attribution: change.attribution === undefined ? before.attribution : change.attribution, columns };
        if (JSON.stringify(after) === JSON.stringify(former)) return { row: before };
        const version = JSON.stringify(columns) === JSON.stringify(before.columns) ? before.version : before.version + 1;
        orm
          .update(datasets)
          .set({ ...after, version, updatedAt: author.at })
          .where(eq(datasets.id, before.id))
          .run();
        addAuditEvent("dataset.change", before, author, { before: former, after });
        return { row: find(name) };
      });
      if (outcome.row === undefined) throw outcome.error;
      return outcome.row;
    },

    remove: async (name, author) => {
      const error = await writer.write(() => {
        const found = read(name);
        if (found === undefined) return unknown(name);
        const titles = sectionsThatRead.all(found.id, name, name);
        if (titles.length > 0) return new AppError("dataset_in_use", { detail: `Panels of these sections read it: ${titles.join(", ")}. Remove them first.` });
        // Its table is swept up afterwards: to drop a large one would hold the database for long.
        orm.delete(datasets).where(eq(datasets.id, found.id)).run();
        addAuditEvent("dataset.delete", found, author, { title: found.title, rows: found.rowCount });
        return null;
      });
      if (error !== null) throw error;
      imports.sweepSoon();
    },

    removeRows: async (name, { column: columnName, from, to }, author) => {
      const column = find(name).columns.find((one) => one.name === columnName);
      if (column === undefined) throw invalid({ pointer: "/query/column", code: "unknown_column", detail: `The dataset has no column ${JSON.stringify(columnName)}.` });
      if (column.type === "boolean") throw invalid({ pointer: "/query/column", code: "not_ordered", detail: "A boolean is neither less nor greater." });
      const bound = (text: string | undefined, which: "from" | "to"): StoredValue => {
        if (text === undefined) return null;
        const encoded = encodeText(column.type, text);
        if (!encoded.ok || encoded.value === null)
          throw invalid({ pointer: `/query/${which}`, code: "wrong_value_type", detail: encoded.ok ? "Not empty." : `Not ${encoded.expected}.` });
        return encoded.value;
      };
      const range = { from: bound(from, "from"), to: bound(to, "to") };
      if (range.from === null && range.to === null) throw invalid({ pointer: "/query/from", code: "bound_required", detail: "Name `from`, `to` or both." });
      return imports.deleteRows({ dataset: name, column: columnName, ...range, author });
    },
  };
};
