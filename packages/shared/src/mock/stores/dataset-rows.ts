import type { DatasetShape } from "../../core/core.ts";
import {
  decodeValue,
  watchTimeBounds,
  type StoredValue,
  type TimeBounds,
} from "../../core/core.ts";
import type { Row } from "./aggregate-rows.ts";
import { seededRows } from "../seeded-rows.ts";
import type { MockDataset, MockState } from "../state.ts";

type StoredRows = readonly (readonly StoredValue[])[];

export const rowsOf = (state: MockState, { name, rows }: MockDataset): StoredRows =>
  rows ?? seededRows(state.seed, name);

/** What is known of rows that somebody has asked for. A change of rows makes another array. */
const known = new WeakMap<
  StoredRows,
  { readonly timeBounds: TimeBounds; records?: readonly Row[] }
>();

const knownOf = (rows: StoredRows, { columns }: MockDataset) => {
  const found = known.get(rows);
  if (found) return found;
  const watch = watchTimeBounds(columns);
  for (const row of rows) watch.see(row);
  const added = { timeBounds: watch.bounds() };
  known.set(rows, added);
  return added as { readonly timeBounds: TimeBounds; records?: readonly Row[] };
};

/** What queries have to know of a dataset. */
export const shapeOf = (state: MockState, dataset: MockDataset): DatasetShape => ({
  name: dataset.name,
  columns: dataset.columns,
  timeBounds: knownOf(rowsOf(state, dataset), dataset).timeBounds,
});

/** The rows as JSON has them, by the names of the columns, which stay as they are. */
export const recordsOf = (state: MockState, dataset: MockDataset): readonly Row[] => {
  const rows = rowsOf(state, dataset);
  const about = knownOf(rows, dataset);
  about.records ??= rows.map((row) =>
    Object.fromEntries(
      dataset.columns.map(({ name, type }, position) => [
        name,
        decodeValue(type, row[position] ?? null),
      ]),
    ),
  );
  return about.records;
};
