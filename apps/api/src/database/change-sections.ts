import { asc, eq, max, sql } from "drizzle-orm";
import type { Database } from "./connection.ts";
import { datasets, panels, sections } from "./schema.ts";
import type { AuditEvent, SectionChange, SectionsFound } from "./store.ts";

/**
 * Gives `decide` what there is and writes the changes that it returns. To be called inside a transaction.
 * @throws Error when a panel names a dataset that does not exist
 */
export const changeSections = <D extends { readonly changes: readonly SectionChange[] }>(
  { orm }: Pick<Database, "orm">,
  decide: (found: SectionsFound) => D,
  insertAuditEvent?: (event: AuditEvent) => void,
): D => {
  const findDataset = (name: string) =>
    orm.select().from(datasets).where(eq(datasets.name, name)).get() ?? null;
  const decision = decide({
    findSection: (slug) => {
      const section = orm.select().from(sections).where(eq(sections.slug, slug)).get();
      if (section === undefined) return null;
      const ofSection = orm
        .select({ id: panels.id, definition: panels.definition })
        .from(panels)
        .where(eq(panels.sectionId, section.id));
      return { section, panels: ofSection.orderBy(asc(panels.position), asc(panels.id)).all() };
    },
    findDataset,
    lastPosition: () =>
      orm
        .select({ last: max(sections.position) })
        .from(sections)
        .get()?.last ?? 0,
  });
  for (const { at, isNew, stored, audit } of decision.changes) {
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
    for (const [index, { id, definition }] of stored.panels.entries()) {
      const dataset = "query" in definition ? findDataset(definition.query.dataset) : undefined;
      if (dataset === null)
        throw new Error(`A panel's dataset does not exist: ${JSON.stringify(definition)}`);
      orm
        .insert(panels)
        .values({
          id,
          sectionId: section.id,
          position: index + 1,
          datasetId: dataset?.id ?? null,
          definition,
        })
        .run();
    }
    if (audit) insertAuditEvent?.(audit);
  }
  return decision;
};
