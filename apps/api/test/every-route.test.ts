/**
 * Walks every mounted route against the contract: nobody has to remember to write these tests for a
 * new endpoint.
 */
import { describe, expect, it } from "vitest";
import {
  contract,
  errorCatalogue,
  errorsOf,
  everySection,
  isUnsafe,
  methodOf,
  pathOf,
  pathParametersOf,
  permissions,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
  type SimpleAccess,
} from "@sallyport/shared/contract";
import { addDataset } from "./dashboards.ts";
import { changeOneGrant, createTeamApp, leaveMicaWith } from "./team.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { createBrowser, request, signInForBody, webOrigin } from "./test-browser.ts";

const endpoints = Object.entries(contract) as [ContractKey, Endpoint][];

/** Of ids, where they are not the first letters of what they are ids of. */
const prefixes: Readonly<Record<string, string>> = {
  accessRequestId: "acr",
  displayLinkId: "dsp",
  noticeId: "ntc",
  userId: "usr",
};

/**
 * A path that the endpoint accepts in form; `restricted` names a section that visitors and nora may
 * not see.
 */
const addressOf = (key: string): string =>
  pathOf(key).replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    if (name === "slug") return "marketing";
    if (name === "name") return "orders";
    if (name.endsWith("Id")) return `${prefixes[name] ?? name.slice(0, 3)}_${"A".repeat(22)}`;
    return "busy";
  });

/** Each way in which the endpoint guards itself, with the query that asks for it. */
const guardsOf = ({ access }: Endpoint): { access: SimpleAccess; query: string }[] =>
  typeof access === "object" && "otherwise" in access
    ? [
        { access: access.otherwise, query: "" },
        { access: access.when.access, query: `?${access.when.query}=${access.when.is}` },
      ]
    : [{ access, query: "" }];

const needsToken = (access: SimpleAccess): boolean =>
  access === "signed-in" || typeof access === "object";
const guarded = endpoints.flatMap(([key, definition]) =>
  guardsOf(definition).map((guard) => ({ key, ...guard, name: `${key}${guard.query}` })),
);
const unsafe = endpoints
  .filter(([key]) => isUnsafe(methodOf(key)))
  .map(([key, definition]) => ({ key, definition }));

/** What is named by a name has to exist for a route to be found. */
const addOrders = (app: TestApp): Promise<void> =>
  addDataset(app, {
    name: "orders",
    columns: [{ name: "price", label: "Price", type: "decimal" }],
  });

describe("the mounted routes", () => {
  it("are exactly those of the contract", async () => {
    const { app } = await createTeamApp();
    const mounted = app.routes
      .filter(({ method }) => method !== "ALL" && method !== "OPTIONS")
      .map(({ method, path }) => `${method} ${path}`);
    expect([...mounted].sort()).toEqual(Object.keys(contract).sort());
    expect(new Set(mounted).size).toBe(mounted.length);
  });

  it("are found: no earlier route hides a later one", async () => {
    const app = await createTeamApp();
    await addOrders(app);
    const client = await signInForBody(app, "mica");
    // What is named by an id has to exist first; the tests of its own room find it.
    // To a session a screen's own page shows nothing.
    for (const [key] of endpoints.filter(
      ([one]) =>
        methodOf(one) === "GET" && !/:[A-Za-z]+Id\b/.test(pathOf(one)) && one !== "GET /display",
    ))
      expect([key, (await client.send("GET", addressOf(key))).status]).toEqual([key, 200]);
  });

  it("take parameters that their contract describes", () => {
    for (const [key, definition] of endpoints)
      expect(Object.keys(definition.params?._zod.def.shape ?? {})).toEqual(
        pathParametersOf(pathOf(key)),
      );
  });

  it("declare only codes of the catalogue", () => {
    for (const [key, definition] of endpoints)
      for (const code of errorsOf(key, definition)) expect(errorCatalogue).toHaveProperty(code);
  });
});

describe.each(guarded.filter(({ access }) => needsToken(access)))("$name", ({ key, query }) => {
  const method = methodOf(key);
  const address = addressOf(key) + query;

  it("is 401 without a token", async () => {
    const app = await createTeamApp();
    const reply = await request(app, method, address);
    expect(reply).toMatchObject({ status: 401, body: { code: "token_missing" } });
    expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer /);
  });

  it("is 401 with a dead token, and with a refresh cookie alone", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mica");
    const client = await signInForBody(app, "mica");
    browser.jar.delete("sallyport-access-4000");
    expect((await browser.send(method, address)).body.code).toBe("token_missing");
    app.clock.advance(10 * 60_000);
    expect((await client.send(method, address)).body.code).toBe("token_expired");
    expect(
      (await request(app, method, address, { headers: { authorization: "Bearer x.y.z" } })).body
        .code,
    ).toBe("token_invalid");
  });
});

const restricted = guarded.flatMap(({ access, ...guard }) =>
  typeof access === "object" ? [{ ...guard, access }] : [],
);

describe.each(restricted)("$name", ({ key, access, query }) => {
  it("is 403 for somebody without the permission or the grant", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "nora");
    const code = "permission" in access ? "forbidden" : "section_forbidden";
    expect(await client.send(methodOf(key), addressOf(key) + query)).toMatchObject({
      status: 403,
      body: { code },
    });
  });

  it("is 403 for somebody with every other permission, or with every other section", async () => {
    const app = await createTeamApp();
    if ("permission" in access)
      leaveMicaWith(app, ...permissions.filter((permission) => permission !== access.permission));
    else {
      const subject = { role: "admin" };
      await changeOneGrant(app, { add: true, subject, section: "finance" });
      await changeOneGrant(app, { add: false, subject, section: everySection });
    }
    const client = await signInForBody(app, "mica");
    expect((await client.send(methodOf(key), addressOf(key) + query)).status).toBe(403);
  });
});

describe.each(guarded.filter(({ access }) => !needsToken(access)))("$name", ({ key, query }) => {
  it("asks nobody for an access token", async () => {
    const app = await createTeamApp();
    const reply = await request(app, methodOf(key), addressOf(key) + query, {
      headers: { origin: webOrigin },
    });
    expect(["token_missing", "forbidden", "csrf_failed"]).not.toContain(reply.body.code);
    expect(reply.status).toBeLessThan(500);
  });
});

describe.each(unsafe)("$key", ({ key, definition }) => {
  const method = methodOf(key);
  const address = addressOf(key);

  it("is 403 from a foreign origin, before anything else is looked at", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mica");
    for (const origin of ["https://evil.example", "null"])
      for (const headers of [
        { origin },
        { origin, authorization: `Bearer ${client.accessToken}` },
        { origin, "content-type": "text/plain" },
      ])
        expect(await request(app, method, address, { headers, body: "{}" })).toMatchObject({
          status: 403,
          body: { code: "origin_forbidden" },
        });
  });

  it("is 400 with a body that is no JSON, 415 with a form, whether or not it takes a body", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mica");
    const headers = readsAccessToken(definition.access)
      ? { origin: webOrigin, authorization: `Bearer ${client.accessToken}` }
      : { origin: webOrigin };
    await addOrders(app);
    const broken = await request(app, method, address, {
      body: "{",
      headers: { ...headers, "content-type": "application/json" },
    });
    if (definition.upload?.includes("application/json") === false)
      expect(broken).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
    else if (definition.upload && !definition.errors.includes("rows_rejected"))
      // Rows are read after the answer, and there is no such import that they belong to.
      expect(broken).toMatchObject({ status: 404, body: { code: "not_found" } });
    else expect(broken).toMatchObject({ status: 400, body: { code: "malformed_json" } });
    const form = await request(app, method, address, {
      body: "a=b",
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    });
    expect(form).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });
});

describe.each(unsafe.filter(({ definition }) => readsAccessToken(definition.access)))(
  "$key",
  ({ key }) => {
    it("is 403 without the CSRF token where a cookie authenticates", async () => {
      const app = await createTeamApp();
      const browser = createBrowser(app);
      await browser.signIn("mica");
      for (const token of [undefined, "wrong"])
        expect(
          await browser.send(methodOf(key), addressOf(key), { headers: { "x-csrf-token": token } }),
        ).toMatchObject({ status: 403, body: { code: "csrf_failed" } });
    });
  },
);

describe.each(unsafe.filter(({ definition }) => definition.body))("$key", ({ key, definition }) => {
  it("is 400 with an invalid body", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mica");
    const headers = readsAccessToken(definition.access)
      ? { origin: webOrigin, authorization: `Bearer ${client.accessToken}` }
      : { origin: webOrigin };
    for (const body of ["[]", "7", '"text"', "null"]) {
      const reply = await request(app, methodOf(key), addressOf(key), {
        body,
        headers: { ...headers, "content-type": "application/json" },
      });
      expect([body, reply.status, reply.body.code]).toEqual([body, 400, "validation_failed"]);
    }
  });
});

describe("GET /openapi.json", () => {
  type Operation = {
    operationId: string;
    summary: string;
    security?: Record<string, string[]>[];
    parameters?: { name: string; in: string; required?: boolean; schema: object }[];
    requestBody?: object;
    responses: Record<
      string,
      { description: string; content?: Record<string, { schema: object }> }
    >;
  };
  type Document = {
    openapi: string;
    info: { title: string; version: string };
    servers: { url: string }[];
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: object; securitySchemes: Record<string, { name?: string }> };
  };
  const read = async (): Promise<Document> =>
    (await request(await createTeamApp(), "GET", "/openapi.json")).body as unknown as Document;

  it("lists every endpoint, and nothing else", async () => {
    const { paths } = await read();
    const listed = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{([A-Za-z]+)\}/g, ":$1")}`,
      ),
    );
    expect(listed.sort()).toEqual(Object.keys(contract).sort());
  });

  it("is an OpenAPI 3.1 document whose references, names and parameters hold", async () => {
    const document = await read();
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({
      title: "Sallyport",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    });
    expect(document.servers).toEqual([{ url: "http://localhost:4000" }]);

    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      (match) => match[1] ?? "",
    );
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const target = reference
        .replace(/^#\//, "")
        .split("/")
        .reduce<unknown>(
          (node, step) => (node as Record<string, unknown> | undefined)?.[step],
          document,
        );
      expect([reference, typeof target]).toEqual([reference, "object"]);
    }

    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary).not.toBe("");
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(declared.map(({ name }) => name)).toEqual(
        pathParametersOf(path.replaceAll(/\{([A-Za-z]+)\}/g, ":$1")),
      );
      expect(declared.every(({ required }) => required === true)).toBe(true);
      expect(Object.keys(operation.responses).some((status) => status.startsWith("2"))).toBe(true);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(response.description).not.toBe("");
        if (Number(status) >= 400)
          expect(Object.keys(response.content ?? {})).toEqual(["application/problem+json"]);
      }
      for (const scheme of (operation.security ?? []).flatMap((one) => Object.keys(one)))
        expect(document.components.securitySchemes).toHaveProperty(scheme);
    }
  });

  it("names every status that an endpoint may give, and the installation's cookies", async () => {
    const document = await read();
    for (const [key, definition] of endpoints) {
      const operation =
        document.paths[pathOf(key).replaceAll(/:([A-Za-z]+)/g, "{$1}")]?.[
          methodOf(key).toLowerCase()
        ];
      const expected = new Set([
        ...Object.keys(definition.responses),
        ...(definition.revalidates === true ? ["304"] : []),
        ...errorsOf(key, definition).map((code) => String(errorCatalogue[code].status)),
      ]);
      expect([key, Object.keys(operation?.responses ?? {}).sort()]).toEqual([
        key,
        [...expected].sort(),
      ]);
    }
    expect(document.components.securitySchemes).toMatchObject({
      accessCookie: { name: "sallyport-access-4000" },
      refreshCookie: { name: "sallyport-refresh-4000" },
    });
  });

  it("leaves responses open for members to come", async () => {
    const document = await read();
    const reached = new Set<string>();
    const texts = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ responses }) => JSON.stringify(responses)),
    );
    for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
      expect(text.includes('"additionalProperties":false'), text.slice(0, 300)).toBe(false);
      for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        if (!reached.has(name))
          texts.push(JSON.stringify((document.components.schemas as Record<string, object>)[name]));
        reached.add(name);
      }
    }
    expect(reached).toContain("Session");
  });
});

describe("a handler", () => {
  it("stands behind every endpoint, and none behind anything else", async () => {
    const { dependencies, close } = await createTestApp({
      environment: { SALLYPORT_SAMPLE_DATA: "0" },
    });
    expect(Object.keys(dependencies.handlers).sort()).toEqual(Object.keys(contract).sort());
    await close();
  });
});
