import type { ReactNode } from "react";
import {
  formatNumber,
  formatValue,
  precisionOf,
  type Column,
  type Place,
  type Value,
} from "../../ui/formats.ts";
import { colourOf } from "./palette.ts";
import classes from "./sparkline.module.css";

interface Trend {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
}

const width = 240;
const height = 44;
const margin = 4;

/**
 * How a metric came to be what it is: a line without axes, and what it shows in words. Nothing
 * below two values.
 */
export function Sparkline({
  trend,
  place,
}: {
  readonly trend: Trend;
  readonly place: Place;
}): ReactNode {
  const [x, y] = trend.columns;
  const numbers = trend.rows.map(([, value]) =>
    typeof value === "number" && Number.isFinite(value) ? value : null,
  );
  const known = numbers.filter((value) => value !== null);
  const first = trend.rows[0]?.[0] ?? null;
  const last = trend.rows.at(-1)?.[0] ?? null;
  if (!x || !y || known.length < 2) return null;
  const least = Math.min(...known);
  const most = Math.max(...known);
  const left = (index: number): number =>
    margin + (index / (numbers.length - 1)) * (width - 2 * margin);
  const top = (value: number): number =>
    most === least
      ? height / 2
      : margin + (1 - (value - least) / (most - least)) * (height - 2 * margin);
  // A value that is missing lifts the pen.
  const path = numbers
    .map((value, index) =>
      value === null
        ? ""
        : `${(numbers[index - 1] ?? null) === null ? "M" : "L"}${left(index).toFixed(1)} ${top(value).toFixed(1)}`,
    )
    .join("");
  const lastIndex = numbers.findLastIndex((value) => value !== null);
  const end = numbers[lastIndex] ?? null;
  const precision = precisionOf(y, known);
  const write = (value: number): string => formatNumber(value, y, precision, place);
  const words = `${formatValue(first, x, 0, place)} to ${formatValue(last, x, 0, place)}: lowest ${write(least)}, highest ${write(most)}${end === null ? "" : `, latest ${write(end)}`}.`;
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      <path
        d={path}
        className={classes.line}
        stroke={colourOf(0)}
        vectorEffect="non-scaling-stroke"
      />
      {end !== null && (
        <path
          d={`M${left(lastIndex)} ${top(end)}h.01`}
          className={classes.end}
          stroke={colourOf(0)}
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}
