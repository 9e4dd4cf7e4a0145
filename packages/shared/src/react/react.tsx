/** The client in React: a provider, hooks, and query options for TanStack Query. */
import { queryOptions, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from "react";
import { ApiError, NetworkError, type CallerInput, type Client, type ClientState, type Contract, type ContractKey, type Session } from "../client/client.ts";

const ClientContext = createContext<Client | null>(null);

/** Forgets everything fetched when the user changes or signs out, so that nobody is shown what another was. Returns how to stop. */
export const clearCacheWithUser = (client: Client, queryClient: Pick<QueryClient, "clear">): (() => void) => {
  const stops = [client.on("userChanged", () => queryClient.clear()), client.on("signedOut", () => queryClient.clear())];
  return () => stops.forEach((stop) => stop());
};

/** Makes the client available below it. Belongs inside a `QueryClientProvider`, whose cache it clears when the user changes or signs out. */
export function SallyportProvider({ client, children }: { readonly client: Client; readonly children: ReactNode }): ReactNode {
  const queryClient = useQueryClient();
  useEffect(() => clearCacheWithUser(client, queryClient), [client, queryClient]);
  return <ClientContext value={client}>{children}</ClientContext>;
}

export const useClient = (): Client => {
  const client = use(ClientContext);
  if (!client) throw new Error("useClient needs a SallyportProvider above it.");
  return client;
};

export const useClientState = (): ClientState => {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, client.state, client.state);
};

/** The session on whose behalf the page is shown: also after it has expired, while the dialog asks to sign in again. `null` for a visitor and while starting. */
export const useSession = (): Session | null => {
  const state = useClientState();
  return state.status === "signedIn" || state.status === "expired" ? state.session : null;
};

/** Worth another try: no answer, or a server that says "later". The client itself has dealt with the rest. */
export const isWorthRetrying = (failureCount: number, error: Error): boolean =>
  failureCount < 3 && ((error instanceof NetworkError && !error.aborted) || (error instanceof ApiError && (error.status === 429 || error.status === 503)));

/** Milliseconds: what the server asked for, else 1 s, 2 s, 4 s. */
export const retryDelayOf = (failureCount: number, error: Error): number =>
  error instanceof ApiError && error.retryAfterSeconds !== undefined ? error.retryAfterSeconds * 1000 : 1000 * 2 ** failureCount;

/**
 * Query options for one endpoint, for `useQuery`, `ensureQueryData` and their like.
 * The key starts with the contract key and the user's id, so no answer outlives its user and all answers of one endpoint can be named.
 */
export const apiQuery = <K extends ContractKey & `GET ${string}`>(client: Client, key: K, input?: CallerInput<Contract[K]>) =>
  queryOptions({
    queryKey: [key, client.userId(), input ?? {}] as const,
    queryFn: ({ signal }) => client.call(key, input, { signal }),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });
