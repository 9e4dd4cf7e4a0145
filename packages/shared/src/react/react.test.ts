import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { NetworkError } from "../client/client.ts";
import { apiQuery, clearCacheWithUser, isWorthRetrying, retryDelayOf } from "./react.tsx";

const createQueryClient = () => new QueryClient({ defaultOptions: { queries: { gcTime: Infinity } } });

test("A query's key starts with the contract key and the user's id, also while the session is still being asked for", async () => {
  const world = createWorld();
  await world.signedInTab();
  const tab = world.openTab("two");
  void tab.client.start();
  expect(apiQuery(tab.client, "GET /sections/:slug", { params: { slug: "finance" } }).queryKey).toEqual(["GET /sections/:slug", "usr_mike", { params: { slug: "finance" } }]);
});

test("A query calls the endpoint, and its cancellation reaches the request", async () => {
  const world = createWorld();
  const { client } = await world.signedInTab();
  const queryClient = createQueryClient();
  expect(await world.until(queryClient.fetchQuery(apiQuery(client, "GET /sections")))).toMatchObject({ items: [] });

  world.network.latencyMs = () => 60_000;
  const observer = new QueryObserver(queryClient, apiQuery(client, "GET /sections/:slug", { params: { slug: "finance" } }));
  const unsubscribe = observer.subscribe(() => undefined);
  await world.advance(10);
  unsubscribe();
  await world.advance(10);
  expect(queryClient.isFetching()).toBe(0);
  expect(client.state().connection).toBe("online");
});

test("The cache is cleared when another user signs in and on signing out, not when the same user signs in again", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  const queryClient = createQueryClient();
  const stop = clearCacheWithUser(tab.client, queryClient);
  const fill = () => world.until(queryClient.fetchQuery({ ...apiQuery(tab.client, "GET /sections"), staleTime: 0 }));
  const size = () => queryClient.getQueryCache().getAll().length;
  const signIn = (user: string) => world.until(tab.client.signIn({ username: user, password: `sample-${user}-passphrase` }));

  await fill();
  await signIn("mike");
  expect(size()).toBe(1);
  await signIn("mica");
  expect(size()).toBe(0);
  await fill();
  expect(size()).toBe(1);
  await world.until(tab.client.signOut());
  expect(size()).toBe(0);
  stop();
});

test("Faults, 429 and 503 are worth another try, after the time the server asked for; the rest is not", async () => {
  const world = createWorld();
  const { client } = await world.signedInTab();
  world.network.instead = (_, route) => (route === "GET /sections" ? problemOf("busy", { retryAfter: 9 }) : null);
  const busy = await world.until(client.call("GET /sections").catch((error: unknown) => error as Error));
  const forbidden = await world.until(client.call("GET /sections/:slug", { params: { slug: "secret" } }).catch((error: unknown) => error as Error));
  expect(isWorthRetrying(0, busy as Error)).toBe(true);
  expect(retryDelayOf(0, busy as Error)).toBe(9000);
  expect(isWorthRetrying(3, busy as Error)).toBe(false);
  expect(isWorthRetrying(0, forbidden as Error)).toBe(false);
  expect(isWorthRetrying(0, new NetworkError("no answer"))).toBe(true);
  expect(isWorthRetrying(0, new NetworkError("aborted", undefined, true))).toBe(false);
  expect(retryDelayOf(2, new NetworkError("no answer"))).toBe(4000);
});
