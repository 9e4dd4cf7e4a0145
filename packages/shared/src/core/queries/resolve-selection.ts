import type {
  Aggregate,
  ColumnType,
  NumberFormat,
  Selection,
  TimeUnit,
} from "../../contract/contract.ts";
import { fitsFormat, formatMisfit } from "../../contract/number-formats.ts";
import { numberFormatOf } from "../datasets/number-formats.ts";
import { numeric, type Columns, type Refuse } from "./find-columns.ts";
import type { ResolvedKey, ResolvedValue, ResultColumn } from "./resolved-query.ts";

const ordered: readonly ColumnType[] = ["integer", "decimal", "text", "date", "timestamp"];

/** Each aggregate: the types it takes, and the type it gives for a column. */
const aggregateRules: Record<
  Aggregate,
  {
    readonly takes: readonly ColumnType[] | "any";
    readonly gives: (type: ColumnType) => ColumnType;
    readonly keepsUnit: boolean;
    /** Its result is one of the values, and not made of them: the smallest id is an id. */
    readonly picks?: true;
  }
> = {
  sum: { takes: numeric, gives: (type) => type, keepsUnit: true },
  average: { takes: numeric, gives: () => "decimal", keepsUnit: true },
  count: { takes: "any", gives: () => "integer", keepsUnit: false },
  distinct: { takes: "any", gives: () => "integer", keepsUnit: false },
  minimum: { takes: ordered, gives: (type) => type, keepsUnit: true, picks: true },
  maximum: { takes: ordered, gives: (type) => type, keepsUnit: true, picks: true },
  median: { takes: numeric, gives: () => "decimal", keepsUnit: true },
  percentile: { takes: numeric, gives: () => "decimal", keepsUnit: true },
};

/** What is selected: the columns of the result, and what each is made of. */
export interface ResolvedSelection {
  readonly columns: readonly ResultColumn[];
  readonly keys: readonly ResolvedKey[];
  readonly values: readonly ResolvedValue[];
  /** Puts one more column into the result. @returns its position there */
  add(column: ResultColumn, pointer: string): number;
}

export const resolveSelection = (
  selected: readonly Selection[],
  { findColumn, findTimes }: Columns,
  refuse: Refuse,
): ResolvedSelection => {
  const keys: ResolvedKey[] = [];
  const values: ResolvedValue[] = [];
  const columns: ResultColumn[] = [];
  const add = (column: ResultColumn, pointer: string): number => {
    if (columns.some(({ name }) => name === column.name))
      refuse(
        pointer,
        "duplicate_name",
        `Two columns of the result are called ${JSON.stringify(column.name)}.`,
      );
    return columns.push(column) - 1;
  };

  /** Other formats of what is no number have no meaning, and were always let pass. */
  const checkFormat = (
    format: NumberFormat | undefined,
    type: ColumnType,
    pointer: string,
  ): void => {
    if (format?.style === "code" && !fitsFormat(type, format))
      refuse(`${pointer}/format/style`, "wrong_format", formatMisfit);
  };

  const selectColumn = (
    selection: Extract<Selection, { column: string }>,
    pointer: string,
  ): void => {
    const source = findColumn(selection.column, `${pointer}/column`);
    if (source === undefined) return;
    const { label, format: own } = { format: undefined, ...selection } as {
      label?: string;
      format: NumberFormat | undefined;
    };
    checkFormat(own, source.column.type, pointer);
    const format = own ?? numberFormatOf(source.column);
    keys.push({
      result: add(
        { ...source.column, label: label ?? source.column.label, ...(format && { format }) },
        pointer,
      ),
      bucket: null,
      source,
    });
  };

  const selectBucket = (
    { bucket: unit, column, name, label }: Extract<Selection, { bucket: TimeUnit }>,
    pointer: string,
  ): void => {
    const times = findTimes(column, `${pointer}/column`);
    if (times === undefined) return;
    const { source, line } = times;
    const isClock = unit === "minute" || unit === "hour";
    if (isClock && line.type === "date")
      refuse(`${pointer}/bucket`, "not_a_bucket", "A date has no hours and minutes.");
    const result = add(
      {
        name: name ?? column,
        label: label ?? source.column.label,
        type: isClock ? "timestamp" : "date",
        bucket: unit,
      },
      pointer,
    );
    keys.push({ result, bucket: { unit, line }, source });
  };

  const selectAggregate = (
    selection: Extract<Selection, { aggregate: Aggregate }>,
    pointer: string,
  ): void => {
    const { aggregate, column, name, percentile } = selection;
    const rule = aggregateRules[aggregate];
    const source = column === undefined ? undefined : findColumn(column, `${pointer}/column`);
    if (column === undefined && aggregate !== "count")
      refuse(pointer, "column_required", `\`${aggregate}\` needs a column.`);
    if (source !== undefined && rule.takes !== "any" && !rule.takes.includes(source.column.type))
      refuse(
        `${pointer}/aggregate`,
        "wrong_aggregate",
        `\`${aggregate}\` does not work on ${source.column.type} columns.`,
      );
    if (aggregate === "percentile" && percentile === undefined)
      refuse(pointer, "percentile_required", "Say which percentile, from 0 to 100.");
    if (aggregate !== "percentile" && percentile !== undefined)
      refuse(`${pointer}/percentile`, "not_a_percentile", `\`${aggregate}\` has no percentile.`);
    const unit = selection.unit ?? (rule.keepsUnit ? source?.column.unit : undefined);
    const type = rule.gives(source?.column.type ?? "integer");
    const inherited =
      source !== undefined && rule.keepsUnit ? numberFormatOf(source.column) : undefined;
    const format =
      selection.format ??
      (inherited?.style === "code" && rule.picks !== true ? undefined : inherited);
    checkFormat(selection.format, type, pointer);
    const result = add(
      {
        name,
        label: selection.label ?? name,
        type,
        ...(unit !== undefined && { unit }),
        ...(format && { format }),
      },
      pointer,
    );
    values.push({ result, aggregate, source, percentile: percentile ?? 50 });
  };

  for (const [index, selection] of selected.entries()) {
    const pointer = `/select/${index}`;
    if ("aggregate" in selection) selectAggregate(selection, pointer);
    else if ("bucket" in selection) selectBucket(selection, pointer);
    else selectColumn(selection, pointer);
  }
  return { columns, keys, values, add };
};
