/**
 * What a query means, evaluated on rows in memory, as plainly as can be. Nothing of the core and of
 * the compiler is used here, so that the compiler can be held to it.
 */
import type { Filter, Query, Selection, TimeUnit, Value } from "../../contract/contract.ts";
import {
  aggregate,
  compareCells,
  compareValues,
  type AggregateSelection,
  type Cell,
  type Direction,
  type Row,
} from "./aggregate-rows.ts";
import {
  floorDivide,
  indexOf,
  instantOf,
  minute,
  startOfClock,
  startOfUnit,
  type ClockUnit,
} from "./local-times.ts";
import {
  narrowByLast,
  narrowQuery,
  readTimes,
  type AskedTime,
  type Narrowing,
  type Times,
  type TimeTypes,
} from "./narrow-times.ts";

type BucketSelection = Extract<Selection, { bucket: TimeUnit }>;

export interface Evaluation extends AskedTime {
  readonly page?: {
    readonly sort?: { readonly name: string; readonly direction: Direction };
    readonly offset: number;
    readonly limit: number;
  };
}

const isAggregate = (selection: Selection): selection is AggregateSelection =>
  "aggregate" in selection;
const isBucket = (selection: Selection): selection is BucketSelection => "bucket" in selection;
export const nameOf = (selection: Selection): string =>
  isAggregate(selection)
    ? selection.name
    : isBucket(selection)
      ? (selection.name ?? selection.column)
      : selection.column;

/** ASCII only, as LIKE has it. */
const lowerAscii = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const isClockUnit = (unit: TimeUnit): unit is ClockUnit => unit === "minute" || unit === "hour";

const holds = (filter: Filter, row: Row, types: TimeTypes, times: Times): boolean => {
  if ("and" in filter) return filter.and.every((part) => holds(part, row, types, times));
  if ("or" in filter) return filter.or.some((part) => holds(part, row, types, times));
  const actual = row[filter.column] ?? null;
  /** Compares with a value of the filter, which may be another way to write the same time. */
  const compareWith = (value: Value): number =>
    compareValues(
      actual as Value,
      types[filter.column] === "timestamp"
        ? new Date(String(value).replace(" ", "T")).toISOString()
        : value,
    );
  if (!("value" in filter || "values" in filter || "duration" in filter))
    return (actual === null) === (filter.is === "null");
  if (filter.is === "notEqual") return actual === null || compareWith(filter.value) !== 0;
  if (actual === null) return false;
  if (filter.is === "last")
    return narrowByLast(times, filter.column, filter.duration).current(actual);
  if (filter.is === "in") return filter.values.some((one) => compareWith(one) === 0);
  if (filter.is === "contains")
    return lowerAscii(String(actual)).includes(lowerAscii(String(filter.value)));
  const order = compareWith(filter.value);
  return {
    equal: order === 0,
    less: order < 0,
    atMost: order <= 0,
    greater: order > 0,
    atLeast: order >= 0,
  }[filter.is];
};

const keyOf = (selection: Selection, row: Row, times: Times): Cell => {
  if (!isBucket(selection)) return row[(selection as { column: string }).column] ?? null;
  const { bucket, column } = selection;
  const value = row[column] ?? null;
  if (value === null) return null;
  if (isClockUnit(bucket))
    return new Date(startOfClock(bucket, Date.parse(String(value)), times.zone)).toISOString();
  const start = startOfUnit(bucket, indexOf(bucket, times.toLocal(column, value)));
  return new Date(start).toISOString().slice(0, 10);
};

/** How many buckets lie between the one in which a period begins and that of a time. */
const placeOf = (
  { bucket, column }: BucketSelection,
  row: Row,
  start: number,
  { zone, toLocal }: Times,
): number => {
  const value = row[column] ?? null;
  if (!isClockUnit(bucket)) return indexOf(bucket, toLocal(column, value)) - indexOf(bucket, start);
  return floorDivide(
    startOfClock(bucket, Date.parse(String(value)), zone) -
      startOfClock(bucket, instantOf(start, zone), zone),
    bucket === "hour" ? 60 * minute : minute,
  );
};

/** A row of the result, with what it is ordered by beside its cells. */
interface Line {
  readonly cells: readonly Cell[];
  /** Columns that are not selected can order a result without aggregates. */
  readonly row: Row;
  readonly index: number;
  /** Among the largest groups; null for the rest. */
  readonly place: number | null;
}

/** What is selected, by what becomes of it, and the names of the result's columns. */
const readSelection = ({ select, compare }: Query) => {
  const values = select.filter(isAggregate);
  return {
    keys: select.filter((selection) => !isAggregate(selection)),
    values,
    names: [
      ...select.map(nameOf),
      ...(compare === undefined ? [] : values.map(({ name }) => `${name} (previous)`)),
    ],
  };
};

/** The keys of the largest groups, the largest first. */
const rankGroups = (
  { column, by, count }: NonNullable<Query["top"]>,
  values: readonly AggregateSelection[],
  rows: readonly Row[],
): Cell[] => {
  const ranking = values.find(({ name }) => name === by) as AggregateSelection;
  return [...Map.groupBy(rows, (row) => row[column] ?? null)]
    .map(([key, group]) => ({ key, value: aggregate(ranking, group) }))
    .sort((a, b) => compareCells(a.value, b.value, "descending") || compareCells(a.key, b.key))
    .slice(0, count)
    .map(({ key }) => key);
};

/** The rows that fit a query, in its period and in the one before. */
interface Periods {
  readonly current: readonly Row[];
  /** Null where there is no such period, or nothing is compared. */
  readonly previous: readonly Row[] | null;
  readonly starts: Narrowing["starts"];
}

/** The aggregates of the period before, beside those of a group. */
const aggregateBefore = (
  query: Query,
  first: Row | undefined,
  { previous, starts = [0, 0] }: Periods,
  times: Times,
): Cell[] => {
  const { keys, values } = readSelection(query);
  if (previous === null) return values.map(() => null);
  const [key] = keys;
  if (key === undefined) return values.map((value) => aggregate(value, previous));
  const bucket = key as BucketSelection;
  const place = placeOf(bucket, first as Row, starts[0], times);
  const beside = previous.filter((row) => placeOf(bucket, row, starts[1], times) === place);
  return values.map((value) => (beside.length === 0 ? null : aggregate(value, beside)));
};

/** A line for each group of rows. */
const groupRows = (query: Query, periods: Periods, times: Times): Line[] => {
  const { current } = periods;
  const { keys, values } = readSelection(query);
  const { select, top, compare } = query;
  const ranked = top === undefined ? [] : rankGroups(top, values, current);
  const isKept = (row: Row): boolean =>
    top === undefined || ranked.includes(row[top.column] ?? null);
  const isRanking = (selection: Selection): boolean =>
    top !== undefined && nameOf(selection) === top.column;
  const grouped = top !== undefined && top.others === undefined ? current.filter(isKept) : current;
  const groups = Map.groupBy(grouped, (row) =>
    JSON.stringify([
      isKept(row),
      ...keys.map((key) => (isRanking(key) && !isKept(row) ? null : keyOf(key, row, times))),
    ]),
  );
  return (keys.length === 0 ? [grouped] : [...groups.values()]).map((group, index): Line => {
    const [first] = group;
    const kept = first === undefined || isKept(first);
    const cells = select.map((selection): Cell => {
      if (isAggregate(selection)) return aggregate(selection, group);
      return isRanking(selection) && !kept
        ? (top?.others as string)
        : keyOf(selection, first as Row, times);
    });
    const before = compare === undefined ? [] : aggregateBefore(query, first, periods, times);
    const place = (): number | null =>
      kept ? ranked.indexOf((first as Row)[top?.column as string] ?? null) : null;
    return {
      cells: [...cells, ...before],
      row: {},
      index,
      place: top === undefined ? 0 : place(),
    };
  });
};

type Compare = (a: Line, b: Line) => number;
const byFirstDifference =
  (comparisons: readonly Compare[]): Compare =>
  (a, b) => {
    for (const compare of comparisons) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };

type Order = readonly { readonly name: string; readonly direction: Direction }[];
/** @param ties what orders lines without aggregates that are equal by the named columns */
const compareBy = (query: Query, order: Order, ties: "rows" | "cells"): Compare => {
  const { keys, values, names } = readSelection(query);
  const byCell = (name: string, direction?: Direction): Compare => {
    const position = names.indexOf(name);
    const cellOf = ({ cells, row }: Line): Cell =>
      (position === -1 ? row[name] : cells[position]) ?? null;
    return (a, b) => compareCells(cellOf(a), cellOf(b), direction);
  };
  const named = order.map(({ name, direction }) => byCell(name, direction));
  if (values.length === 0) {
    const byIndex: Compare =
      order.at(-1)?.direction === "descending"
        ? (a, b) => b.index - a.index
        : (a, b) => a.index - b.index;
    return byFirstDifference([
      ...named,
      ...(ties === "rows" ? [byIndex] : names.map((name) => byCell(name))),
    ]);
  }
  // The rest comes last, whatever it amounts to; but within its bucket of time.
  const buckets = keys.filter(isBucket).map(nameOf);
  const place = order.findIndex(({ name }) => !buckets.includes(name));
  named.splice(place === -1 ? named.length : place, 0, (a, b) => {
    return Number(a.place === null) - Number(b.place === null);
  });
  return byFirstDifference([
    ...named,
    (a, b) => (a.place ?? 0) - (b.place ?? 0),
    ...keys.map((key) => byCell(nameOf(key))),
  ]);
};

/**
 * Rows and columns of the result, in order.
 * @param rows with times as JSON has them: dates, and timestamps in UTC
 */
export const evaluateQuery = (
  query: Query,
  rows: readonly Row[],
  types: TimeTypes,
  asked: Evaluation,
): { readonly rows: readonly (readonly Cell[])[]; readonly total: number } => {
  const { select, filter, timeColumn, limit } = query;
  const times = readTimes(query, rows, types, asked.now);
  const narrowing = narrowQuery(query, asked, times);

  const matching = rows.filter((row) => filter === undefined || holds(filter, row, types, times));
  const inTime = (narrow: Narrowing["previous"]): Row[] =>
    narrow === null
      ? matching
      : matching.filter((row) => narrow(row[timeColumn as string] ?? null));
  const current = inTime(narrowing?.current ?? null);
  const previous =
    query.compare === undefined || narrowing?.previous == null ? null : inTime(narrowing.previous);

  const { keys, values } = readSelection(query);
  const lines =
    values.length > 0
      ? groupRows(query, { current, previous, starts: narrowing?.starts }, times)
      : current.map((row, index): Line => {
          const cells = select.map((selection) => keyOf(selection, row, times));
          return { cells, row, index, place: 0 };
        });

  const ownOrder: Order =
    query.orderBy ??
    (values.length > 0
      ? keys.filter(isBucket).map((key) => ({ name: nameOf(key), direction: "ascending" }))
      : []);
  const limited = lines.toSorted(compareBy(query, ownOrder, "rows")).slice(0, limit);
  const { page } = asked;
  const sorted =
    page?.sort === undefined
      ? limited
      : limited.toSorted(compareBy(query, [page.sort], limit === undefined ? "rows" : "cells"));
  const shown = page === undefined ? sorted : sorted.slice(page.offset, page.offset + page.limit);
  return { rows: shown.map(({ cells }) => cells), total: limited.length };
};
