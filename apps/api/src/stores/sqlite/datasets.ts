import { and, asc, count, desc, eq, gt, sql } from "drizzle-orm";
import type {
  Dataset,
  DatasetListing,
  DatasetReader,
  DatasetStore,
  ListedDataset,
} from "@sallyport/shared/core";
import { queueCallerOfRecord } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { createDataset } from "./rows/datasets.ts";
import { datasets, panels } from "./schema.ts";
import { behind, countOf } from "./sorted-lists.ts";

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

const listed = { ...dataset, panelCount: countOf(panels, panels.datasetId, datasets, datasets.id) };
const ranks = {
  name: sql`${datasets.name}`,
  title: sql`lower(${datasets.title})`,
  rowCount: sql`${datasets.rowCount}`,
  updatedAt: sql`${datasets.updatedAt}`,
};

/** So many rows say how large the others are. */
const measuredRows = 50;

/** @param sweepSoon deletes the tables that no dataset names any more; nobody waits for it */
export const createDatasetStore = (parts: Parts, sweepSoon: () => void): DatasetStore => {
  const { orm, sqlite, writer } = parts;
  const find = (name: string) =>
    orm.select(dataset).from(datasets).where(eq(datasets.name, name)).get() ?? null;

  /** Is it as it was read, whatever of it may have been changed, and by whatever hand? */
  const isStill = (expected: Dataset): boolean =>
    JSON.stringify(find(expected.name)) === JSON.stringify(expected);

  interface Reading {
    readonly slug: string;
    readonly section: string;
    readonly id: string;
    readonly panel: string | null;
  }
  const selectReading = `SELECT sections.slug, sections.title AS section, panels.id, json_extract(panels.definition, '$.title') AS panel
     FROM panels JOIN sections ON sections.id = panels.section_id`;
  const inOrder = "ORDER BY sections.position, sections.slug, panels.position, panels.id";
  const readingOf = sqlite.prepare<[string], Reading>(
    `${selectReading} WHERE panels.dataset_id = (SELECT id FROM datasets WHERE name = ?) ${inOrder}`,
  );
  /** Those as well whose definition alone names it, as after a change by hand. */
  const readingInAnyWay = sqlite.prepare<[string, string, string], Reading>(
    `${selectReading}
     WHERE panels.dataset_id = ? OR json_extract(panels.definition, '$.query.dataset') = ? OR json_extract(panels.definition, '$.trend.dataset') = ?
     ${inOrder}`,
  );
  const readersOf = (reading: readonly Reading[]): DatasetReader[] =>
    [...Map.groupBy(reading, ({ slug }) => slug).values()].flatMap((panels) =>
      panels[0] === undefined
        ? []
        : [
            {
              slug: panels[0].slug,
              title: panels[0].section,
              panels: panels.map(({ id, panel }) => ({ id, title: panel ?? "" })),
            },
          ],
    );

  // Built once: that takes longer than to run it.
  const listAfter = orm
    .select(dataset)
    .from(datasets)
    .where(gt(datasets.name, sql.placeholder("after")))
    .orderBy(asc(datasets.name))
    .limit(sql.placeholder("limit"))
    .prepare();

  const search = ({
    order,
    isDescending,
    contains,
    after,
    limit,
  }: DatasetListing): { datasets: ListedDataset[]; total: number } => {
    const rank = ranks[order];
    const wanted =
      contains === null
        ? undefined
        : sql`(instr(lower(${datasets.title}), ${contains}) > 0 or instr(${datasets.name}, ${contains}) > 0)`;
    const direction = isDescending ? desc : asc;
    return {
      datasets: orm
        .select(listed)
        .from(datasets)
        .where(
          and(wanted, behind(rank, datasets.name, isDescending, after && [after.rank, after.name])),
        )
        .orderBy(direction(rank), direction(datasets.name))
        .limit(limit)
        .all(),
      total: orm.select({ total: count() }).from(datasets).where(wanted).get()?.total ?? 0,
    };
  };

  const stored = orm
    .select({ tableName: datasets.tableName, columns: datasets.columns, rows: datasets.rowCount })
    .from(datasets)
    .where(eq(datasets.name, sql.placeholder("name")))
    .prepare();
  /** By the first rows: to count the pages of a large table takes as long as reading all of it. */
  const sizeOf = (name: string): number => {
    const found = stored.get({ name });
    if (found === undefined || found.rows === 0) return 0;
    const lengths = found.columns.map(
      (_, position) => `coalesce(length(CAST(c${position} AS BLOB)), 0) + 1`,
    );
    const perRow = sqlite
      .prepare<[number], number | null>(
        `SELECT avg(${lengths.join(" + ")}) FROM (SELECT * FROM ${found.tableName} LIMIT ?)`,
      )
      .pluck()
      .get(measuredRows);
    return Math.round((perRow ?? 0) * found.rows);
  };

  return {
    measure: (names) => new Map(names.map((name) => [name, sizeOf(name)])),
    list: (after, limit) => listAfter.all({ after, limit }),
    // A deferred transaction: both reads see one state of the database.
    search: (listing) => sqlite.transaction(() => search(listing))(),
    readers: (name) => readersOf(readingOf.all(name)),
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
        const readBy = readersOf(readingInAnyWay.all(id, name, name));
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
