/**
 * What local clocks show, and which minute, hour, day, week, month, quarter or year that is in. As
 * plainly as can be, and with nothing of the core: the compiler of queries is held to it.
 */
import type { TimeUnit } from "../../contract/contract.ts";

export const minute = 60_000;
export const day = 86_400_000;
/** Units of clocks begin at instants, and those of calendars at what local clocks show. */
export type ClockUnit = Extract<TimeUnit, "minute" | "hour">;
export type CalendarUnit = Exclude<TimeUnit, ClockUnit>;
export const floorDivide = (value: number, by: number): number => Math.floor(value / by);

const formats = new Map<string, Intl.DateTimeFormat>();
/** What local clocks show, written as if it were UTC. */
export const localOf = (instant: number, zone: string): number => {
  if (zone === "UTC") return instant;
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  formats.set(zone, format);
  const parts = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const whole = Date.UTC(
    parts["year"] as number,
    (parts["month"] as number) - 1,
    parts["day"],
    parts["hour"],
    parts["minute"],
    parts["second"],
  );
  return whole + (((instant % 1000) + 1000) % 1000);
};

/** The instant at which local clocks show a time, given as if it were UTC. */
export const instantOf = (local: number, zone: string): number => {
  const guess = local - (localOf(local, zone) - local);
  return local - (localOf(guess, zone) - guess);
};

/** Which day, week, month, quarter or year a local time is in, counted from some beginning. */
export const indexOf = (unit: CalendarUnit, local: number): number => {
  const date = new Date(local);
  if (unit === "day") return floorDivide(local, day);
  // The first of January 1970 was a Thursday.
  if (unit === "week") return floorDivide(floorDivide(local, day) + 3, 7);
  if (unit === "year") return date.getUTCFullYear();
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return unit === "month" ? month : floorDivide(month, 3);
};

/** Also of years before 100, which `Date.UTC` takes for those of the twentieth century. */
const startOfMonth = (index: number): number =>
  new Date(0).setUTCFullYear(floorDivide(index, 12), ((index % 12) + 12) % 12, 1);

/** When the day, week, month, quarter or year of this index begins, as local clocks show it. */
export const startOfUnit = (unit: CalendarUnit, index: number): number => {
  switch (unit) {
    case "day":
      return index * day;
    case "week":
      return (index * 7 - 3) * day;
    case "month":
      return startOfMonth(index);
    case "quarter":
      return startOfMonth(index * 3);
    case "year":
      return startOfMonth(index * 12);
  }
};

/** Clocks of before the railways differ from UTC by seconds, too. */
const startOfMinute = (instant: number, zone: string): number =>
  instant - (localOf(instant, zone) - floorDivide(localOf(instant, zone), minute) * minute);

/**
 * Goes back minute by minute for as long as local clocks show the same hour and have not been
 * changed.
 */
const startOfHour = (instant: number, zone: string): number => {
  if (zone === "UTC") return floorDivide(instant, 60 * minute) * 60 * minute;
  const hourOf = (at: number): string =>
    `${floorDivide(localOf(at, zone), 60 * minute)} ${localOf(at, zone) - at}`;
  let start = startOfMinute(instant, zone);
  while (hourOf(start - minute) === hourOf(start)) start -= minute;
  return start;
};
export const startOfClock = (unit: ClockUnit, instant: number, zone: string): number =>
  unit === "hour" ? startOfHour(instant, zone) : startOfMinute(instant, zone);
