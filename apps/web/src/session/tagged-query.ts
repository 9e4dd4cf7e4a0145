import type { CallKey, CallRest, Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { isWorthRetrying, retryDelayOf } from "@sallyport/shared/react";
import { queryOptions } from "@tanstack/react-query";

/** Something together with the entity tag of its version, which a change of it has to name. */
export type Tagged<Item> = Item & { readonly etag: string };

type ReadKey = CallKey & `GET ${string}`;

/** Asks for it once. */
export const readTagged = async <K extends ReadKey>(
  client: Client,
  key: K,
  ...rest: CallRest<K, { readonly signal?: AbortSignal }>
): Promise<Tagged<ResponseBody<Contract[K]>>> => {
  const { body, headers } = await client.request(key, ...(rest as CallRest<K, never>));
  return { ...(body as object), etag: headers.get("ETag") ?? "" } as Tagged<
    ResponseBody<Contract[K]>
  >;
};

/** As `apiQuery`, for what is to be changed with `useVersionedChange`. */
export const taggedQuery = <K extends ReadKey>(
  client: Client,
  key: K,
  ...[input]: CallRest<K, never>
) =>
  queryOptions({
    queryKey: [key, client.userId(), input ?? {}, "tagged"] as const,
    queryFn: ({ signal }) =>
      readTagged(
        client,
        key,
        ...([input, { signal }] as unknown as CallRest<K, { readonly signal?: AbortSignal }>),
      ),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });
