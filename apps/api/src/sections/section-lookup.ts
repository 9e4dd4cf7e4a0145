import { everySection, type Session } from "@sallyport/shared/contract";
import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import type { Database } from "../database/connection.ts";
import { sections } from "../database/schema.ts";

export type SectionLink = Session["sections"][number];

export interface SectionLookup {
  /** Whether a section of this slug exists and anyone may open it. Read from the database each time. */
  isPublicSection(slug: string): boolean;
  /** The sections a caller may open, public ones included, in order; for a visitor, pass no grants. */
  listSectionLinks(grantedSlugs: readonly string[]): SectionLink[];
}

/** True for public sections and for those in the placeholders that `bindGrants` fills. */
export const isPermitted: SQL = sql`(${sections.visibility} = 'public' or ${sql.placeholder("everything")} or ${sections.slug} in (select value from json_each(${sql.placeholder("granted")})))`;

/** @param grantedSlugs slugs of sections, or the wildcard */
export const bindGrants = (grantedSlugs: readonly string[]): { everything: 0 | 1; granted: string } => ({
  everything: grantedSlugs.includes(everySection) ? 1 : 0,
  granted: JSON.stringify(grantedSlugs),
});

export const createSectionLookup = (database: Database): SectionLookup => {
  const publicSection = database.orm
    .select({ id: sections.id })
    .from(sections)
    .where(and(eq(sections.slug, sql.placeholder("slug")), eq(sections.visibility, "public")))
    .prepare();
  const links = database.orm
    .select({ slug: sections.slug, title: sections.title, icon: sections.icon, position: sections.position })
    .from(sections)
    .where(isPermitted)
    .orderBy(asc(sections.position), asc(sections.slug))
    .prepare();
  return {
    isPublicSection: (slug) => publicSection.get({ slug }) !== undefined,
    listSectionLinks: (grantedSlugs) => links.all(bindGrants(grantedSlugs)),
  };
};
