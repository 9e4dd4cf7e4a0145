import type { importEndpoints } from "../../contract/imports.ts";
import type { NewImport } from "../../contract/contract.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { queueCallerOf } from "../answering/queue-callers.ts";
import { csvOptionsOf, readSample, rowFormats } from "../datasets/change-dataset.ts";
import { datasetNameTaken, unknownDataset, unknownImport } from "../datasets/dataset-refusals.ts";
import type { DatasetStore } from "../datasets/dataset-store.ts";
import { describeImport, withoutSources } from "../datasets/import-status.ts";
import type { ImportPlan, ImportStore } from "../datasets/import-store.ts";
import type { QueryStore } from "../queries/query-store.ts";
import { checkPanel } from "./check-definition.ts";
import type { SectionStore } from "./section-store.ts";

interface Dependencies {
  readonly stores: {
    readonly datasets: Pick<DatasetStore, "find" | "readers">;
    readonly imports: ImportStore;
    readonly queries: Pick<QueryStore, "describe">;
    readonly sections: Pick<SectionStore, "find">;
  };
  now(): number;
  /** Which sections a caller may be told of by name. @throws AppError `token_stale` */
  nameableTo(context: RequestContext): Promise<(slug: string) => boolean>;
}

/**
 * Files of rows from beginning to end. It is here since columns may only be replaced by others that
 * every panel fits which reads them.
 */
export const createImportHandlers = ({
  stores: { datasets, imports, queries, sections },
  now,
  nameableTo,
}: Dependencies): Pick<Handlers, keyof typeof importEndpoints> => {
  /**
   * @throws AppError `dataset_in_use` naming the panels that would not fit, as far as the caller
   * may know of them
   */
  const decideColumns = async (
    name: string,
    columns: NonNullable<NewImport["columns"]>,
    version: number,
    context: RequestContext,
  ): Promise<NonNullable<ImportPlan["decidedOn"]>> => {
    const readers = await datasets.readers(name);
    const found = await sections.find(
      readers.map(({ slug }) => slug),
      [name],
    );
    const before = found.datasets.get(name);
    if (before === undefined) throw unknownDataset(name);
    const after = { ...before, columns: withoutSources(columns), timeBounds: {} };
    const errors: ValidationIssue[] = [];
    const broken = new Set<string>();
    const unnamed = new Set<string>();
    const mayName = await nameableTo(context);
    const decidedOn = readers.flatMap(({ slug, title, panels: reading }) => {
      const stored = found.sections.get(slug);
      if (stored === undefined) return [];
      for (const { id, definition } of stored.panels) {
        if (!reading.some((panel) => panel.id === id)) continue;
        const issuesWith = (dataset: typeof before): ValidationIssue[] =>
          checkPanel(definition, (query) => queries.describe(query, dataset), "");
        const [issue] = issuesWith(after);
        // What does not fit as it is now is not broken by this.
        if (issue === undefined || issuesWith(before).length > 0) continue;
        if (!mayName(slug)) {
          unnamed.add(slug);
          continue;
        }
        broken.add(title);
        errors.push({
          pointer: `/sections/${slug}/panels/${id}`,
          code: issue.code,
          detail: `The panel ${JSON.stringify(definition.title)} of the section ${JSON.stringify(title)} would not fit: ${issue.detail}`,
        });
      }
      return [{ slug, version: stored.section.version }];
    });
    if (errors.length > 0 || unnamed.size > 0)
      throw new AppError("dataset_in_use", {
        detail:
          errors.length === 0
            ? "Panels of sections that you may not know of read the dataset, and would not fit these columns."
            : `Panels of these sections read the dataset, and would not fit these columns: ${[...broken].join(", ")}${unnamed.size > 0 ? ", and of others that you may not know of" : ""}.`,
        errors: errors.slice(0, 100),
      });
    return { version, sections: decidedOn };
  };

  const planOf = async (wanted: NewImport, context: RequestContext): Promise<ImportPlan> => {
    const { dataset: name, mode, columns } = wanted;
    const dataset = await datasets.find(name);
    if (mode === "create") {
      if (dataset !== null) throw datasetNameTaken();
      return wanted;
    }
    if (dataset === null) throw unknownDataset(name);
    const { title: _, attribution: __, ...plan } = wanted;
    if (mode === "append" || columns === undefined) return plan;
    return { ...plan, decidedOn: await decideColumns(name, columns, dataset.version, context) };
  };

  return {
    "POST /dataset-detections": async ({ query, upload, context, ok }) => {
      const given = {
        format: rowFormats[upload.mediaType],
        csv: csvOptionsOf(query, upload),
      };
      const { sample, isCut } = await readSample(upload.bytes);
      return ok(
        200,
        await imports.detect(sample, isCut || query.cut === "true", given, queueCallerOf(context)),
      );
    },

    "POST /imports": async ({ body, context, ok }) => {
      const status = await imports.expect(await planOf(body, context));
      return ok(200, describeImport(status), { headers: { location: `/imports/${status.id}` } });
    },

    "PUT /imports/:importId/rows": async ({ params: { importId }, query, upload, context, ok }) => {
      const plan = await imports.findPlan(importId);
      if (plan === undefined) throw unknownImport();
      const csv = csvOptionsOf(query, upload);
      const arrived = await imports.receive(upload.bytes);
      const author = { ...recordOf(context), at: now() };
      const order = { ...plan, format: rowFormats[upload.mediaType], csv, author };
      const { status, finished } = await imports.start(order, arrived, importId);
      // Whoever asks for it learns how it ended.
      finished.catch(() => {});
      return ok(200, describeImport(status));
    },

    "DELETE /imports/:importId": async ({ params: { importId }, ok }) => {
      const status = await imports.cancel(importId);
      if (status === undefined) throw unknownImport();
      return ok(200, describeImport(status));
    },
  };
};
