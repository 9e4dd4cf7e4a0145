import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeriesReducer, gatheredRows, reduceSeries } from "./reduce-series.ts";

type Row = readonly (string | number | null)[];
const number = fc.option(fc.integer({ min: -1_000, max: 1_000 }), { freq: 8 });
const lastOf = <T>(values: readonly T[]): T | undefined => values.at(-1);

describe("a reduced series", () => {
  it("has at most so many points, in their order, with its ends, its lowest and its highest value", () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 10, max: 60 }),
        (values, points) => {
          const rows = values.map((value, index): Row => [index, value]);
          const kept = reduceSeries(rows, { values: [1], points });
          expect(kept.length).toBeLessThanOrEqual(points);
          expect(kept.map(([x]) => x)).toEqual(
            kept.map(([x]) => x as number).toSorted((a, b) => a - b),
          );
          expect([kept[0], lastOf(kept)]).toEqual([rows[0], lastOf(rows)]);
          const extremes = (of: readonly Row[]) => {
            const known = of.flatMap(([, value]) => (typeof value === "number" ? [value] : []));
            return [Math.min(...known), Math.max(...known)];
          };
          expect(extremes(kept)).toEqual(extremes(rows));
        },
      ),
      { numRuns: 500, seed: 20_261_122 },
    );
  });

  it("keeps the rows of several columns whole, with the peaks of each", () => {
    const rows = Array.from({ length: 1_000 }, (_, index): Row => [
      index,
      index === 321 ? 9 : 0,
      index === 654 ? -9 : 0,
    ]);
    const kept = reduceSeries(rows, { values: [1, 2], points: 30 });
    expect(kept.length).toBeLessThanOrEqual(30);
    expect(kept).toContainEqual([321, 9, 0]);
    expect(kept).toContainEqual([654, 0, -9]);
  });

  it("is reduced for itself, so that a short one beside it stays whole", () => {
    const rows = Array.from({ length: 1_000 }, (_, index): Row => [
      index,
      index % 100 === 0 ? "short" : "long",
      index,
    ]);
    const kept = reduceSeries(rows, { values: [2], series: 1, points: 20 });
    expect(kept.filter(([, series]) => series === "short")).toHaveLength(10);
    expect(kept.filter(([, series]) => series === "long").length).toBeLessThanOrEqual(20);
  });

  it("keeps its shape while it is read, evenly from its beginning to its end, with few rows in memory", () => {
    const length = Math.floor(4.1 * gatheredRows);
    const peaks = [1, gatheredRows - 2, gatheredRows + 1, 3 * gatheredRows, length - 2];
    const reducer = createSeriesReducer<Row>({ values: [1], points: 100 });
    let most = 0;
    for (let index = 0; index < length; index += 1)
      most = Math.max(most, reducer.add([index, peaks.includes(index) ? 9 : index % 2]));
    const kept = reducer.finish();
    expect(most).toBeLessThan(gatheredRows + 1_000);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect([kept[0], lastOf(kept)]).toEqual([
      [0, 0],
      [length - 1, (length - 1) % 2],
    ]);
    for (const peak of peaks) expect(kept).toContainEqual([peak, 9]);
    // No part of it takes the room of another.
    const half = kept.filter(([x]) => (x as number) < length / 2).length;
    expect(half).toBeGreaterThan(kept.length * 0.4);
    expect(half).toBeLessThan(kept.length * 0.6);
  });

  it("is one of many, each with its peaks, and all of them together take little memory", () => {
    const length = 8 * gatheredRows;
    const reducer = createSeriesReducer<Row>({ values: [2], series: 1, points: 500 });
    let most = 0;
    for (let index = 0; index < length; index += 1)
      most = Math.max(
        most,
        reducer.add([
          index,
          `series ${index % 100}`,
          index === 123_456 || index === length - 3 ? 9 : 0,
        ]),
      );
    const kept = reducer.finish();
    expect(most).toBeLessThan(2.5 * gatheredRows);
    expect(new Set(kept.map(([, series]) => series)).size).toBe(100);
    expect(kept.length).toBeLessThanOrEqual(100 * 500);
    expect(kept.length).toBeGreaterThan(100 * 100);
    expect(kept).toContainEqual([123_456, "series 56", 9]);
    expect(kept).toContainEqual([length - 3, "series 97", 9]);
  });

  it("is evenly spaced where there are more columns than points", () => {
    const rows = Array.from({ length: 100 }, (_, index): Row => [
      index,
      ...Array.from({ length: 12 }, () => index),
    ]);
    const kept = reduceSeries(rows, {
      values: Array.from({ length: 12 }, (_, index) => index + 1),
      points: 10,
    });
    expect(kept.map(([x]) => x)).toEqual([0, 11, 22, 33, 44, 55, 66, 77, 88, 99]);
  });
});
