import type { DatasetColumn } from "../../contract/contract.ts";
import type { StoredValue } from "./values.ts";

/**
 * The first and the last stored value by the name of the column; only columns of dates and
 * timestamps that have any.
 */
export type TimeBounds = Readonly<
  Record<string, readonly [first: string | number, last: string | number]>
>;

export interface TimeBoundsWatch {
  /** @param row as the dataset's table holds it */
  see(row: readonly StoredValue[]): void;
  bounds(): TimeBounds;
}

/**
 * Follows rows on their way into a table.
 * @param known the bounds of rows that are in it already
 */
export const watchTimeBounds = (
  columns: readonly DatasetColumn[],
  known: TimeBounds = {},
): TimeBoundsWatch => {
  const watched = columns.flatMap(({ name, type }, position) => {
    if (type !== "date" && type !== "timestamp") return [];
    const [first, last] = (Object.hasOwn(known, name) ? known[name] : undefined) ?? [null, null];
    return [{ name, position, first, last }];
  });
  return {
    see: (row) => {
      for (const column of watched) {
        const value = row[column.position];
        if (value === null || value === undefined) continue;
        if (column.first === null || value < column.first) column.first = value;
        if (column.last === null || value > column.last) column.last = value;
      }
    },
    // Not by assignment: a column may be called __proto__.
    bounds: () =>
      Object.fromEntries(
        watched.flatMap(({ name, first, last }) =>
          first === null || last === null ? [] : [[name, [first, last] as const]],
        ),
      ),
  };
};
