/** What does not compile: each line marked with `@ts-expect-error` is one that did, or must not. */
import { expect, expectTypeOf, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { apiQuery } from "../react/react.tsx";
import type { Client, ResponseBody, Contract, Session } from "./client.ts";

/** Only its types are looked at: it is never called. */
const expectTypes = (use: (client: Client) => unknown): void => expect(use).toBeTypeOf("function");

test("What an endpoint needs cannot be left out, and what it does not know cannot be given", () => {
  const name = { params: { name: "orders" } };
  const upload = { type: "text/csv", content: "price\n1\n" } as const;
  expectTypes((client) => client.call("PUT /datasets/:name/rows", { ...name, upload }));
  // @ts-expect-error: without the rows
  expectTypes((client) => client.call("PUT /datasets/:name/rows", name));
  // @ts-expect-error: without anything
  expectTypes((client) => client.call("PUT /datasets/:name/rows"));
  // @ts-expect-error: likewise, with options in place
  expectTypes((client) => client.call("PUT /datasets/:name/rows", undefined, {}));
  expectTypes((client) =>
    client.call("PUT /datasets/:name/rows", {
      ...name,
      // @ts-expect-error: a type that this endpoint does not take
      upload: { type: "text/plain", content: "" },
    }),
  );
  // @ts-expect-error: without the path parameter
  expectTypes((client) => client.call("GET /sections/:slug"));
  // @ts-expect-error: likewise as a query
  expectTypes((client) => apiQuery(client, "GET /sections/:slug"));
  expectTypes((client) => apiQuery(client, "GET /sections/:slug", { params: { slug: "shop" } }));
  expectTypes((client) => apiQuery(client, "GET /sections"));
  expectTypes((client) => client.call("GET /sections", undefined, { sessionless: true }));
  // @ts-expect-error: there is no such parameter
  expectTypes((client) => client.call("GET /sections", { query: { scop: "all" } }));
  // @ts-expect-error: there is no such endpoint
  expectTypes((client) => client.call("GET /section"));
  // @ts-expect-error: there is no such event
  expectTypes((client) => client.on("signedInn", () => undefined));
  // @ts-expect-error: there is no such option
  expectTypes((client) => client.call("GET /sections", {}, { signals: null }));
});

test("An answer comes with its status, its body and the headers that every origin may read", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  world.network.instead = (_, route) =>
    route === "GET /sections/shop"
      ? { status: 200, body: { slug: "shop" }, headers: { etag: '"7"' } }
      : null;
  const answer = await world.until(
    tab.client.request("GET /sections/:slug", { params: { slug: "shop" } }),
  );
  expect(answer).toMatchObject({ status: 200, body: { slug: "shop" } });
  expect(answer.headers.get("ETag")).toBe('"7"');
  // @ts-expect-error: across origins no page could read it
  expect(answer.headers.get("Server")).toBe(null);
  expectTypeOf(answer.body).toEqualTypeOf<ResponseBody<Contract["GET /sections/:slug"]>>();
  expectTypeOf(answer.status).toEqualTypeOf<200>();

  world.network.instead = () => null;
  await expect(
    world.until(tab.client.request("GET /sections/:slug", { params: { slug: "secret" } })),
  ).rejects.toMatchObject({ code: "section_forbidden" });
});

test("What `If-Match` takes is what an answer gave", () => {
  expectTypes(async (client) => {
    const params = { slug: "shop" };
    const { headers, body } = await client.request("GET /sections/:slug/definition", { params });
    const etag = headers.get("ETag") ?? "*";
    await client.call("PUT /sections/:slug/definition", {
      params,
      headers: { "if-match": etag },
      body,
    });
    await client.call("PUT /sections/:slug/definition", {
      params,
      // @ts-expect-error: a header that this endpoint does not know
      headers: { "if-matches": etag },
      body,
    });
  });
  expectTypes(async (client) => {
    const { status } = await client.request("POST /login", {
      body: { username: "mike", password: "x" },
    });
    // @ts-expect-error: no success of this endpoint
    return status === 201;
  });
  expectTypeOf<ResponseBody<Contract["GET /session"]>>().toEqualTypeOf<Session>();
});
