/**
 * Which rows a range of time lets through, and which those of the period before are, on rows in
 * memory. As plainly as can be, and with nothing of the core: the compiler is held to it.
 */
import type { Query } from "../../contract/contract.ts";
import type { Cell, Row } from "./aggregate-rows.ts";
import {
  day,
  floorDivide,
  indexOf,
  instantOf,
  localOf,
  minute,
  startOfClock,
  startOfUnit,
} from "./local-times.ts";

/** Of the columns that hold times. */
export type TimeTypes = Readonly<Record<string, "date" | "timestamp">>;
/** Which range of time whoever asks, or the section, names, and when they ask. */
export interface AskedTime {
  readonly now: number;
  readonly range?: { readonly from?: string; readonly to?: string } | { readonly last: string };
  readonly sectionLast?: string;
}

interface Anchor {
  /** As local clocks show it. */
  readonly local: number;
  readonly instant: number;
}

/** How the times of a query's rows are read. */
export interface Times {
  readonly zone: string;
  isDate(column: string): boolean;
  /** As local clocks show it; a date has none of its own. */
  toLocal(column: string, value: Cell): number;
  /** What the last so many days, or hours, end with. */
  anchor(): Anchor;
}

const instantIn = (value: Cell): number => Date.parse(String(value));

const latestOf = (rows: readonly Row[], column: string): Cell =>
  rows
    .map((row) => row[column] ?? null)
    .reduce<Cell>(
      (last, one) => (last === null || (one !== null && String(one) > String(last)) ? one : last),
      null,
    );

export const readTimes = (
  { timeZone: zone = "UTC", timeColumn, relativeTo }: Query,
  rows: readonly Row[],
  types: TimeTypes,
  now: number,
): Times => {
  const isDate = (column: string): boolean => types[column] === "date";
  const toLocal = (column: string, value: Cell): number =>
    isDate(column) ? instantIn(value) : localOf(instantIn(value), zone);
  const findAnchor = (): Anchor => {
    const latest =
      relativeTo === "latest" && timeColumn !== undefined ? latestOf(rows, timeColumn) : null;
    if (latest === null || timeColumn === undefined)
      return { local: localOf(now, zone), instant: now };
    const local = toLocal(timeColumn, latest);
    // Of a day, the last moment.
    return {
      local,
      instant: isDate(timeColumn) ? instantOf(local + day, zone) - 1 : instantIn(latest),
    };
  };
  let anchor: Anchor | undefined;
  return { zone, isDate, toLocal, anchor: () => (anchor ??= findAnchor()) };
};

type Holds = (value: Cell) => boolean;

/** A predicate on times, and the one of the period before. */
export interface Narrowing {
  readonly current: Holds;
  readonly previous: Holds | null;
  /** Where both periods begin, as local clocks show it. */
  readonly starts?: readonly [current: number, previous: number];
}

const betweenInstants =
  (start: number, end: number): Holds =>
  (value) =>
    value !== null && instantIn(value) >= start && instantIn(value) < end;

/** By local clocks. */
const betweenLocal =
  ({ toLocal }: Times, column: string, start: number, end: number): Holds =>
  (value) =>
    value !== null && toLocal(column, value) >= start && toLocal(column, value) < end;

/** A period by local clocks, and the one of as many days before it. */
const localPeriod = (times: Times, column: string, start: number, end: number): Narrowing => {
  const before = 2 * start - end;
  return {
    current: betweenLocal(times, column, start, end),
    previous: betweenLocal(times, column, before, start),
    starts: [start, before],
  };
};

/** Hours and minutes, the one under way included. */
const narrowByClock = (
  times: Times,
  column: string,
  unit: "hour" | "minute",
  count: number,
): Narrowing => {
  const { zone } = times;
  const length = unit === "hour" ? 60 * minute : minute;
  const start = startOfClock(unit, times.anchor().instant, zone);
  const [from, to] = [start - (count - 1) * length, start + length];
  if (times.isDate(column))
    return localPeriod(
      times,
      column,
      floorDivide(localOf(from, zone), day) * day,
      (floorDivide(localOf(to - 1, zone), day) + 1) * day,
    );
  const before = from - count * length;
  return {
    current: betweenInstants(from, to),
    previous: betweenInstants(before, from),
    starts: [localOf(from, zone), localOf(before, zone)],
  };
};

/** Days, weeks, months and years, the one under way included. */
const narrowByCalendar = (
  times: Times,
  column: string,
  unit: "day" | "week" | "month" | "year",
  count: number,
): Narrowing => {
  const last = indexOf(unit, times.anchor().local);
  const within =
    (past: number): Holds =>
    (value) => {
      if (value === null) return false;
      const index = indexOf(unit, times.toLocal(column, value)) + past;
      return index > last - count && index <= last;
    };
  return {
    current: within(0),
    previous: within(count),
    starts: [startOfUnit(unit, last - count + 1), startOfUnit(unit, last - 2 * count + 1)],
  };
};

/** @param duration such as `P30D` or `PT6H` */
export const narrowByLast = (times: Times, column: string, duration: string): Narrowing => {
  const [, isTime, digits, letter] = /^P(T?)(\d+)(.)$/.exec(duration) as unknown as [
    string,
    string,
    string,
    string,
  ];
  const count = Number(digits);
  if (isTime === "T")
    return narrowByClock(times, column, letter === "H" ? "hour" : "minute", count);
  const unit = ({ Y: "year", M: "month", W: "week", D: "day" } as const)[letter as "Y"];
  return narrowByCalendar(times, column, unit, count);
};

const narrowByBounds = (
  times: Times,
  column: string,
  { from, to }: { readonly from?: string; readonly to?: string },
): Narrowing => {
  const { zone, toLocal } = times;
  const isDate = times.isDate(column);
  const isDay = (bound: string): boolean => !bound.includes("T");
  /** Dates are compared by the calendar, instants as such. */
  const reaches = (value: Cell, bound: string): boolean => {
    if (isDay(bound)) return toLocal(column, value) >= instantIn(bound);
    return isDate
      ? toLocal(column, value) >= localOf(instantIn(bound), zone)
      : instantIn(value) >= instantIn(bound);
  };
  const current: Holds = (value) =>
    value !== null &&
    (from === undefined || reaches(value, from)) &&
    (to === undefined || !reaches(value, to));
  if (from === undefined || to === undefined) return { current, previous: null };
  if (isDate || (isDay(from) && isDay(to))) {
    // In days, however many hours they have. A bound within a day is the next one.
    const dayOf = (bound: string): number =>
      isDay(bound) ? instantIn(bound) : Math.ceil(localOf(instantIn(bound), zone) / day) * day;
    return { ...localPeriod(times, column, dayOf(from), dayOf(to)), current };
  }
  const at = (bound: string): number =>
    isDay(bound) ? instantOf(instantIn(bound), zone) : instantIn(bound);
  const before = 2 * at(from) - at(to);
  return {
    current,
    previous: (value) => value !== null && instantIn(value) >= before && !reaches(value, from),
    starts: [localOf(at(from), zone), localOf(before, zone)],
  };
};

/** @returns null where a query is about all times */
export const narrowQuery = (
  { timeColumn, last: own }: Query,
  { range, sectionLast }: AskedTime,
  times: Times,
): Narrowing | null => {
  if (timeColumn === undefined) return null;
  if (range !== undefined && !("last" in range)) return narrowByBounds(times, timeColumn, range);
  const last = range?.last ?? own ?? sectionLast;
  return last === undefined || last === "all" ? null : narrowByLast(times, timeColumn, last);
};
