/** Sections as files: read, created and replaced whole, by the server's own decisions. */
import { createSectionSchema } from "../contract/section-schema.ts";
import type { SectionDefinition } from "../contract/contract.ts";
import {
  AppError,
  decideImport,
  definitionOf,
  refuseDefinition,
  refuseOtherSlug,
  sectionSchemaAddress,
  unknownSection,
  type ImportDecision,
  type KeptDefinition,
  type Preconditions,
  type StoredSection,
} from "../rules/rules.ts";
import { digest } from "./digest.ts";
import type { MockContext, MockHandlers } from "./endpoint.ts";
import { findSection } from "./sections.ts";
import type { MockSection, MockState } from "./state.ts";

const etagOf = (definition: KeptDefinition): string => `"${digest(JSON.stringify(definition))}"`;

const storedOf = ({ id, definition, panelIds }: MockSection): StoredSection => {
  const { panels, $schema: _, ...settings } = definition;
  return {
    section: {
      ...settings,
      id,
      refreshSeconds: definition.refreshSeconds ?? null,
      last: definition.last ?? null,
    },
    panels: panels.map((panel, index) => ({ id: panelIds[index] ?? "", definition: panel })),
  };
};

/** Decides what these files do to the sections that there are. Which rows their datasets have does not matter for it. */
export const decide = (
  { sections, datasets }: Pick<MockState, "sections" | "datasets">,
  definitions: readonly SectionDefinition[],
  newId: MockContext["newId"],
  preconditions: Preconditions = {},
): ImportDecision =>
  decideImport(
    definitions,
    {
      findSection: (slug) => {
        const found = findSection({ sections }, slug);
        return found ? storedOf(found) : null;
      },
      findDataset: (name) => {
        const found = datasets.find((dataset) => dataset.name === name);
        return found ? { name, columns: found.columns, timeBounds: {} } : null;
      },
      lastPosition: () => Math.max(0, ...sections.map(({ definition }) => definition.position)),
    },
    { newId, etagOf, preconditions },
  );

/** @param at milliseconds since 1970 */
export const sectionOf = ({ section, panels }: StoredSection, at: number): MockSection => ({
  id: section.id,
  definition: { ...definitionOf({ section, panels }), position: section.position },
  panelIds: panels.map(({ id }) => id),
  changedAt: at,
});

/** The handlers of sections as files. They take as decided that the caller has the permission. */
export const sectionFileHandlers: Pick<
  MockHandlers,
  "GET /sections/:slug/definition" | "PUT /sections/:slug/definition" | "GET /schemas/section.json"
> = {
  "GET /sections/:slug/definition": ({ params: { slug }, context: { state, publicUrl }, ok }) => {
    const found = findSection(state, slug);
    if (found === undefined) throw unknownSection();
    const kept = definitionOf(storedOf(found));
    return ok(
      200,
      { $schema: sectionSchemaAddress(publicUrl), ...kept },
      { headers: { ETag: etagOf(kept) } },
    );
  },

  "PUT /sections/:slug/definition": ({
    params: { slug },
    headers,
    body,
    context: { state, now, newId, publicUrl },
    ok,
  }) => {
    refuseOtherSlug(slug, body);
    const decision = decide(state, [body], newId, {
      ifMatch: headers["if-match"],
      ifNoneMatch: headers["if-none-match"],
    });
    if (!decision.ok) {
      if (decision.refused === "precondition") throw new AppError("precondition_failed");
      return refuseDefinition(decision.issues.flat());
    }
    const [imported] = decision.sections;
    if (imported === undefined) throw new Error("A section was imported, and is not there");
    const before = findSection(state, slug);
    if (imported.outcome !== "unchanged") {
      // Later than before in any case: open pages go by it.
      const section = sectionOf(imported.stored, Math.max(now, (before?.changedAt ?? 0) + 1));
      state.sections = before
        ? state.sections.map((one) => (one === before ? section : one))
        : [...state.sections, section];
    }
    return ok(
      imported.outcome === "created" ? 201 : 200,
      { $schema: sectionSchemaAddress(publicUrl), ...imported.definition },
      { headers: { ETag: imported.etag } },
    );
  },

  "GET /schemas/section.json": ({ context, ok }) =>
    ok(200, createSectionSchema(sectionSchemaAddress(context.publicUrl)), {
      headers: { "Cache-Control": "no-cache" },
    }),
};
