import { asc, eq, gt, sql } from "drizzle-orm";
import type { Dataset, DatasetStore } from "@sallyport/shared/core";
import { queueCallerOfRecord } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { createDataset } from "./rows/datasets.ts";
import { datasets } from "./schema.ts";

const dataset = {
  id: datasets.id,
  name: datasets.name,
  title: datasets.title,
  attribution: datasets.attribution,
  columns: datasets.columns,
  rowCount: datasets.rowCount,
  version: datasets.version,
  updatedAt: datasets.updatedAt,
};

/** @param sweepSoon deletes the tables that no dataset names any more; nobody waits for it */
export const createDatasetStore = (parts: Parts, sweepSoon: () => void): DatasetStore => {
  const { orm, sqlite, writer } = parts;
  const find = (name: string) =>
    orm.select(dataset).from(datasets).where(eq(datasets.name, name)).get() ?? null;

  /** Is it as it was read, whatever of it may have been changed, and by whatever hand? */
  const isStill = (expected: Dataset): boolean =>
    JSON.stringify(find(expected.name)) === JSON.stringify(expected);

  const titlesOfReaders = sqlite
    .prepare<[string, string, string], string>(
      `SELECT DISTINCT sections.title FROM panels JOIN sections ON sections.id = panels.section_id
       WHERE panels.dataset_id = ? OR json_extract(panels.definition, '$.query.dataset') = ? OR json_extract(panels.definition, '$.trend.dataset') = ?
       ORDER BY sections.position, sections.slug`,
    )
    .pluck();

  // Built once: that takes longer than to run it.
  const listAfter = orm
    .select(dataset)
    .from(datasets)
    .where(gt(datasets.name, sql.placeholder("after")))
    .orderBy(asc(datasets.name))
    .limit(sql.placeholder("limit"))
    .prepare();

  return {
    list: (after, limit) => listAfter.all({ after, limit }),
    find,
    add: ({ id, name, title, attribution, columns, updatedAt }, audit) =>
      writer.write(() => {
        if (find(name) !== null) return "nameTaken";
        createDataset(
          parts,
          { name, title, ...(attribution !== null && { attribution }), columns },
          updatedAt,
          id,
        );
        insertAuditEvent(parts, audit);
        return "added";
      }, queueCallerOfRecord(audit)),
    apply: (expected, change, audit) =>
      writer.write(() => {
        if (!isStill(expected)) return "changed";
        orm
          .update(datasets)
          .set({ ...change, updatedAt: audit.at })
          .where(eq(datasets.id, expected.id))
          .run();
        insertAuditEvent(parts, audit);
        return "applied";
      }, queueCallerOfRecord(audit)),
    remove: async (expected, audit) => {
      const outcome = await writer.write(() => {
        if (!isStill(expected)) return "changed";
        const { id, name } = expected;
        const readBy = titlesOfReaders.all(id, name, name);
        if (readBy.length > 0) return { readBy };
        // Its table is swept up afterwards: to drop a large one would hold the database for long.
        orm.delete(datasets).where(eq(datasets.id, id)).run();
        insertAuditEvent(parts, audit);
        return "applied";
      }, queueCallerOfRecord(audit));
      if (outcome === "applied") sweepSoon();
      return outcome;
    },
  };
};
