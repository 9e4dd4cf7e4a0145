/**
 * Where panels stand on the grid of twelve columns: in their order, each in the row in which it has
 * room. Pure.
 */

export const gridColumns = 12;

export interface Place {
  readonly row: number;
  /** The first of its columns, from nought. */
  readonly column: number;
}

export const placesOf = (widths: readonly number[]): readonly Place[] => {
  let [row, column] = [0, 0];
  return widths.map((width) => {
    if (column + width > gridColumns) [row, column] = [row + 1, 0];
    const place = { row, column };
    column += width;
    return place;
  });
};

export type Direction = "left" | "right" | "up" | "down";

/** The position in the order that a panel gets when it is moved one step. */
export const positionTowards = (
  widths: readonly number[],
  index: number,
  direction: Direction,
): number => {
  const last = widths.length - 1;
  if (direction === "left") return Math.max(0, index - 1);
  if (direction === "right") return Math.min(last, index + 1);
  const places = placesOf(widths);
  const own = places[index];
  if (!own) return index;
  const row = own.row + (direction === "up" ? -1 : 1);
  // Of the other row, what stands at the same column, or begins before it.
  const found = places.findLastIndex((place) => place.row === row && place.column <= own.column);
  return found === -1 ? index : found;
};

export const clampWidth = (width: number): number =>
  Math.max(1, Math.min(gridColumns, Math.round(width)));

/** How many columns a panel of so many pixels is nearest to. */
export const widthOfPixels = (pixels: number, gridPixels: number, gapPixels: number): number => {
  const column = (gridPixels - gapPixels * (gridColumns - 1)) / gridColumns;
  return clampWidth((pixels + gapPixels) / (column + gapPixels));
};

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Beside which panel something is dropped, and on which side of it. */
export interface DropPlace {
  readonly index: number;
  readonly side: "before" | "after";
}

const distanceTo = (box: Box, x: number, y: number): number =>
  Math.hypot(
    Math.max(box.left - x, 0, x - box.right),
    // A row counts for more than a column: what is dropped beside a row belongs to it.
    2 * Math.max(box.top - y, 0, y - box.bottom),
  );

/** The nearest of the boxes to a point; null where there are none. */
export const dropPlaceAt = (boxes: readonly Box[], x: number, y: number): DropPlace | null => {
  let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
  for (const [index, box] of boxes.entries()) {
    const distance = distanceTo(box, x, y);
    if (distance < least) [nearest, least] = [index, distance];
  }
  const box = boxes[nearest];
  return box ? { index: nearest, side: x < (box.left + box.right) / 2 ? "before" : "after" } : null;
};

/** The position in the order of what comes from `from` and is dropped there. */
export const positionOfDrop = (from: number, { index, side }: DropPlace): number => {
  const to = side === "before" ? index : index + 1;
  return from < to ? to - 1 : to;
};
