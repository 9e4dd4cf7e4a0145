/**
 * Sections as files: a section is written whole, from a file that fits, or not at all. What is checked and what is
 * written are one transaction, so that no dataset can change between them.
 */
import { createHash } from "node:crypto";
import type { SectionDefinition } from "@sallyport/shared/contract";
import {
  AppError,
  datasetsOf,
  decideImport as decide,
  definitionOf,
  refuseDefinition,
  refuseOtherSlug,
  sectionSchemaAddress,
  unknownSection,
  type ImportDecision,
  type ImportedSection,
  type KeptDefinition,
  type Preconditions,
} from "@sallyport/shared/rules";
import { createSectionSchema } from "@sallyport/shared/section-schema";
import { newId } from "../database/identifier.ts";
import type { AuditEvent, SectionChange, SectionsFound, Store } from "../database/store.ts";
import { constant } from "../http/encode-answer.ts";
import type { Handlers, RequestContext } from "../http/endpoint.ts";
import { describeResult } from "../queries/compile-query.ts";

/** Strong (RFC 9110, 8.8.3): two files with one tag are the same to the last letter, but for `$schema`. */
const etagOf = (definition: KeptDefinition): string =>
  `"${createHash("sha256").update(JSON.stringify(definition)).digest("base64url")}"`;

type Refusal = Extract<ImportDecision, { readonly ok: false }>;
export type ImportOutcome =
  | {
      readonly ok: true;
      readonly sections: readonly ImportedSection[];
      readonly changes: readonly SectionChange[];
    }
  | (Refusal & { readonly changes: readonly [] });

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
  (
    definitions: readonly SectionDefinition[],
    { at, audit, dryRun = false, preconditions = {} }: ImportOptions,
  ) =>
  (found: SectionsFound): ImportOutcome => {
    const decision = decide(definitions, found, {
      newId,
      etagOf,
      preconditions,
      describe: describeResult,
    });
    if (!decision.ok) return { ...decision, changes: [] };
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
}: Dependencies): Pick<
  Handlers,
  "GET /sections/:slug/definition" | "PUT /sections/:slug/definition" | "GET /schemas/section.json"
> => {
  const $schema = sectionSchemaAddress(publicUrl);
  const schema = constant(createSectionSchema($schema));

  return {
    "GET /sections/:slug/definition": async ({ params: { slug }, ok }) => {
      const found = await store.readSection(slug);
      if (found === null) throw unknownSection();
      const kept = definitionOf(found);
      return ok(200, { $schema, ...kept }, { headers: { ETag: etagOf(kept) } });
    },

    "PUT /sections/:slug/definition": async ({ params: { slug }, headers, body, context, ok }) => {
      refuseOtherSlug(slug, body);
      const preconditions = { ifMatch: headers["if-match"], ifNoneMatch: headers["if-none-match"] };
      const outcome = await store.changeSections(
        decideImport([body], { at: now(), audit: auditOf(context), preconditions }),
      );
      if (!outcome.ok) {
        if (outcome.refused === "precondition") throw new AppError("precondition_failed");
        return refuseDefinition(outcome.issues.flat());
      }
      const [imported] = outcome.sections;
      if (imported === undefined) throw new Error("A section was imported, and is not there");
      if (imported.outcome !== "unchanged")
        for (const dataset of datasetsOf(body))
          ensureIndexes(dataset).catch((error: unknown) => {
            // An expected outcome, such as that the process is about to stop: the dataset's next import makes up for it.
            if (!(error instanceof AppError)) reportFault(error, context.requestId);
          });
      return ok(
        imported.outcome === "created" ? 201 : 200,
        { $schema, ...imported.definition },
        { headers: { ETag: imported.etag } },
      );
    },

    "GET /schemas/section.json": ({ ok }) =>
      ok(200, schema, { headers: { "Cache-Control": "no-cache" } }),
  };
};
