/**
 * Sections as files: a section is written whole, from a file that fits, or not at all. What was
 * checked is what is written: where a dataset or a section has changed meanwhile, it is checked
 * again.
 */
import type { SectionDefinition } from "../../contract/contract.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Chance } from "../ports.ts";
import type { QueryStore } from "../queries/query-store.ts";
import {
  datasetsOf,
  decideImport,
  type ImportDecision,
  type ImportedSection,
  type Preconditions,
} from "./decide-import.ts";
import type { SectionChange, SectionsAsFound, SectionStore } from "./section-store.ts";

export interface ImportDependencies {
  readonly stores: {
    readonly queries: Pick<QueryStore, "describe">;
    readonly sections: Pick<SectionStore, "apply" | "find">;
  };
  readonly chance: Pick<Chance, "newId">;
}

type Refusal =
  | Extract<ImportDecision, { readonly ok: false }>
  | { readonly ok: false; readonly refused: "publication" };
export type ImportOutcome =
  | {
      readonly ok: true;
      readonly sections: readonly ImportedSection[];
      readonly changes: readonly SectionChange[];
    }
  | (Refusal & { readonly changes: readonly [] });

export interface ImportOptions {
  readonly at: number;
  /** Who imports; null leaves no trace in the audit trail. */
  readonly audit: Omit<AuditEvent, "at" | "action" | "result" | "subjectType" | "subjectId"> | null;
  /** Checks and tells, and changes nothing. */
  readonly dryRun?: boolean;
  /** Of the one section that is imported; without them it is replaced, however it is. */
  readonly preconditions?: Preconditions;
  /** Restricted sections stay so, and new ones are. */
  readonly publishesNothing?: boolean;
}

/**
 * Decides what importing these files does to the sections that there are: all of them, or nothing.
 */
export const decideSections = (
  {
    stores,
    chance,
  }: Omit<ImportDependencies, "stores"> & {
    readonly stores: { readonly queries: Pick<QueryStore, "describe"> };
  },
  definitions: readonly SectionDefinition[],
  { at, audit, dryRun = false, preconditions, publishesNothing = false }: ImportOptions,
  found: Omit<SectionsAsFound, "version">,
): ImportOutcome => {
  const decision = decideImport(definitions, found, {
    newId: chance.newId,
    at,
    preconditions,
    describe: stores.queries.describe,
  });
  if (!decision.ok) return { ...decision, changes: [] };
  if (
    publishesNothing &&
    decision.sections.some(
      ({ before, definition }) =>
        definition.visibility === "public" && before?.visibility !== "public",
    )
  )
    return { ok: false, refused: "publication", changes: [] };
  const changed = decision.sections.filter(({ outcome }) => outcome !== "unchanged");
  const changes = changed.map(({ outcome, stored, before, definition: after }): SectionChange => {
    const isNew = outcome === "created";
    const event: AuditEvent | null = audit && {
      ...audit,
      at,
      action: isNew ? "section.create" : "section.replace",
      result: "success",
      subjectType: "section",
      subjectId: stored.section.id,
      detail: { ...audit.detail, before, after },
    };
    return { at, isNew, stored, audit: event };
  });
  return { ok: true, sections: decision.sections, changes: dryRun ? [] : changes };
};

/**
 * Imports these files: all of them, or nothing.
 * @param definitions have passed the schema `sectionDefinition`
 * @throws AppError `busy`
 */
export const importSections = (
  dependencies: ImportDependencies,
  definitions: readonly SectionDefinition[],
  options: ImportOptions,
): Promise<ImportOutcome> => {
  const { sections } = dependencies.stores;
  const slugs = definitions.map(({ slug }) => slug);
  const datasets = [...new Set(definitions.flatMap(datasetsOf))];
  return applyDecision(
    () => sections.find(slugs, datasets),
    (found) => decideSections(dependencies, definitions, options, found),
    (found, { changes }) =>
      changes.length === 0 ? "applied" : sections.apply(found.version, changes),
  );
};
