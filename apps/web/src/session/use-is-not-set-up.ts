import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";

/** Whether this installation waits for its first admin; false while that is not known. */
export const useIsNotSetUp = (isAsked: boolean): boolean => {
  const client = useClient();
  const { data } = useQuery({
    ...apiQuery(client, "GET /setup"),
    enabled: isAsked,
    staleTime: Infinity,
    retry: false,
  });
  return data?.done === false;
};
