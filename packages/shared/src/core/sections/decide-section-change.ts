/**
 * What becomes of the sections where one is made, changed, removed or moved: pure, on what was
 * found.
 */
import type { NewSection, SectionDefinition, SettingsChange } from "../../contract/contract.ts";
import { AppError } from "../answering/errors.ts";
import { requireMatch, versionTag } from "../answering/entity-tags.ts";
import { refuseDefinition, unknownSection } from "./decide-import.ts";
import { layOut, type LaidOutDataset } from "./first-layout.ts";
import {
  areSame,
  definitionOf,
  firstVersion,
  lastPlace,
  type KeptDefinition,
} from "./section-as-file.ts";
import type { SectionPlace, SectionsAsFound, StoredSection } from "./section-store.ts";
import { reservedSlug, suggestSlugs } from "./slugs.ts";

export interface MadeSection {
  readonly stored: StoredSection;
  readonly definition: KeptDefinition;
}
type Found = Omit<SectionsAsFound, "version">;
type NewId = (prefix: "sec" | "pan") => string;

const slugTaken = (slug: string): AppError => {
  const detail = `There is a section ${JSON.stringify(slug)} already.`;
  return new AppError("section_slug_taken", {
    detail,
    errors: [{ pointer: "/slug", code: "taken", detail }],
  });
};

/** Every slug that a decision about this section has to know of. */
export const slugsAskedFor = (slug: string | undefined, title: string): readonly string[] =>
  slug === undefined ? suggestSlugs(title) : [slug];

/** @throws AppError `section_slug_taken`, `validation_failed` */
const freeSlug = ({ sections }: Found, slug: string | undefined, title: string): string => {
  const free = slugsAskedFor(slug, title).find((one) => !sections.has(one));
  if (free === undefined) throw slugTaken(slug ?? suggestSlugs(title)[0] ?? title);
  const issues = reservedSlug(free);
  return issues.length > 0 ? refuseDefinition(issues) : free;
};

const make = (
  found: Found,
  definition: Omit<SectionDefinition, "$schema" | "position">,
  newId: NewId,
  at: number,
): MadeSection => {
  const { panels, ...settings } = definition;
  const stored: StoredSection = {
    section: {
      ...settings,
      position: lastPlace(found.lastPosition),
      refreshSeconds: settings.refreshSeconds ?? null,
      last: settings.last ?? null,
      id: newId("sec"),
      version: firstVersion(at),
    },
    panels: panels.map((panel) => ({ id: newId("pan"), definition: panel })),
  };
  return { stored, definition: definitionOf(stored) };
};

/**
 * @param dataset what its panels are made from; null where there is none of that name
 * @throws AppError `section_slug_taken`, `validation_failed`
 */
export const decideCreation = (
  { slug, dataset: name, ...settings }: NewSection,
  found: Found,
  dataset: LaidOutDataset | null,
  newId: NewId,
  at: number,
): MadeSection => {
  const free = freeSlug(found, slug, settings.title);
  if (name !== undefined && dataset === null)
    return refuseDefinition([
      {
        pointer: "/dataset",
        code: "unknown_dataset",
        detail: `There is no dataset ${JSON.stringify(name)} here.`,
      },
    ]);
  const panels = dataset === null ? [] : layOut(dataset);
  return make(found, { ...settings, slug: free, panels }, newId, at);
};

/** What the copy of a section is called, unless somebody says it. */
export const titleOfCopy = (title: string): string => {
  const end = " (copy)";
  return `${[...title].slice(0, 80 - end.length).join("")}${end}`.slice(0, 100);
};

/** @throws AppError `not_found`, `section_slug_taken`, `validation_failed` */
export const decideCopy = (
  { slug, title }: { readonly slug: string | undefined; readonly title: string },
  of: StoredSection | undefined,
  found: Found,
  newId: NewId,
  at: number,
): MadeSection => {
  if (of === undefined) throw unknownSection();
  const { position: _, ...definition } = definitionOf(of);
  return make(
    found,
    // Whoever made the original public has not looked at the copy yet.
    { ...definition, title, slug: freeSlug(found, slug, title), visibility: "restricted" },
    newId,
    at,
  );
};

export interface ChangedSection extends MadeSection {
  readonly before: KeptDefinition;
  /** Nothing is written where it is as it was. */
  readonly isSame: boolean;
}

/**
 * @throws AppError `not_found`, `precondition_required`, `precondition_failed`,
 * `section_slug_taken`, `validation_failed`
 */
export const decideSettings = (
  slug: string,
  change: SettingsChange,
  ifMatch: string | undefined,
  found: Found,
): ChangedSection => {
  const existing = found.sections.get(slug);
  if (existing === undefined) throw unknownSection();
  const { section } = existing;
  requireMatch(ifMatch, versionTag(section.version));
  if (change.slug !== undefined && change.slug !== slug)
    freeSlug(found, change.slug, section.title);
  const before = definitionOf(existing);
  const stored: StoredSection = {
    ...existing,
    section: { ...section, ...change, version: section.version + 1 },
  };
  const definition = definitionOf(stored);
  return areSame(before, definition)
    ? { stored: existing, definition, before, isSame: true }
    : { stored, definition, before, isSame: false };
};

/** @throws AppError `not_found`, `precondition_required`, `precondition_failed` */
export const decideRemoval = (
  slug: string,
  ifMatch: string | undefined,
  found: Found,
): { readonly id: string; readonly before: KeptDefinition; readonly grants: number } => {
  const existing = found.sections.get(slug);
  if (existing === undefined) throw unknownSection();
  requireMatch(ifMatch, versionTag(existing.section.version));
  return {
    id: existing.section.id,
    before: definitionOf(existing),
    grants: found.grantCounts.get(slug) ?? 0,
  };
};

/**
 * Where each section that moves stands from now on, by id.
 * @param slugs each of the places', once
 * @throws AppError `validation_failed`
 */
export const decideOrder = (
  places: readonly SectionPlace[],
  slugs: readonly string[],
): ReadonlyMap<string, number> => {
  const bySlug = new Map(places.map((place) => [place.slug, place]));
  const wrong = slugs.flatMap((slug, index) => {
    const isDouble = slugs.indexOf(slug) < index;
    if (bySlug.has(slug) && !isDouble) return [];
    return [
      {
        pointer: `/slugs/${index}`,
        code: isDouble ? "duplicate_slug" : "unknown_section",
        detail: isDouble
          ? `The section ${JSON.stringify(slug)} is named twice.`
          : `There is no section ${JSON.stringify(slug)}.`,
      },
    ];
  });
  const named = new Set(slugs);
  const missing = places.filter(({ slug }) => !named.has(slug));
  if (missing.length > 0)
    wrong.push({
      pointer: "/slugs",
      code: "missing_section",
      detail: `These sections are not named: ${missing.map(({ slug }) => slug).join(", ")}.`,
    });
  if (wrong.length > 0) return refuseDefinition(wrong);
  return new Map(
    slugs.flatMap((slug, index) => {
      const place = bySlug.get(slug);
      return place === undefined || place.position === index + 1 ? [] : [[place.id, index + 1]];
    }),
  );
};
