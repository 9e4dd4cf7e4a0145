import type { UseQueryResult } from "@tanstack/react-query";
import type { List } from "../ui/list-view.tsx";
import { failureOf } from "./failures.ts";

/**
 * What a list's page has been answered, for a `ListView`. With `placeholderData: keepPreviousData`
 * the rows of before stay until others have come.
 */
export const listOf = <Item>(
  result: UseQueryResult<{
    readonly items: readonly Item[];
    readonly nextCursor: string | null;
    readonly total?: number;
  }>,
): List<Item> => ({
  items: result.data?.items,
  nextCursor: result.data?.nextCursor ?? null,
  total: result.data?.total,
  isOld: result.isPlaceholderData,
  failure: result.error && failureOf(result.error, {}, new Date()).message,
  isAsking: result.isFetching,
  askAgain: () => void result.refetch(),
});
