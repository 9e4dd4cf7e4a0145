/** SQL that tells in which bucket of time a stored time lies, by the clocks of a time zone. */
import type { TimeUnit } from "@sallyport/shared/contract";
import type { TimeLine, TimeZone } from "@sallyport/shared/core";
import { sql, type Sql } from "./sql.ts";

export interface BucketSql {
  /** Of a row: what it is grouped by. Cheap, and in the order of the buckets. */
  readonly key: Sql;
  /** Of a group: the bucket as the result has it, from the column that holds the key. */
  show(key: Sql): Sql;
}

const clockUnits = { minute: 60_000n, hour: 3_600_000n } as const;

/**
 * Added to each time before it is divided, so that times before 1970 are rounded down and not
 * towards zero: days, as many as make weeks begin on a Monday. The same number stands in the SQL
 * below.
 */
const shift = 1_000_002n * 86_400_000n;

/**
 * Chooses by the time in a column. Nested by halves, so that a row is compared a few times however
 * often clocks were changed.
 */
const chooseByTime = (
  column: Sql,
  segments: readonly { readonly at: number; readonly sql: Sql }[],
): Sql => {
  const [only, second] = segments;
  if (only === undefined) throw new Error("There is nothing to choose from");
  if (second === undefined) return only.sql;
  const middle = Math.ceil(segments.length / 2);
  return sql`CASE WHEN ${column} < ${(segments[middle] as { at: number }).at} THEN ${chooseByTime(column, segments.slice(0, middle))} ELSE ${chooseByTime(column, segments.slice(middle))} END`;
};

/** @param bounds between which all times lie that can come up; without them, all times there are */
const offsetsIn = (zone: TimeZone, [first, last]: readonly [first: number, last: number]) => {
  // From a little earlier: a change within the bucket of the first time counts.
  const start = first - Number(clockUnits.hour);
  return [
    { at: Number.NEGATIVE_INFINITY, offset: zone.offsetAt(start) },
    ...zone.transitionsBetween(start, last),
  ];
};

const quarterOf = (month: Sql): Sql =>
  sql`substr(${month}, 1, 5) || CASE WHEN substr(${month}, 6, 2) < '04' THEN '01' WHEN substr(${month}, 6, 2) < '07' THEN '04' WHEN substr(${month}, 6, 2) < '10' THEN '07' ELSE '10' END`;
const asItIs = (key: Sql): Sql => key;
const firstOfMonth = (key: Sql): Sql => sql`${key} || '-01'`;
const firstOfYear = (key: Sql): Sql => sql`${key} || '-01-01'`;

const bucketOfDate = (unit: Exclude<TimeUnit, "minute" | "hour">, column: Sql): BucketSql => {
  switch (unit) {
    case "day":
      return { key: column, show: asItIs };
    case "week":
      return { key: sql`date(${column}, '-6 days', 'weekday 1')`, show: asItIs };
    case "month":
      return { key: sql`substr(${column}, 1, 7)`, show: firstOfMonth };
    case "quarter":
      return { key: quarterOf(column), show: firstOfMonth };
    case "year":
      return { key: sql`substr(${column}, 1, 4)`, show: firstOfYear };
  }
};

/**
 * @param unit one that the column's type has: minutes and hours are of timestamps only
 * @param bounds the first and the last instant that the column holds, where it holds instants
 */
export const compileBucket = (
  unit: TimeUnit,
  column: Sql,
  { type, zone }: TimeLine,
  bounds: readonly [first: number, last: number],
): BucketSql => {
  if (unit === "minute" || unit === "hour") {
    const length = clockUnits[unit];
    const segments = offsetsIn(zone, bounds).map(({ at, offset }) => {
      const start = sql`${column} - (${column} + ${shift + BigInt(offset)}) % ${length}`;
      // Clocks that were set to the middle of an hour: that hour begins there.
      return {
        at,
        sql:
          Number.isFinite(at) && (at + offset) % Number(length) !== 0
            ? sql`max(${BigInt(at)}, ${start})`
            : start,
      };
    });
    return { key: chooseByTime(column, segments), show: asItIs };
  }
  if (type === "date") return bucketOfDate(unit, column);
  const local = sql`(${column} + ${chooseByTime(
    column,
    offsetsIn(zone, bounds).map(({ at, offset }) => ({ at, sql: sql`${shift + BigInt(offset)}` })),
  )})`;
  const seconds = sql`(${local} / 86400000 - 1000002) * 86400`;
  switch (unit) {
    case "day":
      return {
        key: sql`${local} / 86400000`,
        show: (key) => sql`date((${key} - 1000002) * 86400, 'unixepoch')`,
      };
    case "week":
      return {
        key: sql`${local} / 604800000`,
        show: (key) => sql`date((${key} * 7 - 1000002) * 86400, 'unixepoch')`,
      };
    case "month":
      return { key: sql`strftime('%Y-%m', ${seconds}, 'unixepoch')`, show: firstOfMonth };
    case "quarter":
      return {
        key: quarterOf(sql`strftime('%Y-%m', ${seconds}, 'unixepoch')`),
        show: firstOfMonth,
      };
    case "year":
      return { key: sql`strftime('%Y', ${seconds}, 'unixepoch')`, show: firstOfYear };
  }
};

/** How many buckets lie between a first one and another, both as a result has them. */
export const bucketsSince = (unit: TimeUnit, first: string | number, bucket: Sql): Sql => {
  const [year = 0, month = 1] = String(first).split("-", 2).map(Number);
  switch (unit) {
    case "minute":
    case "hour":
      return sql`(${bucket} - ${BigInt(first)}) / ${clockUnits[unit]}`;
    case "day":
    case "week":
      return sql`(unixepoch(${bucket}) - unixepoch(${first})) / ${unit === "day" ? 86_400n : 604_800n}`;
    case "month":
    case "quarter":
      return sql`(substr(${bucket}, 1, 4) * 12 + substr(${bucket}, 6, 2) - ${BigInt(year * 12 + month)}) / ${unit === "month" ? 1n : 3n}`;
    case "year":
      return sql`substr(${bucket}, 1, 4) - ${BigInt(year)}`;
  }
};
