import type { NewDataset } from "../../contract/contract.ts";
import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Chance } from "../ports.ts";
import type { Awaitable } from "../awaitable.ts";
import {
  changeDataset,
  rowRangeOf,
  type DatasetChange,
  type RangeInWords,
} from "./change-dataset.ts";
import {
  DatasetInUse,
  datasetNameTaken,
  unknownDataset,
  type DatasetReader,
} from "./dataset-refusals.ts";
import type { Dataset, DatasetStore } from "./dataset-store.ts";
import type { Author, ImportStore } from "./import-store.ts";

/** Which datasets there are and what they say of themselves. Each change is in the audit trail. */
export interface DatasetRegister {
  /** At most so many, those behind a name. */
  list(after: string, limit: number): Awaitable<readonly Dataset[]>;
  /** Those that are asked for, and how many there are on all pages. */
  search: DatasetStore["search"];
  measure: DatasetStore["measure"];
  /** @throws AppError `not_found` */
  readers(name: string): Promise<readonly DatasetReader[]>;
  /** @throws AppError `not_found` */
  find(name: string): Promise<Dataset>;
  /** @throws AppError `dataset_name_taken`, `busy` */
  add(definition: NewDataset, author: Author): Promise<Dataset>;
  /**
   * @param check throws where it is not the dataset that is meant to be changed
   * @throws AppError `not_found`, `validation_failed` for columns that it does not have, `busy`
   */
  change(
    name: string,
    change: DatasetChange,
    author: Author,
    check?: (before: Dataset) => void,
  ): Promise<Dataset>;
  /**
   * @throws AppError `not_found`, `busy`
   * @throws DatasetInUse with every section whose panels read it
   */
  remove(name: string, author: Author, check?: (before: Dataset) => void): Promise<void>;
  /** @throws AppError `not_found`, `validation_failed`, `dataset_changed`, `busy` */
  removeRows(
    name: string,
    range: RangeInWords,
    author: Author,
    dryRun?: boolean,
  ): ReturnType<ImportStore["deleteRows"]>;
}

export const createDatasetRegister = ({
  stores: { datasets, imports },
  chance,
}: {
  readonly stores: {
    readonly datasets: DatasetStore;
    readonly imports: Pick<ImportStore, "deleteRows">;
  };
  readonly chance: Chance;
}): DatasetRegister => {
  const find = async (name: string): Promise<Dataset> => {
    const found = await datasets.find(name);
    if (found === null) throw unknownDataset(name);
    return found;
  };
  const eventOf = (
    action: AuditAction,
    { id, name }: Dataset,
    { by, ...author }: Author,
    detail: Readonly<Record<string, unknown>>,
  ): AuditEvent => ({
    ...author,
    action,
    result: "success",
    subjectType: "dataset",
    subjectId: id,
    subjectName: name,
    detail: { dataset: name, ...detail, ...(by !== undefined && { by }) },
  });
  const said = ({
    title,
    attribution,
    columns,
  }: Pick<Dataset, "title" | "attribution" | "columns">) => ({ title, attribution, columns });

  return {
    list: (after, limit) => datasets.list(after, limit),
    search: (listing) => datasets.search(listing),
    measure: (names) => datasets.measure(names),
    readers: async (name) => {
      await find(name);
      return datasets.readers(name);
    },
    find,

    add: async ({ name, title, attribution, columns }, author) => {
      const added: Dataset = {
        id: chance.newId("dat"),
        name,
        title,
        attribution: attribution ?? null,
        columns: [...columns],
        rowCount: 0,
        version: 1,
        updatedAt: author.at,
      };
      const outcome = await datasets.add(
        added,
        eventOf("dataset.create", added, author, {
          title,
          columns: columns.map((column) => ({ name: column.name, type: column.type })),
        }),
      );
      if (outcome === "nameTaken") throw datasetNameTaken();
      return added;
    },

    change: async (name, change, author, check) => {
      const { after } = await applyDecision(
        () => find(name),
        (before) => {
          check?.(before);
          const changed = changeDataset(before, change);
          if (changed instanceof AppError) throw changed;
          return {
            changed,
            after: changed === null ? before : { ...before, ...changed, updatedAt: author.at },
          };
        },
        (before, { changed }) =>
          changed === null
            ? "applied"
            : datasets.apply(
                before,
                changed,
                eventOf("dataset.change", before, author, {
                  before: said(before),
                  after: said(changed),
                }),
              ),
      );
      return after;
    },

    remove: async (name, author, check) => {
      await applyDecision(
        () => find(name),
        (found) => {
          check?.(found);
          return eventOf("dataset.delete", found, author, {
            title: found.title,
            rows: found.rowCount,
          });
        },
        async (found, event) => {
          const outcome = await datasets.remove(found, event);
          if (typeof outcome !== "string") throw new DatasetInUse(outcome.readBy);
          return outcome;
        },
      );
    },

    removeRows: async (name, range, author, dryRun = false) =>
      imports.deleteRows({
        dryRun,
        dataset: name,
        column: range.column,
        ...rowRangeOf((await find(name)).columns, range),
        author,
      }),
  };
};
