/** What a query's result looks like, as far as it is known while the query is being made. */
import type { Chart, PanelDefinition, Query } from "@sallyport/shared/contract";
import { describeResult, type DatasetShape, type ResultColumn } from "@sallyport/shared/core";

export type DatasetColumn = DatasetShape["columns"][number];
export type { ResultColumn };
/** What the editor has to know of a dataset. */
export interface KnownDataset {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly DatasetColumn[];
}

export const isNumber = ({ type }: { readonly type: DatasetColumn["type"] }): boolean =>
  type === "integer" || type === "decimal";
export const isTime = ({ type }: { readonly type: DatasetColumn["type"] }): boolean =>
  type === "date" || type === "timestamp";
/** What may stand along the axis of a chart, or name a series. */
export const isCategory = ({ type }: { readonly type: DatasetColumn["type"] }): boolean =>
  type === "text" || type === "boolean" || type === "integer";

export const isAggregated = ({ select }: Pick<Query, "select">): boolean =>
  select.some((selection) => "aggregate" in selection);

/**
 * The columns of the result. Where the query does not fit as a whole, those of its selections that
 * do: a mistake in a filter takes no column away from a chart.
 */
export const resultColumnsOf = (
  query: Query,
  dataset: KnownDataset | undefined,
): readonly ResultColumn[] => {
  if (!dataset) return [];
  const shape: DatasetShape = { ...dataset, timeBounds: {} };
  const { dataset: name, select, timeColumn, compare } = query;
  // Only what decides on columns: a time zone, say, may still be half a word.
  const whole = describeResult(
    {
      dataset: name,
      select,
      ...(timeColumn !== undefined && { timeColumn }),
      ...(compare !== undefined && { compare }),
    },
    shape,
  );
  if (whole.ok) return whole.columns;
  return select.flatMap((selection) => {
    const alone = describeResult({ dataset: name, select: [selection] }, shape);
    return alone.ok ? alone.columns : [];
  });
};

/** A chart that fits the columns of a result, as far as they let one. */
export const chartFor = (columns: readonly ResultColumn[], before?: Chart): Chart => {
  const x = columns.find(isTime) ?? columns.find(isCategory);
  const y = columns.find(
    (column) => column !== x && isNumber(column) && column.previousOf === undefined,
  );
  return {
    ...before,
    type: before?.type ?? (x && isTime(x) ? "line" : "bar"),
    x: x?.name ?? before?.x ?? "",
    y: [y?.name ?? before?.y[0] ?? ""],
  };
};

export const hasQuery = (
  panel: PanelDefinition,
): panel is Extract<PanelDefinition, { query: unknown }> => "query" in panel;
