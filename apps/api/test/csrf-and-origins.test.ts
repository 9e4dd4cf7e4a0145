import { hash } from "node:crypto";
import { pino, type Logger } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  contract,
  isUnsafe,
  methodOf,
  pathOf,
  type ContractKey,
  type Section,
} from "@sallyport/shared/contract";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { createCsrfTokens } from "../src/tokens/csrf-token.ts";
import { deriveMasterSecrets } from "../src/tokens/master-secret.ts";
import { createTeamApp, passwordOf } from "./team.ts";
import { createTestApp } from "./test-app.ts";
import {
  createBrowser,
  request,
  signInForBody,
  webOrigin,
  type TestBrowser,
} from "./test-browser.ts";

/** Each is foreign, however much it looks like http://localhost:5173. */
const foreignOrigins = [
  "https://evil.example",
  "null",
  "*",
  "",
  "https://localhost:5173",
  "http://localhost",
  "http://localhost:51730",
  "http://localhost:5173.evil.example",
  "http://evil.example/http://localhost:5173",
  "http://localhost:5173/",
  "http://localhost:5173 ",
  "http://LOCALHOST:5173",
  "http://127.0.0.1:5173",
  "http://xlocalhost:5173",
  "http://localhost:4000",
  "http://localhost:5173, http://localhost:5173",
];

describe("CORS", () => {
  it("answers a listed origin with itself, credentials, Vary and the exposed headers", async () => {
    const app = await createTeamApp();
    const { headers } = await request(app, "GET", "/sections", { headers: { origin: webOrigin } });
    expect(headers.get("access-control-allow-origin")).toBe(webOrigin);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("vary")).toBe("Origin");
    const exposed = headers.get("access-control-expose-headers")?.split(", ") ?? [];
    expect(exposed).toEqual(
      expect.arrayContaining([
        "Idempotency-Replayed",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Sallyport-Session",
        "WWW-Authenticate",
        "X-Request-Id",
      ]),
    );
  });

  it.each(foreignOrigins)("gives %j nothing, but Vary all the same", async (origin) => {
    const app = await createTeamApp();
    for (const [method, path] of [
      ["GET", "/sections"],
      ["GET", "/session"],
      ["GET", "/no-such-path"],
      ["POST", "/login"],
      ["OPTIONS", "/login"],
    ] as const) {
      const { headers } = await request(app, method, path, {
        headers: { origin, "access-control-request-method": "POST" },
      });
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect(headers.get("vary")).toBe("Origin");
    }
  });

  it("is there on errors too, so that a page can read them", async () => {
    const app = await createTeamApp();
    for (const path of ["/session", "/no-such-path", "/sections/finance"]) {
      const { status, headers } = await request(app, "GET", path, {
        headers: { origin: webOrigin },
      });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers.get("access-control-allow-origin")).toBe(webOrigin);
    }
  });

  it("lets a listed origin's preflight be kept for 600 s, and reflects nothing it asked for", async () => {
    const app = await createTeamApp();
    const reply = await request(app, "OPTIONS", "/account/sessions", {
      headers: {
        origin: webOrigin,
        "access-control-request-method": "TRACE",
        "access-control-request-headers": "x-evil, x-csrf-token",
      },
    });
    expect(reply.status).toBe(204);
    expect(reply.headers.get("access-control-max-age")).toBe("600");
    expect(reply.headers.get("access-control-allow-origin")).toBe(webOrigin);
    expect(reply.headers.get("access-control-allow-credentials")).toBe("true");
    expect(reply.headers.get("access-control-allow-methods")).toBe("GET, POST, PUT, PATCH, DELETE");
    const allowed = (reply.headers.get("access-control-allow-headers") ?? "")
      .toLowerCase()
      .split(", ");
    expect(allowed).toEqual(
      expect.arrayContaining(["authorization", "content-type", "idempotency-key", "x-csrf-token"]),
    );
    expect(allowed).not.toContain("x-evil");
    expect(allowed).not.toContain("*");
  });

  it("refuses the preflight of a foreign origin and of none", async () => {
    const app = await createTeamApp();
    for (const origin of ["https://evil.example", undefined])
      expect(await request(app, "OPTIONS", "/login", { headers: { origin } })).toMatchObject({
        status: 403,
        body: { code: "origin_forbidden" },
      });
  });

  it("answers a preflight with a hostile header list at once", async () => {
    const app = await createTeamApp();
    const started = performance.now();
    await request(app, "OPTIONS", "/login", {
      headers: { origin: webOrigin, "access-control-request-headers": `${", ".repeat(20_000)}x` },
    });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it("serves each of several listed origins, exactly", async () => {
    const app = await createTeamApp({
      environment: { SALLYPORT_WEB_ORIGINS: "http://localhost:5173, http://localhost:6006" },
    });
    for (const origin of [webOrigin, "http://localhost:6006"])
      expect(
        (await request(app, "GET", "/sections", { headers: { origin } })).headers.get(
          "access-control-allow-origin",
        ),
      ).toBe(origin);
    expect(
      (
        await request(app, "GET", "/sections", { headers: { origin: "http://localhost:6007" } })
      ).headers.get("access-control-allow-origin"),
    ).toBeNull();
  });
});

describe("the Origin of an unsafe request", () => {
  const unsafe = Object.keys(contract).filter((key) => isUnsafe(methodOf(key)));

  it.each(unsafe)(
    "%s refuses every foreign origin, by cookie, by bearer and anonymously",
    async (key) => {
      const app = await createTeamApp();
      const browser = createBrowser(app);
      await browser.signIn("mica");
      const client = await signInForBody(app, "mica");
      const path = pathOf(key).replace(":noticeId", `ntc_${"A".repeat(22)}`);
      for (const origin of foreignOrigins)
        for (const reply of [
          await browser.send(methodOf(key), path, { headers: { origin } }),
          await client.send(methodOf(key), path, { headers: { origin } }),
          await request(app, methodOf(key), path, { headers: { origin }, body: {} }),
        ])
          expect(reply).toMatchObject({
            status: 403,
            body: { code: "origin_forbidden" },
            setCookies: [],
          });
      expect((await browser.send("GET", "/session")).status).toBe(200);
    },
  );

  it("must be there for cookie delivery and for what a cookie authenticates", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const bare = browser.copy({ origin: undefined });
    const refused = { status: 403, body: { code: "origin_forbidden" }, setCookies: [] };
    expect(
      await request(app, "POST", "/login", {
        body: { username: "mike", password: passwordOf("mike") },
      }),
    ).toMatchObject(refused);
    expect(await bare.refresh("k1")).toMatchObject(refused);
    expect(await bare.send("POST", "/logout")).toMatchObject(refused);
    expect(await bare.send("DELETE", "/account/sessions")).toMatchObject(refused);
    expect((await browser.send("GET", "/session")).status).toBe(200);
  });

  it("may be missing when the browser itself vouches for the API's own origin, if that is listed", async () => {
    const app = await createTeamApp({
      environment: { SALLYPORT_WEB_ORIGINS: "http://localhost:4000" },
    });
    const sent = (site: string) =>
      request(app, "POST", "/login", {
        body: { username: "mike", password: passwordOf("mike") },
        headers: { "sec-fetch-site": site },
      });
    expect((await sent("same-origin")).status).toBe(200);
    for (const site of ["same-site", "cross-site", "none", ""])
      expect((await sent(site)).status).toBe(403);
    const other = await createTeamApp();
    expect(
      (
        await request(other, "POST", "/login", {
          body: { username: "mike", password: passwordOf("mike") },
          headers: { "sec-fetch-site": "same-origin" },
        })
      ).status,
    ).toBe(403);
  });

  it("need not be there for body delivery", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect((await client.refresh("k1")).status).toBe(200);
    expect((await client.send("DELETE", "/account/sessions")).status).toBe(204);
  });
});

describe("the CSRF token", () => {
  const routes = [
    ["DELETE", "/account/sessions"],
    ["DELETE", `/account/notices/ntc_${"A".repeat(22)}`],
  ] as const;

  it("is needed by every unsafe request that a cookie authenticates, with or without a body", async () => {
    for (const [method, path] of routes) {
      const app = await createTeamApp();
      const browser = createBrowser(app);
      await browser.signIn("mike");
      const right = browser.csrfToken ?? "";
      const client = await signInForBody(app, "mike");
      const foreign = (await client.send("GET", "/session")).body.csrfToken;
      for (const token of [
        undefined,
        "",
        "x",
        right.slice(0, -1),
        `${right} `,
        `${right}=`,
        right.toUpperCase(),
        foreign,
      ])
        for (const body of [undefined, {}]) {
          const reply = await browser.send(method, path, {
            headers: { "x-csrf-token": token },
            body,
          });
          expect(reply).toMatchObject({
            status: 403,
            body: { code: "csrf_failed" },
            setCookies: [],
          });
        }
      expect((await browser.send("GET", "/session")).status).toBe(200);
      expect((await browser.send(method, path)).status).toBe(204);
    }
  });

  it("comes with sign-in, refresh and GET /session, and is the same for the whole session", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    const replies = [
      await browser.signIn("mike"),
      await browser.refresh("k1"),
      await browser.send("GET", "/session"),
    ];
    const tokens = replies.map((reply) => reply.body.csrfToken);
    expect(tokens[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(1);
    expect((await browser.signIn("mike")).body.csrfToken).not.toBe(tokens[0]);
  });

  it("is not asked of a bearer token, which no page can send by accident", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect((await client.send("DELETE", "/account/sessions")).status).toBe(204);
  });

  it("goes on verifying under an older listed master secret", async () => {
    const [old, young] = [
      "YJPrwa9Zb6l5y0sk4xkz5dPW0mJSSHeNyzfzNcVYpVg",
      "4sVbEqN8s7a1jzVv0qUQjVtqgXhS3p3rV9x2Gm0d0Yc",
    ];
    const app = await createTeamApp({ environment: { SALLYPORT_SECRET: old } });
    const browser = createBrowser(app);
    await browser.signIn("mike");
    for (const previous of ["", old]) {
      const restarted = await createTestApp({
        dataDirectory: app.dataDirectory,
        clock: app.clock,
        environment: {
          SALLYPORT_SAMPLE_DATA: "0",
          SALLYPORT_SECRET: young,
          SALLYPORT_SECRET_PREVIOUS: previous,
        },
      });
      const signOutEverywhere = (from: TestBrowser, csrfToken: string | undefined) =>
        from.send("DELETE", "/account/sessions", { headers: { "x-csrf-token": csrfToken } });
      // The session is one of now, its CSRF token one of before.
      const anew = createBrowser(restarted);
      const { session } = (await anew.signIn("nora")).body;
      const ofBefore = createCsrfTokens(deriveMasterSecrets(Buffer.from(old, "base64url"), [])).of(
        session?.id ?? "",
      );
      expect((await signOutEverywhere(anew, ofBefore)).status).toBe(previous === old ? 204 : 403);
      // The session is one of before. With the secret, what verifies its cookies is lost as well.
      const other = createBrowser(restarted);
      for (const [name, value] of browser.jar) other.jar.set(name, value);
      expect((await signOutEverywhere(other, browser.csrfToken)).status).toBe(
        previous === old ? 204 : 401,
      );
      await restarted.close();
    }
  });
});

describe("GET", () => {
  type Get = Extract<ContractKey, `GET ${string}`>;
  const range = "from=2010-01-01&to=2012-01-01";

  it("changes nothing, whatever is asked", { timeout: 30_000 }, async () => {
    const app = await createTestApp();
    onTestFinished(app.close);
    const browser = createBrowser(app);
    await browser.send("POST", "/login", {
      body: { username: "mica", password: samplePasswordOf("mica") },
    });
    const { items } = (await browser.send("GET", "/sections")).body;
    const sections = await Promise.all(
      (items ?? []).map(async ({ slug }) => ({
        slug,
        panels: (await browser.send("GET", `/sections/${slug}`)).body[
          "panels"
        ] as Section["panels"],
      })),
    );
    const [panel, table] = ["metric", "table"].map((kind) => {
      const [address] = sections.flatMap(({ slug, panels }) =>
        panels
          .filter((one) => "kind" in one && one.kind === kind)
          .map(({ id }) => `/sections/${slug}/panels/${id}/data`),
      );
      return address as string;
    });
    const dataset = (await app.dependencies.datasets.list("", 1))[0]?.name ?? "";
    // One that fails is remembered like any other.
    const sent = { body: "no_such_column\n1\n", headers: { "content-type": "text/csv" } };
    const importId = (await browser.send("POST", `/datasets/${dataset}/rows?wait=false`, sent))
      .body["id"] as string;
    await expect
      .poll(() => app.dependencies.imports.find(importId)?.status, { timeout: 20_000 })
      .toBe("failed");

    const { user } = (await browser.send("GET", "/session")).body as unknown as {
      readonly user: { readonly id: string };
    };
    const me = user.id;
    const [{ id: userId = "", roles = [] } = {}] = (await browser.send("GET", "/users?q=mica")).body
      .items as unknown as { id?: string; roles?: { id: string }[] }[];
    const roleId = roles[0]?.id;

    const asked: Record<Get, readonly string[]> = {
      "GET /setup": ["/setup"],
      "GET /undelivered-mails": ["/undelivered-mails"],
      "GET /account/email": ["/account/email"],
      "GET /session": ["/session"],
      "GET /account": ["/account"],
      // It leaves an event of the audit trail, and has a test of its own.
      "GET /account/export": [],
      "GET /account/sessions": ["/account/sessions", "/account/sessions?limit=1"],
      "GET /session/events": ["/session/events", "/session/events?since=2026-01-01T09:30:00Z"],
      "GET /cookie-check": ["/cookie-check"],
      "GET /sections": [
        "/sections",
        "/sections?limit=1",
        "/sections?scope=all",
        "/sections?scope=all&sort=-title&q=in&limit=1",
      ],
      // It leaves an event of the audit trail, and has a test of its own.
      "GET /users/:userId/preview": [],
      "GET /grants": [
        "/grants",
        `/grants?userId=usr_${"A".repeat(22)}&roleId=rol_${"A".repeat(22)}&section=finance,_all_&limit=1`,
      ],
      "GET /display-links": ["/display-links", "/display-links?section=finance&limit=1"],
      // Nothing is shown there to a session.
      "GET /display": [],
      "GET /access-requests": ["/access-requests", "/access-requests?sort=-askedAt&limit=1"],
      "GET /account/access-requests": ["/account/access-requests"],
      "GET /section-order": ["/section-order"],
      "GET /sections/:slug": [
        "/sections/finance",
        "/sections/finance?include=data",
        `/sections/finance?include=data&${range}`,
      ],
      "GET /sections/:slug/panels/:panelId/data": [
        `${panel}`,
        `${panel}?${range}`,
        `${table}?page=2&limit=5`,
      ],
      "GET /sections/:slug/definition": ["/sections/finance/definition"],
      "GET /schemas/section.json": ["/schemas/section.json"],
      "GET /sessions": ["/sessions", "/sessions?q=firefox"],
      "GET /users/:userId/sessions": [`/users/${me}/sessions`],
      "GET /audit-events": ["/audit-events", "/audit-events?action=session.signIn&limit=1"],
      "GET /users": ["/users", "/users?q=mi&sort=-createdAt&limit=1"],
      "GET /users/:userId": [`/users/${userId}`],
      "GET /users/:userId/access": [`/users/${userId}/access`],
      "GET /roles": ["/roles", "/roles?q=a&sort=-name&limit=1"],
      "GET /roles/:roleId": [`/roles/${roleId}`],
      "GET /datasets": ["/datasets", "/datasets?limit=1"],
      "GET /datasets/:name": [`/datasets/${dataset}`],
      "GET /datasets/:name/readers": [`/datasets/${dataset}/readers`],
      "GET /datasets/:name/rows": [`/datasets/${dataset}/rows?limit=2&page=2`],
      "GET /imports/:importId": [`/imports/${importId}`],
      "GET /.well-known/jwks.json": ["/.well-known/jwks.json"],
      "GET /openapi.json": ["/openapi.json"],
      "GET /healthz": ["/healthz"],
      "GET /readyz": ["/readyz"],
      "GET /problems": ["/problems"],
      "GET /problems/:code": ["/problems/forbidden"],
    };
    const everything = () => hash("sha256", app.everything());
    const before = everything();
    // A minute later, so that a time that is noted on the way is another one.
    app.clock.advance(60_000);
    for (const path of Object.values(asked).flat())
      expect([path, (await browser.send("GET", path)).status]).toEqual([path, 200]);
    expect(everything()).toBe(before);
    expect(app.faults).toEqual([]);
  });
});

describe("an origin that is not listed", () => {
  const listen = (): {
    readonly log: Logger;
    readonly warnings: { readonly origin?: string; readonly msg: string }[];
  } => {
    const warnings: { readonly origin?: string; readonly msg: string }[] = [];
    const log = pino(
      { level: "warn" },
      { write: (line: string) => void warnings.push(JSON.parse(line) as { msg: string }) },
    );
    return { log, warnings };
  };

  it("is logged once an hour with the setting that lists it, whatever it asks for: to a browser the API just does not answer", async () => {
    const { log, warnings } = listen();
    const app = await createTeamApp({ log });
    for (const method of ["OPTIONS", "GET", "GET"])
      await request(app, method, "/session", { headers: { origin: "https://app.example.com" } });
    await request(app, "POST", "/login", {
      headers: { origin: "https://other.example.com" },
      body: {},
    });
    expect(warnings.map(({ origin }) => origin)).toEqual([
      "https://app.example.com",
      "https://other.example.com",
    ]);
    expect(warnings[0]?.msg).toContain("SALLYPORT_WEB_ORIGINS");
    app.clock.advance(60 * 60_000);
    await request(app, "GET", "/session", { headers: { origin: "https://app.example.com" } });
    expect(warnings).toHaveLength(3);
  });

  it("cannot fill the log: however many come along, ten an hour are named", async () => {
    const { log, warnings } = listen();
    const app = await createTeamApp({ log });
    for (let index = 0; index < 50; index += 1)
      await request(app, "GET", "/session", {
        headers: { origin: `https://${index}.example.com` },
      });
    await request(app, "GET", "/session", { headers: { origin: webOrigin } });
    await request(app, "GET", "/session");
    expect(warnings).toHaveLength(10);
  });

  it("is shortened, however long it is", async () => {
    const { log, warnings } = listen();
    const app = await createTeamApp({ log });
    await request(app, "GET", "/session", {
      headers: { origin: `https://${"a".repeat(5_000)}.example.com` },
    });
    expect(warnings[0]?.origin?.length).toBeLessThanOrEqual(200);
  });
});
