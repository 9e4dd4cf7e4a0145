import { and, asc, count, desc, eq, inArray, max, or, sql } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import type {
  SectionChange,
  SectionListing,
  SectionsAsFound,
  SectionSettings,
  SectionStore,
  SectionSummary,
  StoredSection,
} from "@sallyport/shared/core";
import { digests } from "../../tokens/chance.ts";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { datasets, grants, panels, sections, sectionSlugs } from "./schema.ts";
import { behind, countOf } from "./sorted-lists.ts";

const summary = {
  id: sections.id,
  slug: sections.slug,
  title: sections.title,
  description: sections.description,
  icon: sections.icon,
  position: sections.position,
  visibility: sections.visibility,
};
const settings = {
  ...summary,
  refreshSeconds: sections.refreshSeconds,
  last: sections.last,
  version: sections.version,
};
const administered = {
  ...settings,
  panelCount: countOf(panels, panels.sectionId, sections, sections.id),
  grantCount: countOf(grants, grants.sectionId, sections, sections.id),
  updatedAt: sections.updatedAt,
};
const ranks = {
  position: sql`${sections.position}`,
  title: sql`lower(${sections.title})`,
  slug: sql`${sections.slug}`,
  updatedAt: sql`${sections.updatedAt}`,
};
const queriedDataset = {
  name: datasets.name,
  tableName: datasets.tableName,
  columns: datasets.columns,
  attribution: datasets.attribution,
  version: datasets.version,
  timeBounds: datasets.timeBounds,
};
const panelRow = { id: panels.id, definition: panels.definition, dataset: queriedDataset };

/** What was looked at, and a digest of what was seen: enough to look again. */
type Seen = readonly [slugs: readonly string[], datasets: readonly string[], digest: string];

/** Reads what there is of these, as one moment where the caller has a transaction. */
export const findSections = (
  { orm }: Pick<Parts, "orm">,
  slugs: readonly string[],
  datasetNames: readonly string[],
): SectionsAsFound => {
  const found = orm
    .select(settings)
    .from(sections)
    .where(inArray(sections.slug, [...slugs]))
    .orderBy(asc(sections.slug))
    .all();
  const ofSections = orm
    .select({ id: panels.id, sectionId: panels.sectionId, definition: panels.definition })
    .from(panels)
    .where(
      inArray(
        panels.sectionId,
        found.map(({ id }) => id),
      ),
    )
    .orderBy(asc(panels.position), asc(panels.id))
    .all();
  const foundDatasets = orm
    .select(queriedDataset)
    .from(datasets)
    .where(inArray(datasets.name, [...datasetNames]))
    .orderBy(asc(datasets.name))
    .all();
  const grantCounts = new Map(
    found.map(({ id, slug }): [string, number] => [
      slug,
      orm.select({ count: count() }).from(grants).where(eq(grants.sectionId, id)).get()?.count ?? 0,
    ]),
  );
  const lastPosition =
    orm
      .select({ last: max(sections.position) })
      .from(sections)
      .get()?.last ?? 0;
  const digest = digests.tag(
    JSON.stringify([found, ofSections, foundDatasets, [...grantCounts], lastPosition]),
  );
  return {
    version: JSON.stringify([slugs, datasetNames, digest] satisfies Seen),
    sections: new Map(
      found.map((section): [string, StoredSection] => [
        section.slug,
        {
          section,
          panels: ofSections
            .filter(({ sectionId }) => sectionId === section.id)
            .map(({ id, definition }) => ({ id, definition })),
        },
      ]),
    ),
    datasets: new Map(foundDatasets.map((dataset) => [dataset.name, dataset])),
    grantCounts,
    lastPosition,
  };
};

/**
 * To be called inside a transaction. @throws Error when a panel names a dataset that does not exist
 */
export const writeSections = (
  parts: Pick<Parts, "orm"> & Partial<Pick<Parts, "memory">>,
  changes: readonly SectionChange[],
): void => {
  const { orm } = parts;
  const datasetIdOf = (name: string): string => {
    const found = orm
      .select({ id: datasets.id })
      .from(datasets)
      .where(eq(datasets.name, name))
      .get();
    if (found === undefined) throw new Error(`A panel's dataset does not exist: ${name}`);
    return found.id;
  };
  for (const change of changes) {
    const { audit } = change;
    if ("removedId" in change) {
      orm.delete(sections).where(eq(sections.id, change.removedId)).run();
      if (audit) insertAuditEvent(parts, audit);
      continue;
    }
    const { at, isNew, stored } = change;
    const { section } = stored;
    if (isNew)
      orm
        .insert(sections)
        .values({ ...section, createdAt: at, updatedAt: at })
        .run();
    else
      orm
        .update(sections)
        // Later than before in any case: open pages go by it.
        .set({ ...section, updatedAt: sql`max(${at}, ${sections.updatedAt} + 1)` })
        .where(eq(sections.id, section.id))
        .run();
    orm.delete(panels).where(eq(panels.sectionId, section.id)).run();
    for (const [index, { id, definition }] of stored.panels.entries())
      orm
        .insert(panels)
        .values({
          id,
          sectionId: section.id,
          position: index + 1,
          datasetId: "query" in definition ? datasetIdOf(definition.query.dataset) : null,
          definition,
        })
        .run();
    // Triggers have raised it with each panel.
    orm.update(sections).set({ version: section.version }).where(eq(sections.id, section.id)).run();
    if (audit) insertAuditEvent(parts, audit);
  }
};

/** Sections and their panels. */
export const createSectionStore = (parts: Parts): SectionStore => {
  const { orm, sqlite, writer, memory } = parts;
  /** True for public sections and for those in the placeholders that `bindGrants` fills. */
  const isPermitted = sql`(${sections.visibility} = 'public' or ${sql.placeholder("everything")} or ${sections.slug} in (select value from json_each(${sql.placeholder("granted")})))`;
  const bindGrants = (granted: readonly string[]): { everything: 0 | 1; granted: string } => ({
    everything: granted.includes(everySection) ? 1 : 0,
    granted: JSON.stringify(granted),
  });
  const bySlug = eq(sections.slug, sql.placeholder("slug"));

  const bySlugOfBefore = eq(
    sections.id,
    sql`(select ${sectionSlugs.sectionId} from ${sectionSlugs} where ${sectionSlugs.slug} = ${sql.placeholder("slug")})`,
  );

  const located = { slug: sections.slug, visibility: sections.visibility };
  const locate = orm.select(located).from(sections).where(bySlug).prepare();
  const locateFormer = orm.select(located).from(sections).where(bySlugOfBefore).prepare();
  const link = {
    slug: sections.slug,
    title: sections.title,
    icon: sections.icon,
    position: sections.position,
    visibility: sections.visibility,
  };
  const inOrder = [asc(sections.position), asc(sections.slug)];
  const links = orm
    .select(link)
    .from(sections)
    .where(isPermitted)
    .orderBy(...inOrder)
    .prepare();
  const list = orm
    .select(summary)
    .from(sections)
    .where(
      and(
        sql`(${sections.position}, ${sections.slug}) > (${sql.placeholder("position")}, ${sql.placeholder("slug")})`,
        isPermitted,
      ),
    )
    .orderBy(...inOrder)
    .limit(sql.placeholder("limit"))
    .prepare();
  const one = orm.select(settings).from(sections).where(bySlug).prepare();
  const former = orm.select(settings).from(sections).where(bySlugOfBefore).prepare();
  const administeredOne = orm.select(administered).from(sections).where(bySlug).prepare();
  const places = orm
    .select({ id: sections.id, ...link })
    .from(sections)
    .orderBy(...inOrder)
    .prepare();
  const panelsOf = orm
    .select(panelRow)
    .from(panels)
    .leftJoin(datasets, eq(datasets.id, panels.datasetId))
    .where(eq(panels.sectionId, sql.placeholder("sectionId")))
    .orderBy(asc(panels.position), asc(panels.id))
    .prepare();
  const panel = orm
    .select({ ...panelRow, sectionLast: sections.last })
    .from(panels)
    .innerJoin(sections, eq(sections.id, panels.sectionId))
    .leftJoin(datasets, eq(datasets.id, panels.datasetId))
    .where(and(eq(panels.id, sql.placeholder("panelId")), or(bySlug, bySlugOfBefore)))
    .prepare();

  const listSettings = ({
    order,
    isDescending,
    contains,
    visibility,
    after,
    limit,
  }: SectionListing): { sections: SectionSettings[]; total: number } => {
    const rank = ranks[order];
    const wanted = and(
      contains === null
        ? undefined
        : sql`(instr(lower(${sections.title}), ${contains}) > 0 or instr(${sections.slug}, ${contains}) > 0)`,
      visibility === null ? undefined : eq(sections.visibility, visibility),
    );
    const direction = isDescending ? desc : asc;
    return {
      sections: orm
        .select(administered)
        .from(sections)
        .where(
          and(wanted, behind(rank, sections.slug, isDescending, after && [after.rank, after.slug])),
        )
        .orderBy(direction(rank), direction(sections.slug))
        .limit(limit)
        .all(),
      total: orm.select({ total: count() }).from(sections).where(wanted).get()?.total ?? 0,
    };
  };

  return {
    locate: (slug) => locate.get({ slug }) ?? locateFormer.get({ slug }) ?? null,
    listLinks: (granted) =>
      memory.recall(`links ${JSON.stringify(granted)}`, () => links.all(bindGrants(granted))),
    list: (granted, after, limit) => {
      const read = (): SectionSummary[] =>
        list.all({
          ...(after ?? { position: Number.MIN_SAFE_INTEGER, slug: "" }),
          ...bindGrants(granted),
          limit,
        });
      // Further pages are rare, and a caller can make up any number of places.
      return after === null
        ? memory.recall(`sections ${limit} ${JSON.stringify(granted)}`, read)
        : read();
    },
    listSettings: (listing) => {
      // A deferred transaction: both reads see one state of the database.
      const read = sqlite.transaction(() => listSettings(listing));
      // As above; a caller can make up any number of texts to look for, too.
      return listing.after === null && listing.contains === null
        ? memory.recall(`settings ${JSON.stringify(listing)}`, read)
        : read();
    },
    readSettings: (slug) => administeredOne.get({ slug }) ?? null,
    readOrder: () => places.all(),
    applyOrder: (expected, positions, audit) =>
      writer.write(() => {
        if (JSON.stringify(places.all()) !== JSON.stringify(expected)) return "changed";
        for (const [id, position] of positions)
          orm.update(sections).set({ position }).where(eq(sections.id, id)).run();
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    read: (slug) => {
      const section = one.get({ slug }) ?? former.get({ slug });
      return section ? { section, panels: panelsOf.all({ sectionId: section.id }) } : null;
    },
    readPanel: (slug, panelId) => panel.get({ slug, panelId }) ?? null,
    // A deferred transaction: all reads see one state of the database.
    find: (slugs, names) => sqlite.transaction(() => findSections(parts, slugs, names))(),
    apply: (expectedVersion, changes) =>
      writer.write(() => {
        const [slugs, names] = JSON.parse(expectedVersion) as Seen;
        if (findSections(parts, slugs, names).version !== expectedVersion) return "changed";
        writeSections(parts, changes);
        return "applied";
      }),
  };
};
