import {
  formatCompact,
  formatNumber,
  formatValue,
  isCurrency,
  isNumeric,
  precisionOf,
  type Column,
  type Place,
  type Value,
} from "../ui/formats.ts";
import { numberFormat } from "../ui/reader.ts";

type MetricColumn = Column & { readonly previousOf?: string };

export interface MetricData {
  readonly columns: readonly MetricColumn[];
  readonly rows: readonly (readonly Value[])[];
  readonly range?: { readonly from: string | null; readonly to: string | null };
}

export interface Figure {
  readonly label: string;
  readonly text: string;
  /** The exact number, where `text` is rounded. */
  readonly exact?: string;
}

/** How a figure compares with that of the period before. */
export interface Change {
  readonly direction: "up" | "down" | "none" | "new";
  /** `Up $1,204 (12.3%)` */
  readonly text: string;
  /** `on the 30 days before` */
  readonly than: string;
  readonly tone: "good" | "bad" | "neutral";
}

const millisecondsPerDay = 86_400_000;
const daysPerYear = 365.2425;

/** `on the 30 days before`: a comparison is always with a range of the same length. */
const periodBefore = (range: MetricData["range"]): string => {
  const length =
    range?.from && range.to ? Date.parse(range.to) - Date.parse(range.from) : Number.NaN;
  const days = Math.round(length / millisecondsPerDay);
  const hours = Math.round((length / millisecondsPerDay) * 24);
  const years = Math.round(days / daysPerYear);
  // Nobody counts years in days. Leap days make up to two of a difference in any number of years
  // that is asked for.
  if (years > 0 && Math.abs(days - years * daysPerYear) <= 2)
    return years === 1 ? "the year before" : `the ${years} years before`;
  if (days > 1) return `the ${days} days before`;
  if (days === 1 && hours === 24) return "the day before";
  return hours > 1
    ? `the ${hours} hours before`
    : hours === 1
      ? "the hour before"
      : "the period before";
};

const isShare = (column: Column): boolean =>
  column.format?.style === "percent" || column.unit === "%";

export const changeOf = (
  value: Value,
  previous: Value,
  column: Column,
  good: "up" | "down" | undefined,
  range: MetricData["range"],
  place: Place = {},
): Change | null => {
  if (typeof value !== "number") return null;
  const before = periodBefore(range);
  if (typeof previous !== "number" || (previous === 0 && value !== 0))
    return { direction: "new", text: "New", than: `nothing in ${before}`, tone: "neutral" };
  const difference = value - previous;
  if (difference === 0)
    return { direction: "none", text: "No change", than: `from ${before}`, tone: "neutral" };
  const direction = difference > 0 ? "up" : "down";
  const size = Math.abs(difference);
  const percent = (size / Math.abs(previous)) * 100;
  const relative = `${numberFormat(place.locale, { maximumFractionDigits: percent < 100 ? 1 : 0 }).format(percent)}%`;
  // The difference of two percentages is one of points, and a percentage of it would be read as the
  // difference.
  const points = column.unit === "%" ? size : size * 100;
  const text = isShare(column)
    ? `${numberFormat(place.locale, { maximumFractionDigits: 1 }).format(points)} points`
    : `${writeFigure(size, column, [value, previous], place).text} (${relative})`;
  return {
    direction,
    text: `${direction === "up" ? "Up" : "Down"} ${text}`,
    than: `on ${before}`,
    tone: good === undefined ? "neutral" : good === direction ? "good" : "bad",
  };
};

/** @param alike what has to have as many digits as the value */
const writeFigure = (
  value: number,
  column: Column,
  alike: readonly Value[],
  place: Place,
): { readonly text: string; readonly exact?: string } => {
  // A large figure is read at a glance: what is behind its point is noise. Money keeps its cents as
  // long as they are read.
  const isMoney = column.unit !== undefined && isCurrency(column.unit);
  const isLarge = column.format === undefined && Math.abs(value) >= (isMoney ? 1_000_000 : 10_000);
  // Each compact figure is on its own, and has the unit of its own size.
  const values = column.format?.style === "compact" ? [value] : alike;
  const exact = formatNumber(value, column, isLarge ? 0 : precisionOf(column, values), place);
  if (column.format?.style === "compact")
    return {
      text: exact,
      exact: formatNumber(
        value,
        { ...(column.unit !== undefined && { unit: column.unit }) },
        precisionOf({}, [value]),
        place,
      ),
    };
  // Digits that a column always has say nothing against being read at a glance.
  const compact =
    column.format?.style === undefined ? formatCompact(value, column.unit, place) : null;
  return compact === null ? { text: exact } : { text: compact, exact };
};

/**
 * What a metric shows: the first value of the first row large, how it has changed, and whatever
 * else is in that row small beside its label.
 */
export const metricOf = (
  data: MetricData,
  place: Place = {},
  good?: "up" | "down",
): {
  readonly main: Figure;
  readonly others: readonly Figure[];
  readonly change: Change | null;
} | null => {
  const row = data.rows[0];
  const [first] = data.columns;
  if (!row || !first) return null;
  const figureAt = (column: MetricColumn, index: number): Figure => {
    const value = row[index] ?? null;
    if (typeof value !== "number" || !isNumeric(column))
      return {
        label: column.label,
        text: formatValue(value, column, precisionOf(column, [value]), place),
      };
    return { label: column.label, ...writeFigure(value, column, [value], place) };
  };
  const previousIndex = data.columns.findIndex(({ previousOf }) => previousOf === first.name);
  return {
    main: figureAt(first, 0),
    others: data.columns.flatMap((column, index) =>
      index === 0 || column.previousOf !== undefined ? [] : [figureAt(column, index)],
    ),
    change:
      // Before all time there is nothing to compare with.
      previousIndex === -1 || (data.range === undefined && (row[previousIndex] ?? null) === null)
        ? null
        : changeOf(row[0] ?? null, row[previousIndex] ?? null, first, good, data.range, place),
  };
};
