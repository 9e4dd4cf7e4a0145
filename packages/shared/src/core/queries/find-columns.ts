import type { ColumnType } from "../../contract/contract.ts";
import type { DatasetShape, SourceColumn } from "./resolved-query.ts";
import type { TimeLine } from "./time-ranges.ts";
import type { TimeZone } from "./time-zones.ts";

export const numeric: readonly ColumnType[] = ["integer", "decimal"];
export const isTime = (type: ColumnType): type is "date" | "timestamp" =>
  type === "date" || type === "timestamp";

/** Complains of something in the query, at a pointer into it. */
export type Refuse = (pointer: string, code: string, detail: string) => void;

/** The columns of a dataset by their names; a name that none has is complained of. */
export interface Columns {
  readonly known: ReadonlyMap<string, SourceColumn>;
  findColumn(name: string, pointer: string): SourceColumn | undefined;
  /** A column of times, or a complaint. */
  findTimes(
    name: string,
    pointer: string,
  ): { readonly source: SourceColumn; readonly line: TimeLine } | undefined;
}

export const columnsOf = (
  { columns }: Pick<DatasetShape, "columns">,
  zone: TimeZone,
  refuse: Refuse,
): Columns => {
  const known = new Map(
    columns.map((column, position): [string, SourceColumn] => [column.name, { position, column }]),
  );
  const findColumn: Columns["findColumn"] = (name, pointer) => {
    const found = known.get(name);
    if (found === undefined)
      refuse(pointer, "unknown_column", `The dataset has no column ${JSON.stringify(name)}.`);
    return found;
  };
  const findTimes: Columns["findTimes"] = (name, pointer) => {
    const source = findColumn(name, pointer);
    if (source === undefined) return undefined;
    const { type } = source.column;
    if (isTime(type)) return { source, line: { type, zone } };
    refuse(
      pointer,
      "not_a_time",
      `The column ${JSON.stringify(name)} is neither a date nor a timestamp.`,
    );
    return undefined;
  };
  return { known, findColumn, findTimes };
};
