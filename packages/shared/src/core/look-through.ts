import type { Awaitable } from "./awaitable.ts";

/** Where a list goes on that is in the order of time: behind this one. */
export interface ListPlace {
  readonly at: number;
  readonly id: string;
}

/** As many rows as are looked at in one turn … */
export const lookedAtInTurn = 1_000;
/** … and for one page. */
const lookedAtForPage = 10_000;

export interface LookedAt extends ListPlace {
  readonly fits: boolean;
}

/**
 * Finds the rows that fit among those that an index leads to, and looks at no more of them than
 * so many: a page that few fit is short, and says where it goes on.
 * @param look the next `lookedAtInTurn` that the index leads to, in order
 */
export const lookThrough = async (
  limit: number,
  after: ListPlace | null,
  look: (after: ListPlace | null) => Awaitable<readonly LookedAt[]>,
): Promise<{ readonly ids: readonly string[]; readonly next: ListPlace | null }> => {
  const ids: string[] = [];
  let place = after;
  for (let lookedAt = 0; lookedAt < lookedAtForPage; lookedAt += lookedAtInTurn) {
    const seen = await look(place);
    for (const { at, id, fits } of seen) {
      if (fits && ids.length === limit) return { ids, next: place };
      if (fits) ids.push(id);
      place = { at, id };
    }
    if (seen.length < lookedAtInTurn) return { ids, next: null };
  }
  return { ids, next: place };
};
