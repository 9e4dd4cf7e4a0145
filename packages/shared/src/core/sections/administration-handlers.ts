import type { sectionAdministrationEndpoints } from "../../contract/section-administration.ts";
import { applyDecision } from "../apply-decision.ts";
import { requireMatch, versionTag } from "../answering/entity-tags.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { DatasetStore } from "../datasets/dataset-store.ts";
import type { ImportStore } from "../datasets/import-store.ts";
import type { Chance, Digests } from "../ports.ts";
import { datasetsOf, sectionSchemaAddress, unknownSection } from "./decide-import.ts";
import { definitionOf } from "./section-as-file.ts";
import {
  decideCopy,
  decideCreation,
  decideOrder,
  decideRemoval,
  decideSettings,
  slugsAskedFor,
  titleOfCopy,
  type MadeSection,
} from "./decide-section-change.ts";
import { prepareIndexes } from "./prepare-indexes.ts";
import { describeSettings } from "./section-settings.ts";
import type { SectionPlace, SectionsAsFound, SectionStore } from "./section-store.ts";

interface Dependencies {
  readonly stores: {
    readonly datasets: Pick<DatasetStore, "find">;
    readonly imports: Pick<ImportStore, "ensureIndexes">;
    readonly sections: Pick<
      SectionStore,
      "apply" | "applyOrder" | "find" | "readOrder" | "readSettings"
    >;
  };
  readonly chance: Pick<Chance, "newId">;
  readonly digests: Pick<Digests, "tag">;
  readonly publicUrl: string;
  readonly now: () => number;
  reportFault(error: unknown, requestId: string): void;
}

/**
 * The handlers for whoever arranges sections. They take as decided that the caller has the
 * permission. Each change and its audit event are written together.
 */
export const createSectionAdministrationHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof sectionAdministrationEndpoints> => {
  const {
    stores: { datasets, sections },
    chance,
    digests,
    publicUrl,
    now,
  } = dependencies;
  const $schema = sectionSchemaAddress(publicUrl);

  const eventOf = (
    context: RequestContext,
    at: number,
    action: AuditAction,
    about: Pick<AuditEvent, "subjectId" | "subjectName" | "detail">,
  ): AuditEvent => ({
    ...recordOf(context),
    at,
    action,
    result: "success",
    ...(about.subjectId !== undefined && { subjectType: "section" }),
    ...about,
  });

  /** Has it made of what is found, and stored. */
  const create = async (
    read: () => Promise<SectionsAsFound>,
    decide: (found: SectionsAsFound, at: number) => MadeSection,
    context: RequestContext,
    about: Readonly<Record<string, unknown>> = {},
  ) => {
    const at = now();
    const made = await applyDecision(
      read,
      (found) => decide(found, at),
      (found, { stored, definition: after }) =>
        sections.apply(found.version, [
          {
            at,
            isNew: true,
            stored,
            audit: eventOf(context, at, "section.create", {
              subjectId: stored.section.id,
              detail: { ...about, before: null, after },
            }),
          },
        ]),
    );
    prepareIndexes(dependencies, datasetsOf(made.definition), context.requestId);
    return {
      body: { $schema, ...made.definition },
      headers: {
        location: `/sections/${made.definition.slug}`,
        ETag: versionTag(made.stored.section.version),
      },
    };
  };

  const orderTag = (places: readonly SectionPlace[]): string =>
    `"${digests.tag(JSON.stringify(places.map(({ id }) => id)))}"`;

  return {
    "POST /sections": async ({ body, context, ok }) => {
      const named = body.dataset === undefined ? [] : [body.dataset];
      const slugs = slugsAskedFor(body.slug, body.title);
      let title = "";
      const made = await create(
        async () => {
          title = (named[0] === undefined ? null : await datasets.find(named[0]))?.title ?? "";
          return sections.find(slugs, named);
        },
        (found, at) => {
          const queried = found.datasets.get(named[0] ?? "") ?? null;
          const dataset = queried && { ...queried, title: title || queried.name };
          return decideCreation(body, found, dataset, chance.newId, at);
        },
        context,
      );
      return ok(201, made.body, { headers: made.headers });
    },

    "PATCH /sections/:slug": async ({ params: { slug }, headers, body, context, ok }) => {
      const at = now();
      const slugs = body.slug === undefined ? [slug] : [slug, body.slug];
      const changed = await applyDecision(
        () => sections.find(slugs, []),
        (found) => decideSettings(slug, body, headers["if-match"], found),
        (found, { stored, definition, before, isSame }) => {
          if (isSame) return "applied";
          const detail = {
            before: { ...before, panels: undefined },
            after: { ...definition, panels: undefined },
          };
          const audit = eventOf(context, at, "section.change", {
            subjectId: stored.section.id,
            detail,
          });
          return sections.apply(found.version, [{ at, isNew: false, stored, audit }]);
        },
      );
      const settings = await sections.readSettings(changed.definition.slug);
      // Removed as soon as it was changed.
      if (settings === null) throw unknownSection();
      return ok(200, describeSettings(settings), {
        headers: { ETag: versionTag(settings.version) },
      });
    },

    "DELETE /sections/:slug": async ({ params: { slug }, headers, context, ok }) => {
      const at = now();
      await applyDecision(
        () => sections.find([slug], []),
        (found) => decideRemoval(slug, headers["if-match"], found),
        (found, { id, before, grants }) => {
          const detail = { before, grants, after: null };
          const audit = eventOf(context, at, "section.delete", {
            subjectId: id,
            subjectName: before.title,
            detail,
          });
          return sections.apply(found.version, [{ removedId: id, audit }]);
        },
      );
      return ok(204, null);
    },

    "POST /sections/:slug/duplicate": async ({ params: { slug }, body = {}, context, ok }) => {
      const original = (await sections.find([slug], [])).sections.get(slug);
      if (original === undefined) throw unknownSection();
      const title = body.title ?? titleOfCopy(original.section.title);
      const names = datasetsOf(definitionOf(original));
      const made = await create(
        async () => sections.find([slug, ...slugsAskedFor(body.slug, title)], names),
        (found, at) =>
          decideCopy({ slug: body.slug, title }, found.sections.get(slug), found, chance.newId, at),
        context,
        { copyOf: slug },
      );
      return ok(201, made.body, { headers: made.headers });
    },

    "GET /section-order": async ({ ok }) => {
      const places = await sections.readOrder();
      return ok(200, { items: [...places] }, { headers: { ETag: orderTag(places) } });
    },

    "PUT /section-order": async ({ headers, body: { slugs }, context, ok }) => {
      const at = now();
      const order = (places: readonly SectionPlace[]): readonly string[] =>
        places.map(({ slug }) => slug);
      await applyDecision(
        () => sections.readOrder(),
        (places) => {
          requireMatch(headers["if-match"], orderTag(places));
          return decideOrder(places, slugs);
        },
        (places, positions) => {
          if (positions.size === 0) return "applied";
          const detail = { before: order(places), after: slugs };
          return sections.applyOrder(
            places,
            positions,
            eventOf(context, at, "section.order", { detail }),
          );
        },
      );
      return ok(204, null, { headers: { ETag: orderTag(await sections.readOrder()) } });
    },
  };
};
