import { describe, expect, test } from "vitest";
import {
  areaPath,
  barsPath,
  dotsPath,
  isAlone,
  linePath,
  reachesOf,
  ringPath,
} from "./chart-paths.ts";

const pointsOf = (...rows: readonly (readonly (number | null)[])[]) =>
  rows.map((values, index) => ({ x: index, at: index, values }));

describe("how far series reach", () => {
  test("beside each other they begin at nothing, and a value that is missing is a gap", () => {
    expect(reachesOf(pointsOf([1, -2], [null, 4]), [true, true], null)).toEqual([
      [[0, 1], null],
      [
        [0, -2],
        [0, 4],
      ],
    ]);
  });

  test("stacked bars that go down have a stack of their own", () => {
    expect(reachesOf(pointsOf([1, -2, 3, -4]), [true, true, true, true], "apart")).toEqual([
      [[0, 1]],
      [[0, -2]],
      [[1, 4]],
      [[-2, -6]],
    ]);
  });

  test("a stacked surface runs on where its value is missing, but not where all are", () => {
    expect(reachesOf(pointsOf([1, null], [null, null]), [true, true], "together")).toEqual([
      [[0, 1], null],
      [[1, 1], null],
    ]);
  });

  test("what is hidden reaches nowhere and lifts nothing", () => {
    expect(reachesOf(pointsOf([5, 2]), [false, true], "apart")).toEqual([[null], [[0, 2]]]);
  });
});

describe("paths", () => {
  const positions = [0, 10, 20, 30];

  test("a gap lifts the pen", () => {
    expect(linePath(positions, [1, 2.345, null, 4])).toBe("M0 1L10 2.35M30 4");
    expect(linePath(positions, [null, null, null, null])).toBe("");
  });

  test("a surface goes along its upper line and back along the lower one, for each run", () => {
    expect(areaPath(positions, [1, 2, null, 4], [9, 8, null, 7])).toBe(
      "M0 1L10 2L10 8L0 9ZM30 4L30 7Z",
    );
  });

  test("points are dots, and one between two gaps is known to stand alone", () => {
    const levels = [null, 2, null, 4];
    expect(dotsPath(positions, levels, () => true)).toBe("M10 2h.01M30 4h.01");
    expect(levels.map((_, index) => isAlone(levels, index))).toEqual([false, true, false, true]);
    expect(isAlone([1, 2], 0)).toBe(false);
  });

  test("a bar's corners are as round as the bar allows", () => {
    expect(barsPath([{ x: 1, y: 2, width: 10, height: 20 }], 0)).toBe("M1 2h10v20h-10Z");
    expect(barsPath([{ x: 0, y: 0, width: 10, height: 2 }], 3)).toBe(
      "M1 0h8a1 1 0 0 1 1 1v0a1 1 0 0 1 -1 1h-8a1 1 0 0 1 -1 -1v-0a1 1 0 0 1 1 -1Z",
    );
  });

  test("a part of a ring turns clockwise from the top", () => {
    expect(ringPath(100, 50, 80, 0, 0.5)).toBe(
      "M100 20A80 80 0 0 1 180 100A80 80 0 0 1 100 180L100 150A50 50 0 0 0 150 100A50 50 0 0 0 100 50Z",
    );
  });

  test("a whole ring is drawn, and without a seam", () => {
    const ring = ringPath(100, 50, 80, 0, 1);
    expect(ring.match(/A/g)).toHaveLength(4);
    expect(ring).not.toContain("L");
  });
});
