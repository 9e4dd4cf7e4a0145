/** Sections as files: a section is written whole, from a file that fits, or not at all. */
import type { SectionsAsFound, StoredSection } from "./section-store.ts";
import type { Query, SectionDefinition } from "../../contract/contract.ts";
import { checkDefinition } from "./check-definition.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { withoutPassword } from "./section-panels.ts";
import { describeResult } from "../queries/resolve-query.ts";
import type { DatasetShape, Refused, ResultColumn } from "../queries/resolved-query.ts";

/** Where an installation publishes the JSON Schema of sections as files. */
export const sectionSchemaAddress = (publicUrl: string): string =>
  `${publicUrl}/schemas/section.json`;

/** As in the schema; sections in one place are in the order of their slugs. */
const positionCeiling = 1_000_000;

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
 * Does a list of entity tags, or `*`, name this one? A weak tag names none, since replacing asks
 * for strong comparison.
 */
const names = (list: string, etag: string | null): boolean =>
  etag !== null &&
  list
    .split(",")
    .map((one) => one.trim())
    .some((one) => one === "*" || one === etag);

export interface Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

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

export interface ImportedSection {
  readonly slug: string;
  readonly outcome: "created" | "replaced" | "unchanged";
  readonly definition: KeptDefinition;
  readonly etag: string;
  /** What there was, and what there is to be instead. */
  readonly before: KeptDefinition | null;
  readonly stored: StoredSection;
}

export type ImportDecision =
  | { readonly ok: true; readonly sections: readonly ImportedSection[] }
  | { readonly ok: false; readonly refused: "precondition" }
  /** For each file, in order, what is wrong with it. */
  | {
      readonly ok: false;
      readonly refused: "invalid";
      readonly issues: readonly (readonly ValidationIssue[])[];
    };

export interface ImportMeans<D extends DatasetShape = DatasetShape> {
  newId(prefix: "sec" | "pan"): string;
  /**
   * Strong (RFC 9110, 8.8.3): two files with one tag are the same to the last letter, but for
   * `$schema`.
   */
  etagOf(definition: KeptDefinition): string;
  /** Of the one section that is imported. */
  readonly preconditions?: Preconditions;
  /** Where more is known of what can be run than what the query says. */
  readonly describe?: (
    query: Query,
    dataset: D | undefined,
  ) => { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused;
}

/**
 * Decides what importing these files does to the sections that there are: all of them, or nothing.
 * @param definitions have passed the schema `sectionDefinition`
 */
export const decideImport = <D extends DatasetShape>(
  definitions: readonly SectionDefinition[],
  found: Omit<SectionsAsFound<D>, "version">,
  { newId, etagOf, preconditions = {}, describe = describeResult }: ImportMeans<D>,
): ImportDecision => {
  const { ifMatch, ifNoneMatch } = preconditions;
  const issues = definitions.map((definition, index) => [
    ...(definitions.findIndex(({ slug }) => slug === definition.slug) < index
      ? [
          {
            pointer: "/slug",
            code: "duplicate_slug",
            detail: `Another of these files is the section ${JSON.stringify(definition.slug)} already.`,
          },
        ]
      : []),
    ...checkDefinition(definition, (query) => describe(query, found.datasets.get(query.dataset))),
  ]);

  let lastPosition = found.lastPosition;
  const sections: ImportedSection[] = [];
  for (const { $schema: _, ...definition } of definitions) {
    const existing = found.sections.get(definition.slug) ?? null;
    const before = existing && definitionOf(existing);
    const etagBefore = before && etagOf(before);
    if (
      (ifMatch !== undefined && !names(ifMatch, etagBefore)) ||
      (ifNoneMatch !== undefined && names(ifNoneMatch, etagBefore))
    )
      return { ok: false, refused: "precondition" };

    const { panels, ...settings } = definition;
    const position =
      definition.position ??
      existing?.section.position ??
      Math.min((lastPosition += 1), positionCeiling);
    const idOf = keepIds(existing?.panels ?? [], () => newId("pan"));
    const stored: StoredSection = {
      section: {
        ...settings,
        position,
        refreshSeconds: settings.refreshSeconds ?? null,
        last: settings.last ?? null,
        id: existing?.section.id ?? newId("sec"),
      },
      panels: panels.map((panel) => ({ id: idOf(panel.title), definition: panel })),
    };
    const after = definitionOf(stored);
    const etag = etagOf(after);
    const outcome = existing === null ? "created" : etag === etagBefore ? "unchanged" : "replaced";
    sections.push({ slug: definition.slug, outcome, definition: after, etag, before, stored });
  }
  return issues.some((ofFile) => ofFile.length > 0)
    ? { ok: false, refused: "invalid", issues }
    : { ok: true, sections };
};

/** The names of the datasets that a section reads. */
export const datasetsOf = ({ panels }: Pick<SectionDefinition, "panels">): string[] => [
  ...new Set(panels.flatMap((panel) => ("query" in panel ? [panel.query.dataset] : []))),
];

/** @throws AppError `validation_failed` */
export const refuseDefinition = (errors: readonly ValidationIssue[]): never => {
  throw new AppError("validation_failed", {
    detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" "),
    errors,
  });
};

/** @throws AppError `validation_failed` where a file is put at the address of another section */
export const refuseOtherSlug = (
  slug: string,
  definition: Pick<SectionDefinition, "slug">,
): void => {
  if (definition.slug !== slug)
    refuseDefinition([
      {
        pointer: "/slug",
        code: "other_slug",
        detail: `The address is that of the section ${JSON.stringify(slug)}.`,
      },
    ]);
};

export const unknownSection = (): AppError =>
  new AppError("not_found", { detail: "There is no such section." });
