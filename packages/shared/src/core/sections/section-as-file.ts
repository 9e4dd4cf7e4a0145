/** What a section is as a file, and the section that becomes of a file. */
import type { SectionDefinition } from "../../contract/contract.ts";
import { withoutPassword } from "./section-panels.ts";
import type { StoredSection } from "./section-store.ts";

/** As in the schema; sections in one place are in the order of their slugs. */
const positionCeiling = 1_000_000;

/** The place behind all others. */
export const lastPlace = (lastPosition: number): number =>
  Math.min(lastPosition + 1, positionCeiling);

export type KeptDefinition = Omit<SectionDefinition, "$schema">;

/** A section as a file. Importing it again changes nothing. */
export const definitionOf = ({ section, panels }: StoredSection): KeptDefinition => {
  const { slug, title, description, icon, position, visibility, refreshSeconds, last } = section;
  return {
    slug,
    title,
    description,
    icon,
    position,
    visibility,
    ...(refreshSeconds !== null && { refreshSeconds }),
    ...(last !== null && { last }),
    panels: panels.map((panel) => withoutPassword(panel.definition)),
  };
};

/**
 * The version that a section begins with: no section that had its slug before has ever had it, so
 * that nobody's `If-Match` means another section than they know.
 * @param at milliseconds since 1970
 */
export const firstVersion = (at: number): number => at;

/** To the last letter. */
export const areSame = (one: KeptDefinition, other: KeptDefinition): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * The ids of panels that keep their title, duplicates in order, so that links and open pages stay
 * valid.
 */
const keepIds = (
  panels: StoredSection["panels"],
  newId: () => string,
): ((title: string) => string) => {
  const ids = new Map<string, string[]>();
  for (const { id, definition } of panels)
    ids.set(definition.title, [...(ids.get(definition.title) ?? []), id]);
  return (title) => ids.get(title)?.shift() ?? newId();
};

/**
 * The section that a file makes.
 * @param existing the section that is there already
 * @param position where neither says one
 * @param at milliseconds since 1970
 */
export const storedSectionOf = (
  definition: KeptDefinition,
  existing: StoredSection | null,
  {
    position,
    newId,
    at,
  }: {
    readonly position: () => number;
    readonly newId: (prefix: "sec" | "pan") => string;
    readonly at: number;
  },
): StoredSection => {
  const { panels, ...settings } = definition;
  const idOf = keepIds(existing?.panels ?? [], () => newId("pan"));
  return {
    section: {
      ...settings,
      position: definition.position ?? existing?.section.position ?? position(),
      refreshSeconds: settings.refreshSeconds ?? null,
      last: settings.last ?? null,
      id: existing?.section.id ?? newId("sec"),
      version: existing === null ? firstVersion(at) : existing.section.version + 1,
    },
    panels: panels.map((panel) => ({ id: idOf(panel.title), definition: panel })),
  };
};
