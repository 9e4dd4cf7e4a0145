import { everySection, type Session } from "@sallyport/shared/contract";
import { asc, eq, sql, type SQL } from "drizzle-orm";
import type { SectionVisibility } from "../access/decide-access.ts";
import type { Database } from "../database/connection.ts";
import { sections } from "../database/schema.ts";

export type SectionLink = Session["sections"][number];

export interface SectionLookup {
  /** Whether a section of this slug exists, and whether anyone may open it. Read from the database each time. */
  readVisibility(slug: string): SectionVisibility;
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
  const visibility = database.orm
    .select({ visibility: sections.visibility })
    .from(sections)
    .where(eq(sections.slug, sql.placeholder("slug")))
    .prepare();
  const links = database.orm
    .select({ slug: sections.slug, title: sections.title, icon: sections.icon, position: sections.position })
    .from(sections)
    .where(isPermitted)
    .orderBy(asc(sections.position), asc(sections.slug))
    .prepare();
  return {
    readVisibility: (slug) => visibility.get({ slug })?.visibility ?? null,
    listSectionLinks: (grantedSlugs) => links.all(bindGrants(grantedSlugs)),
  };
};
