/** Sections as those see them who arrange them: one, and the list of all. */
import { decodeCursor } from "../answering/list-pages.ts";
import { foldCase, isPlaceIn, readSort } from "../answering/sorted-lists.ts";
import type { SectionListing, SectionOrder, SectionSettings } from "./section-store.ts";

export const describeSettings = ({ updatedAt, ...settings }: SectionSettings) => ({
  ...settings,
  updatedAt: new Date(updatedAt).toISOString(),
});

/** Where a section stands in this order, beside its slug. */
export const rankOf = (order: SectionOrder, section: SectionSettings): string | number =>
  order === "title" ? foldCase(section.title) : section[order];

/** Of which kind the rank is. */
const kindOf = (order: SectionOrder): "string" | "number" | "position" =>
  order === "position" ? order : order === "updatedAt" ? "number" : "string";

/** What a list asks of the store. @throws AppError `validation_failed` for a cursor of another */
export const listingOf = ({
  sort = "position",
  q,
  visibility,
  limit,
  cursor,
}: {
  readonly sort?: SectionOrder | `-${SectionOrder}`;
  readonly q?: string;
  readonly visibility?: "restricted" | "public";
  readonly limit: number;
  readonly cursor?: string;
}): SectionListing => {
  const { order, isDescending } = readSort(sort);
  const place = cursor === undefined ? null : decodeCursor(cursor, isPlaceIn(order, kindOf(order)));
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
