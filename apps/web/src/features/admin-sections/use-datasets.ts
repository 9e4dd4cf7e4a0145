import { isWorthRetrying, retryDelayOf, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { KnownDataset } from "./edit/result-columns.ts";
import { useMayPreview } from "./use-preview.ts";

const datasetsKey = "GET /datasets";
const freshMilliseconds = 60_000;
const none: readonly KnownDataset[] = [];

/** All datasets there are; null for whoever may not look at them. */
export const useDatasets = (): readonly KnownDataset[] | null => {
  const client = useClient();
  const mayRead = useMayPreview();
  const { data } = useQuery({
    queryKey: [datasetsKey, client.userId(), {}, "all"],
    queryFn: async ({ signal }) => {
      const found: KnownDataset[] = [];
      let cursor: string | null = null;
      do {
        const page: {
          readonly items: readonly KnownDataset[];
          readonly nextCursor: string | null;
        } = await client.call(
          datasetsKey,
          { query: { limit: 200, ...(cursor !== null && { cursor }) } },
          { signal },
        );
        found.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return found;
    },
    enabled: mayRead,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    staleTime: freshMilliseconds,
  });
  return mayRead ? (data ?? none) : null;
};
