import type { sectionFileEndpoints } from "../../contract/section-files.ts";
import type { sectionEndpoints } from "../../contract/sections.ts";
import { maySeeSection } from "../access/decide-access.ts";
import { after } from "../awaitable.ts";
import {
  panelDefinition,
  type Contract,
  type HandlerInput,
  type Panel,
  type PanelData,
} from "../../contract/contract.ts";
import { constant, withRowsAside } from "../answering/encode-answer.ts";
import { sectionsOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { queueCallerOf, type QueueCaller } from "../answering/queue-callers.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { isPosition, readSort } from "../answering/sorted-lists.ts";
import { DatasetChanged, type QueryStore } from "../queries/query-store.ts";
import type { UserStore } from "../users/user-store.ts";
import {
  askedRangeOf,
  brokenPanel,
  byClocksOf,
  daysOf,
  describePanel,
  failPanel,
  hasQuery,
  isData,
  panelErrorOf,
  readPanel,
  refuseParamsOfOtherKinds,
  withoutPassword,
  type DataDefinition,
  type DataPanel,
  type View,
} from "./section-panels.ts";
import { describeSettings, listingOf, rankOf } from "./section-settings.ts";
import type { PanelRow, SectionStore, SectionSummary } from "./section-store.ts";

export interface PanelFailure {
  readonly error: unknown;
  readonly requestId: string;
  readonly slug: string;
  readonly panelId: string;
}

interface Dependencies {
  readonly stores: {
    readonly queries: Pick<QueryStore, "run">;
    readonly sections: Pick<SectionStore, "list" | "listSettings" | "read" | "readPanel">;
    readonly users: Pick<UserStore, "readRights">;
  };
  /** Told of every panel whose query failed; the caller learns no more than that it did. */
  readonly reportPanelFailure?: (failure: PanelFailure) => void;
}

type ListQuery = HandlerInput<Contract["GET /sections"]>["query"];

/** @throws AppError `validation_failed` */
const refuseParamsOfAll = (query: ListQuery): void => {
  const misplaced = (["q", "sort", "visibility"] as const).filter(
    (name) => query[name] !== undefined,
  );
  if (misplaced.length === 0) return;
  const detail = "Only with `scope=all`.";
  throw new AppError("validation_failed", {
    detail: misplaced.map((name) => `/query/${name}: ${detail}`).join("; "),
    errors: misplaced.map((name) => ({
      pointer: `/query/${name}`,
      code: "wrong_scope",
      detail,
    })),
  });
};

type SettingsFound = Awaited<ReturnType<SectionStore["listSettings"]>>;

/**
 * Makes an answer once of what the store has read once: it may give the same until something has
 * changed.
 * @param keyOf what tells questions apart that the store answers with the same
 */
const keepAnswers = <F extends object, Q, A>(
  make: (found: F, query: Q) => A,
  keyOf: (query: Q) => string,
): ((found: F, query: Q) => A) => {
  const answers = new WeakMap<F, Map<string, A>>();
  return (found, query) => {
    const kept = answers.get(found) ?? new Map<string, A>();
    answers.set(found, kept);
    const key = keyOf(query);
    const answer = kept.get(key) ?? make(found, query);
    kept.set(key, answer);
    return answer;
  };
};

const isPlace = (place: readonly unknown[]): place is readonly [position: number, slug: string] =>
  place.length === 2 && isPosition(place[0]) && typeof place[1] === "string";

/**
 * The handlers of the sections' endpoints. They take as decided that the caller may see the section
 * in the path, and, for `scope=all`, that the caller may list every section.
 *
 * With `include=data` a section takes one query more for each panel that has data. A panel that
 * fails takes no other one with it.
 */
export const createSectionHandlers = ({
  stores: { sections, queries, users },
  reportPanelFailure,
}: Dependencies): Pick<
  Handlers,
  Exclude<keyof typeof sectionEndpoints, keyof typeof sectionFileEndpoints>
> => {
  const readOnce = (
    { definition, dataset }: Pick<PanelRow, "dataset"> & { readonly definition: DataDefinition },
    view: View,
    asking: QueueCaller,
  ): Promise<PanelData> =>
    readPanel(definition, view, async (query, wanted) =>
      queries.run(query, dataset ?? undefined, wanted, asking),
    );

  /**
   * Rows may be replaced, and a dataset's columns with them, between reading what a dataset is and
   * reading its rows.
   */
  const readData = async (
    slug: string,
    row: PanelRow & { readonly definition: DataDefinition },
    view: View,
    asking: QueueCaller,
  ): Promise<PanelData> => {
    try {
      return await readOnce(row, view, asking);
    } catch (error) {
      if (!(error instanceof DatasetChanged)) throw error;
      const dataset = (await sections.readPanel(slug, row.id))?.dataset ?? null;
      return await readOnce({ ...row, dataset }, view, asking);
    }
  };

  const fail = (
    panel: DataPanel,
    thrown: unknown,
    request: { readonly requestId: string; readonly slug: string },
  ): Panel => {
    reportPanelFailure?.({ error: thrown, ...request, panelId: panel.id });
    return failPanel(panel, panelErrorOf(thrown), request.requestId);
  };

  /** Of whoever reads, where they are somebody who has chosen one. */
  const zoneOf = async ({ caller }: RequestContext): Promise<string | undefined> =>
    caller === null ? undefined : (await users.readRights(caller.userId))?.preferences.timeZone;

  const answerOf = keepAnswers(
    (found: readonly SectionSummary[], { limit }: Pick<ListQuery, "limit">) => {
      const { items, nextCursor, headers } = pageOf(found, limit, (section) => [
        section.position,
        section.slug,
      ]);
      return { body: constant({ items: [...items], nextCursor }), headers };
    },
    ({ limit }) => String(limit),
  );

  const answerOfAll = keepAnswers(
    (
      { sections: found, total }: SettingsFound,
      { scope, limit, sort, q, visibility }: ListQuery,
    ) => {
      const { order } = readSort(sort ?? "position");
      const { items, nextCursor, headers } = pageOf(
        found,
        limit,
        (section) => [order, rankOf(order, section), section.slug],
        {
          scope,
          ...(sort !== undefined && { sort }),
          ...(q !== undefined && { q }),
          ...(visibility !== undefined && { visibility }),
        },
      );
      return { body: constant({ items: items.map(describeSettings), nextCursor, total }), headers };
    },
    JSON.stringify,
  );

  return {
    "GET /sections": ({ query, context, ok }) => {
      const { scope, limit, cursor } = query;
      if (scope === "all")
        return after(sections.listSettings(listingOf(query)), (found) => {
          const { body, headers } = answerOfAll(found, query);
          return ok(200, body, { headers });
        });
      refuseParamsOfAll(query);
      const [position, slug] = cursor === undefined ? [] : decodeCursor(cursor, isPlace);
      const place = position === undefined || slug === undefined ? null : { position, slug };
      return after(sections.list(context.caller?.sections ?? [], place, limit + 1), (found) => {
        const { body, headers } = answerOf(found, query);
        return ok(200, body, { headers });
      });
    },

    "GET /sections/:slug": async ({ params: { slug }, query, context, ok }) => {
      const { requestId } = context;
      const asking = queueCallerOf(context);
      const range = askedRangeOf(query);
      const [found, zone] = [await sections.read(slug), await zoneOf(context)];
      // Removed since access to it was decided, or another section has its slug now.
      if (
        found === null ||
        !maySeeSection(sectionsOf(context), found.section.slug, found.section.visibility)
      )
        throw new AppError("section_forbidden");
      const view: View = { range, sectionLast: found.section.last };
      const readable: PanelRow[] = [];
      const describe = async ({ id, definition: stored, dataset }: PanelRow): Promise<Panel> => {
        // Definitions are checked when they are written; one that was broken by hand takes no other
        // panel with it.
        const read = panelDefinition.safeParse(withoutPassword(stored));
        if (!read.success) return fail(brokenPanel(id), read.error, { requestId, slug });
        const definition = byClocksOf(read.data, zone);
        readable.push({ id, definition, dataset });
        const panel = describePanel(id, definition, dataset?.attribution ?? null);
        if (query.include !== "data" || !isData(panel) || !hasQuery(definition)) return panel;
        try {
          return {
            ...panel,
            data: await readData(slug, { id, definition, dataset }, view, asking),
          };
        } catch (error) {
          return fail(panel, error, { requestId, slug });
        }
      };
      // Every panel's query is under way before the first is waited for.
      const panels = found.panels.map(describe);
      return ok(
        200,
        withRowsAside(
          {
            ...found.section,
            timeBounds: daysOf(readable),
            panels: await Promise.all(panels),
          },
          requestId,
        ),
      );
    },

    "GET /sections/:slug/panels/:panelId/data": async ({
      params: { slug, panelId },
      query,
      context,
      ok,
    }) => {
      const { requestId } = context;
      const range = askedRangeOf(query);
      const found = await sections.readPanel(slug, panelId);
      if (found === null) throw new AppError("not_found");
      const definition = panelDefinition.safeParse(found.definition);
      if (definition.success && !hasQuery(definition.data)) throw new AppError("not_found");
      try {
        if (!definition.success) throw definition.error;
        refuseParamsOfOtherKinds(definition.data.kind, query);
        return ok(
          200,
          withRowsAside(
            await readData(
              slug,
              {
                ...found,
                definition: byClocksOf(definition.data as DataDefinition, await zoneOf(context)),
              },
              { ...query, range, sectionLast: found.sectionLast },
              queueCallerOf(context),
            ),
            requestId,
          ),
        );
      } catch (thrown) {
        const error = panelErrorOf(thrown);
        if (error.code !== "validation_failed")
          reportPanelFailure?.({ error: thrown, requestId, slug, panelId });
        throw error;
      }
    },
  };
};
