import { createMemoryRouter, isRouteErrorResponse, type RouteObject } from "react-router";
import { expect, test } from "vitest";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import { NetworkError } from "../client/client.ts";
import { requirePermission, requireSection, requireSignedIn, type Guard } from "./guards.ts";

const origin = "https://dashboards.example.com";
const options = { signInPath: "/sign-in" };

/**
 * Opens an address behind a guard, in a router as an application has it. @returns where it led, and
 * what its error boundary was given
 */
const open = async (
  world: World,
  guard: Guard,
  address: string,
  { as = "loader", basename = "/" }: { as?: "loader" | "middleware"; basename?: string } = {},
) => {
  const guarded = as === "loader" ? { loader: guard } : { middleware: [guard], loader: () => null };
  const children: RouteObject[] = [
    { path: "/sign-in" },
    { path: "/reports/:slug", ...guarded },
    { path: "/reports", ...guarded },
  ];
  const router = createMemoryRouter(
    [{ id: "root", path: "/", children, HydrateFallback: () => null, ErrorBoundary: () => null }],
    { initialEntries: [address], basename },
  );
  const arrived = new Promise<void>((resolve) => {
    if (router.state.initialized) resolve();
    router.subscribe(
      (state) => void (state.initialized && state.navigation.state === "idle" && resolve()),
    );
  });
  await world.until(arrived);
  const { location, errors } = router.state;
  const error: unknown = Object.values(errors ?? {})[0];
  router.dispose();
  return { at: location.pathname + location.search, error };
};
const grantAndSignIn = async (slugs: readonly string[]): Promise<{ world: World; tab: Tab }> => {
  const world = createWorld();
  world.server.grant("mike", slugs);
  return { world, tab: await world.signedInTab() };
};

for (const as of ["loader", "middleware"] as const) {
  test(`As ${as}: a visitor is led to the sign-in page, which is told where they were going; whoever is signed in gets there`, async () => {
    const world = createWorld();
    const { client } = world.openTab("one");
    const address = "/reports?last=P30D&page=2";
    expect(await open(world, requireSignedIn(client, options), address, { as })).toEqual({
      at: `/sign-in?next=${encodeURIComponent(address)}`,
      error: undefined,
    });
    await world.until(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    expect(await open(world, requireSignedIn(client, options), address, { as })).toEqual({
      at: address,
      error: undefined,
    });
  });

  test(`As ${as}: a section that is not granted is refused with a 403 for the error boundary`, async () => {
    const { world, tab } = await grantAndSignIn(["finance"]);
    expect(
      await open(world, requireSection(tab.client, options), "/reports/finance", { as }),
    ).toEqual({ at: "/reports/finance", error: undefined });
    expect(world.log).toEqual([]);
    const { at, error } = await open(
      world,
      requireSection(tab.client, options),
      "/reports/secret",
      { as },
    );
    expect(at).toBe("/reports/secret");
    expect(isRouteErrorResponse(error) && [error.status, error.statusText, error.data]).toEqual([
      403,
      "Forbidden",
      { code: "section_forbidden" },
    ]);
  });
}

test("A section that has just been granted is let in, and the session knows of it afterwards", async () => {
  const { world, tab } = await grantAndSignIn([]);
  world.server.grant("mike", ["people"]);
  expect(
    (await open(world, requireSection(tab.client, options), "/reports/people")).error,
  ).toBeUndefined();
  expect(tab.client.state()).toMatchObject({ session: { sections: [{ slug: "people" }] } });
});

for (const slug of ["", ".", ".."])
  test(`No section is called ${JSON.stringify(slug)}: it is refused without a request`, async () => {
    const { world, tab } = await grantAndSignIn(["finance"]);
    const { error } = await open(
      world,
      requireSection(tab.client, { ...options, slug }),
      "/reports",
    );
    expect(isRouteErrorResponse(error) && error.data).toEqual({ code: "section_forbidden" });
    expect(world.log).toEqual([]);
  });

test("A guard names its section itself where the address does not", async () => {
  const { world, tab } = await grantAndSignIn(["finance"]);
  const { error } = await open(
    world,
    requireSection(tab.client, { ...options, slug: "secret" }),
    "/reports/finance",
  );
  expect(isRouteErrorResponse(error) && error.status).toBe(403);
});

test("A visitor is let into a public section, and led to the sign-in page before any other", async () => {
  const world = createWorld();
  const tab = await world.startedTab("one");
  expect((await open(world, requireSection(tab.client, options), "/reports/finance")).at).toBe(
    "/sign-in?next=%2Freports%2Ffinance",
  );
  let nextCursor: string | null = null;
  world.network.instead = (_, route) =>
    route === "GET /sections"
      ? { status: 200, body: { items: [{ slug: "welcome" }], nextCursor } }
      : route === "GET /sections/far-behind"
        ? { status: 200, body: { slug: "far-behind" } }
        : null;
  expect(await open(world, requireSection(tab.client, options), "/reports/welcome")).toEqual({
    at: "/reports/welcome",
    error: undefined,
  });
  // Nobody was asked what could only have been answered with an error.
  expect(world.log.filter(({ status = 0 }) => status >= 400)).toEqual([]);
  nextCursor = "more";
  const guard = requireSection(tab.client, options);
  expect((await open(world, guard, "/reports/far-behind")).at).toBe("/reports/far-behind");
  expect((await open(world, guard, "/reports/finance")).at).toBe(
    "/sign-in?next=%2Freports%2Ffinance",
  );
});

test("A guard whose question gets no answer waits until the server is back, and does not end at an error", async () => {
  const { world, tab } = await grantAndSignIn(["finance"]);
  world.server.grant("mike", ["finance", "people"]);
  world.network.instead = () => ({ status: 502, foreign: "<h1>" });
  const opening = open(world, requireSection(tab.client, options), "/reports/people");
  await world.advance(5000);
  world.network.instead = () => null;
  expect(await opening).toEqual({ at: "/reports/people", error: undefined });
  // What alone never gets through ends at an error, since the server is there.
  world.network.instead = (_, route) =>
    route === "GET /sections/shop" ? { status: 403, foreign: "<h1>" } : null;
  expect(
    (await open(world, requireSection(tab.client, options), "/reports/shop")).error,
  ).toMatchObject({ name: "NetworkError", status: 403 });
});

test("A permission that none of the user's roles includes is refused with a 403; a visitor is led to the sign-in page first", async () => {
  const world = createWorld();
  const visitor = await world.startedTab("one");
  const guard = requirePermission(visitor.client, "users:write", options);
  expect((await open(world, guard, "/reports")).at).toBe("/sign-in?next=%2Freports");
  world.network.instead = (request, route) => {
    if (route !== "POST /login") return null;
    const answer = world.server.handle(request);
    return { ...answer, body: { ...(answer.body as object), permissions: ["users:write"] } };
  };
  await world.until(
    visitor.client.signIn({ username: "mica", password: "sample-mica-passphrase" }),
  );
  expect(await open(world, guard, "/reports")).toEqual({ at: "/reports", error: undefined });
  const { error } = await open(
    world,
    requirePermission(visitor.client, "audit:read", options),
    "/reports",
  );
  expect(isRouteErrorResponse(error) && [error.status, error.data]).toEqual([
    403,
    { code: "forbidden" },
  ]);
});

test("A page that is open outlives its session, since signing in again is a dialog over it; one that is opened after its end does not begin", async () => {
  const { world, tab } = await grantAndSignIn(["finance"]);
  world.server.endAll("idle");
  tab.client.call("GET /sections").catch(() => undefined);
  await world.advance(2000);
  expect(tab.client.state().status).toBe("expired");
  expect((await open(world, requireSignedIn(tab.client, options), "/reports")).at).toBe("/reports");
  const later = await createWorldAfterEnd();
  expect((await open(later.world, requireSignedIn(later.tab.client, options), "/reports")).at).toBe(
    "/sign-in?next=%2Freports",
  );
});
const createWorldAfterEnd = async () => {
  const world = createWorld();
  const first = await world.signedInTab();
  first.close();
  world.server.endAll("absolute");
  return { world, tab: world.openTab("two") };
};

test("A router's base path is not part of what the sign-in page is given, and the redirect stays under it", async () => {
  const world = createWorld();
  const { client } = world.openTab("one");
  const { at } = await open(
    world,
    requireSignedIn(client, { ...options, basename: "/portal" }),
    "/portal/reports?a=1",
    { basename: "/portal" },
  );
  expect(at).toBe("/portal/sign-in?next=%2Freports%3Fa%3D1");
});

test("An application may make the address of its sign-in page itself", async () => {
  const world = createWorld();
  const { client } = world.openTab("one");
  const guard = requireSignedIn(client, { signInPath: (next) => `/sign-in?from=${next.length}` });
  expect((await open(world, guard, "/reports")).at).toBe("/sign-in?from=8");
});

test("A guard that is left while the server cannot be reached waits no longer", async () => {
  const world = createWorld();
  world.network.fault = () => "requestLost";
  const { client } = world.openTab("one");
  const controller = new AbortController();
  const guarding = requireSignedIn(
    client,
    options,
  )({ request: new Request(`${origin}/reports`, { signal: controller.signal }), params: {} }).catch(
    (error: unknown) => error,
  );
  await world.advance(3000);
  controller.abort();
  expect(await world.until(guarding)).toBeInstanceOf(NetworkError);
});

test("An address that would lead off the site is not handed on", async () => {
  const world = createWorld();
  const { client } = world.openTab("one");
  const response = await world.until(
    requireSignedIn(
      client,
      options,
    )({ request: new Request(`${origin}//evil.example/`), params: {} }).catch(
      (thrown: unknown) => thrown as Response,
    ),
  );
  expect(response?.headers.get("location")).toBe("/sign-in?next=%2F");
});
