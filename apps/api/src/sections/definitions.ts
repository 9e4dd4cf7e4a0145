/**
 * Sections as files: a section is written whole, from a file that fits, or not at all. What is checked and what is
 * written are one transaction, so that no dataset can change between them.
 */
import { createHash } from "node:crypto";
import type { SectionDefinition } from "@sallyport/shared/contract";
import { AppError, type ValidationIssue } from "@sallyport/shared/rules";
import { createSectionSchema } from "@sallyport/shared/section-schema";
import { newId } from "../database/identifier.ts";
import type { AuditEvent, SectionChange, SectionsFound, Store, StoredSection } from "../database/store.ts";
import type { Handlers, RequestContext } from "../http/endpoint.ts";
import { checkDefinition } from "./check-definition.ts";

/** Where an installation publishes the JSON Schema of sections as files. */
export const sectionSchemaAddress = (publicUrl: string): string => `${publicUrl}/schemas/section.json`;

/** As in the schema; sections in one place are in the order of their slugs. */
const positionCeiling = 1_000_000;

type Kept = Omit<SectionDefinition, "$schema">;

/** A section as a file. Importing it again changes nothing. */
export const definitionOf = ({ section, panels }: StoredSection): Kept => {
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
    panels: panels.map((panel) => panel.definition),
  };
};

/** Strong (RFC 9110, 8.8.3): two files with one tag are the same to the last letter, but for `$schema`. */
const etagOf = (kept: Kept): string => `"${createHash("sha256").update(JSON.stringify(kept)).digest("base64url")}"`;

/** Does a list of entity tags, or `*`, name this one? A weak tag names none, since replacing asks for strong comparison. */
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

/** The ids of panels that keep their title, duplicates in order, so that links and open pages stay valid. */
const keepIds = (panels: StoredSection["panels"]): ((title: string) => string) => {
  const ids = new Map<string, string[]>();
  for (const { id, definition } of panels) ids.set(definition.title, [...(ids.get(definition.title) ?? []), id]);
  return (title) => ids.get(title)?.shift() ?? newId("pan");
};

export interface ImportedSection {
  readonly slug: string;
  readonly outcome: "created" | "replaced" | "unchanged";
  readonly definition: Kept;
  readonly etag: string;
}

export type ImportOutcome =
  | { readonly ok: true; readonly sections: readonly ImportedSection[]; readonly changes: readonly SectionChange[] }
  | { readonly ok: false; readonly refused: "precondition"; readonly changes: readonly [] }
  /** For each file, in order, what is wrong with it. */
  | { readonly ok: false; readonly refused: "invalid"; readonly issues: readonly (readonly ValidationIssue[])[]; readonly changes: readonly [] };

interface ImportOptions {
  readonly at: number;
  /** Who imports; null leaves no trace in the audit trail. */
  readonly audit: Omit<AuditEvent, "at" | "action" | "result" | "subjectType" | "subjectId"> | null;
  /** Checks and tells, and changes nothing. */
  readonly dryRun?: boolean;
  /** Of the one section that is imported. */
  readonly preconditions?: Preconditions;
}

/**
 * Decides what importing these files does to the sections that there are: all of them, or nothing.
 * @param definitions have passed the schema `sectionDefinition`
 */
export const decideImport =
  (definitions: readonly SectionDefinition[], { at, audit, dryRun = false, preconditions = {} }: ImportOptions) =>
  (found: SectionsFound): ImportOutcome => {
    const { ifMatch, ifNoneMatch } = preconditions;
    const issues = definitions.map((definition, index) => [
      ...(definitions.findIndex(({ slug }) => slug === definition.slug) < index
        ? [{ pointer: "/slug", code: "duplicate_slug", detail: `Another of these files is the section ${JSON.stringify(definition.slug)} already.` }]
        : []),
      ...checkDefinition(definition, (name) => found.findDataset(name) ?? undefined),
    ]);

    let lastPosition = found.lastPosition();
    const changes: SectionChange[] = [];
    const sections: ImportedSection[] = [];
    for (const { $schema: _, ...definition } of definitions) {
      const existing = found.findSection(definition.slug);
      const before = existing && definitionOf(existing);
      const etagBefore = before && etagOf(before);
      if ((ifMatch !== undefined && !names(ifMatch, etagBefore)) || (ifNoneMatch !== undefined && names(ifNoneMatch, etagBefore)))
        return { ok: false, refused: "precondition", changes: [] };

      const { panels, ...settings } = definition;
      const position = definition.position ?? existing?.section.position ?? Math.min((lastPosition += 1), positionCeiling);
      const idOf = keepIds(existing?.panels ?? []);
      const stored: StoredSection = {
        section: { ...settings, position, refreshSeconds: settings.refreshSeconds ?? null, last: settings.last ?? null, id: existing?.section.id ?? newId("sec") },
        panels: panels.map((panel) => ({ id: idOf(panel.title), definition: panel })),
      };
      const after = definitionOf(stored);
      const etag = etagOf(after);
      const outcome = existing === null ? "created" : etag === etagBefore ? "unchanged" : "replaced";
      sections.push({ slug: definition.slug, outcome, definition: after, etag });
      if (outcome === "unchanged") continue;
      const event: AuditEvent | null = audit && {
        ...audit,
        at,
        action: existing === null ? "section.create" : "section.replace",
        result: "success",
        subjectType: "section",
        subjectId: stored.section.id,
        detail: { ...audit.detail, before, after },
      };
      changes.push({ at, isNew: existing === null, stored, audit: event });
    }
    if (issues.some((ofFile) => ofFile.length > 0)) return { ok: false, refused: "invalid", issues, changes: [] };
    return { ok: true, sections, changes: dryRun ? [] : changes };
  };

/** The names of the datasets that a section reads. */
export const datasetsOf = ({ panels }: Pick<SectionDefinition, "panels">): string[] => [...new Set(panels.flatMap((panel) => ("query" in panel ? [panel.query.dataset] : [])))];

interface Dependencies {
  readonly store: Pick<Store, "readSection" | "changeSections">;
  readonly publicUrl: string;
  readonly now: () => number;
  /** Gives a dataset the indexes that its panels need by now. Nobody waits for it. */
  ensureIndexes(dataset: string): Promise<void>;
  reportFault(error: unknown, requestId: string): void;
}

const auditOf = ({ caller, address, userAgent, requestId }: RequestContext) => ({
  actorUserId: caller?.userId ?? null,
  sessionId: caller?.sessionId ?? null,
  address,
  userAgent,
  requestId,
});

/** The handlers of sections as files. They take as decided that the caller has the permission. */
export const createDefinitionHandlers = ({
  store,
  publicUrl,
  now,
  ensureIndexes,
  reportFault,
}: Dependencies): Pick<Handlers, "GET /sections/:slug/definition" | "PUT /sections/:slug/definition" | "GET /schemas/section.json"> => {
  const $schema = sectionSchemaAddress(publicUrl);
  const schema = createSectionSchema($schema);

  return {
    "GET /sections/:slug/definition": async ({ params: { slug }, ok }) => {
      const found = await store.readSection(slug);
      if (found === null) throw new AppError("not_found", { detail: "There is no such section." });
      const kept = definitionOf(found);
      return ok(200, { $schema, ...kept }, { headers: { ETag: etagOf(kept) } });
    },

    "PUT /sections/:slug/definition": async ({ params: { slug }, headers, body, context, ok }) => {
      const refuse = (errors: readonly ValidationIssue[]): never => {
        throw new AppError("validation_failed", { detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" "), errors });
      };
      if (body.slug !== slug) refuse([{ pointer: "/slug", code: "other_slug", detail: `The address is that of the section ${JSON.stringify(slug)}.` }]);
      const preconditions = { ifMatch: headers["if-match"], ifNoneMatch: headers["if-none-match"] };
      const outcome = await store.changeSections(decideImport([body], { at: now(), audit: auditOf(context), preconditions }));
      if (!outcome.ok) {
        if (outcome.refused === "precondition") throw new AppError("precondition_failed");
        return refuse(outcome.issues.flat());
      }
      const [imported] = outcome.sections;
      if (imported === undefined) throw new Error("A section was imported, and is not there");
      if (imported.outcome !== "unchanged")
        for (const dataset of datasetsOf(body))
          ensureIndexes(dataset).catch((error: unknown) => {
            // An expected outcome, such as that the process is about to stop: the dataset's next import makes up for it.
            if (!(error instanceof AppError)) reportFault(error, context.requestId);
          });
      return ok(imported.outcome === "created" ? 201 : 200, { $schema, ...imported.definition }, { headers: { ETag: imported.etag } });
    },

    "GET /schemas/section.json": ({ ok }) => ok(200, schema, { headers: { "Cache-Control": "no-cache" } }),
  };
};
