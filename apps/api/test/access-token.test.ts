/** What an access token is worth on each request, whatever the token itself says. */
import { createHmac, createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import { describe, expect, it } from "vitest";
import { createTeamApp, leaveMicaWith, type TeamApp } from "./team.ts";
import { openElsewhere, type TestApp } from "./test-app.ts";
import {
  claimsOf,
  createBrowser,
  headerOf,
  request,
  signedAsBefore,
  signInForBody,
  webOrigin,
  type Reply,
} from "./test-browser.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const run = (app: TeamApp, sql: string, ...values: unknown[]): void =>
  void app.runSql(sql, ...values);
const outcomeOf = (reply: Reply): string => `${reply.status} ${reply.body.code ?? ""}`.trim();

const send = (app: TestApp, token: string, path = "/session"): Promise<Reply> =>
  request(app, "GET", path, { headers: { authorization: `Bearer ${token}` } });

describe("401", () => {
  it("token_missing challenges without an error; every other code says that the token is the fault", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const challenge = (reply: Reply) => [outcomeOf(reply), reply.headers.get("www-authenticate")];

    expect(challenge(await request(app, "GET", "/session"))).toEqual([
      "401 token_missing",
      'Bearer realm="Sallyport"',
    ]);
    const fault = 'Bearer realm="Sallyport", error="invalid_token"';
    expect(
      challenge(
        await request(app, "GET", "/session", { headers: { authorization: "Bearer a.b.c" } }),
      ),
    ).toEqual(["401 token_invalid", fault]);
    run(app, "UPDATE users SET epoch = epoch + 1");
    expect(challenge(await client.send("GET", "/session"))).toEqual(["401 token_stale", fault]);
    app.clock.advance(305_000);
    expect(challenge(await client.send("GET", "/session"))).toEqual(["401 token_expired", fault]);
    await client.refresh("k1");
    run(app, "UPDATE sessions SET ended_at = 1, end_reason = 'endedByAdmin'");
    const ended = await client.send("GET", "/session");
    expect(challenge(ended)).toEqual(["401 session_ended", fault]);
    expect(ended.body.reason).toBe("endedByAdmin");
  });

  it("is also what a dead token or a lone refresh cookie gets where visitors are welcome", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const lone = browser.copy();
    lone.jar.delete("sallyport-access-4000");
    app.clock.advance(6 * minute);
    for (const path of ["/sections", "/sections/welcome", "/sections/marketing", "/session"]) {
      expect(outcomeOf(await browser.send("GET", path))).toBe("401 token_expired");
      expect(outcomeOf(await lone.send("GET", path))).toBe("401 token_missing");
      expect(
        outcomeOf(await request(app, "GET", path, { headers: { authorization: "Bearer a.b.c" } })),
      ).toBe("401 token_invalid");
    }
    for (const path of ["/sections", "/sections/welcome"])
      expect((await request(app, "GET", path)).status).toBe(200);
  });

  it("sets and clears no cookie, however dead the token is", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    app.clock.advance(31 * day);
    expect(await browser.send("GET", "/session")).toMatchObject({ status: 401, setCookies: [] });
    expect(await browser.refresh("k1")).toMatchObject({ status: 401, setCookies: [] });
    expect(browser.jar.size).toBe(3);
  });
});

describe("the checks on each request", () => {
  it("allow five seconds past the expiry, also for a token that has been seen before", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect((await client.send("GET", "/session")).status).toBe(200);
    app.clock.advance(304_999);
    const late = await client.send("GET", "/session");
    expect(late).toMatchObject({ status: 200, body: { expiresIn: 0 } });
    app.clock.advance(1);
    expect(outcomeOf(await client.send("GET", "/session"))).toBe("401 token_expired");
  });

  it("want the user's epoch equal: a token from before and one from after are both stale", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect((await client.send("GET", "/session")).status).toBe(200);
    // As after a backup has been put back: no statement lowers an epoch.
    run(app, "DROP TRIGGER epochs_only_rise");
    for (const [change, expected] of [
      ["epoch + 1", "401 token_stale"],
      ["epoch - 2", "401 token_stale"],
      ["epoch + 1", "200"],
    ] as const) {
      run(app, `UPDATE users SET epoch = ${change}`);
      expect(outcomeOf(await client.send("GET", "/session"))).toBe(expected);
    }
  });

  it("end a session that its token has outlived: idle, absolute, ended or gone", async () => {
    for (const [sql, reason] of [
      ["UPDATE sessions SET idle_expires_at = 1", "idle"],
      ["UPDATE sessions SET absolute_expires_at = 1", "absolute"],
      ["UPDATE sessions SET ended_at = 1, end_reason = 'signedOut'", "signedOut"],
      ["UPDATE users SET active = 0", "deactivated"],
      ["DELETE FROM sessions", undefined],
    ] as const) {
      const app = await createTeamApp();
      const client = await signInForBody(app, "mike");
      expect((await client.send("GET", "/session")).status).toBe(200);
      run(app, sql);
      const reply = await client.send("GET", "/session");
      expect([outcomeOf(reply), reply.body.reason]).toEqual(["401 session_ended", reason]);
    }
  });

  it("refuse a token whose session belongs to somebody else by now", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    run(app, "UPDATE sessions SET user_id = ?", app.userIds.mica);
    expect(outcomeOf(await client.send("GET", "/session"))).toBe("401 session_ended");
  });

  it("refuse a token of another installation: other keys, another issuer, another audience", async () => {
    const [one, other] = [await createTeamApp(), await createTeamApp({ isOnlyOne: true })];
    const client = await signInForBody(one, "mike");
    expect(
      outcomeOf(
        await request(other, "GET", "/session", {
          headers: { authorization: `Bearer ${client.accessToken}` },
        }),
      ),
    ).toBe("401 token_invalid");
  });

  it("judge Authorization alone: a good cookie does not help a bad one, nor another scheme", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    for (const authorization of [
      "Bearer a.b.c",
      "Bearer",
      "Bearer ",
      "Basic bWlrZTp4",
      `Token ${browser.accessToken}`,
      browser.accessToken,
      "",
      `Bearer ${browser.accessToken} x`,
      `Bearer "${browser.accessToken}"`,
    ])
      expect(
        outcomeOf(await browser.send("GET", "/sections", { headers: { authorization } })),
      ).toBe("401 token_invalid");
    const { accessToken } = await signInForBody(app, "mike");
    for (const scheme of ["Bearer", "bearer", "BEARER"])
      expect(
        (
          await browser.send("GET", "/session", {
            headers: { authorization: `${scheme} ${accessToken}` },
          })
        ).status,
      ).toBe(200);
  });

  it("judge Authorization alone: a good bearer token is not spoilt by dead or duplicated cookies", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    for (const cookie of [
      "sallyport-access-4000=dead",
      "sallyport-access-4000=a; sallyport-access-4000=b",
    ])
      expect((await client.send("GET", "/session", { headers: { cookie } })).status).toBe(200);
  });

  it("do not take a refresh token for an access token, nor the other way round", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect(
      outcomeOf(
        await request(app, "GET", "/session", {
          headers: { authorization: `Bearer ${client.refreshToken}` },
        }),
      ),
    ).toBe("401 token_invalid");
    expect(outcomeOf(await client.refresh("k1", client.accessToken.slice(0, 1_000)))).toBe(
      "401 refresh_invalid",
    );
  });
});

describe.each(["our own connection", "another process"])(
  "a change made by raw SQL through %s bites on the very next request",
  (connection) => {
    const run = (app: TeamApp, sql: string, ...values: unknown[]): void => {
      if (connection !== "another process") return void app.runSql(sql, ...values);
      const other = openElsewhere(app.dataDirectory);
      other.runSql(sql, ...values);
      other.close();
    };
    const open = async (username: string) => {
      const app = await createTeamApp();
      const client = await signInForBody(app, username);
      return { app, client };
    };

    it("when a role's grant is deleted", async () => {
      const { app, client } = await open("mike");
      expect((await client.send("GET", "/sections/marketing")).status).toBe(200);
      run(app, "DELETE FROM grants WHERE role_id = ?", app.roleIds.marketing);
      expect(outcomeOf(await client.send("GET", "/sections/marketing"))).toBe("401 token_stale");
      await client.refresh("k1");
      expect(outcomeOf(await client.send("GET", "/sections/marketing"))).toBe(
        "403 section_forbidden",
      );
    });

    it("when a grant of one's own is added", async () => {
      const { app, client } = await open("nora");
      expect(outcomeOf(await client.send("GET", "/sections/finance"))).toBe(
        "403 section_forbidden",
      );
      run(
        app,
        "INSERT INTO grants (id, user_id, section_id, created_at) VALUES ('grt_x', ?, ?, 0)",
        app.userIds.nora,
        app.sectionIds.finance,
      );
      expect(outcomeOf(await client.send("GET", "/sections/finance"))).toBe("401 token_stale");
      await client.refresh("k1");
      expect((await client.send("GET", "/sections/finance")).status).toBe(200);
    });

    it("when a role loses a permission", async () => {
      const { app } = await open("mica");
      leaveMicaWith(app, "sections:read");
      const client = await signInForBody(app, "mica");
      expect((await client.send("GET", "/sections?scope=all")).status).toBe(200);
      run(app, "DELETE FROM role_permissions WHERE permission = 'sections:read'");
      expect(outcomeOf(await client.send("GET", "/sections?scope=all"))).toBe("401 token_stale");
      await client.refresh("k1");
      expect(outcomeOf(await client.send("GET", "/sections?scope=all"))).toBe("403 forbidden");
    });

    it("in the lists as well: a section that is added, renamed, moved, retitled, hidden or deleted", async () => {
      const { app, client } = await open("mica");
      const titles = async () => [
        (await client.send("GET", "/sections")).body.items?.map(({ slug }) => slug),
        (await client.send("GET", "/session")).body.sections?.map(({ title }) => title),
        (await request(app, "GET", "/sections")).body.items?.map(({ slug }) => slug),
      ];
      expect(await titles()).toEqual([
        ["welcome", "marketing", "finance"],
        ["welcome", "marketing", "finance"],
        ["welcome"],
      ]);
      run(app, "UPDATE sections SET title = 'Money' WHERE slug = 'finance'");
      expect((await titles())[1]).toEqual(["welcome", "marketing", "Money"]);
      run(app, "UPDATE sections SET position = 0 WHERE slug = 'finance'");
      expect((await titles())[0]).toEqual(["finance", "welcome", "marketing"]);
      run(app, "UPDATE sections SET visibility = 'public' WHERE slug = 'marketing'");
      expect((await titles())[2]).toEqual(["welcome", "marketing"]);
      run(app, "DELETE FROM sections WHERE slug = 'marketing'");
      expect(await titles()).toEqual([["finance", "welcome"], ["Money", "welcome"], ["welcome"]]);
      run(app, "UPDATE users SET display_name = 'Mica Okafor' WHERE username = 'mica'");
      expect((await client.send("GET", "/session")).body.user?.displayName).toBe("Mica Okafor");
    });

    it("when an admin is demoted", async () => {
      const { app, client } = await open("mica");
      run(app, "DELETE FROM user_roles WHERE user_id = ?", app.userIds.mica);
      expect(outcomeOf(await client.send("GET", "/sections?scope=all"))).toBe("401 token_stale");
      expect((await client.refresh("k1")).body).toMatchObject({ roles: [], permissions: [] });
      expect(outcomeOf(await client.send("GET", "/sections?scope=all"))).toBe("403 forbidden");
    });

    it("when a role is deleted whole", async () => {
      const { app, client } = await open("mike");
      run(app, "DELETE FROM roles WHERE id = ?", app.roleIds.marketing);
      expect(outcomeOf(await client.send("GET", "/sections/marketing"))).toBe("401 token_stale");
    });

    it("when the user is deactivated", async () => {
      const { app, client } = await open("mike");
      run(app, "UPDATE users SET active = 0 WHERE id = ?", app.userIds.mike);
      expect(outcomeOf(await client.send("GET", "/sections"))).toBe("401 session_ended");
      expect((await client.refresh("k1")).body).toMatchObject({
        code: "refresh_invalid",
        reason: "deactivated",
      });
    });

    it("when the password changes", async () => {
      const { app, client } = await open("mike");
      run(app, "UPDATE users SET password_hash = 'plain:other' WHERE id = ?", app.userIds.mike);
      expect(outcomeOf(await client.send("GET", "/session"))).toBe("401 token_stale");
    });

    it("when a section is renamed, and the old name is given to another section", async () => {
      const { app, client } = await open("mike");
      run(app, "UPDATE sections SET slug = 'growth' WHERE slug = 'marketing'");
      run(app, "UPDATE sections SET slug = 'marketing' WHERE slug = 'finance'");
      expect(outcomeOf(await client.send("GET", "/sections/marketing"))).toBe("401 token_stale");
      await client.refresh("k1");
      expect(outcomeOf(await client.send("GET", "/sections/marketing"))).toBe(
        "403 section_forbidden",
      );
      expect((await client.send("GET", "/sections/growth")).status).toBe(200);
    });

    it("when a section becomes public or restricted, without anybody's token going stale", async () => {
      const { app, client } = await open("nora");
      run(app, "UPDATE sections SET visibility = 'public' WHERE slug = 'finance'");
      expect((await client.send("GET", "/sections/finance")).status).toBe(200);
      expect((await request(app, "GET", "/sections/finance")).status).toBe(200);
      run(app, "UPDATE sections SET visibility = 'restricted' WHERE slug = 'finance'");
      expect(outcomeOf(await client.send("GET", "/sections/finance"))).toBe(
        "403 section_forbidden",
      );
      expect(outcomeOf(await request(app, "GET", "/sections/finance"))).toBe("401 token_missing");
    });

    it("when a section is deleted, with the same answer as for one that never was", async () => {
      const { app, client } = await open("mike");
      run(app, "DELETE FROM sections WHERE slug = 'marketing'");
      await client.refresh("k1");
      const [gone, never] = [
        await client.send("GET", "/sections/marketing"),
        await client.send("GET", "/sections/never-was"),
      ];
      expect({ ...gone.body, requestId: "" }).toEqual({ ...never.body, requestId: "" });
      expect(outcomeOf(gone)).toBe("403 section_forbidden");
    });
  },
);

describe("403", () => {
  it("tells nobody which sections exist", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const replies = await Promise.all(
      ["finance", "no-such-section", "_all_", "FINANCE", "a%2fb", "a".repeat(64)].map((slug) =>
        client.send("GET", `/sections/${slug}`),
      ),
    );
    expect(
      new Set(replies.map((reply) => JSON.stringify({ ...reply.body, requestId: "" }))).size,
    ).toBe(1);
    expect(replies.map(outcomeOf)).toEqual(Array(6).fill("403 section_forbidden"));
    expect(outcomeOf(await client.send("GET", "/sections/finance/panels/pan_x/data"))).toBe(
      "403 section_forbidden",
    );
  });

  it("does not open a section to the wildcard's holder that does not exist", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mica");
    expect(outcomeOf(await client.send("GET", "/sections/no-such-section"))).toBe(
      "403 section_forbidden",
    );
    expect(outcomeOf(await client.send("GET", "/sections/_all_"))).toBe("403 section_forbidden");
  });
});

describe("the claims", () => {
  it("carry the granted slugs, the wildcard alone for everything, and nothing for nobody", async () => {
    const app = await createTeamApp();
    const sections = async (username: string) =>
      claimsOf((await signInForBody(app, username)).accessToken)["sections"];
    expect([await sections("mike"), await sections("mica"), await sections("nora")]).toEqual([
      ["marketing"],
      ["_all_"],
      [],
    ]);
  });

  it("leave the sections out beyond 2 KiB; then they are looked up, and a change still bites", async () => {
    const app = await createTeamApp();
    for (let index = 0; index < 200; index += 1) {
      run(
        app,
        "INSERT INTO sections (id, slug, title, position, created_at, updated_at) VALUES (?, ?, 'Many', 9, 0, 0)",
        `sec_${index}`,
        `one-of-many-${index}`,
      );
      run(
        app,
        "INSERT INTO grants (id, user_id, section_id, created_at) VALUES (?, ?, ?, 0)",
        `grt_${index}`,
        app.userIds.nora,
        `sec_${index}`,
      );
    }
    const client = await signInForBody(app, "nora");
    expect(client.accessToken.length).toBeLessThanOrEqual(2_048);
    expect(claimsOf(client.accessToken)).not.toHaveProperty("sections");
    for (let time = 0; time < 2; time += 1) {
      expect((await client.send("GET", "/sections/one-of-many-199")).status).toBe(200);
      expect(outcomeOf(await client.send("GET", "/sections/finance"))).toBe(
        "403 section_forbidden",
      );
      expect((await client.send("GET", "/sections?limit=200")).body.items).toHaveLength(200);
    }
    run(app, "DELETE FROM grants WHERE id = 'grt_199'");
    expect(outcomeOf(await client.send("GET", "/sections/one-of-many-199"))).toBe(
      "401 token_stale",
    );
    await client.refresh("k1");
    expect(outcomeOf(await client.send("GET", "/sections/one-of-many-199"))).toBe(
      "403 section_forbidden",
    );
  });

  it("are unreadable with SALLYPORT_ACCESS_TOKEN=jwe, and everything goes on as before", async () => {
    const app = await createTeamApp({ environment: { SALLYPORT_ACCESS_TOKEN: "jwe" } });
    const browser = createBrowser(app);
    await browser.signIn("mike");
    expect(browser.accessToken.split(".")).toHaveLength(5);
    expect(() => claimsOf(browser.accessToken)).toThrow(SyntaxError);
    expect((await browser.send("GET", "/sections/marketing")).status).toBe(200);
    expect((await browser.send("GET", "/sections/marketing")).status).toBe(200);
    run(app, "UPDATE users SET epoch = epoch + 1");
    expect(outcomeOf(await browser.send("GET", "/session"))).toBe("401 token_stale");
    expect((await browser.refresh("k1")).status).toBe(200);
  });
});

describe("a token that our own key has signed, whatever it says", () => {
  it("is 401 token_invalid on every endpoint that looks at it, and never a fault of ours", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const claims = claimsOf(client.accessToken);
    const signer = app.dependencies.keys.sign("bearer", app.clock.now());
    const forge = (payload: unknown): string => {
      const encode = (value: unknown): string =>
        Buffer.from(JSON.stringify(value)).toString("base64url");
      const data = `${encode({ alg: signer.algorithm, typ: "at+jwt", kid: signer.kid })}.${encode(payload)}`;
      return `${data}.${signer.signature(data).toString("base64url")}`;
    };
    expect((await send(app, forge(claims))).status).toBe(200);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(claims)),
        fc.oneof(fc.jsonValue(), fc.constant(undefined)),
        async (name, value) => {
          const reply = await send(app, forge({ ...claims, [name]: value }));
          // What happens to be right is right; an older epoch is stale, a moment that is over has
          // expired.
          if (reply.status === 200) return;
          expect(["token_invalid", "token_expired", "token_stale", "session_ended"]).toContain(
            reply.body.code,
          );
        },
      ),
      { seed: 7, numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (payload) => {
        expect(outcomeOf(await send(app, forge(payload)))).toBe("401 token_invalid");
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});

const inCookie = (app: TestApp, token: string, path = "/session"): Promise<Reply> =>
  request(app, "GET", path, { headers: { cookie: `sallyport-access-4000=${token}` } });

describe("the tokens of cookies and those of programs", () => {
  it("are kept apart by their keys and by the delivery of their session, seen before or not", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const client = await signInForBody(app, "mike");
    expect([headerOf(browser.accessToken), headerOf(client.accessToken)]).toMatchObject([
      { alg: "HS256" },
      { alg: "EdDSA" },
    ]);
    const before = signedAsBefore(app, claimsOf(browser.accessToken));
    for (let time = 0; time < 2; time += 1) {
      expect(outcomeOf(await inCookie(app, browser.accessToken))).toBe("200");
      expect(outcomeOf(await send(app, client.accessToken))).toBe("200");
      // Each where the other belongs.
      expect(outcomeOf(await send(app, browser.accessToken))).toBe("401 token_invalid");
      expect(outcomeOf(await inCookie(app, client.accessToken))).toBe("401 token_invalid");
      // Of before the keys were two kinds: good in its cookie, and there alone.
      expect(outcomeOf(await inCookie(app, before))).toBe("200");
      expect(outcomeOf(await send(app, before))).toBe("401 token_invalid");
    }
    for (const path of ["/sections", "/sections/welcome"]) {
      expect(outcomeOf(await send(app, before, path))).toBe("401 token_invalid");
      expect(outcomeOf(await inCookie(app, client.accessToken, path))).toBe("401 token_invalid");
    }
  });

  it("end their session by POST /logout in their own place only, expired or not", async () => {
    const app = await createTeamApp();
    const logOut = async (headers: Record<string, string>): Promise<boolean> => {
      const count = (): number => app.auditEvents("session.signOut").length;
      const before = count();
      const reply = await request(app, "POST", "/logout", {
        headers: { origin: webOrigin, ...headers },
      });
      expect(reply.status).toBe(204);
      return count() !== before;
    };
    const asBearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const asCookie = (token: string) => ({ cookie: `sallyport-access-4000=${token}` });
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const client = await signInForBody(app, "mike");
    app.clock.advance(6 * minute);
    const before = signedAsBefore(app, claimsOf(browser.accessToken));
    expect(await logOut(asBearer(browser.accessToken))).toBe(false);
    expect(await logOut(asBearer(before))).toBe(false);
    expect(await logOut(asCookie(client.accessToken))).toBe(false);
    expect(await logOut(asBearer(client.accessToken))).toBe(true);
    expect(await logOut(asCookie(browser.accessToken))).toBe(true);
  });

  it("are refused with the public key for a secret, without a MAC, and with half of one", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const jwks = (await request(app, "GET", "/.well-known/jwks.json"))
      .body as unknown as JSONWebKeySet;
    const [head = "", body = "", mac = ""] = browser.accessToken.split(".");
    const forge = (header: object, secret: string | Buffer): string => {
      const data = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${body}`;
      return `${data}.${createHmac("sha256", secret).update(data).digest("base64url")}`;
    };
    const kids = [
      ...jwks.keys.map(({ kid }) => kid),
      (headerOf(browser.accessToken) as { kid: string }).kid,
    ];
    const secrets = jwks.keys.flatMap((key) => [
      JSON.stringify(key),
      Buffer.from(String(key["x"]), "base64url"),
      createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }),
      createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" }),
    ]);
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
    for (const token of [
      ...kids.flatMap((kid) =>
        secrets.map((secret) => forge({ alg: "HS256", typ: "at+jwt", kid }, secret)),
      ),
      `${head}.${body}.`,
      `${head}.${body}.${mac.slice(0, 22)}`,
      `${none}.${body}.`,
      `${none}.${body}.${mac}`,
    ]) {
      expect(outcomeOf(await inCookie(app, token))).toBe("401 token_invalid");
      expect(outcomeOf(await send(app, token))).toBe("401 token_invalid");
    }
  });
});

describe("GET /.well-known/jwks.json", () => {
  it("lets any holder verify a token, with jose and with node:crypto, and holds no private part", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const reply = await request(app, "GET", "/.well-known/jwks.json");
    expect(reply.headers.get("cache-control")).toBe("public, max-age=300");
    const jwks = reply.body as unknown as JSONWebKeySet;
    for (const key of jwks.keys)
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
    const { payload } = await jwtVerify(client.accessToken, createLocalJWKSet(jwks), {
      issuer: "http://localhost:4000",
      audience: "http://localhost:4000",
      typ: "at+jwt",
      currentDate: new Date(app.clock.now()),
    });
    expect(payload.sub).toBe(app.userIds.mike);
    const [header, claims, signature] = client.accessToken.split(".") as [string, string, string];
    const key = createPublicKey({ key: jwks.keys[0] ?? {}, format: "jwk" });
    expect(
      verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")),
    ).toBe(true);
  });

  it("trusts no leaked key, and nobody is logged out by that either", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    await app.dependencies.keys.rotate({ leaked: true });
    expect(outcomeOf(await client.send("GET", "/session"))).toBe("401 token_invalid");
    await client.refresh("k1");
    expect((await client.send("GET", "/session")).status).toBe(200);
  });

  it("names a key before it signs; neither the schedule nor keys.rotate logs anybody out", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const kids = async () =>
      (
        (await request(app, "GET", "/.well-known/jwks.json")).body as unknown as JSONWebKeySet
      ).keys.map(({ kid }) => kid);
    const kidOf = (token: string) =>
      (
        JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as {
          kid: string;
        }
      ).kid;
    const first = kidOf(client.accessToken);

    const published = await kids();
    app.clock.advance(70 * minute);
    await client.refresh("k0");
    expect(kidOf(client.accessToken)).toBe(first);
    await app.dependencies.keys.rotate();
    expect((await client.send("GET", "/session")).status).toBe(200);
    await client.refresh("k1");
    const second = kidOf(client.accessToken);
    expect(published).toEqual([first, second]);
    expect(await kids()).toEqual([first, second, expect.any(String)]);
    expect((await client.send("GET", "/session")).status).toBe(200);

    for (let hour = 1; hour <= 29 * 24; hour += 12) {
      app.clock.advance(12 * 60 * minute);
      if (hour % 6 === 1) await app.dependencies.maintain();
      if (kidOf(client.accessToken) !== second) break;
      await client.refresh(`hour-${hour}`);
      expect((await client.send("GET", "/session")).status).toBe(200);
      expect(await kids()).toContain(kidOf(client.accessToken));
    }
    expect(await kids()).not.toContain(first);
  });
});

describe("the session id", () => {
  it("comes with every answer to a signed-in caller, so that a client can drop those of another session", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    const id = (await browser.signIn("mike")).body.session?.id;
    for (const path of ["/session", "/sections", "/sections/finance"]) {
      const reply = await browser.send("GET", path);
      expect(reply.headers.get("sallyport-session")).toBe(id);
      expect(reply.headers.get("access-control-allow-origin")).toBe(webOrigin);
    }
    expect((await request(app, "GET", "/sections")).headers.get("sallyport-session")).toBeNull();
  });
});
