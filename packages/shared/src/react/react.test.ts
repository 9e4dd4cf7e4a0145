import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { NetworkError, type ApiError } from "../client/client.ts";
// Fetched by the client when it is needed; here beforehand, so that the fetching takes no time.
import "../client/follow-events.ts";
import { clearCacheWithUser, followChanges } from "./follow-changes.ts";
import { apiQuery, isWorthRetrying, retryDelayOf } from "./queries.ts";

const createQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { gcTime: Infinity } } });

test("A query's key starts with the contract key and the user's id, also while the session is still being asked for", async () => {
  const world = createWorld();
  await world.signedInTab();
  const tab = world.openTab("two");
  void tab.client.start();
  expect(
    apiQuery(tab.client, "GET /sections/:slug", { params: { slug: "finance" } }).queryKey,
  ).toEqual(["GET /sections/:slug", "usr_mike", { params: { slug: "finance" } }]);
});

test("A query calls the endpoint, and its cancellation reaches the request", async () => {
  const world = createWorld();
  const { client } = await world.signedInTab();
  const queryClient = createQueryClient();
  expect(
    await world.until(queryClient.fetchQuery(apiQuery(client, "GET /sections"))),
  ).toMatchObject({ items: [] });

  world.network.latencyMs = () => 60_000;
  const observer = new QueryObserver(
    queryClient,
    apiQuery(client, "GET /sections/:slug", { params: { slug: "finance" } }),
  );
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
  const fill = () =>
    world.until(queryClient.fetchQuery({ ...apiQuery(tab.client, "GET /sections"), staleTime: 0 }));
  const size = () => queryClient.getQueryCache().getAll().length;
  const signIn = (user: string) =>
    world.until(tab.client.signIn({ username: user, password: `sample-${user}-passphrase` }));

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
  world.network.instead = (_, route) =>
    route === "GET /sections" ? problemOf("busy", { retryAfter: 9 }) : null;
  const busy = await world.until(
    client.call("GET /sections").catch((error: unknown) => error as Error),
  );
  const forbidden = await world.until(
    client
      .call("GET /sections/:slug", { params: { slug: "secret" } })
      .catch((error: unknown) => error as Error),
  );
  expect(isWorthRetrying(0, busy as Error)).toBe(true);
  expect(retryDelayOf(0, busy as Error)).toBe(9000);
  expect(isWorthRetrying(3, busy as Error)).toBe(false);
  expect(isWorthRetrying(0, forbidden as Error)).toBe(false);
  expect(isWorthRetrying(0, new NetworkError("no answer"))).toBe(true);
  expect(isWorthRetrying(0, new NetworkError("aborted", undefined, true))).toBe(false);
  expect(retryDelayOf(2, new NetworkError("no answer"))).toBe(4000);
});

test("What a page shows of a section that has changed is asked for again; what no page shows, when one does", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  const queryClient = new QueryClient({
    defaultOptions: { queries: { gcTime: Infinity, staleTime: Infinity } },
  });
  const stop = followChanges(tab.client, queryClient);
  const queryOf = (slug: string) =>
    apiQuery(tab.client, "GET /sections/:slug", { params: { slug } });
  const leave = new QueryObserver(queryClient, queryOf("finance")).subscribe(() => undefined);
  await world.until(queryClient.fetchQuery(queryOf("people")));
  await world.until(queryClient.fetchQuery(apiQuery(tab.client, "GET /sections")));
  await world.advance(1_000);
  const told = async (slugs: readonly string[]): Promise<string[]> => {
    world.takeLog();
    world.streams[0]?.send("sections", { slugs, list: false });
    await world.advance(1_000);
    return world.takeLog();
  };
  expect(await told(["people"])).toEqual([]);
  expect(await told(["finance", "people"])).toEqual(["GET /sections/finance 200"]);
  expect(queryClient.getQueryState(queryOf("people").queryKey)?.isInvalidated).toBe(true);
  expect(
    queryClient.getQueryState(apiQuery(tab.client, "GET /sections").queryKey)?.isInvalidated,
  ).toBe(false);

  world.streams[0]?.close();
  await world.advance(5_000);
  expect(world.takeLog()).toContain("GET /sections/finance 200");
  leave();
  stop();
});

test("A list of the admin side that has changed is asked for again where a page shows it, all of them where changes may have been missed", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  const queryClient = new QueryClient({
    defaultOptions: { queries: { gcTime: Infinity, staleTime: Infinity } },
  });
  const stop = followChanges(tab.client, queryClient);
  const list = { status: 200, body: { items: [], nextCursor: null } };
  world.network.instead = (_, route) =>
    /^GET \/(datasets|audit-events|sections)/.test(route) ? list : null;
  const leaves = [
    apiQuery(tab.client, "GET /datasets", {}),
    apiQuery(tab.client, "GET /audit-events", { query: { action: "grant.add" } }),
    apiQuery(tab.client, "GET /sections", { query: { scope: "all" } }),
    apiQuery(tab.client, "GET /sections"),
  ].map((query) => new QueryObserver<unknown>(queryClient, query as never).subscribe(() => {}));
  await world.advance(1_000);
  const asked = async (): Promise<string[]> => {
    await world.advance(1_000);
    return world.takeLog().sort();
  };
  const told = async (lists: readonly string[]): Promise<string[]> => {
    world.takeLog();
    world.streams[0]?.send("lists", { lists });
    return asked();
  };
  const [audit, datasets, sections] = [
    "GET /audit-events 200",
    "GET /datasets 200",
    "GET /sections 200",
  ];
  expect(await told(["users", "roles", "something new"])).toEqual([]);
  expect(await told(["datasets"])).toEqual([datasets]);
  expect(await told(["audit", "sections"])).toEqual([audit, sections]);
  world.streams[0]?.close();
  await world.advance(5_000);
  expect(world.takeLog()).toEqual(expect.arrayContaining([audit, datasets, sections]));
  for (const leave of leaves) leave();
  stop();
});

test("What is no longer permitted leaves the cache, and the page that shows it is refused; what is newly permitted comes by itself", async () => {
  const world = createWorld();
  world.server.grant("mike", ["finance", "people"]);
  const tab = await world.signedInTab();
  const queryClient = createQueryClient();
  followChanges(tab.client, queryClient);
  const queryOf = (slug: string) => ({
    ...apiQuery(tab.client, "GET /sections/:slug", { params: { slug } }),
    staleTime: Infinity,
  });
  const shown = new QueryObserver(queryClient, queryOf("finance"));
  const seen: unknown[] = [];
  shown.subscribe(({ data, error }) =>
    seen.push(error ? (error as ApiError).code : (data as { slug: string } | undefined)?.slug),
  );
  await world.until(queryClient.fetchQuery(queryOf("people")));
  await world.advance(1_000);
  expect(seen.at(-1)).toBe("finance");

  seen.length = 0;
  world.server.grant("mike", ["marketing"]);
  world.streams[0]?.send("permissions", {});
  await world.advance(1_000);
  expect(seen).not.toContain("finance");
  expect(seen.at(-1)).toBe("section_forbidden");
  expect(queryClient.getQueryState(queryOf("people").queryKey)).toBeUndefined();

  world.server.grant("mike", ["marketing", "finance"]);
  world.streams[0]?.send("permissions", {});
  await world.advance(1_000);
  expect(seen.at(-1)).toBe("finance");
});
