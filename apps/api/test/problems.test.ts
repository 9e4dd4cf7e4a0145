/** What comes back for requests that are wrong in form. */
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import {
  contract,
  errorCatalogue,
  errorsOf,
  problem,
  type ContractKey,
  type Endpoint,
} from "@sallyport/shared/contract";
import { AppError } from "@sallyport/shared/core";
import { createApp } from "../src/app.ts";
import { createTeamApp, passwordOf, type TeamApp } from "./team.ts";
import {
  createBrowser,
  request,
  signInForBody,
  webOrigin,
  type Reply,
  type Sent,
} from "./test-browser.ts";

const login = (app: TeamApp, sent: Sent): Promise<Reply> =>
  request(app, "POST", "/login", { ...sent, headers: { origin: webOrigin, ...sent.headers } });
const credentials = JSON.stringify({ username: "mike", password: passwordOf("mike") });

describe("a problem", () => {
  it("has every member of RFC 9457 and ours, on whatever error", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const replies = [
      await request(app, "GET", "/session"),
      await request(app, "GET", "/no-such-path"),
      await request(app, "PATCH", "/session"),
      await request(app, "POST", "/login", { headers: { origin: "null" } }),
      await login(app, { body: "{", headers: { "content-type": "application/json" } }),
      await login(app, { body: credentials, headers: { "content-type": "text/plain" } }),
      await login(app, { body: {} }),
      await login(app, { body: { username: "mike", password: "wrong" } }),
      await client.send("GET", "/sections/finance"),
      await client.send("GET", "/sections?scope=all"),
      await client.refresh(undefined),
    ];
    for (const reply of replies) {
      expect(reply.headers.get("content-type")).toBe("application/problem+json");
      expect(reply.headers.get("cache-control")).toBe("no-store");
      const parsed = problem.parse(reply.body);
      expect(Object.keys(reply.body).filter((member) => !(member in parsed))).toEqual([]);
      expect(parsed.status).toBe(reply.status);
      expect(parsed.status).toBe(errorCatalogue[parsed.code].status);
      expect(parsed.title).toBe(errorCatalogue[parsed.code].title);
      expect(parsed.requestId).toBe(reply.headers.get("x-request-id"));
      expect(parsed.detail).not.toBe("");
    }
    expect(new Set(replies.map((reply) => reply.body.requestId)).size).toBe(replies.length);
  });

  it("has a type that is a page about its code", async () => {
    const app = await createTeamApp();
    const { body } = await request(app, "GET", "/session");
    expect(body.type).toBe("http://localhost:4000/problems/token_missing");
    for (const [code, { status, title, help }] of Object.entries(errorCatalogue))
      expect((await request(app, "GET", `/problems/${code}`)).body).toEqual({
        code,
        status,
        title,
        help,
      });
    for (const code of ["nonsense", "toString", "__proto__"])
      expect(await request(app, "GET", `/problems/${code}`)).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
  });

  it("points at each wrong member", async () => {
    const app = await createTeamApp();
    const pointers = async (reply: Promise<Reply>) => {
      const { status, body } = await reply;
      return [status, body.code, ...(body.errors ?? []).map((error) => error.pointer).sort()];
    };
    expect(await pointers(login(app, { body: {} }))).toEqual([
      400,
      "validation_failed",
      "/password",
      "/username",
    ]);
    expect(
      await pointers(login(app, { body: { username: 7, password: "x".repeat(129) } })),
    ).toEqual([400, "validation_failed", "/password", "/username"]);
    expect(
      await pointers(
        login(app, { body: { ...(JSON.parse(credentials) as object), delivery: "smoke" } }),
      ),
    ).toEqual([400, "validation_failed", "/delivery"]);
    expect(await pointers(login(app, { body: [] }))).toEqual([400, "validation_failed", "/"]);
    expect(
      await pointers(login(app, { body: "null", headers: { "content-type": "application/json" } })),
    ).toEqual([400, "validation_failed", "/"]);
    expect(await pointers(request(app, "GET", "/sections?limit=0"))).toEqual([
      400,
      "validation_failed",
      "/query/limit",
    ]);
    expect(await pointers(request(app, "GET", "/sections?limit=x&scope=none"))).toEqual([
      400,
      "validation_failed",
      "/query/limit",
      "/query/scope",
    ]);
    expect(await pointers(request(app, "GET", "/sections/welcome?from=yesterday"))).toEqual([
      400,
      "validation_failed",
      "/query/from",
    ]);
    expect(await pointers(request(app, "GET", `/problems/${"x".repeat(65)}`))).toEqual([
      400,
      "validation_failed",
      "/params/code",
    ]);
  });

  it("repeats no secret from the request", async () => {
    const app = await createTeamApp();
    const secret = "a secret that was typed by mistake";
    for (const body of [
      { username: { secret }, password: secret },
      { username: secret.repeat(9), password: secret },
      { username: "mike", password: [secret] },
      { username: "mike", password: secret.repeat(9) },
    ])
      expect((await login(app, { body })).text).not.toContain("typed by mistake");
    expect(
      (
        await login(app, {
          body: `{"password":"${secret}`,
          headers: { "content-type": "application/json" },
        })
      ).text,
    ).not.toContain("typed by mistake");
  });
});

describe("a body", () => {
  it.each([
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; charset=utf-8",
    "application/jsonx",
    "application/json-patch+json",
    "text/json",
    "application/xml",
    "",
    "json",
    "text/plain, application/json",
  ])("of type %j is refused with 415", async (type) => {
    const app = await createTeamApp();
    expect(
      await login(app, { body: credentials, headers: { "content-type": type } }),
    ).toMatchObject({ status: 415, body: { code: "unsupported_media_type" }, setCookies: [] });
  });

  it("without a type is refused with 415", async () => {
    const app = await createTeamApp();
    expect(await login(app, { body: credentials })).toMatchObject({
      status: 415,
      body: { code: "unsupported_media_type" },
    });
  });

  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json;charset=UTF-8",
  ])("of type %j is read", async (type) => {
    const app = await createTeamApp();
    expect(
      (await login(app, { body: credentials, headers: { "content-type": type } })).status,
    ).toBe(200);
  });

  it("of a foreign type is refused also where none is expected", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
      expect(
        await browser.send("DELETE", "/account/sessions", {
          body: "a=b",
          headers: { "content-type": type },
        }),
      ).toMatchObject({
        status: 415,
        body: { code: "unsupported_media_type" },
      });
    expect((await browser.send("GET", "/session")).status).toBe(200);
  });

  it.each(["{", "{'a':1}", "undefined", "NaN", '{"a":1}{}', "\u0000"])(
    "that is no JSON is refused with 400: %j",
    async (text) => {
      const app = await createTeamApp();
      expect(
        await login(app, { body: text, headers: { "content-type": "application/json" } }),
      ).toMatchObject({ status: 400, body: { code: "malformed_json" } });
    },
  );

  it("of more than 64 KiB is refused with 413, also when its length is not announced or announced wrongly", async () => {
    const app = await createTeamApp();
    const large = JSON.stringify({ username: "mike", password: "x".repeat(65_536) });
    const refused = { status: 413, body: { code: "body_too_large" } };
    expect(
      await login(app, { body: large, headers: { "content-type": "application/json" } }),
    ).toMatchObject(refused);

    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(0x20));
      },
    });
    const headers = { origin: webOrigin, "content-type": "application/json" };
    const streamed = await app.app.request("/login", {
      method: "POST",
      body: endless,
      headers,
      duplex: "half",
    });
    expect(streamed.status).toBe(413);
    expect(pulled).toBeLessThan(10);

    const understated = await app.app.request("/login", {
      method: "POST",
      body: large,
      headers: { ...headers, "content-length": "10" },
    });
    expect(understated.status).toBe(413);
  });

  it("nested a hundred thousand levels deep is an error like any other", async () => {
    const app = await createTeamApp();
    const text = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
    expect(
      (await login(app, { body: text, headers: { "content-type": "application/json" } })).status,
    ).toBe(400);
  });

  it("pollutes no prototype", async () => {
    const app = await createTeamApp();
    await login(app, {
      body: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      headers: { "content-type": "application/json" },
    });
    await request(app, "GET", "/sections?__proto__=x&constructor=y");
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("an address", () => {
  it("that nothing is at gets 404", async () => {
    const app = await createTeamApp();
    for (const path of [
      "/",
      "/no-such-path",
      "/session/",
      "/Session",
      "/sections/a/b",
      "//session",
      "/login/x",
    ])
      expect(await request(app, "GET", path)).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
  });

  it("that answers other methods gets 405 and says which", async () => {
    const app = await createTeamApp();
    for (const [method, path, allow] of [
      ["GET", "/login", "POST, OPTIONS"],
      ["DELETE", "/session", "GET, HEAD, OPTIONS"],
      ["POST", "/sections/welcome", "GET, PATCH, DELETE, HEAD, OPTIONS"],
      ["POST", "/account/sessions", "DELETE, GET, HEAD, OPTIONS"],
      ["PUT", "/healthz", "GET, HEAD, OPTIONS"],
    ] as const) {
      const reply = await request(app, method, path, { headers: { origin: webOrigin } });
      expect(reply).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
      expect(reply.headers.get("allow")).toBe(allow);
    }
  });

  it("answers HEAD as GET without a body", async () => {
    const app = await createTeamApp();
    const reply = await request(app, "HEAD", "/healthz");
    expect(reply).toMatchObject({ status: 200, text: "" });
    expect(await request(app, "HEAD", "/session")).toMatchObject({ status: 401, text: "" });
  });

  it("with malformed percent-encoding is never a success and never our fault", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mica");
    for (const path of [
      "/sections/%",
      "/sections/%zz",
      "/sections/%e0%a4%a",
      "/sections/%ff",
      "/problems/%",
      "/sections/%00",
      "/%",
      "/sections/welcome/panels/%c3/data",
    ]) {
      for (const reply of [await request(app, "GET", path), await client.send("GET", path)]) {
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(reply.status).toBeLessThan(500);
        expect(reply.body.requestId).toBe(reply.headers.get("x-request-id"));
      }
    }
  });

  it("with a query key sent twice is refused where one value is wanted", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect(await request(app, "GET", "/sections?limit=1&limit=2")).toMatchObject({
      status: 400,
      body: { code: "validation_failed" },
    });
    for (const query of [
      "scope=all&scope=permitted",
      "scope=permitted&scope=all",
      "scope=all&scope=all",
    ])
      expect(await client.send("GET", `/sections?${query}`)).toMatchObject({
        status: 400,
        body: { code: "validation_failed" },
      });
    // Where none is wanted, one is refused already.
    expect((await request(app, "GET", "/sections?unknown=1&unknown=2")).status).toBe(400);
  });
});

describe("every answer", () => {
  it("tells a crawler that nothing here is for it", async () => {
    const app = await createTeamApp();
    const answer = await app.app.request("/robots.txt");
    expect([answer.status, await answer.text()]).toEqual([200, "User-agent: *\nDisallow: /\n"]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("x-request-id")).not.toBe(null);
    expect((await app.app.request("/robots.txt", { method: "POST" })).status).toBe(404);
  });

  it("carries the security headers, success and error alike", async () => {
    const app = await createTeamApp({
      environment: {
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: "https://app.example.com",
      },
    });
    for (const [method, path] of [
      ["GET", "/healthz"],
      ["GET", "/session"],
      ["GET", "/no-such-path"],
      ["POST", "/session"],
      ["OPTIONS", "/session"],
    ] as const) {
      const { headers } = await request(app, method, path, {
        headers: { origin: "https://app.example.com" },
      });
      expect(headers.get("strict-transport-security")).toMatch(
        /^max-age=\d{8}; includeSubDomains$/,
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("referrer-policy")).toBe("strict-origin");
      const policy = headers.get("content-security-policy") ?? "";
      for (const directive of [
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ])
        expect(policy).toContain(directive);
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("sends no HSTS over plain http", async () => {
    const app = await createTeamApp();
    expect(
      (await request(app, "GET", "/healthz")).headers.get("strict-transport-security"),
    ).toBeNull();
  });

  it("is no-store wherever somebody is signed in or something fails; only what is public says otherwise", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    const replies = [
      await browser.signIn("mike"),
      await browser.refresh("k1"),
      await browser.send("GET", "/session"),
      await browser.send("GET", "/sections"),
      await browser.send("GET", "/sections/marketing"),
      await browser.send("POST", "/logout"),
    ];
    for (const reply of replies) expect(reply.headers.get("cache-control")).toBe("no-store");
    const cacheable = [];
    for (const path of [
      "/.well-known/jwks.json",
      "/openapi.json",
      "/healthz",
      "/readyz",
      "/sections",
      "/sections/welcome",
      "/cookie-check",
      "/problems/forbidden",
      "/problems/nonsense",
    ])
      if ((await request(app, "GET", path)).headers.get("cache-control") !== "no-store")
        cacheable.push(path);
    expect(cacheable).toEqual(["/.well-known/jwks.json", "/openapi.json", "/problems/forbidden"]);
  });
});

describe("a fault", () => {
  const replaceHandler = (app: TeamApp, key: ContractKey, handler: () => unknown) => ({
    ...app,
    app: createApp({
      handlers: { ...app.dependencies.handlers, [key]: handler },
      answering: {
        ...app.dependencies.answering,
        reportFault: (error) => void reported.push(error),
      },
    }),
  });
  let reported: unknown[] = [];

  it("is a code that the contract does not declare: 500 with a request id, and reported", async () => {
    reported = [];
    const app = replaceHandler(await createTeamApp(), "GET /healthz", () => {
      throw new AppError("name_taken", { detail: "the inner workings" });
    });
    const reply = await request(app, "GET", "/healthz");
    expect(reply).toMatchObject({
      status: 500,
      body: { code: "internal", detail: errorCatalogue.internal.help },
    });
    expect(reply.text).not.toContain("inner workings");
    expect(String(reported[0])).toMatch(/GET \/healthz gave name_taken/);
  });

  it("is anything else that is thrown, and none of it is shown", async () => {
    reported = [];
    const app = replaceHandler(await createTeamApp(), "GET /healthz", () => {
      throw new Error("/var/lib/sallyport: no such table");
    });
    const reply = await request(app, "GET", "/healthz");
    expect(reply).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(reply.text).not.toContain("sallyport: no such table");
    expect(reported).toHaveLength(1);
  });

  it("is an answer that breaks the contract, in its status or in its body", async () => {
    reported = [];
    const team = await createTeamApp();
    for (const answer of [
      { status: 202, body: { status: "ok" } },
      { status: 200, body: { status: "not ok" } },
      { status: 200, body: null },
    ])
      expect(
        (
          await request(
            replaceHandler(team, "GET /healthz", () => answer),
            "GET",
            "/healthz",
          )
        ).status,
      ).toBe(500);
    expect(reported).toHaveLength(3);
  });

  it("is not a member too many: what the contract does not name is left out", async () => {
    const app = replaceHandler(await createTeamApp(), "GET /healthz", () => ({
      status: 200,
      body: { status: "ok", passwordHash: "x" },
    }));
    expect((await request(app, "GET", "/healthz")).body).toEqual({ status: "ok" });
  });

  it("never comes from a code that the contract forgot to list", () => {
    for (const [key, definition] of Object.entries(contract) as [ContractKey, Endpoint][]) {
      const codes = errorsOf(key, definition);
      expect(codes).toContain("internal");
      expect(new Set(codes).size).toBe(codes.length);
    }
  });
});

describe("the log", () => {
  it("never holds a token, a password, a cookie or an idempotency key", async () => {
    const lines: string[] = [];
    const log = pino(
      { level: "debug" },
      new Writable({
        write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()),
      }),
    );
    const app = await createTeamApp({ log });
    const secrets = new Set<string>();
    const remember = (reply: Reply): Reply => {
      for (const line of reply.setCookies)
        secrets.add(line.slice(line.indexOf("=") + 1).split(";")[0] ?? "");
      for (const member of [reply.body.accessToken, reply.body.refreshToken, reply.body.csrfToken])
        if (member !== undefined) secrets.add(member);
      return reply;
    };

    const browser = createBrowser(app);
    remember(await browser.signIn("mike"));
    remember(await browser.refresh("idempotency-of-the-browser"));
    await browser.send("GET", "/sections/finance");
    await browser.send("GET", "/session");
    const thief = browser.copy();
    app.clock.advance(20_000);
    remember(await browser.refresh("second-idempotency-key"));
    await thief.refresh("idempotency-of-the-thief");
    await browser.refresh("third-idempotency-key");
    remember(
      await login(app, { body: { username: "mike", password: "a wrong password of mike" } }),
    );
    remember(
      await login(app, { body: { username: "my-password-typed-as-a-name", password: "x" } }),
    );
    const basic = Buffer.from(`mica:${passwordOf("mica")}`).toString("base64");
    remember(await login(app, { headers: { authorization: `Basic ${basic}` } }));
    const client = await signInForBody(app, "nora");
    secrets.add(client.accessToken).add(client.refreshToken);
    remember(await client.refresh("idempotency-of-the-client"));
    await request(app, "POST", "/refresh", {
      body: { refreshToken: "a-refresh-token-of-garbage" },
      headers: { "idempotency-key": "x" },
    });
    await request(app, "GET", "/session", {
      headers: { authorization: "Bearer not-a-token-at-all" },
    });
    await request(app, "GET", "/sections/secret-in-the-path?token=secret-in-the-query");
    await request(app, "POST", "/setup", {
      body: {
        token: "a-setup-token-of-garbage",
        username: "eve",
        displayName: "Eve",
        email: "eve@example.com",
        password: "the long words of eve",
      },
      headers: { origin: webOrigin },
    });
    await client.send("POST", "/logout");
    await app.dependencies.maintain();

    for (const text of [
      "a wrong password of mike",
      "my-password-typed-as-a-name",
      basic,
      "idempotency",
      "refresh-token-of-garbage",
      "not-a-token-at-all",
      "secret-in-the",
      "setup-token-of-garbage",
      "the long words",
      "sallyport-refresh",
    ])
      secrets.add(text);
    secrets.delete("");
    const whole = lines.join("");
    expect(lines.length).toBeGreaterThan(15);
    for (const secret of secrets) expect(whole).not.toContain(secret);
  });

  it("names each request's id, route, status, code, user and session", async () => {
    const lines: string[] = [];
    const app = await createTeamApp({
      log: pino(
        { level: "info" },
        new Writable({
          write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()),
        }),
      ),
    });
    const client = await signInForBody(app, "mike");
    const reply = await client.send("GET", "/sections/finance");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      requestId: reply.body.requestId,
      method: "GET",
      route: "/sections/:slug",
      status: 403,
      code: "section_forbidden",
      userId: app.userIds.mike,
      sessionId: client.refreshToken.split(".")[0],
      address: "192.0.2.1",
    });
  });

  it("cannot be given lines of its own by a user agent or a name with line breaks in it", async () => {
    const lines: string[] = [];
    const app = await createTeamApp({
      log: pino(
        { level: "info" },
        new Writable({
          write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()),
        }),
      ),
    });
    await login(app, {
      body: { username: 'mike\n{"level":30,"forged":true}', password: "x" },
      headers: { "user-agent": "x\r\n{}" },
    });
    for (const line of lines) expect(line.trimEnd()).not.toContain("\n");
    expect(lines.join("")).not.toContain("forged");
  });
});
