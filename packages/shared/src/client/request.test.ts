import { expect, test } from "vitest";
import type { CallerInput, Contract } from "../contract/contract.ts";
import { ContractError, NetworkError } from "./errors.ts";
import { buildRequest, readAnswer } from "./request.ts";

test("Path parameters are encoded, and the query carries what is given", () => {
  const request = buildRequest("GET /sections/:slug/panels/:panelId/data", {
    params: { slug: "a/b", panelId: "pan 1" },
    query: { from: "2026-01-01", to: undefined },
  });
  expect(request).toMatchObject({
    method: "GET",
    path: "/sections/a%2Fb/panels/pan%201/data?from=2026-01-01",
    body: undefined,
  });
  expect(request.headers).not.toHaveProperty("content-type");
});

test("Repeated query values are sent as repeated keys", () => {
  expect(buildRequest("GET /sections", { query: { scope: ["a", "b"] } }).path).toBe(
    "/sections?scope=a&scope=b",
  );
});

test("A path parameter that would name another endpoint is refused", () => {
  for (const slug of [undefined, "", ".", ".."])
    expect(() => buildRequest("GET /sections/:slug", { params: { slug } })).toThrow(TypeError);
});

test("A body is sent as JSON", () => {
  expect(buildRequest("POST /login", { body: { username: "mike" } })).toMatchObject({
    body: '{"username":"mike"}',
    headers: { "content-type": "application/json" },
  });
});

test("An upload is sent as it is, under its own type", () => {
  const content = new Blob(["price\n1\n"]);
  const request = buildRequest("PUT /datasets/:name/rows", {
    params: { name: "orders" },
    upload: { type: "text/csv", content },
  });
  expect(request).toMatchObject({
    path: "/datasets/orders/rows",
    headers: { "content-type": "text/csv" },
  });
  expect(request.body).toBe(content);
});

test("Retry-After counts in seconds only: a date would need the server's clock", async () => {
  const answerWith = (value: string) =>
    readAnswer(
      "GET /healthz",
      new Response('{"code":"busy"}', { status: 503, headers: { "retry-after": value } }),
    );
  expect((await answerWith("12")).retryAfterSeconds).toBe(12);
  expect((await answerWith("Fri, 31 Dec 2027 23:59:59 GMT")).retryAfterSeconds).toBeUndefined();
});

test("An answer without JSON is a gateway's or a broken contract", async () => {
  await expect(
    readAnswer("GET /healthz", new Response("<h1>", { status: 504 })),
  ).rejects.toBeInstanceOf(NetworkError);
  await expect(
    readAnswer("GET /healthz", new Response("<h1>", { status: 200 })),
  ).rejects.toBeInstanceOf(ContractError);
  await expect(
    readAnswer("GET /healthz", new Response("{}", { status: 400 })),
  ).rejects.toBeInstanceOf(ContractError);
});

test("A parameter or a member that the contract does not name is a mistake of types", () => {
  const check = <K extends keyof Contract>(_key: K, input: CallerInput<Contract[K]>): void => {
    expect(input).toBeTruthy();
  };
  check("GET /sections", { query: { limit: 5 } });
  // @ts-expect-error: spelled wrong
  check("GET /sections", { query: { lmit: 5 } });
  // @ts-expect-error: an endpoint without parameters
  check("GET /session", { query: { limit: 5 } });
  // @ts-expect-error: a member that the body has not
  check("POST /login", { body: { username: "mike", remember: true } });
});
