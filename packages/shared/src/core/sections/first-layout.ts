/** The panels that a section begins with which is made from a dataset: chosen from its columns. */
import type { DatasetColumn, PanelDefinition, Query, TimeUnit } from "../../contract/contract.ts";
import { numberFormatOf } from "../datasets/number-formats.ts";
import { timeBoundsOf } from "../queries/resolve-query.ts";
import type { DatasetShape } from "../queries/resolved-query.ts";

/** What has to be known of the dataset. */
export interface LaidOutDataset extends DatasetShape {
  readonly title: string;
}

const longestTitle = 100;
const columnsOfTable = 8;
const largestGroups = 8;

/** Cut between characters, so that none is halved. */
const titleOf = (...words: readonly string[]): string => {
  let kept = "";
  for (const character of words.join(" ")) {
    if (kept.length + character.length > longestTitle) break;
    kept += character;
  }
  return kept;
};

const isTime = ({ type }: DatasetColumn): boolean => type === "date" || type === "timestamp";
const isNumber = ({ type }: DatasetColumn): boolean => type === "integer" || type === "decimal";
/** Numbers that nobody adds up. */
const isNoAmount = (column: DatasetColumn): boolean =>
  numberFormatOf(column)?.style === "code" ||
  /^(?:lat|lon|lng|latitude|longitude)$/i.test(column.name);

const day = 86_400_000;
/** Up to so many milliseconds, points of this unit are neither too few nor too many. */
const units: readonly (readonly [TimeUnit, number])[] = [
  ["hour", 3 * day],
  ["day", 120 * day],
  ["week", 2 * 366 * day],
  ["month", 12 * 366 * day],
];
const unitOf = (dataset: DatasetShape, { name, type }: DatasetColumn): TimeUnit => {
  const bounds = timeBoundsOf(dataset, name);
  if (bounds === undefined) return "day";
  const [first, last] = bounds.map((bound) =>
    typeof bound === "number" ? bound : Date.parse(bound),
  ) as [number, number];
  const unit = units.find(([, most]) => last - first <= most)?.[0] ?? "year";
  return unit === "hour" && type === "date" ? "day" : unit;
};

/** A name that no column of the dataset has. */
const freeName = ({ columns }: DatasetShape, wanted: string): string => {
  let name = wanted;
  while (columns.some((column) => column.name === name)) name += "_";
  return name;
};

/**
 * A number, a chart of it over time or by category, and a table of the rows: whatever the columns
 * are, each of them fits the dataset.
 */
export const layOut = (dataset: LaidOutDataset): readonly PanelDefinition[] => {
  const { columns } = dataset;
  const time = columns.find(isTime);
  const category = columns.find(({ type }) => type === "text");
  const amount = columns.find((column) => isNumber(column) && !isNoAmount(column));
  const isShare = amount !== undefined && numberFormatOf(amount)?.style === "percent";

  const name = freeName(dataset, amount === undefined ? "rows" : "amount");
  const value =
    amount === undefined
      ? ({ aggregate: "count", name, label: "Rows" } as const)
      : ({
          aggregate: isShare ? "average" : "sum",
          column: amount.name,
          name,
          label: amount.label,
        } as const);
  const ofDataset: Pick<Query, "dataset" | "timeColumn"> = {
    dataset: dataset.name,
    ...(time !== undefined && { timeColumn: time.name }),
  };
  const inBuckets =
    time && ({ bucket: unitOf(dataset, time), column: time.name, label: time.label } as const);

  const metric: PanelDefinition = {
    kind: "metric",
    title: titleOf(value.label),
    width: 3,
    query: { ...ofDataset, select: [value] },
    ...(inBuckets !== undefined && { trend: { ...ofDataset, select: [inBuckets, value] } }),
  };

  const chart = ((): PanelDefinition | null => {
    const wide = { kind: "chart", width: 9 } as const;
    if (inBuckets !== undefined)
      return {
        ...wide,
        title: titleOf(value.label, "by", inBuckets.bucket),
        query: { ...ofDataset, select: [inBuckets, value] },
        chart: { type: "line", x: inBuckets.column, y: [name] },
      };
    if (category === undefined) return null;
    return {
      ...wide,
      title: titleOf(value.label, "by", category.label),
      query: {
        ...ofDataset,
        select: [{ column: category.name }, value],
        top: { column: category.name, by: name, count: largestGroups, others: "Others" },
        orderBy: [{ name, direction: "descending" }],
      },
      chart: { type: "bar", x: category.name, y: [name] },
    };
  })();

  const table: PanelDefinition = {
    kind: "table",
    title: titleOf(dataset.title),
    width: 12,
    query: {
      ...ofDataset,
      select: columns.slice(0, columnsOfTable).map((column) => ({ column: column.name })),
      ...(time !== undefined && {
        orderBy: [{ name: time.name, direction: "descending" as const }],
      }),
    },
  };
  return [metric, ...(chart === null ? [] : [chart]), table];
};
