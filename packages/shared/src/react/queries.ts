/** The API's endpoints as options for TanStack Query. */
import {
  queryOptions,
  type QueryKeyWithDataTag,
  type UnusedSkipTokenOptions,
} from "@tanstack/react-query";
import {
  ApiError,
  NetworkError,
  type CallerInput,
  type CallKey,
  type CallOptions,
  type CallRest,
  type Client,
  type Contract,
  type ResponseBody,
} from "../client/client.ts";

/**
 * Worth another try: no answer, or a server that says "later". The client itself has dealt with the
 * rest.
 */
export const isWorthRetrying = (failureCount: number, error: Error): boolean =>
  failureCount < 3 &&
  ((error instanceof NetworkError && !error.aborted) ||
    (error instanceof ApiError && (error.status === 429 || error.status === 503)));

/** Milliseconds: what the server asked for, else 1 s, 2 s, 4 s. */
export const retryDelayOf = (failureCount: number, error: Error): number =>
  error instanceof ApiError && error.retryAfterSeconds !== undefined
    ? error.retryAfterSeconds * 1000
    : 1000 * 2 ** failureCount;

type QueryKeyOf<K extends CallKey> = readonly [key: K, userId: string | null, input: unknown];

/** Written down: as the compiler would write it, it holds the whole contract, several times. */
export type ApiQuery<K extends CallKey> = UnusedSkipTokenOptions<
  ResponseBody<Contract[K]>,
  Error,
  ResponseBody<Contract[K]>,
  QueryKeyOf<K>
> &
  QueryKeyWithDataTag<QueryKeyOf<K>, ResponseBody<Contract[K]>>;

/**
 * Query options for one endpoint, for `useQuery`, `ensureQueryData` and their like.
 * The key starts with the contract key and the user's id, so no answer outlives its user and all
 * answers of one endpoint can be named.
 */
export const apiQuery = <K extends CallKey & `GET ${string}`>(
  client: Client,
  key: K,
  ...[input]: CallRest<K, never>
): ApiQuery<K> =>
  queryOptions({
    queryKey: [key, client.userId(), input ?? {}] as QueryKeyOf<K>,
    queryFn: ({ signal }) =>
      client.call(key, ...([input, { signal }] as unknown as CallRest<K, CallOptions>)),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });

/**
 * What `GET /sections/:slug` takes: `include: "data"` for the panels' rows, and their range of time
 * as `last`, or as `from` and `to`.
 */
export type SectionInput = NonNullable<CallerInput<Contract["GET /sections/:slug"]>["query"]>;

/** Query options for a section: with `include: "data"` a whole page in one request. */
export const sectionQuery = (
  client: Client,
  slug: string,
  query: SectionInput = {},
): ApiQuery<"GET /sections/:slug"> =>
  apiQuery(client, "GET /sections/:slug", { params: { slug }, query });
