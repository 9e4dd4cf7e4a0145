import { expect, test } from "vitest";
import { problemOf } from "../../test/fake-server.ts";
import type { CallerInput, Contract, ContractKey } from "../contract/contract.ts";
import { buildRequest, errorOf, readAnswer } from "./request.ts";

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

const ours = { "x-request-id": "req_1", "content-type": "application/problem+json" };
const busy = JSON.stringify(problemOf("busy").body);

test("Retry-After counts in seconds only: a date would need the server's clock", async () => {
  const answerWith = (value: string) =>
    readAnswer(
      "GET /healthz",
      new Response(busy, { status: 503, headers: { ...ours, "retry-after": value } }),
    );
  expect((await answerWith("12")).retryAfterSeconds).toBe(12);
  expect((await answerWith("Fri, 31 Dec 2027 23:59:59 GMT")).retryAfterSeconds).toBeUndefined();
});

test("The API's answer is told by its header and its content type: without them it is somebody else's, and a body that cannot be read broke off", async () => {
  const read = (
    status: number,
    body: string | null,
    headers: Record<string, string>,
    key: ContractKey = "GET /healthz",
  ) => readAnswer(key, new Response(body, { status, headers }));
  const id = { "x-request-id": "req_1" };
  const json = { "content-type": "application/json; charset=utf-8" };
  expect(await read(200, "{}", { ...id, ...json })).toMatchObject({ body: {}, problem: null });
  expect(await read(200, "{}", { ...id, "content-type": "application/schema+json" })).toMatchObject(
    { body: {} },
  );
  expect(await read(204, null, id, "POST /logout")).toMatchObject({ body: undefined });
  expect(await read(304, null, id)).toMatchObject({ body: undefined, problem: null });
  expect(await read(503, busy, ours)).toMatchObject({ problem: { code: "busy" } });
  for (const text of ["{", '{"a":"b', ""])
    await expect(read(200, text, { ...id, ...json })).rejects.toMatchObject({
      name: "NetworkError",
      status: undefined,
    });
  for (const answer of [
    read(204, null, {}, "POST /logout"),
    read(204, null, id),
    read(304, null, {}),
    read(200, "{}", json),
    read(200, "{}", id),
    read(200, "", id),
    read(200, "<h1>", { ...id, "content-type": "text/html" }),
    read(503, busy, { ...id, ...json }),
    read(503, "{}", ours),
    read(503, "null", ours),
    read(503, "<h1>", ours),
    read(503, '{"code":"busy"}', ours),
    read(503, '{"type":"about:blank","code":"busy"}', ours),
    read(503, '{"type":"https://api.test/problems/busy"}', ours),
    read(503, '{"type":"https://api.test/problems/","code":""}', ours),
    read(503, '{"type":"https://api.test/problems/busy","code":"overloaded"}', ours),
  ])
    await expect(answer).rejects.toMatchObject({
      name: "NetworkError",
      status: expect.any(Number) as number,
    });
});

test("A code that is newer than the page is the API's all the same", async () => {
  const body = '{"type":"https://api.test/v2/problems/newer","code":"newer","detail":"Wait."}';
  const answer = await readAnswer(
    "GET /healthz",
    new Response(body, { status: 409, headers: ours }),
  );
  expect(errorOf(answer)).toMatchObject({ name: "ApiError", code: "newer", message: "Wait." });
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
  check("POST /login", { body: { username: "mike", remembered: true } });
});
