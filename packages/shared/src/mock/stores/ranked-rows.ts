/** The order of lists that are sorted by a rank and, among those of one rank, by a name. */
export type RankedPlace = readonly [rank: string | number, name: string];

const compareValues = (one: string | number, other: string | number): number =>
  one < other ? -1 : Number(one > other);

export const compareRanked =
  (isDescending: boolean) =>
  (one: RankedPlace, other: RankedPlace): number =>
    (compareValues(one[0], other[0]) || compareValues(one[1], other[1])) * (isDescending ? -1 : 1);
