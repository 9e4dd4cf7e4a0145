/** Lists that are searched and sorted: what is asked for, and the place where a page begins. */

/** Letters from A to Z in lower case, and nothing else: as every store compares. */
export const foldCase = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** `-title` is by title, in descending order. @param sort one of the contract's */
export const readSort = <O extends string>(
  sort: O | `-${O}`,
): { readonly order: O; readonly isDescending: boolean } =>
  sort.startsWith("-")
    ? { order: sort.slice(1) as O, isDescending: true }
    : { order: sort as O, isDescending: false };

/** Where a row stands in an order: its rank, and its name among those of one rank. */
export type SortedPlace = readonly [order: string, rank: string | number, name: string];

/** Is it a place in this order? One of another order is none. */
export const isPlaceIn =
  (order: string, rank: "string" | "number") =>
  (place: readonly unknown[]): place is SortedPlace =>
    place.length === 3 &&
    place[0] === order &&
    (rank === "number" ? Number.isSafeInteger(place[1]) : typeof place[1] === "string") &&
    typeof place[2] === "string";
