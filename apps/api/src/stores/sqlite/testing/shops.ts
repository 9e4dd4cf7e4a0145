/** A dataset of shops that no table is behind: queries on it are looked at, and not run. */
import type { Query } from "@sallyport/shared/contract";
import type { QueriedDataset } from "@sallyport/shared/core";
import { shopColumns } from "./stored-dataset.ts";

export const shops: QueriedDataset = {
  name: "shops",
  tableName: `dataset_${"0".repeat(32)}`,
  columns: shopColumns,
  attribution: null,
  version: 1,
  timeBounds: {
    day: ["2025-01-01", "2026-06-30"],
    at: [Date.UTC(2025, 0, 1), Date.UTC(2026, 5, 30)],
  },
};
export const queryShops = (rest: Omit<Query, "dataset">): Query => ({ dataset: "shops", ...rest });
