import {
  errorCatalogue,
  everySection,
  panelDefinition,
  type Chart,
  type Contract,
  type Panel,
  type PanelData,
  type PanelDefinition,
  type Query,
  type Section,
} from "@sallyport/shared/contract";
import { AppError, type AskedRange, dayOf, decodeCursor, pageOf, type StoredValue, timeZoneOf } from "@sallyport/shared/rules";
import type * as z from "zod";
import type { PanelRow, Store } from "../database/store.ts";
import type { DatasetShape } from "../queries/compile-query.ts";
import { DatasetChanged, type QueryRunner } from "../queries/run-query.ts";
import type { Handlers } from "../http/endpoint.ts";

type DataPanel = Extract<Panel, { followsRange: boolean }>;
type DataDefinition = Extract<PanelDefinition, { query: unknown }>;

const defaultPageSize = 25;
/** About what a chart as wide as a screen can show. */
const defaultPoints = 500;
const trendPoints = 100;

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

const isPlace = (place: readonly unknown[]): place is readonly [position: number, slug: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

type Validated = z.output<Contract["GET /sections/:slug/panels/:panelId/data"]["query"]>;
type RangeQuery = Pick<Validated, "from" | "to" | "last">;

const refuseQuery = (issues: readonly { readonly name: string; readonly code: string; readonly detail: string }[]): never => {
  const errors = issues.map(({ name, code, detail }) => ({ pointer: `/query/${name}`, code, detail }));
  throw new AppError("validation_failed", { detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; "), errors });
};

/** @throws AppError `validation_failed` */
const rangeOf = ({ from, to, last }: RangeQuery): AskedRange | undefined => {
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const names = Object.keys(bounds);
  if (last === undefined) {
    const unreadable = Object.entries(bounds).filter(([, text]) => Number.isNaN(Date.parse(text)));
    if (unreadable.length > 0) refuseQuery(unreadable.map(([name]) => ({ name, code: "not_a_time", detail: "Not a date or date-time that can be computed with." })));
    return names.length === 0 ? undefined : bounds;
  }
  if (names.length > 0) refuseQuery(["last", ...names].map((name) => ({ name, code: "contradiction", detail: "Either `last`, or `from` and `to`." })));
  return { last };
};

const paramsOfKinds = { sort: "table", page: "table", limit: "table", points: "chart" } as const;

/** @throws AppError `validation_failed` where something is asked that only panels of another kind have */
const refuseParamsOfOtherKinds = (kind: PanelDefinition["kind"], query: Validated): void => {
  const misplaced = Object.entries(paramsOfKinds).filter(([name, of]) => of !== kind && query[name as keyof Validated] !== undefined);
  if (misplaced.length > 0) refuseQuery(misplaced.map(([name, of]) => ({ name, code: "wrong_kind", detail: `Only of a ${of}, and this panel is none.` })));
};

/** What a panel is asked for, beside what its definition says. */
interface View extends Pick<Validated, "sort" | "page" | "limit" | "points"> {
  readonly range: AskedRange | undefined;
  readonly sectionLast: string | null;
}

const orderOf = (sort: string): { readonly name: string; readonly direction: "ascending" | "descending" } =>
  sort.startsWith("-") ? { name: sort.slice(1), direction: "descending" } : { name: sort, direction: "ascending" };

/** The names in the result of a selected column. */
const nameOf = (selection: Query["select"][number]): string =>
  "aggregate" in selection ? selection.name : "bucket" in selection ? (selection.name ?? selection.column) : selection.column;

/** A trend is drawn like a chart, but as wide as a word. */
const trendOf = ({ select: [time, value] }: Query): Pick<Chart, "x" | "y"> | undefined => (time && value ? { x: nameOf(time), y: [nameOf(value)] } : undefined);

/** What the caller is told of a panel that failed: an error that says what to do about it, or no more than that it failed. */
const panelError = (thrown: unknown): AppError => {
  if (thrown instanceof DatasetChanged) return new AppError("busy", { detail: "The panel's rows are being replaced.", retryAfterSeconds: 1, cause: thrown });
  return thrown instanceof AppError ? thrown : new AppError("panel_failed", { cause: thrown });
};

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

/** The first and the last day that a range of time can narrow in one of these panels. */
const timeBoundsOf = (panels: readonly PanelRow[]): Section["timeBounds"] => {
  let [from, to]: (string | undefined)[] = [];
  for (const { definition, dataset } of panels) {
    const query = hasQuery(definition) ? definition.query : undefined;
    const { timeColumn } = query ?? {};
    if (query === undefined || timeColumn === undefined || dataset === null || !Object.hasOwn(dataset.timeBounds, timeColumn)) continue;
    const type = dataset.columns.find(({ name }) => name === timeColumn)?.type;
    if (type !== "date" && type !== "timestamp") continue;
    const line = { type, zone: timeZoneOf(query.timeZone ?? "UTC") };
    const [first, last] = (dataset.timeBounds[timeColumn] as readonly [StoredValue, StoredValue]).map((stored) => dayOf(stored, line)) as [string, string];
    if (from === undefined || first < from) from = first;
    if (to === undefined || last > to) to = last;
  }
  return from === undefined || to === undefined ? null : { from, to };
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
  const readOnce = async (definition: DataDefinition, dataset: DatasetShape | undefined, view: View): Promise<PanelData> => {
    const { range, sectionLast } = view;
    const shared = { ...(range !== undefined && { range }), ...(sectionLast !== null && { sectionLast }) };
    const { query } = definition;
    switch (definition.kind) {
      case "table": {
        const limit = view.limit ?? definition.pageSize ?? defaultPageSize;
        const { sort } = view;
        return runQuery(query, dataset, { ...shared, page: { offset: ((view.page ?? 1) - 1) * limit, limit, ...(sort !== undefined && { sort: orderOf(sort) }) } });
      }
      case "chart":
        return runQuery(query, dataset, { ...shared, drawn: { chart: definition.chart, points: view.points ?? defaultPoints } });
      case "metric": {
        if (definition.trend === undefined) return runQuery(query, dataset, shared);
        const drawn = trendOf(definition.trend);
        const [data, trend] = await Promise.all([
          runQuery(query, dataset, shared),
          runQuery(definition.trend, dataset, { ...shared, ...(drawn && { drawn: { chart: drawn, points: trendPoints } }) }),
        ]);
        return { ...data, trend: { columns: trend.columns, rows: trend.rows } };
      }
    }
  };

  /** Rows may be replaced, and a dataset's columns with them, between reading what a dataset is and reading its rows. */
  const readData = async (
    slug: string,
    row: { readonly id: string; readonly definition: DataDefinition; readonly dataset: PanelRow["dataset"] },
    view: View,
  ): Promise<PanelData> => {
    try {
      return await readOnce(row.definition, row.dataset ?? undefined, view);
    } catch (error) {
      if (!(error instanceof DatasetChanged)) throw error;
      const dataset = (await store.readPanel(slug, row.id))?.dataset;
      return await readOnce(row.definition, dataset ?? undefined, view);
    }
  };

  const failPanel = (panel: DataPanel, thrown: unknown, request: { readonly requestId: string; readonly slug: string }): Panel => {
    const error = panelError(thrown);
    reportFailure?.({ error: thrown, ...request, panelId: panel.id });
    return { ...panel, error: { code: error.code, detail: error.members.detail ?? errorCatalogue[error.code].title, requestId: request.requestId } };
  };

  return {
    "GET /sections": async ({ query: { scope, limit, cursor }, context, ok }) => {
      const granted = scope === "all" ? [everySection] : (context.caller?.sections ?? []);
      const [position, slug] = cursor === undefined ? [] : decodeCursor(cursor, isPlace);
      const found = await store.listSections(granted, position === undefined || slug === undefined ? null : { position, slug }, limit + 1);
      const page = pageOf(found, limit, (section) => [section.position, section.slug], scope === "all" ? { scope } : {});
      return ok(200, { items: [...page.items], nextCursor: page.nextCursor }, { headers: page.headers });
    },

    "GET /sections/:slug": async ({ params: { slug }, query, context: { requestId }, ok }) => {
      const range = rangeOf(query);
      const found = await store.readSection(slug);
      // Removed since access to it was decided.
      if (found === null) throw new AppError("section_forbidden");
      const view: View = { range, sectionLast: found.section.last };
      const readable: PanelRow[] = [];
      const describe = async ({ id, definition: stored, dataset }: PanelRow): Promise<Panel> => {
        // Definitions are checked when they are written; one that was broken by hand in SQL takes no other panel with it.
        const definition = panelDefinition.safeParse(stored);
        if (!definition.success)
          return failPanel({ id, kind: "table", title: "Panel", width: 12, followsRange: false, pageSize: defaultPageSize }, definition.error, { requestId, slug });
        readable.push({ id, definition: definition.data, dataset });
        const panel = describePanel(id, definition.data, dataset?.attribution ?? null);
        if (query.include !== "data" || !isData(panel) || !hasQuery(definition.data)) return panel;
        try {
          return { ...panel, data: await readData(slug, { id, definition: definition.data, dataset }, view) };
        } catch (error) {
          return failPanel(panel, error, { requestId, slug });
        }
      };
      // Every panel's query is under way before the first is waited for.
      const panels = found.panels.map(describe);
      return ok(200, { ...found.section, timeBounds: timeBoundsOf(readable), panels: await Promise.all(panels) });
    },

    "GET /sections/:slug/panels/:panelId/data": async ({ params: { slug, panelId }, query, context: { requestId }, ok }) => {
      const range = rangeOf(query);
      const found = await store.readPanel(slug, panelId);
      if (found === null) throw new AppError("not_found");
      const definition = panelDefinition.safeParse(found.definition);
      if (definition.success && !hasQuery(definition.data)) throw new AppError("not_found");
      try {
        if (!definition.success) throw definition.error;
        refuseParamsOfOtherKinds(definition.data.kind, query);
        return ok(200, await readData(slug, { ...found, definition: definition.data as DataDefinition }, { ...query, range, sectionLast: found.sectionLast }));
      } catch (thrown) {
        const error = panelError(thrown);
        if (error.code !== "validation_failed") reportFailure?.({ error: thrown, requestId, slug, panelId });
        throw error;
      }
    },
  };
};
