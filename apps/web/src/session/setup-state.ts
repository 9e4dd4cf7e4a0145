import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";

const useSetupState = (isAsked: boolean) => {
  const client = useClient();
  return useQuery({
    ...apiQuery(client, "GET /setup"),
    enabled: isAsked,
    staleTime: Infinity,
    retry: false,
  }).data;
};

/** Whether this installation waits for its first admin; false while that is not known. */
export const useIsNotSetUp = (isAsked: boolean): boolean => useSetupState(isAsked)?.done === false;

/** Whether this installation sends mail; false while that is not known. */
export const useSendsMail = (isAsked: boolean): boolean => useSetupState(isAsked)?.mail === true;
