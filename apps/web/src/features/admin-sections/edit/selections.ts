/** The columns of a result while they are edited, and what refers to them by name. Pure. */
import type { Chart, PanelDefinition, Query, Selection } from "@sallyport/shared/contract";
import type { KnownDataset } from "./result-columns.ts";

/** What a column of the result is called. */
export const nameOf = (selection: Selection): string =>
  "name" in selection && selection.name !== undefined ? selection.name : (selection.column ?? "");

/** A name that no other column of the result has. */
export const freeName = (wanted: string, others: readonly string[]): string => {
  let name = wanted;
  for (let count = 2; others.includes(name); count += 1) name = `${wanted} ${count}`;
  return name;
};

/**
 * The same made of another column. A name and a label that were those of the column before become
 * those of the new one.
 */
export const withColumn = (
  selection: Selection,
  column: string,
  dataset: KnownDataset,
  others: readonly string[],
): Selection => {
  const labelOf = (name: string | undefined): string | undefined =>
    dataset.columns.find((one) => one.name === name)?.label;
  const { column: before, label } = selection;
  const next = { ...selection, column };
  if ("aggregate" in next && next.name === before) next.name = freeName(column, others);
  const other = labelOf(column);
  return label !== undefined && label === labelOf(before) && other !== undefined
    ? { ...next, label: other }
    : next;
};

/** Which columns have got another name, where columns were changed and none came or went. */
const renamedIn = (
  before: readonly Selection[],
  after: readonly Selection[],
): ReadonlyMap<string, string> => {
  const names = new Set(after.map(nameOf));
  return new Map(
    before.length !== after.length
      ? []
      : before.flatMap((selection, index) => {
          const [old, next] = [nameOf(selection), nameOf(after[index] ?? selection)];
          return old === next || names.has(old) ? [] : [[old, next] as const];
        }),
  );
};

/** A query that selects something else; its order and its groups follow a column's new name. */
export const withSelect = (query: Query, select: Query["select"]): Query => {
  const renamed = renamedIn(query.select, select);
  const follow = (name: string): string => renamed.get(name) ?? name;
  const { orderBy, top } = query;
  return {
    ...query,
    select,
    ...(orderBy && { orderBy: orderBy.map((one) => ({ ...one, name: follow(one.name) })) }),
    ...(top && { top: { ...top, column: follow(top.column), by: follow(top.by) } }),
  };
};

/** A chart whose query has been changed: it follows the columns' new names. */
export const followNames = (chart: Chart, before: Query, after: Query): Chart => {
  const renamed = renamedIn(before.select, after.select);
  if (renamed.size === 0) return chart;
  const follow = (name: string): string => renamed.get(name) ?? name;
  return {
    ...chart,
    x: follow(chart.x),
    y: chart.y.map(follow),
    ...(chart.series !== undefined && { series: follow(chart.series) }),
  };
};

/** A panel with another query, and a chart that goes with it. */
export const withQuery = <Panel extends Extract<PanelDefinition, { query: unknown }>>(
  panel: Panel,
  query: Query,
): Panel =>
  panel.kind === "chart"
    ? { ...panel, query, chart: followNames(panel.chart, panel.query, query) }
    : { ...panel, query };
