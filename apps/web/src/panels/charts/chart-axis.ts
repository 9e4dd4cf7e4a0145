/** Where the marks of an axis stand and what is written at them. Pure: room is passed in. */
import {
  formatBucket,
  formatNumber,
  isCurrency,
  type Column,
  type Place,
} from "../../ui/formats.ts";
import type { Point } from "./chart-shape.ts";
import { dateFormat, numberFormat } from "../../ui/reader.ts";

/** About as wide as letters and digits are on average at 12 px. */
export const characterWidth = 6.6;

/** Between two marks of an axis, in pixels. */
const leastGap = 6;

const stepsOfTen = [1, 2, 2.5, 5, 10];

/**
 * Round numbers at equal distances, about `count` of them, from at or below the least to at or
 * above the most.
 */
export const niceTicks = (least: number, most: number, count: number): readonly number[] => {
  const span = most - least || Math.abs(most) || 1;
  const [low, high] =
    most === least
      ? most === 0
        ? [0, 1]
        : [Math.min(0, least), Math.max(0, most)]
      : [least, most];
  const rough = (high - low || span) / Math.max(1, count);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step =
    (stepsOfTen.find((candidate) => candidate * magnitude >= rough * 0.999) ?? 10) * magnitude;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // From whole multiples, so that no rounding error grows along the axis.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
};

const digitsOfStep = (step: number): number => {
  const digits = Math.max(0, Math.min(5, -Math.floor(Math.log10(step) + 1e-9)));
  return Number.isInteger(Number((step * 10 ** digits).toPrecision(6))) ? digits : digits + 1;
};

/**
 * The numbers of an axis alike: short, with as many digits as their step needs. A unit that is a
 * word stands at the head of the axis instead.
 */
export const tickText = (
  value: number,
  ticks: readonly number[],
  column: Pick<Column, "unit" | "format"> | null,
  { locale }: Place = {},
): string => {
  const [first = 0, second = 1] = ticks;
  const step = Math.abs(second - first);
  const largest = Math.max(...ticks.map(Math.abs));
  const unit =
    column?.unit !== undefined && (isCurrency(column.unit) || /^[%°]$/.test(column.unit))
      ? column.unit
      : undefined;
  if (column?.format?.style === "percent")
    return formatNumber(value, { format: { style: "percent" } }, digitsOfStep(step * 100), {
      ...(locale && { locale }),
    });
  const place = { ...(locale && { locale }) };
  if (column?.format?.style === "code")
    return formatNumber(value, { format: { style: "code" } }, 0, place);
  const currency = unit !== undefined && isCurrency(unit);
  // One unit for the whole axis: half a million is 0.5M beside a million.
  const thousands = largest >= 10_000 ? Math.min(4, Math.floor(Math.log10(largest) / 3)) : 0;
  if (thousands > 0)
    return value === 0
      ? numberFormat(locale, {
          ...(currency && { style: "currency", currency: unit }),
          maximumFractionDigits: 0,
        }).format(0) + (unit !== undefined && !currency ? unit : "")
      : formatNumber(
          value,
          { ...(unit !== undefined && { unit }) },
          { digits: digitsOfStep(step / 1000 ** thousands), thousands },
          place,
        );
  const digits = digitsOfStep(step);
  const number = numberFormat(locale, {
    ...(currency && { style: "currency", currency: unit }),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
  return unit !== undefined && !currency ? number + unit : number;
};

/** The unit, where it is not written at every number. */
export const axisUnit = (column: Pick<Column, "unit" | "format"> | null): string | null =>
  column?.unit === undefined ||
  column.format?.style === "percent" ||
  isCurrency(column.unit) ||
  /^[%°]$/.test(column.unit)
    ? null
    : column.unit;

export interface Tick {
  /** Of the point it belongs to. */
  readonly index: number;
  readonly text: string;
}

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const createMomentReader = (timeZone: string): ((at: number) => Moment) => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    return {
      year: parts["year"] ?? 0,
      month: parts["month"] ?? 1,
      day: parts["day"] ?? 1,
      hour: parts["hour"] ?? 0,
      minute: parts["minute"] ?? 0,
    };
  };
};

type TickUnit = "minute" | "hour" | "day" | "month" | "year";
const steps: readonly { readonly unit: TickUnit; readonly count: number }[] = [
  ...[1, 5, 15, 30].map((count) => ({ unit: "minute" as const, count })),
  ...[1, 3, 6, 12].map((count) => ({ unit: "hour" as const, count })),
  ...[1, 2, 7, 14].map((count) => ({ unit: "day" as const, count })),
  ...[1, 3, 6].map((count) => ({ unit: "month" as const, count })),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((count) => ({ unit: "year" as const, count })),
];

/** Days since a Monday, so that sevens of them are weeks. */
const dayNumber = ({ year, month, day }: Moment): number =>
  Date.UTC(year, month - 1, day) / 86_400_000 + 3;

/** The same number for all moments within one step of the calendar. */
const stepNumber = (moment: Moment, unit: TickUnit, count: number): number => {
  switch (unit) {
    case "minute":
      return Math.floor(((dayNumber(moment) * 24 + moment.hour) * 60 + moment.minute) / count);
    case "hour":
      return Math.floor((dayNumber(moment) * 24 + moment.hour) / count);
    case "day":
      return Math.floor(dayNumber(moment) / count);
    case "month":
      return Math.floor((moment.year * 12 + moment.month - 1) / count);
    case "year":
      return Math.floor(moment.year / count);
  }
};

const finestUnit = (x: Column): number => {
  const wanted: TickUnit =
    x.bucket === undefined
      ? x.type === "date"
        ? "day"
        : "minute"
      : x.bucket === "week"
        ? "day"
        : x.bucket === "quarter"
          ? "month"
          : x.bucket;
  return steps.findIndex(({ unit }) => unit === wanted);
};

/**
 * Marks for points along time: the first point of each month, of each year, …: the finest of these
 * that leaves at most `room` of them. What is the same for all is written once.
 */
export const timeTicks = (
  points: readonly Pick<Point, "at">[],
  x: Column,
  room: number,
  { locale, bucketTimeZone = "UTC" }: Place = {},
): readonly Tick[] => {
  if (points.length === 0) return [];
  const timeZone = x.type === "date" ? "UTC" : bucketTimeZone;
  const read = createMomentReader(timeZone);
  const moments = points.map(({ at }) => read(at));
  const most = Math.max(2, room);
  const write = (at: number, options: Intl.DateTimeFormatOptions): string =>
    dateFormat(locale, { ...options, timeZone }).format(at);

  for (const { unit, count } of steps.slice(finestUnit(x))) {
    const numbers = moments.map((moment) => stepNumber(moment, unit, count));
    const begins = numbers.flatMap((number, index) =>
      number !== numbers[index - 1] ? [index] : [],
    );
    // The first point seldom stands at the beginning of its step: it would crowd the next mark.
    const [first = 0, second, third] = begins;
    const spacing =
      second === undefined || third === undefined
        ? null
        : (points[third]?.at ?? 0) - (points[second]?.at ?? 0);
    const crowded =
      second !== undefined &&
      spacing !== null &&
      (points[second]?.at ?? 0) - (points[first]?.at ?? 0) < spacing * 0.7;
    const kept = crowded ? begins.slice(1) : begins;
    if (kept.length > most) continue;
    return kept.map((index, place) => {
      const at = points[index]?.at ?? 0;
      const now = moments[index];
      const before = moments[kept[place - 1] ?? -1];
      const newYear = before?.year !== now?.year;
      const newDay = newYear || before?.month !== now?.month || before?.day !== now?.day;
      if (unit === "year") return { index, text: write(at, { year: "numeric" }) };
      if (unit === "month")
        return {
          index,
          text:
            x.bucket === "quarter"
              ? formatBucket(new Date(at).toISOString(), "quarter", x.type, {
                  ...(locale && { locale }),
                  bucketTimeZone,
                })
              : write(at, newYear ? { month: "short", year: "numeric" } : { month: "short" }),
        };
      if (unit === "day")
        return {
          index,
          text: write(
            at,
            newYear && place > 0
              ? { day: "numeric", month: "short", year: "numeric" }
              : { day: "numeric", month: "short" },
          ),
        };
      return {
        index,
        text: write(
          at,
          newDay && (place > 0 || kept.length < 3)
            ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
            : { hour: "2-digit", minute: "2-digit" },
        ),
      };
    });
  }
  return [];
};

/**
 * Marks for points along time that do not run into each other: as many as there is room for.
 * @param spanOf the pixels that a mark covers along the axis
 */
export const fittingTimeTicks = (
  points: readonly Pick<Point, "at">[],
  x: Column,
  room: number,
  place: Place,
  spanOf: (tick: Tick) => { readonly from: number; readonly to: number },
): readonly Tick[] => {
  const meets = (tick: Tick, before: Tick | undefined): boolean =>
    before !== undefined && spanOf(tick).from < spanOf(before).to + leastGap;
  for (let most = room; most > 2; most--) {
    const ticks = timeTicks(points, x, most, place);
    if (!ticks.some((tick, index) => meets(tick, ticks[index - 1]))) return ticks;
  }
  const [first, second] = timeTicks(points, x, 2, place);
  return [first, second && meets(second, first) ? undefined : second].filter(
    (tick) => tick !== undefined,
  );
};

/** How wide a text is, in pixels. */
export type Measure = (text: string) => number;
const estimate: Measure = (text) => text.length * characterWidth;

export const shorten = (text: string, pixels: number, widthOf: Measure = estimate): string => {
  if (widthOf(text) <= pixels) return text;
  const characters = [...text];
  let short = "";
  // One letter at least: a mere ellipsis names nothing.
  for (let kept = characters.length - 1; kept > 0; kept--) {
    short = `${characters.slice(0, kept).join("").trimEnd()}…`;
    if (widthOf(short) <= pixels) break;
  }
  return short;
};

/**
 * Marks for points that stand beside each other: all of them where there is room for their names,
 * else every second, third, …
 */
export const categoryTicks = (
  names: readonly string[],
  width: number,
  widthOf: Measure = estimate,
): readonly Tick[] => {
  const band = width / Math.max(1, names.length);
  // A short name is never cut; of a long one, as much is left as of those.
  const leastPixels = Math.max(...names.map((name) => widthOf(name.slice(0, 6))), 1) + 8;
  const every = Math.max(1, Math.ceil(leastPixels / band));
  return names.flatMap((name, index) =>
    index % every === 0 ? [{ index, text: shorten(name, band * every - 8, widthOf) }] : [],
  );
};
