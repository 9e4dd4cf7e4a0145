/** Sections as those see them who arrange them: one, and the list of all. */
import type { SectionListing, SectionOrder, SectionSettings } from "./section-store.ts";

export const describeSettings = ({ updatedAt, ...settings }: SectionSettings) => ({
  ...settings,
  updatedAt: new Date(updatedAt).toISOString(),
});

/** Letters from A to Z in lower case, and nothing else: as every store compares. */
export const foldCase = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Where a section stands in this order, beside its slug. */
export const rankOf = (order: SectionOrder, section: SectionSettings): string | number =>
  order === "title" ? foldCase(section.title) : section[order];

type Place = readonly [order: SectionOrder, rank: string | number, slug: string];

/** Is it a place in this order? One of another order is none. */
export const isPlaceIn =
  (order: SectionOrder) =>
  (place: readonly unknown[]): place is Place =>
    place.length === 3 &&
    place[0] === order &&
    typeof place[1] === (order === "position" || order === "updatedAt" ? "number" : "string") &&
    typeof place[2] === "string";

/** What a list asks of the store. */
export const listingOf = (
  {
    sort = "position",
    q,
    visibility,
    limit,
  }: {
    readonly sort?: string;
    readonly q?: string;
    readonly visibility?: "restricted" | "public";
    readonly limit: number;
  },
  readPlace: (order: SectionOrder) => Place | null,
): SectionListing => {
  const isDescending = sort.startsWith("-");
  const order = (isDescending ? sort.slice(1) : sort) as SectionOrder;
  const place = readPlace(order);
  return {
    order,
    isDescending,
    contains: q === undefined || q === "" ? null : foldCase(q),
    visibility: visibility ?? null,
    after: place && { rank: place[1], slug: place[2] },
    // One more tells whether there is a next page.
    limit: limit + 1,
  };
};
