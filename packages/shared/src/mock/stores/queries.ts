import type { Query } from "../../contract/contract.ts";
import {
  defaults,
  describeResult,
  queryTimeout,
  reduceSeries,
  reductionOf,
  refusalOf,
  resolveQuery,
  type Asked,
  type QueryResult,
  type QueryStore,
  type Wanted,
} from "../../core/core.ts";
import { recordsOf, shapeOf } from "./dataset-rows.ts";
import { findDataset } from "./find-dataset.ts";
import type { Cell } from "./aggregate-rows.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import type { MockDataset, MockState } from "../state.ts";
import type { Parts } from "./parts.ts";

/** JSON has no infinity. */
const finite = (cell: Cell): Cell =>
  typeof cell === "number" && !Number.isFinite(cell) ? null : cell;

/**
 * Gives what a query selects, as the server does.
 * @param now milliseconds since 1970
 * @throws QueryRefused, AppError `validation_failed`, `query_timeout`
 */
const runQuery = (
  state: MockState,
  dataset: MockDataset | undefined,
  query: Query,
  { drawn, ...wanted }: Wanted,
  now: number,
): QueryResult => {
  if (state.queriesTakeTooLong) throw queryTimeout(defaults.querySeconds);
  const shape = dataset && shapeOf(state, dataset);
  const resolve = (asked: Asked) => {
    const resolved = resolveQuery(query, shape, asked);
    if (!resolved.ok) throw refusalOf(resolved.issues);
    return resolved;
  };
  const asked: Asked = { ...wanted, now };
  let resolved = resolve(
    drawn === undefined
      ? asked
      : { ...asked, along: drawn.chart.x, rows: Number.POSITIVE_INFINITY },
  );
  const reduction = drawn && reductionOf(resolved.columns, drawn);
  if (drawn !== undefined && reduction === undefined) resolved = resolve(asked);

  const { columns, range, timeZone } = resolved;
  const orderBy = resolved.order.map(({ by, direction }) => ({
    name: typeof by === "number" ? (columns[by]?.name ?? "") : by.column.name,
    direction,
  }));
  const types = Object.fromEntries(
    (dataset?.columns ?? []).flatMap(({ name, type }) =>
      type === "date" || type === "timestamp" ? [[name, type] as const] : [],
    ),
  );
  const { page } = wanted;
  const ordered: Query = orderBy.length === 0 ? query : { ...query, orderBy };
  const evaluated = evaluateQuery(ordered, dataset ? recordsOf(state, dataset) : [], types, asked);
  const found = page === undefined ? evaluated.rows.slice(0, resolved.rows) : evaluated.rows;
  const rows = (reduction ? reduceSeries(found, reduction) : found).map((row) => row.map(finite));
  return {
    // The contract's types have arrays that may be changed.
    columns: columns as QueryResult["columns"],
    rows,
    ...(range && { range }),
    ...(timeZone !== undefined && { timeZone }),
    ...(page !== undefined && { total: evaluated.total }),
    ...(found.length > rows.length && { points: found.length }),
  };
};

export const createQueryStore = ({ state, now }: Parts): QueryStore => ({
  run: (query, dataset, wanted) => {
    const found = state();
    return runQuery(found, dataset && findDataset(found, dataset.name), query, wanted, now());
  },
  describe: describeResult,
});
