/** The client in React: a provider, hooks, and query options for TanStack Query. */
import { queryOptions, useQueryClient, type Query, type QueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from "react";
import { ApiError, NetworkError, type CallerInput, type CallKey, type Client, type ClientState, type Contract, type Session } from "../client/client.ts";

const ClientContext = createContext<Client | null>(null);

/** Forgets everything fetched when the user changes or signs out, so that nobody is shown what another was. Returns how to stop. */
export const clearCacheWithUser = (client: Client, queryClient: Pick<QueryClient, "clear">): (() => void) => {
  const stops = [client.on("userChanged", () => queryClient.clear()), client.on("signedOut", () => queryClient.clear())];
  return () => stops.forEach((stop) => stop());
};

/** The section that a query asks about, where it asks about one. */
const slugOf = ({ queryKey: [key, , input] }: Query): string | undefined =>
  typeof key === "string" && key.startsWith("GET /sections/:slug") ? (input as { params?: { slug?: string } } | undefined)?.params?.slug : undefined;

/**
 * Asks again for what has changed on the server, where a page shows it. What a user is no longer permitted leaves the
 * cache at once, and a page that shows it hears so from the server; what is newly permitted is asked for again. Returns how to stop.
 * @param mayAsk whether pages may ask by themselves just now; otherwise what has changed is only marked as stale
 */
export const followChanges = (client: Client, queryClient: QueryClient, mayAsk: () => boolean = () => true): (() => void) => {
  const isAbout = (slugs: ReadonlySet<string>) => (query: Query) => slugs.has(slugOf(query) ?? "");
  const askAgain = (predicate: (query: Query) => boolean): void => void queryClient.invalidateQueries({ predicate, refetchType: mayAsk() ? "active" : "none" });

  let permitted: { readonly user: string; readonly slugs: ReadonlySet<string> } | null = null;
  const compare = (): void => {
    const state = client.state();
    if (state.status !== "signedIn") return;
    const before = permitted;
    permitted = { user: state.session.user.id, slugs: new Set(state.session.sections.map(({ slug }) => slug)) };
    if (before?.user !== permitted.user) return;
    const { slugs } = permitted;
    const lost = new Set([...before.slugs].filter((slug) => !slugs.has(slug)));
    const gained = new Set([...slugs].filter((slug) => !before.slugs.has(slug)));
    if (lost.size > 0) {
      queryClient.removeQueries({ predicate: isAbout(lost), type: "inactive" });
      void queryClient.resetQueries({ predicate: isAbout(lost) });
    }
    if (gained.size > 0) askAgain(isAbout(gained));
  };
  compare();
  const stops = [
    client.subscribe(compare),
    client.on("sectionsChanged", ({ slugs }) => askAgain(slugs === null ? (query) => slugOf(query) !== undefined : isAbout(new Set(slugs)))),
  ];
  return () => stops.forEach((stop) => stop());
};

/** Makes the client available below it. Belongs inside a `QueryClientProvider`, whose cache it keeps in step with who is signed in and with what changes on the server. */
export function SallyportProvider({ client, mayAsk, children }: { readonly client: Client; readonly mayAsk?: () => boolean; readonly children: ReactNode }): ReactNode {
  const queryClient = useQueryClient();
  useEffect(() => clearCacheWithUser(client, queryClient), [client, queryClient]);
  useEffect(() => followChanges(client, queryClient, mayAsk), [client, queryClient, mayAsk]);
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
export const apiQuery = <K extends CallKey & `GET ${string}`>(client: Client, key: K, input?: CallerInput<Contract[K]>) =>
  queryOptions({
    queryKey: [key, client.userId(), input ?? {}] as const,
    queryFn: ({ signal }) => client.call(key, input, { signal }),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });
