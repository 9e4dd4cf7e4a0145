/**
 * Ranges of time as a column stores its values: dates as they stand in the calendar of the query's
 * time zone, timestamps as instants. A range is from ≤ time < to.
 */
import type { TimeUnit } from "../../contract/contract.ts";
import type { TimeZone } from "./time-zones.ts";
import type { StoredValue } from "../datasets/values.ts";

/**
 * What a request asks for: bounds as ISO 8601 dates (midnight in the query's time zone) or
 * date-times, whole units of time, or no range at all.
 */
export type AskedRange =
  | { readonly from?: string; readonly to?: string }
  | { readonly last: string };

export interface StoredRange {
  readonly from?: StoredValue;
  readonly to?: StoredValue;
  /** The range of the same length before; only where there are both ends. */
  readonly previous?: { readonly from: StoredValue; readonly to: StoredValue };
}

/** The column that a range narrows, and whose clocks count. */
export interface TimeLine {
  readonly type: "date" | "timestamp";
  readonly zone: TimeZone;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Times of day are lost before 1970 where a remainder is negative; this is never. */
const remainder = (value: number, by: number): number => ((value % by) + by) % by;

/** No date, and after all of them. */
const afterEveryDate = "9999-12-32";

/**
 * A local time, written as if it were UTC, as a date. Texts of four-digit years sort as their dates
 * do; what is beyond sorts before or after all of them.
 */
const dateOf = (local: number): string => {
  const year = new Date(local).getUTCFullYear();
  if (year < 0) return "0000-01-01";
  return year > 9999 ? afterEveryDate : new Date(local).toISOString().slice(0, 10);
};

const startOfDay = (local: number): number => local - remainder(local, day);

/** The start of the day, week, month, quarter or year in which a local time lies. */
const startOf = (unit: Exclude<TimeUnit, "minute" | "hour">, local: number): number => {
  const start = new Date(startOfDay(local));
  if (unit === "week") return start.getTime() - remainder(start.getUTCDay() - 1, 7) * day;
  if (unit === "quarter") start.setUTCMonth(start.getUTCMonth() - (start.getUTCMonth() % 3), 1);
  else if (unit === "month") start.setUTCDate(1);
  else if (unit === "year") start.setUTCMonth(0, 1);
  return start.getTime();
};

const addUnits = (
  unit: "day" | "week" | "month" | "year",
  local: number,
  count: number,
): number => {
  if (unit === "day" || unit === "week") return local + count * (unit === "day" ? day : 7 * day);
  const date = new Date(local);
  date.setUTCMonth(date.getUTCMonth() + count * (unit === "month" ? 1 : 12));
  return date.getTime();
};

/**
 * The start of the hour or minute of local clocks in which an instant lies. One that clocks were
 * set to in its middle starts there.
 */
const startOfClock = (unit: "minute" | "hour", instant: number, zone: TimeZone): number => {
  const length = unit === "hour" ? hour : minute;
  const start = instant - remainder(instant + zone.offsetAt(instant), length);
  return Math.max(start, zone.transitionsBetween(instant - length, instant).at(-1)?.at ?? start);
};

const durationUnits = { Y: "year", M: "month", W: "week", D: "day" } as const;

/** Days of the calendar as the column stores them. */
const storeLocal = (local: number, { type, zone }: TimeLine): StoredValue =>
  type === "date" ? dateOf(local) : zone.instantOf(local);
/** A stored time as local clocks show it. */
const localOf = (stored: StoredValue, { type, zone }: TimeLine): number => {
  if (type === "timestamp") return Number(stored) + zone.offsetAt(Number(stored));
  return stored === afterEveryDate ? Date.UTC(10_000, 0) : Date.parse(String(stored));
};

/**
 * The last whole units of time, the one in which the anchor lies included. Of a column of dates,
 * hours and minutes are the days that they touch.
 * @param duration as the schema `duration` has it
 * @param anchor what to count back from, as the column stores it; undefined for the present
 * @param now milliseconds since 1970
 */
export const lastUnits = (
  duration: string,
  line: TimeLine,
  anchor: StoredValue | undefined,
  now: number,
): StoredRange => {
  const [, isTime, digits, letter] = /^P(T?)(\d+)([YMWDH])$/.exec(duration) ?? [];
  if (digits === undefined)
    throw new Error("A duration that the schema lets pass is not understood");
  const count = Number(digits);
  if (isTime === "T") {
    const length = letter === "H" ? hour : minute;
    const instant =
      anchor === undefined
        ? now
        : line.type === "date"
          ? line.zone.instantOf(Date.parse(String(anchor)) + day) - 1
          : Number(anchor);
    const start = startOfClock(letter === "H" ? "hour" : "minute", instant, line.zone);
    const [from, to] = [start - (count - 1) * length, start + length];
    if (line.type === "timestamp")
      return { from, to, previous: { from: from - count * length, to: from } };
    const first = startOfDay(from + line.zone.offsetAt(from));
    const end = startOfDay(to - 1 + line.zone.offsetAt(to - 1)) + day;
    return {
      from: dateOf(first),
      to: dateOf(end),
      previous: { from: dateOf(first - (end - first)), to: dateOf(first) },
    };
  }
  const unit = durationUnits[letter as keyof typeof durationUnits];
  const start = startOf(
    unit,
    anchor === undefined ? now + line.zone.offsetAt(now) : localOf(anchor, line),
  );
  const from = addUnits(unit, start, 1 - count);
  const store = (local: number): StoredValue => storeLocal(local, line);
  return {
    from: store(from),
    to: store(addUnits(unit, start, 1)),
    previous: { from: store(addUnits(unit, from, -count)), to: store(from) },
  };
};

const isDateOnly = (text: string): boolean => !text.includes("T");

/**
 * Bounds as a request gives them. Of a column of dates, a bound within a day is the next day.
 * @param bounds valid dates or date-times with an offset
 */
export const boundsOf = (
  bounds: { readonly from?: string; readonly to?: string },
  line: TimeLine,
): StoredRange => {
  /** As local clocks show it, in whole days for a column of dates. */
  const localBound = (text: string): number => {
    if (isDateOnly(text)) return Date.parse(text);
    const instant = Date.parse(text);
    const local = instant + line.zone.offsetAt(instant);
    return line.type === "date" ? startOfDay(local + day - 1) : local;
  };
  const store = (text: string): StoredValue =>
    line.type === "timestamp" && !isDateOnly(text)
      ? Date.parse(text)
      : storeLocal(localBound(text), line);
  const { from, to } = bounds;
  if (from === undefined || to === undefined)
    return {
      ...(from !== undefined && { from: store(from) }),
      ...(to !== undefined && { to: store(to) }),
    };
  const [start, end] = [store(from), store(to)];
  // Between two dates there are days, however many hours the days have.
  const inDays = line.type === "date" || (isDateOnly(from) && isDateOnly(to));
  const previous = inDays
    ? storeLocal(localBound(from) * 2 - localBound(to), line)
    : Number(start) * 2 - Number(end);
  return { from: start, to: end, previous: { from: previous, to: start } };
};

/**
 * The bucket of time in which a stored time lies, as a result has it: a date, or for hours and
 * minutes an instant.
 */
export const bucketOf = (unit: TimeUnit, stored: StoredValue, line: TimeLine): StoredValue =>
  unit === "minute" || unit === "hour"
    ? startOfClock(unit, Number(stored), line.zone)
    : dateOf(startOf(unit, localOf(stored, line)));

/** The day of the calendar in which a stored time lies. */
export const dayOf = (stored: StoredValue, line: TimeLine): string => dateOf(localOf(stored, line));
