import type { QueryClient } from "@tanstack/react-query";

/** Whatever shows grants, or what somebody may see by them, is asked for anew. */
export const grantsChanged = (queryClient: QueryClient): Promise<void> =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey: [key] }) =>
      typeof key === "string" && /^GET \/(?:grants|users|roles|sections$)/.test(key),
  });
