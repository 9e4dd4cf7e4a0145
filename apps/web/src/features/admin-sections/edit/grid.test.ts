import { expect, test } from "vitest";
import { dropPlaceAt, placesOf, positionOfDrop, positionTowards, widthOfPixels } from "./grid.ts";

test("panels stand in their order, each in the row in which it has room", () => {
  expect(placesOf([12, 3, 3, 6, 7, 6])).toEqual([
    { row: 0, column: 0 },
    { row: 1, column: 0 },
    { row: 1, column: 3 },
    { row: 1, column: 6 },
    { row: 2, column: 0 },
    { row: 3, column: 0 },
  ]);
  expect(placesOf([])).toEqual([]);
});

test("a step to the side is one place, a step up or down a row", () => {
  const widths = [12, 3, 3, 6, 6, 6];
  expect(positionTowards(widths, 0, "left")).toBe(0);
  expect(positionTowards(widths, 5, "right")).toBe(5);
  expect(positionTowards(widths, 2, "right")).toBe(3);
  expect(positionTowards(widths, 2, "up")).toBe(0);
  expect(positionTowards(widths, 2, "down")).toBe(4);
  expect(positionTowards(widths, 3, "down")).toBe(5);
  expect(positionTowards(widths, 4, "down")).toBe(4);
  expect(positionTowards(widths, 0, "up")).toBe(0);
  expect(positionTowards(widths, 9, "up")).toBe(9);
});

test("a width in pixels is the nearest number of columns", () => {
  // Twelve columns of 50 with gaps of 10.
  expect(widthOfPixels(50, 710, 10)).toBe(1);
  expect(widthOfPixels(110, 710, 10)).toBe(2);
  expect(widthOfPixels(139, 710, 10)).toBe(2);
  expect(widthOfPixels(141, 710, 10)).toBe(3);
  expect(widthOfPixels(710, 710, 10)).toBe(12);
  expect(widthOfPixels(-40, 710, 10)).toBe(1);
  expect(widthOfPixels(2_000, 710, 10)).toBe(12);
});

test("what is let go stands beside the nearest panel", () => {
  const boxes = [
    { left: 0, top: 0, right: 100, bottom: 50 },
    { left: 0, top: 60, right: 45, bottom: 100 },
    { left: 55, top: 60, right: 100, bottom: 100 },
  ];
  expect(dropPlaceAt(boxes, 60, 70)).toEqual({ index: 2, side: "before" });
  expect(dropPlaceAt(boxes, 95, 70)).toEqual({ index: 2, side: "after" });
  expect(dropPlaceAt(boxes, 10, 400)).toEqual({ index: 1, side: "before" });
  expect(dropPlaceAt(boxes, 400, 90)).toEqual({ index: 2, side: "after" });
  expect(dropPlaceAt([], 0, 0)).toBeNull();
  expect(positionOfDrop(0, { index: 2, side: "before" })).toBe(1);
  expect(positionOfDrop(0, { index: 2, side: "after" })).toBe(2);
  expect(positionOfDrop(2, { index: 0, side: "before" })).toBe(0);
  // Beside itself is where it was.
  expect(positionOfDrop(1, { index: 1, side: "after" })).toBe(1);
});
