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

/**
 * Can something stand at this position? A store need have room for no more than 32 bits, and need
 * not be able to compare with anything else.
 */
export const isPosition = (value: unknown): value is number =>
  typeof value === "number" && (value | 0) === value;

const isRank = {
  string: (value: unknown) => typeof value === "string",
  number: Number.isSafeInteger,
  position: isPosition,
};

/** Is it a place in this order? One of another order is none. */
export const isPlaceIn =
  (order: string, rank: keyof typeof isRank) =>
  (place: readonly unknown[]): place is SortedPlace =>
    place.length === 3 &&
    place[0] === order &&
    isRank[rank](place[1]) &&
    typeof place[2] === "string";
