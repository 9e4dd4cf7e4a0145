/** The list of datasets as whoever administers them asks for it. */
import { decodeCursor } from "../answering/list-pages.ts";
import { foldCase, isPlaceIn, readSort } from "../answering/sorted-lists.ts";
import type { Dataset, DatasetListing, DatasetOrder } from "./dataset-store.ts";

/** Where a dataset stands in this order, beside its name. */
export const rankOfDataset = (order: DatasetOrder, dataset: Dataset): string | number =>
  order === "title" ? foldCase(dataset.title) : dataset[order];

/** What a list asks of the store. @throws AppError `validation_failed` for a cursor of another */
export const datasetListingOf = ({
  sort = "name",
  q,
  limit,
  cursor,
}: {
  readonly sort?: DatasetOrder | `-${DatasetOrder}`;
  readonly q?: string;
  readonly limit: number;
  readonly cursor?: string;
}): DatasetListing => {
  const { order, isDescending } = readSort(sort);
  const kind = order === "rowCount" || order === "updatedAt" ? "number" : "string";
  const place = cursor === undefined ? null : decodeCursor(cursor, isPlaceIn(order, kind));
  return {
    order,
    isDescending,
    contains: q === undefined || q === "" ? null : foldCase(q),
    after: place && { rank: place[1], name: place[2] },
    // One more tells whether there is a next page.
    limit: limit + 1,
  };
};
