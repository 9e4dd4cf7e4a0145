/**
 * What the typed client makes of each row of the table in docs/protocol.md, with cookies and with
 * tokens in memory.
 */
import { describe, expect, test } from "vitest";
import { createWorld, type World } from "../../test/fake-browser.ts";
import { problemOf, type FakeRequest, type FakeResponse } from "../../test/fake-server.ts";

type Delivery = "cookie" | "bearer";

/** The request as another holder of the same token would send it. */
const under = (request: FakeRequest, key: string): FakeRequest => ({
  ...request,
  headers: { ...request.headers, "idempotency-key": key },
});
const presenting = (request: FakeRequest, refresh: string | undefined): FakeRequest => {
  const { refresh: _, ...cookies } = request.cookies;
  return request.body
    ? { ...request, body: refresh === undefined ? {} : { refreshToken: refresh } }
    : { ...request, cookies: refresh === undefined ? cookies : { ...cookies, refresh } };
};
const presented = (request: FakeRequest): string =>
  (request.body?.["refreshToken"] as string | undefined) ?? (request.cookies["refresh"] as string);
const sessionIn = (world: World) => {
  const [session] = world.server.sessions.values();
  if (!session) throw new Error("Nobody has signed in");
  return session;
};

/** What becomes of a call whose access token has expired. */
interface Follows {
  /** Every request, and what was answered to it. */
  readonly log: readonly string[];
  /** While a session is over, its calls wait for the next sign-in. */
  readonly call: "answered" | "waits" | `refused: ${string}`;
  readonly state: { readonly status: string; readonly reason?: string };
}
const goesOn: Omit<Follows, "log"> = { call: "answered", state: { status: "signedIn" } };
const refreshed: Follows = { ...goesOn, log: ["POST /refresh 200", "GET /sections 200"] };
const isOver = (reason?: string): Follows => ({
  log: ["POST /refresh refresh_invalid", "POST /logout 204"],
  call: "waits",
  state: { status: "expired", ...(reason !== undefined && { reason }) },
});

interface Row {
  readonly presented: string;
  /** Before the first refresh. */
  readonly before?: (world: World) => void;
  /** In place of the answer to the nth refresh, counted from 1; null for the server's own. */
  readonly answers?: (world: World, request: FakeRequest, nth: number) => FakeResponse | null;
  readonly follows: Readonly<Record<Delivery, Follows>>;
}
const both = (follows: Follows): Row["follows"] => ({ cookie: follows, bearer: follows });

const rows: readonly Row[] = [
  {
    presented: "nothing",
    answers: ({ server }, request) => server.handle(presenting(request, undefined)),
    follows: both({ ...isOver(), log: ["POST /refresh refresh_missing", "POST /logout 204"] }),
  },
  {
    presented: "what is malformed",
    answers: ({ server }, request) => server.handle(presenting(request, "no token")),
    follows: both(isOver()),
  },
  {
    presented: "the token of a session that is over",
    before: ({ server }) => server.endAll("endedByAdmin"),
    follows: both(isOver("endedByAdmin")),
  },
  {
    presented: "through the other delivery",
    answers: ({ server }, request) => {
      const token = presented(request);
      return server.handle(
        request.body
          ? { ...request, body: undefined, cookies: { refresh: token } }
          : { ...request, body: { refreshToken: token } },
      );
    },
    follows: both(isOver("reuse")),
  },
  {
    presented: "the current generation, with the key lost on the way",
    answers: ({ server }, request) => server.handle({ ...request, headers: {} }),
    follows: {
      cookie: refreshed,
      bearer: {
        log: ["POST /refresh idempotency_key_required"],
        call: "refused: idempotency_key_required",
        state: { status: "signedIn" },
      },
    },
  },
  {
    presented: "the current generation under the key of the rotation before",
    answers: (world, request) => {
      sessionIn(world).key = request.headers["idempotency-key"];
      return null;
    },
    follows: {
      cookie: refreshed,
      bearer: {
        log: ["POST /refresh idempotency_key_reused"],
        call: "refused: idempotency_key_reused",
        state: { status: "signedIn" },
      },
    },
  },
  { presented: "the current generation", follows: both(refreshed) },
  {
    presented: "the parent under the same key, since the answer was lost",
    before: ({ network, routes }) => {
      network.fault = (route) =>
        route === "POST /refresh" && routes(route).length === 1 ? "responseLost" : null;
    },
    follows: both({ ...refreshed, log: ["POST /refresh 200", ...refreshed.log] }),
  },
  {
    presented: "the parent under another key, a moment after a page of the same jar refreshed",
    answers: (world, request, nth) => {
      if (nth > 1) return null;
      const { cookies } = world.server.handle(under(request, "of another page"));
      world.setTimer(() => Object.assign(world.jar, cookies), 500);
      return null;
    },
    follows: {
      cookie: {
        ...goesOn,
        log: ["POST /refresh refresh_conflict", "GET /session 200", "GET /sections 200"],
      },
      // No jar is shared by programs: somebody else holds the token, and is signed out with it.
      bearer: {
        ...isOver(),
        log: ["POST /refresh refresh_conflict", "POST /logout 204"],
      },
    },
  },
  {
    presented: "the parent under another key, long after somebody else refreshed",
    answers: (world, request, nth) => {
      if (nth > 1) return null;
      world.server.handle(under(request, "of a thief"));
      world.serverClockAdvances(11_000);
      return null;
    },
    follows: both(isOver("reuse")),
  },
  {
    presented: "a generation newer than the row",
    answers: (world, request) => {
      const [id, generation] = presented(request).split(".");
      return world.server.handle(presenting(request, `${id}.${Number(generation) + 1}`));
    },
    follows: both(isOver()),
  },
  {
    presented: "what an API that is newer than the page refuses for a reason of its own",
    answers: () => ({
      status: 401,
      body: { type: "https://api.test/problems/refresh_refused", code: "refresh_refused" },
    }),
    follows: both({ ...isOver(), log: ["POST /refresh refresh_refused", "POST /logout 204"] }),
  },
  {
    presented: "too often, or while the database is busy",
    answers: (_, __, nth) =>
      [problemOf("rate_limited", { retryAfter: 3 }), problemOf("busy", { retryAfter: 1 })][
        nth - 1
      ] ?? null,
    follows: both({
      ...refreshed,
      log: ["POST /refresh rate_limited", "POST /refresh busy", ...refreshed.log],
    }),
  },
];

describe.each(["cookie", "bearer"] as const)(
  "POST /refresh, with the session by %s",
  (delivery) => {
    test.each(rows)("presented: $presented", async ({ before, answers, follows }) => {
      const world = createWorld();
      const tab = world.openTab("one", { delivery });
      await world.until(tab.client.start());
      await world.until(
        tab.client.signIn({ username: "mike", password: "sample-mike-passphrase" }),
      );
      await world.advance(301_000);
      world.log.length = 0;
      before?.(world);
      world.network.instead = (request, route) =>
        route === "POST /refresh"
          ? (answers?.(world, request, world.routes(route).length) ?? null)
          : null;

      let call = "waits";
      void tab.client.call("GET /sections").then(
        () => (call = "answered"),
        (error: { code: string }) => (call = `refused: ${error.code}`),
      );
      await world.advance(10_000);
      const state = tab.client.state();
      expect({
        log: world.takeLog(),
        call,
        state: {
          status: state.status,
          ...("reason" in state && state.reason !== undefined && { reason: state.reason }),
        },
      }).toEqual(follows[delivery]);
      expect(state.connection).toBe("online");
    });
  },
);
