import { describe, expect, it } from "vitest";
import { contract, errorsOf, type ContractKey, type Endpoint } from "../contract/contract.ts";
import { ask } from "./ask.ts";
import type { EndpointBehaviours } from "./behaviour.ts";
import { behaviours, behaviourTable, isShownByTheMock, pageBehaviours } from "./behaviours.ts";
import { includes, same } from "./differences.ts";
import { limitations, type Limitation } from "../limitations.ts";
import type { Subject } from "./subject.ts";

const endpoints = Object.entries(contract) as [ContractKey, Endpoint][];

describe("the behaviours", () => {
  it.each(endpoints)("show every success and every error code of %s", (key, definition) => {
    const shown = behaviours
      .filter(({ endpoint }) => endpoint === key)
      .map(({ shows }) => String(shows));
    const declared = [
      ...Object.keys(definition.responses),
      ...(definition.revalidates === true ? ["304"] : []),
      ...errorsOf(key, definition),
    ];
    expect(shown.toSorted()).toEqual(declared.toSorted());
  });

  it("have names of their own", () => {
    const names = behaviours.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("are most of them such that a page can show them", () => {
    expect(pageBehaviours.length).toBeGreaterThan(behaviours.length * 0.9);
    expect(pageBehaviours.every(({ environment }) => environment === undefined)).toBe(true);
    expect(
      behaviours.filter((behaviour) => isShownByTheMock(behaviour, "page")).length,
    ).toBeGreaterThan(behaviours.length * 0.9);
  });

  it("leave nothing out on the mock but for a limitation that is published", () => {
    const used = new Set(
      behaviours.flatMap(({ beyondTheMock }) =>
        beyondTheMock === undefined ? [] : [beyondTheMock],
      ),
    );
    // What no behaviour can show, since it is the browser's.
    expect(Object.keys(limitations).filter((name) => !used.has(name as Limitation))).toEqual([
      "originsOfOthers",
      "sites",
      "processes",
      "auditTrail",
    ]);
    for (const name of used) expect(limitations[name]).toMatch(/^[A-Z].*\.$/);
  });
});

/** Answers everything alike. */
const answering = (
  status: number,
  body: string | null,
  headers: Record<string, string>,
): Subject => {
  const nothing = (): Promise<never> => Promise.reject(new Error("not needed"));
  return {
    fetch: () => Promise.resolve(new Response(body, { status, headers })),
    signInAs: nothing,
    advanceClock: nothing,
    reset: nothing,
    arrange: nothing,
    readCookie: nothing,
    writeCookie: nothing,
    createSetupLink: nothing,
    readMails: nothing,
  };
};
const good = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-request-id": "1",
};
const alive = JSON.stringify({ status: "ok" });
const missing = {
  type: "http://localhost:4000/problems/token_missing",
  title: "No access token",
  status: 401,
  detail: "Sign in.",
  code: "token_missing",
  requestId: "1",
};
const asProblem = {
  ...good,
  "content-type": "application/problem+json",
  "www-authenticate": 'Bearer realm="Sallyport"',
};

describe("whoever answers", () => {
  it("passes with what the contract declares", async () => {
    expect((await ask(answering(200, alive, good), "GET /healthz")).status).toBe(200);
    expect(
      (await ask(answering(401, JSON.stringify(missing), asProblem), "GET /session")).code,
    ).toBe("token_missing");
  });

  it.each([
    ["a member that is not declared", 200, JSON.stringify({ status: "ok", version: 7 }), good],
    ["another value", 200, JSON.stringify({ status: "fine" }), good],
    ["another status", 202, alive, good],
    ["no JSON", 200, "ok", good],
    ["another content type", 200, alive, { ...good, "content-type": "text/plain" }],
    ["another lifetime in caches", 200, alive, { ...good, "cache-control": "public" }],
    ["an entity tag out of place", 200, alive, { ...good, etag: '"x"' }],
    ["a session where nobody is signed in", 200, alive, { ...good, "sallyport-session": "ses_x" }],
    ["a code that is not declared", 401, JSON.stringify(missing), asProblem],
  ])("does not pass with %s", async (_, status, body, headers) => {
    await expect(ask(answering(status, body, headers), "GET /healthz")).rejects.toThrow(
      /GET \/healthz/,
    );
  });

  it.each([
    ["no challenge", missing, { ...asProblem, "www-authenticate": "Basic" }],
    ["another request's id", { ...missing, requestId: "2" }, asProblem],
    ["another title", { ...missing, title: "Sorry" }, asProblem],
    ["a member that is not declared", { ...missing, stack: "at …" }, asProblem],
    ["a pause that nobody asked for", missing, { ...asProblem, "retry-after": "1" }],
  ])("does not pass with a problem that has %s", async (_, body, headers) => {
    await expect(
      ask(answering(401, JSON.stringify(body), headers), "GET /session"),
    ).rejects.toThrow(/GET \/session/);
  });
});

describe("a difference", () => {
  it("is found at whatever depth, and says where", () => {
    expect(() => same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, "it")).not.toThrow();
    expect(() => same({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, "it")).toThrow(
      "it: differs at /a/1/b",
    );
    expect(() => same({ a: 1 }, {}, "it")).toThrow("it: differs at /a");
    expect(() => same({}, { a: undefined }, "it")).toThrow("it: differs at /a");
    expect(() => same([1, 2], [1], "it")).toThrow("it: differs at /length");
    expect(() => same({}, [], "it")).toThrow("it: differs");
    expect(() => includes({ a: 1, b: 2 }, { a: 1 }, "it")).not.toThrow();
    expect(() => includes({ a: 1 }, { a: 1, b: 2 }, "it")).toThrow("it: differs at /b");
  });
});

describe("the table", () => {
  it("does not compile without a success or an error code that an endpoint has", () => {
    const shown = { name: "", run: () => Promise.resolve() };
    // @ts-expect-error there is no busy
    const fails: EndpointBehaviours<"GET /readyz">["fails"] = {};
    // @ts-expect-error there is no 201
    const succeeds: EndpointBehaviours<"PUT /sections/:slug/definition">["succeeds"] = {
      200: shown,
    };
    // @ts-expect-error there is nothing about what is unchanged
    const entry: EndpointBehaviours<"GET /sections/:slug"> = {
      request: { params: { slug: "a" } },
      wrong: { pointer: "/" },
      succeeds: { 200: shown },
      fails: { busy: shown },
    };
    // @ts-expect-error there is no value that is wrong
    const other: EndpointBehaviours<"GET /problems/:code"> = {
      request: { params: { code: "a" } },
      succeeds: { 200: shown },
      fails: { not_found: shown },
    };
    expect([fails, succeeds, entry, other]).toHaveLength(4);
  });

  it("has an example of a request for every endpoint", () => {
    for (const [key] of endpoints) expect(behaviourTable[key].request).toBeTypeOf("object");
  });
});
