import { errorCatalogue, everySection, type Panel } from "@sallyport/shared/contract";
import { panelDefinition, type PanelDefinition } from "@sallyport/shared/contract";
import type { PanelRow, Store } from "../database/store.ts";
import type { DatasetShape, Range } from "../datasets/compile-query.ts";
import type { QueryRunner } from "../datasets/run-query.ts";
import type { Handlers } from "../http/endpoint.ts";
import { AppError } from "../http/errors.ts";

type DataPanel = Extract<Panel, { followsRange: boolean }>;
type DataDefinition = Extract<PanelDefinition, { query: unknown }>;

const defaultPageSize = 25;

export interface PanelFailure {
  readonly error: unknown;
  readonly requestId: string;
  readonly slug: string;
  readonly panelId: string;
}

interface Dependencies {
  readonly store: Pick<Store, "listSections" | "readSection" | "readPanel">;
  readonly runQuery: QueryRunner;
  /** Told of every panel whose query failed; the caller learns no more than that it did. */
  readonly reportFailure?: (failure: PanelFailure) => void;
}

interface Place {
  readonly position: number;
  readonly slug: string;
}

const encodeCursor = ({ position, slug }: Place): string => Buffer.from(JSON.stringify([position, slug])).toString("base64url");

const refuseCursor = (): never => {
  throw new AppError("validation_failed", { errors: [{ pointer: "/query/cursor", code: "invalid_cursor", detail: "Not a cursor of this list. Start again without one." }] });
};

const decodeCursor = (cursor: string): Place => {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return refuseCursor();
  }
  if (!Array.isArray(place) || place.length !== 2) return refuseCursor();
  const [position, slug] = place as unknown[];
  return Number.isSafeInteger(position) && typeof slug === "string" ? { position: position as number, slug } : refuseCursor();
};

const rangeOf = ({ from, to }: { readonly from?: string; readonly to?: string }): Range => ({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });

const isData = (panel: Panel): panel is DataPanel => "followsRange" in panel;
const hasQuery = (definition: PanelDefinition): definition is DataDefinition => "query" in definition;

/** What a panel says about itself, without its data and without its query. */
const describePanel = (id: string, definition: PanelDefinition, attribution: string | null): Panel => {
  const { title, description, width } = definition;
  const base = { id, title, ...(description !== undefined && { description }), width };
  if (definition.kind === "markdown") return { ...base, kind: definition.kind, text: definition.text };
  if (definition.kind === "embed") return { ...base, kind: definition.kind, url: definition.url, height: definition.height };
  const rests = { ...base, ...(attribution !== null && { attribution }), followsRange: definition.query.timeColumn !== undefined };
  if (definition.kind === "chart") return { ...rests, kind: definition.kind, chart: definition.chart };
  if (definition.kind === "table") return { ...rests, kind: definition.kind, pageSize: definition.pageSize ?? defaultPageSize };
  return { ...rests, kind: definition.kind, ...(definition.good !== undefined && { good: definition.good }) };
};

/**
 * The handlers of the sections' endpoints. They take as decided that the caller may see the section in the path, and,
 * for `scope=all`, that the caller may list every section.
 *
 * With `include=data` a section takes one query more for each panel that has data. A panel that fails takes no other one with it.
 */
export const createSectionHandlers = ({
  store,
  runQuery,
  reportFailure,
}: Dependencies): Pick<Handlers, "GET /sections" | "GET /sections/:slug" | "GET /sections/:slug/panels/:panelId/data"> => {
  const failPanel = (panel: DataPanel, error: unknown, request: { readonly requestId: string; readonly slug: string }): Panel => {
    reportFailure?.({ error, ...request, panelId: panel.id });
    return { ...panel, error: { code: "panel_failed", detail: errorCatalogue.panel_failed.title, requestId: request.requestId } };
  };

  const fillPanel = async (
    panel: Panel,
    definition: PanelDefinition,
    dataset: DatasetShape | undefined,
    range: Range,
    request: { readonly requestId: string; readonly slug: string },
  ): Promise<Panel> => {
    if (!isData(panel) || !hasQuery(definition)) return panel;
    try {
      return { ...panel, data: await runQuery(definition.query, dataset, range) };
    } catch (error) {
      return failPanel(panel, error, request);
    }
  };

  return {
    "GET /sections": async ({ query: { scope, limit, cursor }, context, ok }) => {
      const granted = scope === "all" ? [everySection] : (context.caller?.sections ?? []);
      const after = cursor === undefined ? null : decodeCursor(cursor);
      // One more than asked for tells whether there is a next page.
      const found = await store.listSections(granted, after, limit + 1);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      if (found.length <= limit || last === undefined) return ok(200, { items, nextCursor: null });
      const nextCursor = encodeCursor(last);
      const next = new URLSearchParams({ ...(scope === "all" && { scope }), limit: String(limit), cursor: nextCursor });
      return ok(200, { items, nextCursor }, { headers: { link: `<?${next.toString()}>; rel="next"` } });
    },

    "GET /sections/:slug": async ({ params: { slug }, query, context: { requestId }, ok }) => {
      const found = await store.readSection(slug);
      // Removed since access to it was decided.
      if (found === null) throw new AppError("section_forbidden");
      const range = rangeOf(query);
      const describe = async ({ id, definition: stored, dataset }: PanelRow): Promise<Panel> => {
        // Definitions are checked when they are written; one that was broken by hand in SQL takes no other panel with it.
        const definition = panelDefinition.safeParse(stored);
        if (!definition.success)
          return failPanel({ id, kind: "table", title: "Panel", width: 12, followsRange: false, pageSize: defaultPageSize }, definition.error, { requestId, slug });
        const panel = describePanel(id, definition.data, dataset?.attribution ?? null);
        return query.include === "data" ? await fillPanel(panel, definition.data, dataset ?? undefined, range, { requestId, slug }) : panel;
      };
      const described = found.panels.map(describe);
      return ok(200, { ...found.section, timeBounds: null, panels: await Promise.all(described) });
    },

    "GET /sections/:slug/panels/:panelId/data": async ({ params: { slug, panelId }, query, context: { requestId }, ok }) => {
      const found = await store.readPanel(slug, panelId);
      if (found === null || !hasQuery(found.definition)) throw new AppError("not_found");
      try {
        return ok(200, await runQuery(found.definition.query, found.dataset ?? undefined, rangeOf(query)));
      } catch (error) {
        reportFailure?.({ error, requestId, slug, panelId });
        throw new AppError("panel_failed", { cause: error });
      }
    },
  };
};
