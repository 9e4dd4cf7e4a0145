/** From the rows of a query to the points and series of a chart. Pure: knows no drawing. */
import {
  formatValue,
  isTime,
  noValue,
  precisionOf,
  type Column,
  type Place,
  type Precision,
  type TimeUnit,
  type Value,
} from "../../ui/formats.ts";
import { numberFormat } from "../../ui/reader.ts";

export interface ChartDefinition {
  readonly type: "line" | "area" | "bar" | "share";
  readonly x: string;
  readonly y: readonly string[];
  readonly series?: string;
  readonly stacked?: boolean;
  readonly horizontal?: boolean;
}

export interface ChartRows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
  readonly timeZone?: string;
  /** There were so many rows before they were reduced to those that make the shape. */
  readonly points?: number;
}

export interface Series {
  readonly id: string;
  readonly label: string;
  /**
   * What it is called by in an address: the name of its column, or its value in the column that
   * makes series.
   */
  readonly key: string;
  /** Says how its values are written, … */
  readonly column: Column;
  /** … and how those of all the series are that share its axis. */
  readonly precision: Precision;
}

export interface Point {
  readonly x: Value;
  /** In milliseconds, along an axis of time. */
  readonly at: number;
  /** One for each series; null is a gap. */
  readonly values: readonly (number | null)[];
}

export interface ShapedChart {
  readonly x: Column;
  /** Whether points stand where their time is, or beside each other. */
  readonly isTime: boolean;
  readonly points: readonly Point[];
  readonly series: readonly Series[];
  /** How many series there are beyond those that can be told apart. */
  readonly seriesLeftOut: number;
}

/** More than these nobody can tell apart. */
export const mostSeries = 12;
const mostFilled = 3_000;
const millisecondsPerDay = 86_400_000;

const numberOf = (value: Value | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

export const keyOf = (value: Value): string => String(value ?? "");

/** The first moment after this bucket; null where a time zone would have to say. */
const bucketAfter = (at: number, bucket: TimeUnit, type: Column["type"]): number | null => {
  if (bucket === "minute") return at + 60_000;
  if (bucket === "hour") return at + 3_600_000;
  if (type !== "date") return null;
  if (bucket === "day") return at + millisecondsPerDay;
  if (bucket === "week") return at + 7 * millisecondsPerDay;
  const date = new Date(at);
  return Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth() + { month: 1, quarter: 3, year: 12 }[bucket],
    date.getUTCDate(),
  );
};

/**
 * A bucket that no row falls into is a gap: without it, a line would run on as if there had been
 * something.
 */
const fillBuckets = (
  points: readonly Point[],
  x: Column,
  seriesCount: number,
): readonly Point[] => {
  const { bucket } = x;
  if (bucket === undefined) return points;
  const filled: Point[] = [];
  for (const point of points) {
    const last = filled.at(-1);
    let missing = last ? bucketAfter(last.at, bucket, x.type) : null;
    while (missing !== null && missing < point.at) {
      if (filled.length >= mostFilled) return points;
      const iso = new Date(missing).toISOString();
      filled.push({
        x: x.type === "date" ? iso.slice(0, 10) : iso,
        at: missing,
        values: Array.from({ length: seriesCount }, () => null),
      });
      missing = bucketAfter(missing, bucket, x.type);
    }
    filled.push(point);
  }
  return filled;
};

/**
 * The series in the order that the rows have at each point, whichever point a series begins at:
 * what is ranked first comes first, and the others last, though the first year may lack some of
 * them.
 */
const orderOf = (rows: readonly (readonly [x: Value, series: Value])[]): readonly Value[] => {
  const order: Value[] = [];
  const known = new Set<Value>();
  for (const atPoint of Map.groupBy(rows, ([x]) => x).values()) {
    const names = atPoint.map(([, name]) => name);
    // The run of new ones stands before the next known one, else after the one before.
    let run: Value[] = [];
    let before: Value | undefined;
    const place = (at: number): void => {
      order.splice(at, 0, ...run);
      run = [];
    };
    for (const name of names) {
      if (!known.has(name)) {
        known.add(name);
        run.push(name);
      } else if (!run.includes(name)) {
        if (run.length > 0) place(order.indexOf(name));
        before = name;
      }
    }
    place(before === undefined ? order.length : order.indexOf(before) + 1);
  }
  return order;
};

/**
 * @returns null where the chart names a column that the result does not have
 * @param place for the names of series that are not texts
 */
export const shapeChart = (
  chart: ChartDefinition,
  data: ChartRows,
  place: Place = {},
): ShapedChart | null => {
  const indexOf = (name: string): number =>
    data.columns.findIndex((column) => column.name === name);
  const xIndex = indexOf(chart.x);
  const x = data.columns[xIndex];
  const yIndexes = chart.y.map(indexOf);
  const seriesIndex = chart.series === undefined ? -1 : indexOf(chart.series);
  const seriesColumn = data.columns[seriesIndex];
  const yColumns = yIndexes.flatMap((index) => data.columns[index] ?? []);
  const [firstY] = yColumns;
  if (
    !x ||
    !firstY ||
    yColumns.length < chart.y.length ||
    (chart.series !== undefined && !seriesColumn)
  )
    return null;

  const onTimeAxis = isTime(x) && chart.type !== "share" && chart.horizontal !== true;
  const atOf = (value: Value): number =>
    onTimeAxis && typeof value === "string" ? Date.parse(value) : Number.NaN;
  // What has no time has no place on an axis of time.
  const rows = onTimeAxis
    ? data.rows.filter((row) => !Number.isNaN(atOf(row[xIndex] ?? null)))
    : data.rows;

  let series: readonly Series[];
  let points: readonly Point[];
  let seriesLeftOut = 0;
  if (seriesColumn) {
    const [yIndex = -1] = yIndexes;
    const sizes = new Map<Value, number>();
    for (const row of rows) {
      const name = row[seriesIndex] ?? null;
      sizes.set(name, (sizes.get(name) ?? 0) + Math.abs(numberOf(row[yIndex]) ?? 0));
    }
    const all = orderOf(rows.map((row) => [row[xIndex] ?? null, row[seriesIndex] ?? null]));
    const largest = new Set(
      [...sizes.keys()]
        .toSorted((one, other) => (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0))
        .slice(0, mostSeries),
    );
    const kept = all.filter((name) => largest.has(name));
    seriesLeftOut = all.length - kept.length;
    const label = (name: Value): string => {
      const text = formatValue(name, seriesColumn, 0, place);
      return text === noValue ? "No value" : text;
    };
    const precision = precisionOf(
      firstY,
      rows.map((row) => row[yIndex] ?? null),
    );
    series = kept.map((name, index) => ({
      id: `s${index}`,
      key: keyOf(name),
      label: label(name),
      column: { ...firstY, label: label(name) },
      precision,
    }));
    const byX = new Map<Value, (number | null)[]>();
    for (const row of rows) {
      const key = row[xIndex] ?? null;
      const values = byX.get(key) ?? kept.map(() => null);
      byX.set(key, values);
      const place = kept.indexOf(row[seriesIndex] ?? null);
      if (place !== -1) values[place] = numberOf(row[yIndex]);
    }
    points = [...byX].map(([key, values]) => ({ x: key, at: atOf(key), values }));
  } else {
    const valuesOf = (column: Column): readonly Value[] =>
      rows.map((row) => row[data.columns.indexOf(column)] ?? null);
    // Columns of the same unit and format share an axis, and are written alike.
    const sharesAxis = (one: Column, other: Column): boolean =>
      one.unit === other.unit && JSON.stringify(one.format) === JSON.stringify(other.format);
    series = yColumns.map((column, index) => ({
      id: `s${index}`,
      key: column.name,
      label: column.label,
      column,
      precision: precisionOf(
        column,
        yColumns.filter((other) => sharesAxis(column, other)).flatMap(valuesOf),
      ),
    }));
    points = rows.map((row) => ({
      x: row[xIndex] ?? null,
      at: atOf(row[xIndex] ?? null),
      values: yIndexes.map((index) => numberOf(row[index])),
    }));
  }
  if (onTimeAxis) {
    points = points.toSorted((one, other) => one.at - other.at);
    // Of a reduced series most buckets are missing, and none of them is a gap.
    if (data.points === undefined) points = fillBuckets(points, x, series.length);
  }
  return { x, isTime: onTimeAxis, points, series, seriesLeftOut };
};

/**
 * The smallest and the largest value that is drawn; with `stacked`, of the sums. Null where there
 * is none.
 */
export const extentOf = (
  points: readonly Point[],
  shown: readonly boolean[],
  stacked: boolean,
): readonly [number, number] | null => {
  let least = Infinity;
  let most = -Infinity;
  for (const { values } of points) {
    let above = 0;
    let below = 0;
    for (const [index, value] of values.entries()) {
      if (value === null || shown[index] !== true) continue;
      if (!stacked) {
        least = Math.min(least, value);
        most = Math.max(most, value);
        continue;
      }
      if (value >= 0) above += value;
      else below += value;
      least = Math.min(least, below);
      most = Math.max(most, above);
    }
  }
  return least <= most ? [least, most] : null;
};

export interface Part {
  readonly label: string;
  readonly value: number;
  /** Of the parts that are shown, from 0 to 1. */
  readonly share: number;
}

/**
 * The parts of a whole, in the order of the rows. A part below nothing is none: `impossible` counts
 * them.
 */
export const partsOf = (
  { points, x }: ShapedChart,
  hidden: ReadonlySet<number>,
  place: Place = {},
): { readonly parts: readonly Part[]; readonly total: number; readonly impossible: number } => {
  const values = points.map(({ values: [value] }) => value ?? null);
  const total = values.reduce<number>(
    (sum, value, index) => sum + (value !== null && value > 0 && !hidden.has(index) ? value : 0),
    0,
  );
  return {
    parts: points.map((point, index) => {
      const value = Math.max(0, values[index] ?? 0);
      const text = formatValue(point.x, x, 0, place);
      return {
        label: text === noValue ? "No value" : text,
        value,
        share: hidden.has(index) || total === 0 ? 0 : value / total,
      };
    }),
    total,
    impossible: values.filter((value) => value !== null && value < 0).length,
  };
};

const kinds = {
  line: "Line chart",
  area: "Area chart",
  bar: "Bar chart",
  share: "Shares",
} as const;

/** What the chart shows, in one sentence, for those who cannot see it. */
export const describeChart = (
  chart: ChartDefinition,
  shaped: ShapedChart,
  place: Place,
  write: (series: Series, value: number) => string,
): string => {
  const { points, series, x } = shaped;
  const nameOf = (value: Value): string => formatValue(value, x, 0, place);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return `${kinds[chart.type]} without values.`;
  if (chart.type === "share") {
    const { parts } = partsOf(shaped, new Set(), place);
    const [unit] = series;
    const shares = parts.map(({ share }) => share);
    const written = parts.map(
      (part) =>
        `${part.label} ${unit ? write(unit, part.value) : part.value} (${formatShare(part.share, shares, place)})`,
    );
    return `${kinds.share}: ${written.join(", ")}.`;
  }
  const drawn = points.flatMap((point) =>
    series.flatMap((one, index) => {
      const value = point.values[index] ?? null;
      return value === null ? [] : [{ value, series: one, x: point.x }];
    }),
  );
  const least = drawn.reduce<(typeof drawn)[number] | undefined>(
    (found, candidate) => (found && found.value <= candidate.value ? found : candidate),
    undefined,
  );
  const most = drawn.reduce<(typeof drawn)[number] | undefined>(
    (found, candidate) => (found && found.value >= candidate.value ? found : candidate),
    undefined,
  );
  const where = (extreme: (typeof drawn)[number]): string =>
    `${write(extreme.series, extreme.value)} at ${nameOf(extreme.x)}${series.length > 1 ? ` (${extreme.series.label})` : ""}`;
  const what =
    series.length > 6 ? `${series.length} series` : series.map(({ label }) => label).join(", ");
  const extremes =
    least && most && least.value !== most.value
      ? `, from ${where(least)} up to ${where(most)}`
      : "";
  return `${kinds[chart.type]} of ${what} by ${x.label}, ${nameOf(first.x)} to ${nameOf(last.x)}${extremes}.`;
};

/** @param alike the shares beside it, which have as many digits */
export const formatShare = (
  share: number,
  alike: readonly number[],
  { locale }: Place = {},
): string => {
  const digits = alike.every((one) => Math.abs(one * 100 - Math.round(one * 100)) < 0.05) ? 0 : 1;
  return numberFormat(locale, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
};
