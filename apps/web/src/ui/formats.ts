/** Numbers, dates and units as a reader in `locale` expects them. Pure: language and time zone are passed in or the browser's. */

export interface Column {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "integer" | "decimal" | "boolean" | "date" | "timestamp";
  readonly unit?: string;
}
export type Value = string | number | boolean | null;

export interface Place {
  readonly locale?: string;
  readonly timeZone?: string;
}

/** What stands where there is no value. */
export const noValue = "–";

export const isNumeric = (column: Column): boolean => column.type === "integer" || column.type === "decimal";

/** Two digits after the point at most, and as many in every row as the row that needs most, so that points align. */
export const fractionDigitsOf = (values: readonly Value[]): number => {
  let digits = 0;
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const cents = Math.round(Math.abs(value) * 100);
    if (cents % 10 !== 0) return 2;
    if (cents % 100 !== 0) digits = 1;
  }
  return digits;
};

let currencies: ReadonlySet<string> | undefined;
const isCurrency = (unit: string): boolean => /^[A-Z]{3}$/.test(unit) && (currencies ??= new Set(Intl.supportedValuesOf("currency"))).has(unit);

/** From here on a figure is rounded to its magnitude: $272.6B is read, $272,583,739,559 is counted. */
const compactFrom = 100_000_000;

/** A figure that is read at a glance; its exact number belongs beside it. Null where it is short enough as it is. */
export const formatCompact = (value: number, unit: string | undefined, { locale }: Place = {}): string | null => {
  if (Math.abs(value) < compactFrom) return null;
  const options = { notation: "compact", maximumFractionDigits: 1 } as const;
  if (unit !== undefined && isCurrency(unit)) return new Intl.NumberFormat(locale, { ...options, style: "currency", currency: unit }).format(value);
  return [new Intl.NumberFormat(locale, options).format(value), ...(unit ? [unit] : [])].join("\u00a0");
};

/** A number with its unit: a currency where the reader's language puts it, anything else behind the number. */
export const formatWithUnit = (value: number, unit: string | undefined, fractionDigits: number, { locale }: Place = {}): string => {
  if (unit !== undefined && isCurrency(unit)) {
    // All of a currency's digits or none of them: nobody writes $1.5.
    return new Intl.NumberFormat(locale, { style: "currency", currency: unit, ...(fractionDigits === 0 && { minimumFractionDigits: 0, maximumFractionDigits: 0 }) }).format(value);
  }
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits }).format(value);
  if (unit === undefined || unit === "") return number;
  // A no-break space, but none before a percent or a degree sign, as English has it.
  return /^[%°]$/.test(unit) ? `${number}${unit}` : `${number}\u00a0${unit}`;
};

const asDate = (text: string): Date | null => {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
};

/** One value as text. Numbers come without their unit: a table has it in the column's head. */
export const formatValue = (value: Value, column: Column, fractionDigits: number, { locale, timeZone }: Place = {}): string => {
  if (value === null || value === "") return noValue;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return isNumeric(column) ? formatWithUnit(value, undefined, fractionDigits, locale === undefined ? {} : { locale }) : String(value);
  if (column.type === "date") {
    // A calendar day is the same day everywhere.
    const day = asDate(value);
    return day ? new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(day) : value;
  }
  if (column.type === "timestamp") {
    const instant = asDate(value);
    return instant
      ? new Intl.DateTimeFormat(locale, {
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

/** `45` is "45 seconds", `90` is "2 minutes": never less than the time itself. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(1, Math.ceil(seconds));
  const [count, unit] = whole < 90 ? [whole, "second"] : whole < 5400 ? [Math.ceil(whole / 60), "minute"] : [Math.ceil(whole / 3600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
};

export const formatTime = (time: Date, { locale, timeZone }: Place = {}): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: "short", ...(timeZone && { timeZone }) }).format(time);

export const formatDateTime = (time: Date, { locale, timeZone }: Place = {}): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", ...(timeZone && { timeZone }) }).format(time);
