/** What a panel begins as, and what becomes of it when it gets another kind. Pure. */
import type { PanelDefinition, Query, Selection } from "@sallyport/shared/contract";
import {
  chartFor,
  hasQuery,
  isAggregated,
  isNumber,
  isTime,
  resultColumnsOf,
  type KnownDataset,
} from "./result-columns.ts";
import { freeName } from "./selections.ts";

export type PanelKind = PanelDefinition["kind"];
type PanelOf<Kind extends PanelKind> = Extract<PanelDefinition, { kind: Kind }>;

export const kindTitles: Readonly<Record<PanelKind, string>> = {
  metric: "Number",
  chart: "Chart",
  table: "Table",
  markdown: "Text",
  embed: "Embedded page",
};
export const panelKinds = Object.keys(kindTitles) as readonly PanelKind[];

const columnsOfNewTable = 8;
const barsOfNewChart = 20;

const firstTime = (dataset: KnownDataset | undefined): string | undefined =>
  dataset?.columns.find(isTime)?.name;

/** The sum of the first number that is an amount, or the count of rows; beside another column. */
const valueOf = (
  dataset: KnownDataset | undefined,
  beside?: string,
): Extract<Selection, { aggregate: unknown }> => {
  const amount = dataset?.columns.find(
    (column) => isNumber(column) && column.format?.style !== "code" && column.name !== beside,
  );
  return amount
    ? { aggregate: "sum", column: amount.name, name: amount.name, label: amount.label }
    : {
        aggregate: "count",
        name: freeName("rows", beside === undefined ? [] : [beside]),
        label: "Rows",
      };
};

const onDataset = (dataset: KnownDataset | undefined, select: Query["select"]): Query => {
  const timeColumn = firstTime(dataset);
  return { dataset: dataset?.name ?? "", select, ...(timeColumn !== undefined && { timeColumn }) };
};

const queryOfChart = (dataset: KnownDataset | undefined): Query => {
  const time = firstTime(dataset);
  if (time !== undefined)
    return onDataset(dataset, [{ bucket: "month", column: time }, valueOf(dataset, time)]);
  const along =
    dataset?.columns.find(({ type }) => type === "text" || type === "boolean") ??
    dataset?.columns.find(({ type }) => type === "integer");
  if (!along) return onDataset(dataset, [valueOf(dataset)]);
  const value = valueOf(dataset, along.name);
  return {
    ...onDataset(dataset, [{ column: along.name }, value]),
    orderBy: [{ name: value.name, direction: "descending" }],
    limit: barsOfNewChart,
  };
};

const mostOfTitle = 100;

/** What a chart of a value along a column shows. */
const titleOfChart = ({ select }: Query, dataset: KnownDataset | undefined): string => {
  const [first, second] = select;
  const along = first && !("aggregate" in first) ? first.column : undefined;
  const column = dataset?.columns.find(({ name }) => name === along);
  return column && second?.label !== undefined
    ? `${second.label} by ${first && "bucket" in first ? first.bucket : column.label}`
    : (dataset?.title ?? "Panel");
};

/** A panel of a kind on a dataset, which shows something as it is. */
export const newPanel = (kind: PanelKind, dataset: KnownDataset | undefined): PanelDefinition => {
  switch (kind) {
    case "metric": {
      const value = valueOf(dataset);
      const title = (value.label ?? value.name).slice(0, mostOfTitle);
      return { kind, title, width: 3, query: onDataset(dataset, [value]) };
    }
    case "chart": {
      const query = queryOfChart(dataset);
      const title = titleOfChart(query, dataset).slice(0, mostOfTitle);
      return { kind, title, width: 6, query, chart: chartFor(resultColumnsOf(query, dataset)) };
    }
    case "table":
      return {
        kind,
        title: (dataset?.title ?? "Panel").slice(0, mostOfTitle),
        width: 12,
        query: onDataset(
          dataset,
          (dataset?.columns ?? [])
            .slice(0, columnsOfNewTable)
            .map(({ name }) => ({ column: name })),
        ),
      };
    case "markdown":
      return { kind, title: "About", width: 12, text: "" };
    case "embed":
      return { kind, title: "Embedded page", width: 12, url: "https://", height: 400 };
  }
};

const withoutNames = (query: Query): Query => {
  const { orderBy: _, top: __, ...rest } = query;
  return rest;
};

/** The same as a number: what it selects beside aggregates is no number. */
const asMetric = (query: Query, dataset: KnownDataset | undefined): PanelOf<"metric">["query"] => {
  const values = query.select.filter((selection) => "aggregate" in selection);
  return { ...withoutNames(query), select: values.length > 0 ? values : [valueOf(dataset)] };
};

const asChart = (
  query: Query,
  dataset: KnownDataset | undefined,
): Pick<PanelOf<"chart">, "query" | "chart"> => {
  const grouped = isAggregated(query) && query.select.some((one) => !("aggregate" in one));
  const fitting = grouped
    ? query
    : { ...withoutNames(query), select: queryOfChart(dataset).select };
  return { query: fitting, chart: chartFor(resultColumnsOf(fitting, dataset)) };
};

/**
 * The same panel as another kind: its title, its width and its query stay, as far as they fit.
 * @param dataset the one that its query reads, or a first one
 */
export const toKind = (
  panel: PanelDefinition,
  kind: PanelKind,
  dataset: KnownDataset | undefined,
): PanelDefinition => {
  if (panel.kind === kind) return panel;
  const { title, width, description } = panel;
  const same = { title, width, ...(description !== undefined && { description }) };
  if (!hasQuery(panel)) return { ...newPanel(kind, dataset), ...same };
  const { query } = panel;
  switch (kind) {
    case "metric":
      return { ...same, kind, query: asMetric(query, dataset) };
    case "chart":
      return { ...same, kind, ...asChart(query, dataset) };
    case "table":
      return { ...same, kind, query };
    case "markdown":
    case "embed":
      return { ...newPanel(kind, dataset), ...same };
  }
};

/** The small line under a number: the number itself, over time. */
export const trendOf = (query: Query, dataset: KnownDataset | undefined): Query | undefined => {
  const time = query.timeColumn ?? firstTime(dataset);
  const value = query.select.find((selection) => "aggregate" in selection);
  if (time === undefined || value === undefined) return undefined;
  const { dataset: name, filter, timeZone } = query;
  return {
    dataset: name,
    select: [{ bucket: "month", column: time }, value],
    ...(filter !== undefined && { filter }),
    timeColumn: time,
    ...(timeZone !== undefined && { timeZone }),
  };
};
