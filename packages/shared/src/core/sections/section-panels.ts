/**
 * Sections and their panels as those see them who may look at them: what is asked of a panel, and
 * what is told of it.
 */
import type {
  Chart,
  ColumnType,
  Contract,
  HandlerInput,
  Panel,
  PanelData,
  PanelDefinition,
  Query,
  Section,
} from "../../contract/contract.ts";
import { errorCatalogue, isPanelErrorCode } from "../../contract/error-codes.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { DatasetChanged, type QueryResult, type Wanted } from "../queries/query-store.ts";
import type { Reduction } from "../queries/reduce-series.ts";
import { sortPointer, timeBoundsOf } from "../queries/resolve-query.ts";
import type { DatasetShape, ResultColumn } from "../queries/resolved-query.ts";
import { dayOf, type AskedRange } from "../queries/time-ranges.ts";
import { timeZoneOf } from "../queries/time-zones.ts";

/** A panel that shows data. */
export type DataPanel = Extract<Panel, { followsRange: boolean }>;
export type DataDefinition = Extract<PanelDefinition, { query: unknown }>;

const defaultPageSize = 25;
/** About what a chart as wide as a screen can show. */
const defaultPoints = 500;
const trendPoints = 100;

type Validated = HandlerInput<Contract["GET /sections/:slug/panels/:panelId/data"]>["query"];
type RangeQuery = Pick<Validated, "from" | "to" | "last">;

const refuseQuery = (
  issues: readonly { readonly name: string; readonly code: string; readonly detail: string }[],
): never => {
  const errors = issues.map(({ name, code, detail }) => ({
    pointer: `/query/${name}`,
    code,
    detail,
  }));
  throw new AppError("validation_failed", {
    detail: errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; "),
    errors,
  });
};

/** The range of time that a request names. @throws AppError `validation_failed` */
export const askedRangeOf = ({ from, to, last }: RangeQuery): AskedRange | undefined => {
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const names = Object.keys(bounds);
  if (last === undefined) {
    const unreadable = Object.entries(bounds).filter(([, text]) => Number.isNaN(Date.parse(text)));
    if (unreadable.length > 0)
      refuseQuery(
        unreadable.map(([name]) => ({
          name,
          code: "not_a_time",
          detail: "Not a date or date-time that can be computed with.",
        })),
      );
    return names.length === 0 ? undefined : bounds;
  }
  if (names.length > 0)
    refuseQuery(
      ["last", ...names].map((name) => ({
        name,
        code: "contradiction",
        detail: "Either `last`, or `from` and `to`.",
      })),
    );
  return { last };
};

const paramsOfKinds = { sort: "table", page: "table", limit: "table", points: "chart" } as const;

/**
 * @throws AppError `validation_failed` where something is asked that only panels of another kind
 * have
 */
export const refuseParamsOfOtherKinds = (kind: PanelDefinition["kind"], query: Validated): void => {
  const misplaced = Object.entries(paramsOfKinds).filter(
    ([name, of]) => of !== kind && query[name as keyof Validated] !== undefined,
  );
  if (misplaced.length > 0)
    refuseQuery(
      misplaced.map(([name, of]) => ({
        name,
        code: "wrong_kind",
        detail: `Only of a ${of}, and this panel is none.`,
      })),
    );
};

/** What a panel is asked for, beside what its definition says. */
export interface View extends Pick<Validated, "sort" | "page" | "limit" | "points"> {
  readonly range: AskedRange | undefined;
  readonly sectionLast: string | null;
}

const orderOf = (
  sort: string,
): { readonly name: string; readonly direction: "ascending" | "descending" } =>
  sort.startsWith("-")
    ? { name: sort.slice(1), direction: "descending" }
    : { name: sort, direction: "ascending" };

/** The names in the result of a selected column. */
const nameOf = (selection: Query["select"][number]): string =>
  "aggregate" in selection
    ? selection.name
    : "bucket" in selection
      ? (selection.name ?? selection.column)
      : selection.column;

/** A trend is drawn like a chart, but as wide as a word. */
const trendOf = ({ select: [time, value] }: Query): Pick<Chart, "x" | "y"> | undefined =>
  time && value ? { x: nameOf(time), y: [nameOf(value)] } : undefined;

/**
 * Where points lie along an axis, one may stand for its neighbours. Categories stand for
 * themselves.
 */
const hasNeighbours = (type: ColumnType): boolean =>
  type === "date" || type === "timestamp" || type === "integer" || type === "decimal";

/** How the rows of a chart are reduced, where they can be. */
export const reductionOf = (
  columns: readonly ResultColumn[],
  { chart, points }: NonNullable<Wanted["drawn"]>,
): Reduction | undefined => {
  const positionOf = (name: string | undefined): number =>
    columns.findIndex((column) => column.name === name);
  const type = columns[positionOf(chart.x)]?.type;
  const values = chart.y.map(positionOf).filter((position) => position !== -1);
  if (type === undefined || !hasNeighbours(type) || values.length === 0) return undefined;
  const series = positionOf(chart.series);
  return { values, points, ...(series !== -1 && { series }) };
};

/**
 * The data of a panel.
 * @param runQuery of the panel's dataset
 */
export const readPanel = async (
  definition: DataDefinition,
  view: View,
  runQuery: (query: Query, wanted: Wanted) => Promise<QueryResult>,
): Promise<PanelData> => {
  const { range, sectionLast } = view;
  const shared = {
    ...(range !== undefined && { range }),
    ...(sectionLast !== null && { sectionLast }),
  };
  const { query } = definition;
  switch (definition.kind) {
    case "table": {
      const limit = view.limit ?? definition.pageSize ?? defaultPageSize;
      const { sort } = view;
      return runQuery(query, {
        ...shared,
        page: {
          offset: ((view.page ?? 1) - 1) * limit,
          limit,
          ...(sort !== undefined && { sort: orderOf(sort) }),
        },
      });
    }
    case "chart":
      return runQuery(query, {
        ...shared,
        drawn: { chart: definition.chart, points: view.points ?? defaultPoints },
      });
    case "metric": {
      if (definition.trend === undefined) return runQuery(query, shared);
      const drawn = trendOf(definition.trend);
      const [data, trend] = await Promise.all([
        runQuery(query, shared),
        runQuery(definition.trend, {
          ...shared,
          ...(drawn && { drawn: { chart: drawn, points: trendPoints } }),
        }),
      ]);
      return {
        ...data,
        trend: {
          columns: trend.columns,
          rows: trend.rows,
          ...(trend.range && { range: trend.range }),
        },
      };
    }
  }
};

/** The query does not fit its dataset; `issues` points at what is wrong in it. */
export class QueryRefused extends Error {
  readonly issues: readonly ValidationIssue[];
  constructor(issues: readonly ValidationIssue[]) {
    super(issues.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" "));
    this.name = "QueryRefused";
    this.issues = issues;
  }
}

/**
 * What is thrown where a query was refused: the request's mistake if it is in the order that it
 * asks for, the panel's otherwise.
 */
export const refusalOf = (issues: readonly ValidationIssue[]): QueryRefused | AppError =>
  issues.some(({ pointer }) => pointer !== sortPointer)
    ? new QueryRefused(issues)
    : new AppError("validation_failed", {
        detail: "The panel has no such column.",
        errors: issues,
      });

export const queryTimeout = (seconds: number): AppError =>
  new AppError("query_timeout", {
    detail: `The query took longer than ${seconds} s. A shorter range of time or a filter makes it quicker.`,
  });

/**
 * What the caller is told of a panel that failed: an error that says what to do about it, or no
 * more than that it failed.
 */
export const panelErrorOf = (thrown: unknown): AppError => {
  if (thrown instanceof DatasetChanged)
    return new AppError("busy", {
      detail: "The panel's rows are being replaced.",
      retryAfterSeconds: 1,
      cause: thrown,
    });
  return thrown instanceof AppError && isPanelErrorCode(thrown.code)
    ? thrown
    : new AppError("panel_failed", { cause: thrown });
};

/** A panel with its error in the place of its data. */
export const failPanel = (
  panel: DataPanel,
  { code, members }: AppError,
  requestId: string,
): Panel => ({
  ...panel,
  error: {
    code: isPanelErrorCode(code) ? code : "panel_failed",
    detail: members.detail ?? errorCatalogue[code].title,
    requestId,
  },
});

/** What is shown of a panel whose definition is none. */
export const brokenPanel = (id: string): DataPanel => ({
  id,
  kind: "table",
  title: "Panel",
  width: 12,
  followsRange: false,
  pageSize: defaultPageSize,
});

export const isData = (panel: Panel): panel is DataPanel => "followsRange" in panel;
export const hasQuery = (definition: PanelDefinition): definition is DataDefinition =>
  "query" in definition;

/**
 * A panel as it is stored, without the user name and the password that an address may hold which
 * was stored before such were refused: they are shown to nobody.
 */
export const withoutPassword = <T>(stored: T): T => {
  const panel = stored as { readonly kind?: unknown; readonly url?: unknown } | null;
  if (panel?.kind !== "embed" || typeof panel.url !== "string" || !URL.canParse(panel.url))
    return stored;
  const url = new URL(panel.url);
  if (url.username === "" && url.password === "") return stored;
  url.username = "";
  url.password = "";
  return { ...stored, url: url.href };
};

/** A panel that fixes no time zone goes by the clocks of its reader, where those are known. */
export const byClocksOf = <D extends PanelDefinition>(
  definition: D,
  timeZone: string | undefined,
): D => {
  if (timeZone === undefined || !hasQuery(definition)) return definition;
  const inZone = (query: Query): Query => ({ timeZone, ...query });
  const { query } = definition;
  const trend = "trend" in definition ? definition.trend : undefined;
  return { ...definition, query: inZone(query), ...(trend && { trend: inZone(trend) }) };
};

/** What a panel says about itself, without its data and without its query. */
export const describePanel = (
  id: string,
  definition: PanelDefinition,
  attribution: string | null,
): Panel => {
  const { title, description, width } = definition;
  const base = { id, title, ...(description !== undefined && { description }), width };
  if (definition.kind === "markdown")
    return { ...base, kind: definition.kind, text: definition.text };
  if (definition.kind === "embed")
    return { ...base, kind: definition.kind, url: definition.url, height: definition.height };
  const rests = {
    ...base,
    ...(attribution !== null && { attribution }),
    followsRange: definition.query.timeColumn !== undefined,
    ...(definition.query.last !== undefined && { last: definition.query.last }),
  };
  if (definition.kind === "chart")
    return { ...rests, kind: definition.kind, chart: definition.chart };
  if (definition.kind === "table")
    return { ...rests, kind: definition.kind, pageSize: definition.pageSize ?? defaultPageSize };
  return {
    ...rests,
    kind: definition.kind,
    ...(definition.good !== undefined && { good: definition.good }),
  };
};

/** The first and the last day that a range of time can narrow in one of these panels. */
export const daysOf = (
  panels: readonly {
    readonly definition: PanelDefinition;
    readonly dataset: DatasetShape | null;
  }[],
): Section["timeBounds"] => {
  let [from, to]: (string | undefined)[] = [];
  for (const { definition, dataset } of panels) {
    const query = hasQuery(definition) ? definition.query : undefined;
    const { timeColumn } = query ?? {};
    if (query === undefined || timeColumn === undefined || dataset === null) continue;
    const bounds = timeBoundsOf(dataset, timeColumn);
    const type = dataset.columns.find(({ name }) => name === timeColumn)?.type;
    if (bounds === undefined || (type !== "date" && type !== "timestamp")) continue;
    const line = { type, zone: timeZoneOf(query.timeZone ?? "UTC") };
    const [first, last] = bounds.map((stored) => dayOf(stored, line)) as [string, string];
    if (from === undefined || first < from) from = first;
    if (to === undefined || last > to) to = last;
  }
  return from === undefined || to === undefined ? null : { from, to };
};
