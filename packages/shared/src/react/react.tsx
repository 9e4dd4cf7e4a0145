/**
 * The client in React: a provider, hooks, what to show to whom, query options for TanStack Query,
 * and guards for routes.
 */
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from "react";
import type { Client, ClientState, Session } from "../client/client.ts";
import type { Permission, Section } from "../contract/contract.ts";
import { clearCacheWithUser, followChanges } from "./follow-changes.ts";
import { sectionQuery, type SectionInput } from "./queries.ts";

export { recogniseDevice } from "../contract/recognise-device.ts";
export { reasonInWords } from "./end-reasons.ts";
export {
  requirePermission,
  requireSection,
  requireSignedIn,
  type Guard,
  type GuardArguments,
  type GuardOptions,
} from "./guards.ts";
export { safeNext } from "./safe-next.ts";
export {
  apiQuery,
  isWorthRetrying,
  retryDelayOf,
  sectionQuery,
  type SectionInput,
} from "./queries.ts";

const ClientContext = createContext<Client | null>(null);

/**
 * Makes the client available below it. Belongs inside a `QueryClientProvider`, whose cache it keeps
 * in step with who is signed in and with what changes on the server.
 */
export function SallyportProvider({
  client,
  mayAsk,
  children,
}: {
  readonly client: Client;
  readonly mayAsk?: () => boolean;
  readonly children: ReactNode;
}): ReactNode {
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

/**
 * Whether the server tells of changes just now: its stream of events is open, here or in another
 * tab of this browser, and has been heard within the last minute.
 */
export const useFollowing = (): boolean => {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, client.isFollowing, client.isFollowing);
};

/**
 * The session on whose behalf the page is shown: also after it has expired, while the dialog asks
 * to sign in again. `null` for a visitor and while starting.
 */
export const useSession = (): Session | null => {
  const state = useClientState();
  return state.status === "signedIn" || state.status === "expired" ? state.session : null;
};

/** A permission, a section, or both. */
export type Right =
  | { readonly permission: Permission; readonly section?: string | undefined }
  | { readonly section: string; readonly permission?: Permission | undefined };

/**
 * Whether the user has the permission and may open the section, as far as the page knows: the API
 * decides with every request. `false` for visitors, also for public sections: `GET /sections` lists
 * those.
 */
export const useCan = ({ permission, section }: Right): boolean => {
  const session = useSession();
  if (!session) return false;
  return (
    (permission === undefined || session.permissions.includes(permission)) &&
    (section === undefined || session.sections.some(({ slug }) => slug === section))
  );
};

/**
 * Shows its children to whom `useCan` is true for, and `fallback` to everybody else. It changes
 * with the user's rights, without a reload.
 */
export function Can({
  children,
  fallback = null,
  ...right
}: Right & { readonly children: ReactNode; readonly fallback?: ReactNode }): ReactNode {
  return useCan(right) ? children : fallback;
}

/** Those of `useQuery` that differ from page to page; the others belong into the `QueryClient`. */
export interface SectionOptions {
  readonly enabled?: boolean;
  /** `keepPreviousData` keeps the old rows in place while another range is on its way. */
  readonly placeholderData?: (previous: Section | undefined) => Section | undefined;
  /** Milliseconds. */
  readonly staleTime?: number;
  /** Milliseconds. */
  readonly refetchInterval?: number | false;
  readonly retryOnMount?: boolean;
}

/**
 * A section, kept up to date while it is shown.
 * @param input what the endpoint takes: `{ include: "data", last: "P30D" }`
 */
export const useSection = (
  slug: string,
  input: SectionInput = {},
  options: SectionOptions = {},
): UseQueryResult<Section> => useQuery({ ...sectionQuery(useClient(), slug, input), ...options });
