/** Sections as files: a section is written whole, from a file that fits, or not at all. */
import type { SectionsAsFound, StoredSection } from "./section-store.ts";
import type { Query, SectionDefinition } from "../../contract/contract.ts";
import { checkDefinition } from "./check-definition.ts";
import {
  areSame,
  definitionOf,
  lastPlace,
  storedSectionOf,
  type KeptDefinition,
} from "./section-as-file.ts";
import { reservedSlug } from "./slugs.ts";
import { namesTag, versionTag } from "../answering/entity-tags.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { describeResult } from "../queries/resolve-query.ts";
import type { DatasetShape, Refused, ResultColumn } from "../queries/resolved-query.ts";

/** Where an installation publishes the JSON Schema of sections as files. */
export const sectionSchemaAddress = (publicUrl: string): string =>
  `${publicUrl}/schemas/section.json`;

export interface Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

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
  | { readonly ok: false; readonly refused: "preconditionRequired" }
  /** For each file, in order, what is wrong with it. */
  | {
      readonly ok: false;
      readonly refused: "invalid";
      readonly issues: readonly (readonly ValidationIssue[])[];
    };

export interface ImportMeans<D extends DatasetShape = DatasetShape> {
  newId(prefix: "sec" | "pan"): string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the one section that is imported; without them it is replaced, however it is. */
  readonly preconditions?: Preconditions | undefined;
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
  { newId, at, preconditions, describe = describeResult }: ImportMeans<D>,
): ImportDecision => {
  const { ifMatch, ifNoneMatch } = preconditions ?? {};
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
    ...(found.sections.has(definition.slug) ? [] : reservedSlug(definition.slug)),
    ...checkDefinition(definition, (query) => describe(query, found.datasets.get(query.dataset))),
  ]);

  let lastPosition = found.lastPosition;
  const sections: ImportedSection[] = [];
  for (const { $schema: _, ...definition } of definitions) {
    const existing = found.sections.get(definition.slug) ?? null;
    const before = existing && definitionOf(existing);
    const tagBefore = existing && versionTag(existing.section.version);
    if (existing && preconditions && ifMatch === undefined && ifNoneMatch === undefined)
      return { ok: false, refused: "preconditionRequired" };
    if (
      (ifMatch !== undefined && !namesTag(ifMatch, tagBefore)) ||
      (ifNoneMatch !== undefined && namesTag(ifNoneMatch, tagBefore))
    )
      return { ok: false, refused: "precondition" };

    const stored = storedSectionOf(definition, existing, {
      position: () => (lastPosition = lastPlace(lastPosition)),
      newId,
      at,
    });
    const after = definitionOf(stored);
    const isSame = before !== null && areSame(before, after);
    sections.push({
      slug: definition.slug,
      outcome: existing === null ? "created" : isSame ? "unchanged" : "replaced",
      definition: after,
      etag: isSame && tagBefore !== null ? tagBefore : versionTag(stored.section.version),
      before,
      stored,
    });
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
