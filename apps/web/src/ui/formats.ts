/**
 * Numbers, dates and units as a reader in `locale` expects them. Language and time zone are passed
 * in or the reader's.
 */
import { dateFormat, numberFormat } from "./reader.ts";

export type TimeUnit = "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year";

export interface Column {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "integer" | "decimal" | "boolean" | "date" | "timestamp";
  readonly unit?: string;
  readonly format?: {
    readonly digits?: number;
    readonly style?: "plain" | "compact" | "percent" | "code";
  };
  /** The values are first moments of such units of time. */
  readonly bucket?: TimeUnit;
}
export type Value = string | number | boolean | null;

export interface Place {
  readonly locale?: string;
  readonly timeZone?: string;
  /**
   * Where the days and hours of buckets begin: no reader's time zone moves them. UTC without it.
   */
  readonly bucketTimeZone?: string;
}

/** What stands where there is no value. */
export const noValue = "–";

export const isNumeric = (column: Pick<Column, "type">): boolean =>
  column.type === "integer" || column.type === "decimal";
export const isTime = (column: Pick<Column, "type">): boolean =>
  column.type === "date" || column.type === "timestamp";

/** What rounds to nothing has no sign. */
const signs = { signDisplay: "negative" } as const;

const mostDigits = 20;

/** As many as it takes to write the largest of them with three digits that are not zeros. */
const digitsOfTiny = (sizes: readonly number[]): number => {
  let digits = Math.min(mostDigits, 2 - Math.floor(Math.log10(Math.max(...sizes))));
  while (digits > 0 && sizes.every((size) => Math.round(size * 10 ** digits) % 10 === 0)) digits--;
  return digits;
};

/**
 * Two digits after the point at most, and as many in every row as the row that needs most, so that
 * points align. More only where all of them are so small that nothing would be left.
 */
export const fractionDigitsOf = (values: readonly Value[]): number => {
  let digits = 0;
  const sizes = values.flatMap((value) =>
    typeof value === "number" && Number.isFinite(value) && value !== 0 ? [Math.abs(value)] : [],
  );
  if (sizes.length > 0 && sizes.every((size) => size < 0.005)) return digitsOfTiny(sizes);
  for (const size of sizes) {
    const cents = Math.round(size * 100);
    if (cents % 10 !== 0) return 2;
    if (cents % 100 !== 0) digits = 1;
  }
  return digits;
};

/**
 * How the numbers of a column are written alike: digits after the point and, of compact ones, the
 * unit that all of them are in.
 */
export interface Precision {
  readonly digits: number;
  /** Compact numbers are counted in such powers of a thousand. */
  readonly thousands?: number;
}

const mostThousands = 4;
const mostCompactDigits = 3;

/**
 * One unit for all of the values, so that they can be compared by looking: that of the largest, or
 * a smaller one where the smallest would be written as nothing. And as many digits as tell
 * different values apart, within reason.
 */
const compactPrecisionOf = (values: readonly Value[], given: number | undefined): Precision => {
  const sizes = values.flatMap((value) =>
    typeof value === "number" && Number.isFinite(value) && value !== 0 ? [Math.abs(value)] : [],
  );
  if (sizes.length === 0) return { digits: given ?? 0 };
  const most = sizes.reduce((one, other) => Math.max(one, other));
  const least = sizes.reduce((one, other) => Math.min(one, other));
  // What rounds up to the next unit is in it: 1M, and not 1,000K.
  let thousands = Math.min(mostThousands, Math.floor(Math.log10(most * 1.00005) / 3));
  const shown = 0.5 * 10 ** -(given ?? 2);
  while (thousands > 0 && least / 1000 ** thousands < shown) thousands -= 1;
  if (thousands <= 0) return { digits: given ?? fractionDigitsOf(values) };
  const unit = 1000 ** thousands;
  const written = (digits: number): number =>
    new Set(sizes.map((size) => Math.round((size / unit) * 10 ** digits))).size;
  const distinct = new Set(sizes).size;
  let digits = given ?? (least / unit < 0.05 ? 2 : 1);
  if (given === undefined) {
    while (digits < mostCompactDigits && written(digits) < Math.min(distinct, written(digits + 1)))
      digits += 1;
    while (digits > 0 && sizes.every((size) => Math.round((size / unit) * 10 ** digits) % 10 === 0))
      digits -= 1;
  }
  return { digits, thousands };
};

/**
 * As many digits after the point as these values of the column need, or as its format says; the
 * same unit for all of them.
 */
export const precisionOf = (
  { format }: Pick<Column, "format">,
  values: readonly Value[],
): Precision => {
  if (format?.style === "compact") return compactPrecisionOf(values, format.digits);
  if (format?.style === "code") return { digits: 0 };
  if (format?.digits !== undefined) return { digits: format.digits };
  return {
    digits: fractionDigitsOf(
      format?.style === "percent"
        ? values.map((value) => (typeof value === "number" ? value * 100 : value))
        : values,
    ),
  };
};

let currencies: ReadonlySet<string> | undefined;
export const isCurrency = (unit: string): boolean =>
  /^[A-Z]{3}$/.test(unit) && (currencies ??= new Set(Intl.supportedValuesOf("currency"))).has(unit);

/**
 * From here on a figure is rounded to its magnitude: $272.6B is read, $272,583,739,559 is counted.
 */
const compactFrom = 100_000_000;

/**
 * A figure that is read at a glance; its exact number belongs beside it. Null where it is short
 * enough as it is.
 */
export const formatCompact = (
  value: number,
  unit: string | undefined,
  { locale }: Place = {},
): string | null => {
  if (Math.abs(value) < compactFrom) return null;
  const options = { notation: "compact", maximumFractionDigits: 1 } as const;
  if (unit !== undefined && isCurrency(unit))
    return numberFormat(locale, { ...options, style: "currency", currency: unit }).format(value);
  return [numberFormat(locale, options).format(value), ...(unit ? [unit] : [])].join("\u00a0");
};

/**
 * A number with its unit: a currency where the reader's language puts it, anything else behind the
 * number.
 */
export const formatWithUnit = (
  value: number,
  unit: string | undefined,
  fractionDigits: number,
  { locale }: Place = {},
): string => {
  if (unit !== undefined && isCurrency(unit)) {
    // All of a currency's digits or none of them: nobody writes $1.5.
    return numberFormat(locale, {
      ...signs,
      style: "currency",
      currency: unit,
      ...(fractionDigits === 0 && { minimumFractionDigits: 0, maximumFractionDigits: 0 }),
    }).format(value);
  }
  const number = numberFormat(locale, {
    ...signs,
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(value);
  return withUnit(number, unit);
};

/** A no-break space, but none before a percent or a degree sign, as English has it. */
const withUnit = (number: string, unit: string | undefined): string => {
  if (unit === undefined || unit === "") return number;
  return /^[%°]$/.test(unit) ? `${number}${unit}` : `${number}\u00a0${unit}`;
};

const numberParts = new Set(["integer", "group", "decimal", "fraction"]);

/** A number in a unit that is given, as the language writes it: 0.3M beside 2.1M, and not 300K. */
const formatInThousands = (
  value: number,
  thousands: number,
  digits: number,
  unit: string | undefined,
  locale: string | undefined,
): string => {
  const exact = {
    ...signs,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
  // Languages name other powers of ten than those of a thousand, and put the name before the number
  // or behind it.
  const sample = numberFormat(locale, {
    notation: "compact",
    maximumFractionDigits: 0,
    ...(unit !== undefined && isCurrency(unit) && { style: "currency", currency: unit }),
  }).formatToParts(1000 ** thousands);
  const written = sample.filter(({ type }) => type === "integer").map(({ value: text }) => text);
  const divisor = 10 ** (3 * thousands - ([...written.join("")].length - 1));
  const number = numberFormat(locale, exact).format(Math.abs(value) / divisor);
  const isNothing = Number((Math.abs(value) / divisor).toFixed(digits)) === 0;
  let placed = false;
  const text = sample
    .flatMap(({ type, value: part }) => {
      if (!numberParts.has(type)) return [part];
      if (placed) return [];
      placed = true;
      return [number];
    })
    .join("");
  const minus = value < 0 && !isNothing ? "-" : "";
  return unit !== undefined && isCurrency(unit) ? minus + text : withUnit(minus + text, unit);
};

/**
 * A number as its column's format has it, with the column's unit. A share that is written as a
 * percentage needs none.
 */
export const formatNumber = (
  value: number,
  { unit, format }: Pick<Column, "unit" | "format">,
  precision: Precision | number,
  place: Place = {},
): string => {
  const { locale } = place;
  const { digits: fractionDigits, thousands }: Precision =
    typeof precision === "number" ? { digits: precision } : precision;
  if (format?.style === "code")
    return withUnit(
      numberFormat(locale, { useGrouping: false, maximumFractionDigits: 0 }).format(value),
      unit,
    );
  if (thousands !== undefined)
    return formatInThousands(value, thousands, fractionDigits, unit, locale);
  if (format?.style === "percent")
    return numberFormat(locale, {
      ...signs,
      style: "percent",
      minimumFractionDigits: fractionDigits,
      maximumFractionDigits: fractionDigits,
    }).format(value);
  if (format?.digits !== undefined && unit !== undefined && isCurrency(unit))
    return numberFormat(locale, {
      ...signs,
      style: "currency",
      currency: unit,
      minimumFractionDigits: fractionDigits,
      maximumFractionDigits: fractionDigits,
    }).format(value);
  return formatWithUnit(value, unit, fractionDigits, place);
};

const asDate = (text: string): Date | null => {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
};

/** A bucket of time by its first moment: `Mar 2010`, `Q1 2010`, `Week of 1 Mar 2010`. */
export const formatBucket = (
  text: string,
  bucket: TimeUnit,
  type: Column["type"],
  { locale, bucketTimeZone = "UTC" }: Place = {},
): string => {
  const moment = asDate(text);
  if (!moment) return text;
  const timeZone = type === "date" ? "UTC" : bucketTimeZone;
  const written = (options: Intl.DateTimeFormatOptions): string =>
    dateFormat(locale, { ...options, timeZone }).format(moment);
  switch (bucket) {
    case "year":
      return written({ year: "numeric" });
    case "quarter":
      return `Q${Math.ceil(Number(new Intl.DateTimeFormat("en", { month: "numeric", timeZone }).format(moment)) / 3)} ${written({ year: "numeric" })}`;
    case "month":
      return written({ month: "short", year: "numeric" });
    case "week":
      return `Week of ${written({ dateStyle: "medium" })}`;
    case "day":
      return written({ dateStyle: "medium" });
    case "hour":
    case "minute":
      return written({
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        timeZoneName: "short",
      });
  }
};

/** One value as text. Numbers come without their unit: a table has it in the column's head. */
export const formatValue = (
  value: Value,
  column: Column,
  precision: Precision | number,
  place: Place = {},
): string => {
  if (value === null || value === "") return noValue;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") {
    if (!isNumeric(column)) return String(value);
    return formatNumber(
      value,
      { ...(column.format && { format: column.format }) },
      precision,
      place,
    );
  }
  if (column.bucket !== undefined && isTime(column))
    return formatBucket(value, column.bucket, column.type, place);
  const { locale, timeZone } = place;
  if (column.type === "date") {
    // A calendar day is the same day everywhere.
    const day = asDate(value);
    return day ? dateFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(day) : value;
  }
  if (column.type === "timestamp") {
    const instant = asDate(value);
    return instant
      ? dateFormat(locale, {
          year: "numeric",
          month: "short",
          day: "numeric",
          hour: "numeric",
          minute: "2-digit",
          timeZoneName: "short",
          ...(timeZone && { timeZone }),
        }).format(instant)
      : value;
  }
  return value;
};
