/** What all seeded rows are made with: lines through points, noise, and days. */
import type { StoredValue } from "../../core/core.ts";
import type { Chance } from "../random.ts";

export type Row = readonly StoredValue[];
export const day = 86_400_000;

export const round = (value: number, digits = 2): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;
export const percentChange = (value: number, before: number): number =>
  round((value / before - 1) * 100);
export const toDate = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const yearOf = (at: number): number =>
  new Date(at).getUTCFullYear() + new Date(at).getUTCMonth() / 12 + new Date(at).getUTCDate() / 366;

/** The first days of months, both included. */
export const monthsFrom = (year: number, month: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Date.UTC(year, month - 1 + index));

/** A line through points, each a year (with its fraction) and a value. */
export const along = (
  points: readonly (readonly [year: number, value: number])[],
  year: number,
): number => {
  const next = points.findIndex(([at]) => at >= year);
  if (next === 0) return points[0]?.[1] ?? 0;
  const [after, before] = [points[next], points[next === -1 ? points.length - 1 : next - 1]];
  if (before === undefined || after === undefined) return before?.[1] ?? 0;
  return before[1] + ((year - before[0]) / (after[0] - before[0])) * (after[1] - before[1]);
};

/** Noise that is pulled back: it strays, and does not wander off. */
export const createWander = (chance: Chance, step: number, pull: number): (() => number) => {
  let at = 0;
  return () => (at += chance.normal() * step - at * pull);
};
