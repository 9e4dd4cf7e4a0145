/**
 * The shapes of a chart as paths of SVG, one for each series however many points it has. Pure:
 * knows no drawing.
 */
import type { Point } from "./chart-shape.ts";

/** Pixels; null is a gap. */
type Levels = readonly (number | null)[];

const pixels = (value: number): string => String(Math.round(value * 100) / 100);
const at = (x: number, y: number): string => `${pixels(x)} ${pixels(y)}`;

/** From where to where the value of a series reaches at a point; null is a gap. */
export type Reach = readonly [from: number, to: number] | null;

/**
 * How far each series reaches at each point. Stacked, it begins where those before it end; the bars
 * below nothing have a stack of their own. What is hidden reaches nowhere.
 */
export const reachesOf = (
  points: readonly Point[],
  shown: readonly boolean[],
  stacked: "apart" | "together" | null,
): readonly (readonly Reach[])[] => {
  const reaches: Reach[][] = shown.map(() => []);
  for (const { values } of points) {
    const isGap = values.every((value) => value === null);
    let above = 0;
    let below = 0;
    for (const [series, isShown] of shown.entries()) {
      const value = values[series] ?? null;
      const put = (reach: Reach): void => void reaches[series]?.push(reach);
      if (!isShown || isGap || (value === null && stacked !== "together")) put(null);
      else if (stacked === null) put([0, value ?? 0]);
      else if (stacked === "apart" && (value ?? 0) < 0) {
        put([below, below + (value ?? 0)]);
        below += value ?? 0;
      } else {
        put([above, above + (value ?? 0)]);
        above += value ?? 0;
      }
    }
  }
  return reaches;
};

/** The first and the last index of each run of points between gaps. */
const runsOf = (levels: Levels): readonly (readonly [first: number, last: number])[] => {
  const runs: [number, number][] = [];
  for (const [index, level] of levels.entries()) {
    if (level === null) continue;
    const run = runs.at(-1);
    if (run?.[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs;
};

const along = (
  positions: readonly number[],
  levels: Levels,
  [first, last]: readonly [number, number],
): string[] => {
  const places: string[] = [];
  for (let index = first; index <= last; index++)
    places.push(at(positions[index] ?? 0, levels[index] ?? 0));
  return places;
};

/** A line through the points. A gap lifts the pen. */
export const linePath = (positions: readonly number[], levels: Levels): string =>
  runsOf(levels)
    .map((run) => `M${along(positions, levels, run).join("L")}`)
    .join("");

/** The surface between two lines that have the same gaps. */
export const areaPath = (positions: readonly number[], upper: Levels, lower: Levels): string =>
  runsOf(upper)
    .map(
      (run) =>
        `M${[...along(positions, upper, run), ...along(positions, lower, run).toReversed()].join("L")}Z`,
    )
    .join("");

/** Strokes without length, which round ends make dots of. */
export const dotsPath = (
  positions: readonly number[],
  levels: Levels,
  isDotted: (index: number) => boolean,
): string =>
  levels
    .map((level, index) =>
      level === null || !isDotted(index) ? "" : `M${at(positions[index] ?? 0, level)}h.01`,
    )
    .join("");

/** A point between two gaps has no line to be seen by. */
export const isAlone = (levels: Levels, index: number): boolean =>
  (levels[index] ?? null) !== null &&
  (levels[index - 1] ?? null) === null &&
  (levels[index + 1] ?? null) === null;

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bars with round corners, as round as their size allows. */
export const barsPath = (bars: readonly Bar[], radius: number): string =>
  bars
    .map(({ x, y, width, height }) => {
      const r = Math.min(radius, width / 2, height / 2);
      if (r <= 0) return `M${at(x, y)}h${pixels(width)}v${pixels(height)}h${pixels(-width)}Z`;
      const [wide, high] = [pixels(width - 2 * r), pixels(height - 2 * r)];
      const corner = (dx: number, dy: number): string => `a${at(r, r)} 0 0 1 ${at(dx * r, dy * r)}`;
      return `M${at(x + r, y)}h${wide}${corner(1, 1)}v${high}${corner(-1, 1)}h-${wide}${corner(-1, -1)}v-${high}${corner(1, -1)}Z`;
    })
    .join("");

/** A part of a ring, clockwise from the top; `from` and `to` are shares of the whole turn. */
export const ringPath = (
  centre: number,
  inner: number,
  outer: number,
  from: number,
  to: number,
): string => {
  const place = (radius: number, share: number): string =>
    at(
      centre + radius * Math.sin(share * 2 * Math.PI),
      centre - radius * Math.cos(share * 2 * Math.PI),
    );
  const middle = (from + to) / 2;
  // In two halves: an arc that ends where it begins is none.
  const arc = (radius: number, last: number, sweep: 0 | 1): string =>
    [middle, last]
      .map((share) => `A${at(radius, radius)} 0 0 ${sweep} ${place(radius, share)}`)
      .join("");
  // A whole ring has no seam.
  const join = to - from >= 1 ? `ZM${place(inner, to)}` : `L${place(inner, to)}`;
  return `M${place(outer, from)}${arc(outer, to, 1)}${join}${arc(inner, from, 0)}Z`;
};
