/** POST /refresh and POST /logout as a client sees them: every row of the protocol's table. */
import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { AppError, type SessionRow } from "@sallyport/shared/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTeamApp, giveGrant, type TeamApp } from "./team.ts";
import { createTestApp, createTestClock, openElsewhere } from "./test-app.ts";
import { createBrowser, request, signInForBody, type Reply } from "./test-browser.ts";

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

const sessionOf = async (app: TeamApp, id: string): Promise<SessionRow> => {
  const found = await app.dependencies.stores.sessions.read(id);
  if (found === null) throw new Error(`There is no session ${id}`);
  return found.row;
};
/** Of sessions: how the team came to be is recorded, too. */
const auditActions = (app: TeamApp): string[] =>
  app
    .auditEvents()
    .map(({ action }) => action)
    .filter((action) => action.startsWith("session."));

const outcomeOf = (reply: Reply): object => ({
  status: reply.status,
  code: reply.body.code,
  reason: reply.body.reason,
  cookies: reply.setCookies,
  challenge: reply.headers.get("www-authenticate"),
});
const refusal = (reason?: string): object => ({
  status: 401,
  code: "refresh_invalid",
  reason,
  cookies: [],
  challenge: 'Bearer realm="Sallyport", error="invalid_token"',
});

/**
 * The two deliveries behind one face: refresh with a token that the test names, and read the one
 * that came back.
 */
const deliveries = {
  cookie: async (app: TeamApp, username = "mike") => {
    const browser = createBrowser(app);
    const reply = await browser.signIn(username);
    return {
      sessionId: reply.body.session?.id ?? "",
      first: browser.refreshToken,
      present: async (token: string, key?: string, address?: string) => {
        const other = browser.copy(address === undefined ? {} : { address, userAgent: "Thief" });
        const name = [...other.jar.keys()].find((cookie) => cookie.includes("refresh")) ?? "";
        other.jar.set(name, token);
        const given = await other.refresh(key);
        return { reply: given, token: given.status === 200 ? other.refreshToken : "" };
      },
    };
  },
  body: async (app: TeamApp, username = "mike") => {
    const client = await signInForBody(app, username);
    return {
      sessionId: client.refreshToken.split(".")[0] ?? "",
      first: client.refreshToken,
      present: async (token: string, key?: string, address = "192.0.2.1") => {
        const given = await request(app, "POST", "/refresh", {
          body: { refreshToken: token },
          address,
          headers: {
            "idempotency-key": key,
            "user-agent": address === "192.0.2.1" ? "Test Browser" : "Thief",
          },
        });
        return { reply: given, token: given.body.refreshToken ?? "" };
      },
    };
  },
};

describe("POST /refresh", () => {
  it("with nothing answers 401 refresh_missing, with a challenge and without a cookie", async () => {
    const app = await createTeamApp();
    const reply = await request(app, "POST", "/refresh");
    expect(reply).toMatchObject({
      status: 401,
      setCookies: [],
      // A program that only forgot the body signs in for nothing otherwise, and comes here again.
      body: { code: "refresh_missing", detail: expect.stringContaining("`refreshToken`") },
    });
    expect(reply.headers.get("www-authenticate")).toBe('Bearer realm="Sallyport"');
  });

  it("by body needs an Idempotency-Key before anything rotates", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    expect(await client.refresh(undefined)).toMatchObject({
      status: 400,
      body: { code: "idempotency_key_required" },
    });
    expect((await sessionOf(app, client.refreshToken.split(".")[0] ?? "")).generation).toBe(1);
  });

  it("refuses an Idempotency-Key that is empty, too long or holds spaces", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    for (const key of ["", "a b", "x".repeat(256), "é"])
      expect(await client.refresh(key)).toMatchObject({
        status: 400,
        body: { code: "validation_failed", errors: [{ pointer: "/headers/idempotency-key" }] },
      });
    expect((await client.refresh("x".repeat(255))).status).toBe(200);
  });

  it("puts new cookies into a cookie session and no token into the body", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const before = { access: browser.accessToken, refresh: browser.refreshToken };
    const reply = await browser.refresh("k1");
    expect(reply.status).toBe(200);
    expect(reply.setCookies).toHaveLength(2);
    for (const member of ["accessToken", "refreshToken", "tokenType"])
      expect(reply.body).not.toHaveProperty(member);
    expect(browser.accessToken).not.toBe(before.access);
    expect(browser.refreshToken).not.toBe(before.refresh);
    expect(reply.text).not.toContain(browser.refreshToken);
  });

  it("gives a body session its tokens in the body and no cookie", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const reply = await client.refresh("k1");
    expect(reply).toMatchObject({ status: 200, setCookies: [], body: { tokenType: "Bearer" } });
    expect((await client.send("GET", "/session")).status).toBe(200);
  });

  it("takes a cookie's token in the body for stolen: both addresses are recorded, and the user is told", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    const { body } = await browser.signIn("mike");
    const id = body.session?.id ?? "";
    expect(
      outcomeOf(
        await request(app, "POST", "/refresh", {
          body: { refreshToken: browser.refreshToken },
          address: "198.51.100.7",
        }),
      ),
    ).toEqual(refusal("reuse"));
    expect(await sessionOf(app, id)).toMatchObject({ endReason: "reuse", generation: 1 });
    expect(app.auditEvents("session.refresh.reuse")).toMatchObject([
      {
        address: "198.51.100.7",
        sessionId: id,
        detail: { delivery: "body", lastAddress: "192.0.2.1", presented: 1, stored: 1 },
      },
    ]);
    expect(outcomeOf(await browser.refresh("k1"))).toEqual(refusal("reuse"));
    expect((await browser.signIn("mike")).body.notices).toMatchObject([
      { kind: "refreshTokenReused", data: { address: "198.51.100.7" } },
    ]);
  });

  it("takes a body's token in a cookie for stolen", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const browser = createBrowser(app);
    browser.jar.set("sallyport-refresh-4000", client.refreshToken);
    expect(outcomeOf(await browser.refresh("k1"))).toEqual(refusal("reuse"));
    expect(auditActions(app)).toEqual(["session.signIn", "session.refresh.reuse"]);
    expect(outcomeOf(await client.refresh("k1"))).toEqual(refusal("reuse"));
  });

  it("lets a program with a constant key hide no thief", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const stolen = client.refreshToken;
    expect((await client.refresh("constant")).status).toBe(200);
    const own = client.refreshToken;
    expect(await client.refresh("constant")).toMatchObject({
      status: 400,
      setCookies: [],
      body: { code: "idempotency_key_reused" },
    });
    expect((await sessionOf(app, own.split(".")[0] ?? "")).generation).toBe(2);
    const thief = await request(app, "POST", "/refresh", {
      body: { refreshToken: stolen },
      headers: { "idempotency-key": "of-the-thief" },
    });
    expect(thief.status).toBe(409);
    app.clock.advance(10 * second);
    expect(
      outcomeOf(
        await request(app, "POST", "/refresh", {
          body: { refreshToken: stolen },
          headers: { "idempotency-key": "of-the-thief" },
        }),
      ),
    ).toEqual(refusal("reuse"));
  });

  it("ignores the refresh cookie when there is an Authorization header", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const reply = await browser.send("POST", "/refresh", {
      headers: { authorization: `Bearer ${browser.accessToken}` },
    });
    expect(reply).toMatchObject({ status: 401, body: { code: "refresh_missing" }, setCookies: [] });
  });

  it("gives new rights in the answer and in the new access token", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    await giveGrant(app, "mike", "finance");
    expect(await browser.send("GET", "/session")).toMatchObject({
      status: 401,
      body: { code: "token_stale" },
    });
    const reply = await browser.refresh("k1");
    expect(reply.body.sections?.map(({ slug }) => slug)).toEqual([
      "welcome",
      "marketing",
      "finance",
    ]);
    expect((await browser.send("GET", "/sections/finance")).status).toBe(200);
  });
});

describe.each(["cookie", "body"] as const)("POST /refresh by %s", (delivery) => {
  const open = async (options: Parameters<typeof createTeamApp>[0] = {}, username?: string) => {
    const app = await createTeamApp(options);
    return { app, ...(await deliveries[delivery](app, username)) };
  };

  it("answers a malformed token, a wrong tag and an unknown session alike, and revokes nothing", async () => {
    const { app, first, present, sessionId } = await open();
    const [id, generation, secret, tag] = first.split(".") as [string, string, string, string];
    const flipped = `${tag[0] === "A" ? "B" : "A"}${tag.slice(1)}`;
    for (const token of [
      "garbage",
      `${id}.${generation}.${secret}.${flipped}`,
      `${id}.0000000000.${secret}.${tag}`,
      `ses_${"A".repeat(22)}.${generation}.${secret}.${tag}`,
      `${first}x`,
    ])
      expect(outcomeOf((await present(token, "k1")).reply)).toEqual(refusal());
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 1, endedAt: null });
    expect(auditActions(app)).toEqual(["session.signIn"]);

    app.runSql("DELETE FROM sessions WHERE id = ?", sessionId);
    expect(outcomeOf((await present(first, "k1")).reply)).toEqual(refusal());
  });

  it("rotates the current generation and remembers only the hash of the key", async () => {
    const { app, first, present, sessionId } = await open();
    const { reply, token } = await present(first, "the-key-itself");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("idempotency-replayed")).toBeNull();
    expect(token.split(".")[1]).toBe("0000000002");
    const row = await sessionOf(app, sessionId);
    expect(row).toMatchObject({ generation: 2 });
    expect(row.idempotencyKeyHash?.byteLength).toBe(32);
    expect(
      Buffer.concat(
        Object.values(row).map((value) =>
          Buffer.from(Buffer.isBuffer(value) ? value : String(value)),
        ),
      ).includes("the-key-itself"),
    ).toBe(false);
  });

  it("gives the same successor to the same key, however late and however often", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    for (const late of [0, 20 * second, 2 * 60 * minute, 6 * day]) {
      app.clock.advance(late);
      for (let time = 0; time < 5; time += 1) {
        const replay = await present(first, "k1");
        expect(replay.reply.status).toBe(200);
        expect(replay.reply.headers.get("idempotency-replayed")).toBe("true");
        expect(replay.token).toBe(token);
      }
    }
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
    expect(auditActions(app)).toEqual(["session.signIn"]);
  });

  it("still gives the same successor after a restart, and after the master secret has changed", async () => {
    const [old, young] = [
      randomBytes(32).toString("base64url"),
      randomBytes(32).toString("base64url"),
    ];
    const { app, first, present } = await open({ environment: { SALLYPORT_SECRET: old } });
    const { token } = await present(first, "k1");
    await app.dependencies.stores.installation.check();

    const restarted = await createTeamAppBeside(app, {
      SALLYPORT_SECRET: young,
      SALLYPORT_SECRET_PREVIOUS: old,
    });
    const replay = await presentTo(restarted, delivery, first, "k1");
    expect(replay.reply.headers.get("idempotency-replayed")).toBe("true");
    expect(replay.token).toBe(token);
    const next = await presentTo(restarted, delivery, token, "k2");
    expect(next.reply.status).toBe(200);
    expect(next.token).not.toBe(token);
  });

  it("answers a plain 401 without a reason, and ends nothing, once the secret of the token is dropped", async () => {
    const [old, young] = [
      randomBytes(32).toString("base64url"),
      randomBytes(32).toString("base64url"),
    ];
    const { app, first, present, sessionId } = await open({
      environment: { SALLYPORT_SECRET: old },
    });
    const { token } = await present(first, "k1");
    const restarted = await createTeamAppBeside(app, { SALLYPORT_SECRET: young });
    for (const presented of [token, first])
      expect(outcomeOf((await presentTo(restarted, delivery, presented, "k1")).reply)).toEqual(
        refusal(),
      );
    app.clock.advance(minute);
    expect(outcomeOf((await presentTo(restarted, delivery, first, "k2")).reply)).toEqual(refusal());
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
    expect(auditActions(app)).toEqual(["session.signIn"]);
  });

  it("answers 409 to the parent under another key inside ten seconds, with Retry-After for cookies alone, and ends nothing", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    app.clock.advance(9_999);
    const { reply } = await present(first, "k2");
    expect(reply).toMatchObject({
      status: 409,
      setCookies: [],
      body: { code: "refresh_conflict" },
    });
    expect(reply.headers.get("retry-after")).toBe(delivery === "cookie" ? "1" : null);
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
    expect((await present(token, "k2")).reply.status).toBe(200);
  });

  it("answers 409 for every generation of several rotations inside ten seconds", async () => {
    const { app, first, present } = await open();
    const tokens = [first];
    for (let step = 1; step <= 4; step += 1) {
      app.clock.advance(2 * second);
      tokens.push((await present(tokens.at(-1) ?? "", `k${step}`)).token);
    }
    for (const token of tokens.slice(0, 4))
      expect((await present(token, "late")).reply).toMatchObject({ status: 409 });
    expect((await present(tokens[4] ?? "", "k5")).reply.status).toBe(200);
  });

  it("ends the session when an old generation comes back later, although that request fails", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    app.clock.advance(10 * second);
    expect(outcomeOf((await present(first, "stolen", "198.51.100.7")).reply)).toEqual(
      refusal("reuse"),
    );

    expect(await sessionOf(app, sessionId)).toMatchObject({ endReason: "reuse", generation: 2 });
    expect(outcomeOf((await present(token, "k2")).reply)).toEqual(refusal("reuse"));
    expect(app.auditEvents("session.refresh.reuse")).toMatchObject([
      {
        result: "failure",
        address: "198.51.100.7",
        sessionId,
        detail: { lastAddress: "192.0.2.1" },
      },
    ]);
  });

  it("tells the user of the reuse at the next sign-in, until the notice is dismissed", async () => {
    const { app, first, present } = await open();
    await present(first, "k1");
    app.clock.advance(minute);
    await present(first, "stolen", "198.51.100.7");

    const browser = createBrowser(app);
    const { body } = await browser.signIn("mike");
    expect(body.notices).toMatchObject([
      { kind: "refreshTokenReused", data: { address: "198.51.100.7", userAgent: "Thief" } },
    ]);
    const id = body.notices?.[0]?.id ?? "";
    expect((await createBrowser(app).signIn("mica")).body.notices).toEqual([]);

    const mica = createBrowser(app);
    await mica.signIn("mica");
    expect((await mica.send("DELETE", `/account/notices/${id}`)).status).toBe(204);
    expect((await browser.send("GET", "/session")).body.notices).toHaveLength(1);

    expect((await browser.send("DELETE", `/account/notices/${id}`)).status).toBe(204);
    expect((await browser.send("DELETE", `/account/notices/${id}`)).status).toBe(204);
    expect((await browser.send("GET", "/session")).body.notices).toEqual([]);
    expect((await createBrowser(app).signIn("mike")).body.notices).toEqual([]);
  });

  it("makes the access token of a session that ended by reuse fail at once", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const { first, present } = await deliveries[delivery](app, "nora");
    const { reply } = await present(first, "k1");
    const access = delivery === "body" ? `Bearer ${String(reply.body.accessToken)}` : undefined;
    const cookies = reply.setCookies.map((line) => line.split(";")[0]).join("; ");
    const headers = access === undefined ? { cookie: cookies } : { authorization: access };
    expect((await request(app, "GET", "/session", { headers })).status).toBe(200);
    app.clock.advance(minute);
    await present(first, "stolen");
    expect(await request(app, "GET", "/session", { headers })).toMatchObject({
      status: 401,
      body: { code: "session_ended", reason: "reuse" },
    });
    expect((await client.send("GET", "/session")).status).toBe(200);
  });

  it("answers a generation newer than the row with a 401 and an audit event: the database is from before", async () => {
    const { app, first, present, sessionId } = await open();
    const before = await sessionOf(app, sessionId);
    const { token } = await present(first, "k1");
    app.runSql(
      "UPDATE sessions SET generation = 1, secret_hash = ?, rotated_at = ? WHERE id = ?",
      before.secretHash,
      before.rotatedAt,
      sessionId,
    );
    for (let time = 1; time <= 3; time += 1)
      expect(outcomeOf((await present(token, `k${time}`)).reply)).toEqual(refusal());
    // One event is kept for the session and the cause, however often it is asked.
    expect(auditActions(app)).toEqual(["session.signIn", "session.refresh.newerThanDatabase"]);
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
  });

  it("names the reason when the session has ended or its user is inactive", async () => {
    for (const reason of ["signedOut", "endedByAdmin", "passwordChanged"]) {
      const { app, first, present, sessionId } = await open();
      app.runSql(
        "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ?",
        app.clock.now(),
        reason,
        sessionId,
      );
      expect(outcomeOf((await present(first, "k1")).reply)).toEqual(refusal(reason));
    }
    const { app, first, present } = await open();
    app.runSql("UPDATE users SET active = 0 WHERE username = 'mike'");
    expect(outcomeOf((await present(first, "k1")).reply)).toEqual(refusal("deactivated"));
  });

  it("refuses after seven idle days, and after thirty days however busy", async () => {
    const idle = await open();
    idle.app.clock.advance(7 * day - 1);
    const { token } = await idle.present(idle.first, "k1");
    idle.app.clock.advance(7 * day);
    expect(outcomeOf((await idle.present(token, "k2")).reply)).toEqual(refusal("idle"));

    const busy = await open();
    let held = busy.first;
    for (let step = 1; step <= 5; step += 1) {
      busy.app.clock.advance(5 * day);
      held = (await busy.present(held, `k${step}`)).token;
    }
    busy.app.clock.advance(5 * day);
    expect(outcomeOf((await busy.present(held, "k6")).reply)).toEqual(refusal("absolute"));
  });

  it("obeys the settings for idle and absolute life", async () => {
    const { app, first, present } = await open({
      environment: {
        SALLYPORT_SESSION_IDLE_SECONDS: "600",
        SALLYPORT_SESSION_ABSOLUTE_SECONDS: "1000",
      },
    });
    app.clock.advance(599 * second);
    const { token } = await present(first, "k1");
    app.clock.advance(401 * second);
    expect(outcomeOf((await present(token, "k2")).reply)).toEqual(refusal("absolute"));
  });

  it("allows thirty refreshes a minute for one session, replays included; beyond, 429 is no logout", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    for (let time = 2; time <= 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    const { reply } = await present(token, "k2");
    expect(reply).toMatchObject({ status: 429, setCookies: [], body: { code: "rate_limited" } });
    expect(reply.headers.get("retry-after")).toBe("60");
    expect(reply.headers.get("ratelimit")).toBe('"refresh";r=0;t=60');
    expect(reply.headers.get("ratelimit-policy")).toBe('"refresh";q=30;w=60');

    const other = await deliveries[delivery](app, "nora");
    expect((await other.present(other.first, "k1")).reply.status).toBe(200);

    app.clock.advance(minute);
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
    expect((await present(token, "k2")).reply.status).toBe(200);
  });

  it("is decided again where another process has been there between the look and the write", async () => {
    const { app, first, present, sessionId } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    const beside = await createTeamAppBeside(app, {});
    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      expect((await presentTo(beside, delivery, first, "there")).reply.status).toBe(200);
      return apply(...asked);
    };
    expect((await present(first, "here")).reply.status).toBe(409);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
    // What it was charged for has not happened.
    for (let time = 1; time <= 30; time += 1)
      expect((await present(first, "there")).reply.status).toBe(200);
    expect((await present(first, "there")).reply.status).toBe(429);

    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      app.runSql("UPDATE users SET active = 0 WHERE username = 'mike'");
      return apply(...asked);
    };
    app.clock.advance(minute);
    const { token } = await present(first, "there");
    expect(outcomeOf((await present(token, "next")).reply)).toEqual(refusal("deactivated"));
  });

  it("is no theft where another refresh overtakes it while the disk takes longer than the window", async () => {
    const { app, first, present, sessionId } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    const overtaken = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      arrived.resolve();
      await overtaken.promise;
      return apply(...asked);
    };
    const late = present(first, "k1");
    await arrived.promise;
    expect((await present(first, "k2")).reply.status).toBe(200);
    app.clock.advance(minute);
    overtaken.resolve();
    expect((await late).reply.status).toBe(409);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
    // Whoever brings it from now on has it from somewhere.
    expect(outcomeOf((await present(first, "k3")).reply)).toEqual(refusal("reuse"));
  });

  it("is charged once, however often it is decided again", async () => {
    const { app, first, present } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    let times = 0;
    sessions.apply = async () => {
      times += 1;
      if (times === 5) sessions.apply = apply;
      return "changed";
    };
    for (let time = 1; time <= 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    expect(times).toBe(5);
    expect((await present(first, "k1")).reply.status).toBe(429);
  });

  it.each(["at once", "in later turns, the first of them last"])(
    "tells those that come second of the conflict, and not of the limit that the first of them has reached, where limits answer %s",
    async (when) => {
      const { app, first, present } = await open();
      const { token } = await present(first, "k1");
      for (let time = 2; time <= 29; time += 1) await present(first, "k1");
      const { limits } = app.dependencies.stores;
      const { take } = limits;
      let turns = 20;
      const takeLate: typeof take = async (...asked) => {
        const taken = await take(...asked);
        for (let left = (turns -= 4); left > 0; left -= 1) await setImmediate();
        return taken;
      };
      if (when !== "at once") limits.take = takeLate;
      const replies = await Promise.all(
        ["a", "b", "c", "d", "e"].map((key) => present(token, key)),
      );
      expect(replies.map(({ reply }) => reply.status).toSorted((a, b) => a - b)).toEqual([
        200, 409, 409, 409, 409,
      ]);
      expect((await present(token, "a")).reply.status).toBe(429);
    },
  );

  it("is told what came of it also where what it was charged cannot be given back", async () => {
    const { app, first, present } = await open();
    const { limits, sessions } = app.dependencies.stores;
    limits.giveBack = async () => {
      throw new Error("The limits are out of reach.");
    };
    sessions.apply = async () => {
      throw new AppError("busy", { retryAfterSeconds: 1 });
    };
    expect((await present(first, "k1")).reply.status).toBe(503);
  });

  it("counts a refresh only after its tag has been checked, so that garbage uses up nobody's allowance", async () => {
    const { first, present } = await open();
    const forged = `${first.slice(0, -43)}${"A".repeat(43)}`;
    for (let time = 0; time < 40; time += 1)
      expect((await present(forged, "k1")).reply.status).toBe(401);
    expect((await present(first, "k1")).reply.status).toBe(200);
  });

  it("charges refusals to the network they come from, and ends a stolen session even where that has no more to spend", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    for (let time = 0; time < 300; time += 1)
      expect((await present(first, "other", "198.51.100.7")).reply.status).toBe(409);
    const { reply } = await present(first, "other", "198.51.100.7");
    expect(reply).toMatchObject({ status: 429, setCookies: [], body: { code: "rate_limited" } });
    expect(reply.headers.get("ratelimit-policy")).toBe('"refusal";q=300;w=60');
    // Neither others nor the session's owner pay for that.
    expect((await present(first, "other")).reply.status).toBe(409);
    expect((await present(token, "k2")).reply.status).toBe(200);
    app.clock.advance(10 * second);
    expect((await present(first, "other", "198.51.100.7")).reply.status).toBe(429);
    expect((await sessionOf(app, sessionId)).endReason).toBe("reuse");
  });

  it("takes no turn of the writer for a session that is over", async () => {
    const { app, first, present } = await open();
    await present(first, "k1");
    app.clock.advance(minute);
    expect(outcomeOf((await present(first, "k2")).reply)).toEqual(refusal("reuse"));
    const recorded = auditActions(app);
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect(outcomeOf((await present(first, "k3")).reply)).toEqual(refusal("reuse"));
    release();
    expect(auditActions(app)).toEqual(recorded);
  });

  it("tells of a conflict, and gives a successor again, while nothing can be written", async () => {
    const { app, first, present } = await open();
    const { token } = await present(first, "k1");
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect((await present(first, "k2")).reply.status).toBe(409);
    expect(await present(first, "k1")).toMatchObject({ reply: { status: 200 }, token });
    expect((await present(token, "k2")).reply.status).toBe(503);
  });

  it("charges nothing for a refresh that could not be stored", async () => {
    const { app, first, present } = await open();
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect((await present(first, "k1")).reply.status).toBe(503);
    release();
    for (let time = 0; time < 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    expect((await present(first, "k1")).reply.status).toBe(429);
  });

  it("accuses nobody because the clock was set back after a rotation", async () => {
    const { app, first, present, sessionId } = await open();
    app.clock.advance(day);
    const { token } = await present(first, "k1");
    app.clock.advance(-day);
    expect((await present(first, "k2")).reply.status).toBe(409);
    const next = await present(token, "k2");
    expect(next.reply.status).toBe(200);
    expect((await present(first, "k2")).reply.status).toBe(409);
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
    // From the next rotation on the window is measured by the clock as it is now.
    app.clock.advance(10 * second);
    expect(outcomeOf((await present(first, "k2")).reply)).toEqual(refusal("reuse"));
  });

  it("lets exactly one of many refreshes at once win, and gives all with its key the same successor", async () => {
    const { app, first, present, sessionId } = await open();
    const replies = await Promise.all(
      ["a", "a", "a", "b", "b", "c"].map((key) => present(first, key)),
    );
    const won = replies.filter(({ reply }) => reply.status === 200);
    expect(new Set(won.map(({ token }) => token)).size).toBe(1);
    expect(won).toHaveLength(3);
    expect(replies.filter(({ reply }) => reply.status === 409)).toHaveLength(3);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
  });

  it("answers 503 with Retry-After while another process holds the database, never a 401, and recovers", async () => {
    const { app, first, present } = await open();
    const blocker = openElsewhere(app.dataDirectory);
    onTestFinished(blocker.close);
    blocker.runSql("BEGIN IMMEDIATE");
    const { reply } = await present(first, "k1");
    expect(reply).toMatchObject({ status: 503, setCookies: [], body: { code: "busy" } });
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    blocker.runSql("ROLLBACK");
    expect((await present(first, "k1")).reply.status).toBe(200);
  });
});

/** Another process on the same data directory, with other settings and the same clock. */
const createTeamAppBeside = async (app: TeamApp, environment: Record<string, string>) => {
  const beside = await createTestApp({
    dataDirectory: app.dataDirectory,
    environment: { SALLYPORT_SAMPLE_DATA: "0", ...environment },
    clock: createTestClock(app.clock.now()),
  });
  onTestFinished(() => beside.close());
  return beside;
};

const presentTo = async (
  app: Awaited<ReturnType<typeof createTeamAppBeside>>,
  delivery: "cookie" | "body",
  token: string,
  key: string,
) => {
  if (delivery === "body") {
    const reply = await request(app, "POST", "/refresh", {
      body: { refreshToken: token },
      headers: { "idempotency-key": key },
    });
    return { reply, token: reply.body.refreshToken ?? "" };
  }
  const browser = createBrowser(app);
  browser.jar.set("sallyport-refresh-4000", token);
  const reply = await browser.refresh(key);
  return { reply, token: browser.refreshToken };
};

describe("a failed refresh", () => {
  it("leaves alone the cookies that a sign-in in another tab has just set", async () => {
    const app = await createTeamApp();
    const late = createBrowser(app);
    await late.signIn("mike");
    const tab = late.copy();
    await tab.signIn("mike");
    expect((await late.refresh("k1")).setCookies).toEqual([]);
    expect((await tab.send("GET", "/session")).status).toBe(200);
  });
});

describe("sign-in", () => {
  it("ends the session that it replaces on that device, and no other", async () => {
    const app = await createTeamApp();
    const [device, elsewhere] = [createBrowser(app), createBrowser(app)];
    const old = (await device.signIn("mike")).body.session?.id;
    await elsewhere.signIn("mike");
    const before = device.copy();
    const fresh = (await device.signIn("mike")).body.session?.id;
    expect(fresh).not.toBe(old);
    expect(await before.send("GET", "/session")).toMatchObject({
      status: 401,
      body: { code: "session_ended", reason: "signedOut" },
    });
    expect(outcomeOf(await before.refresh("k1"))).toEqual(refusal("signedOut"));
    expect((await elsewhere.send("GET", "/session")).status).toBe(200);
  });

  it("ends the replaced session of another user on that device as well", async () => {
    const app = await createTeamApp();
    const device = createBrowser(app);
    await device.signIn("mike");
    const before = device.copy();
    await device.signIn("nora");
    expect((await before.send("GET", "/session")).status).toBe(401);
  });

  it("that fails ends nothing and touches no cookie", async () => {
    const app = await createTeamApp();
    const device = createBrowser(app);
    await device.signIn("mike");
    const reply = await device.send("POST", "/login", {
      body: { username: "mike", password: "not the words of mike" },
    });
    expect(reply).toMatchObject({ status: 401, setCookies: [] });
    expect((await device.send("GET", "/session")).status).toBe(200);
  });
});

describe("POST /logout", () => {
  /** Of all sessions that were signed in. */
  const endReasons = (app: TeamApp): Promise<(string | null)[]> =>
    Promise.all(
      app
        .auditEvents("session.signIn")
        .map(async ({ sessionId }) => (await sessionOf(app, sessionId ?? "")).endReason),
    );

  it("answers 204 when there is nothing to end, and clears both cookies", async () => {
    const app = await createTeamApp();
    for (const browser of [createBrowser(app), createBrowser(app, { origin: undefined })]) {
      const reply = await browser.send("POST", "/logout");
      expect(reply.status).toBe(204);
      expect(reply.setCookies).toHaveLength(2);
      expect(reply.setCookies.every((line) => line.includes("Max-Age=0"))).toBe(true);
    }
  });

  it("ends the session, clears the cookies, and may be repeated", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const before = browser.copy();
    expect((await browser.send("POST", "/logout")).status).toBe(204);
    expect([...browser.jar.keys()]).toEqual(["sallyport-device-4000"]);
    expect(await endReasons(app)).toEqual(["signedOut"]);
    expect((await before.copy().send("POST", "/logout")).status).toBe(204);
    expect(await before.send("GET", "/session")).toMatchObject({
      status: 401,
      body: { code: "session_ended", reason: "signedOut" },
    });
    expect(auditActions(app)).toEqual(["session.signIn", "session.signOut"]);
    // Nobody is identified here: whose session it was, the session itself says.
    const [signedIn] = app.auditEvents("session.signIn");
    expect(app.auditEvents("session.signOut")).toMatchObject([
      {
        result: "success",
        actorUserId: app.userIds.mike,
        subjectType: "session",
        subjectId: signedIn?.sessionId,
        sessionId: signedIn?.sessionId,
        address: signedIn?.address,
        userAgent: signedIn?.userAgent,
      },
    ]);
  });

  it("takes a refresh token of any generation, and never calls it reuse", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const old = browser.copy();
    for (const key of ["k1", "k2", "k3"]) {
      app.clock.advance(minute);
      await browser.refresh(key);
    }
    old.jar.delete("sallyport-access-4000");
    expect((await old.send("POST", "/logout")).status).toBe(204);
    expect(await endReasons(app)).toEqual(["signedOut"]);
    expect(auditActions(app)).not.toContain("session.refresh.reuse");
  });

  it("takes an expired access token, by cookie or as bearer", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const client = await signInForBody(app, "nora");
    app.clock.advance(60 * minute);
    browser.jar.delete("sallyport-refresh-4000");
    expect((await browser.send("POST", "/logout")).status).toBe(204);
    expect((await client.send("POST", "/logout")).status).toBe(204);
    expect(await endReasons(app)).toEqual(["signedOut", "signedOut"]);
  });

  it("takes a stale access token", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "nora");
    app.runSql("UPDATE users SET epoch = epoch + 1");
    expect((await client.send("POST", "/logout")).status).toBe(204);
    expect(await endReasons(app)).toEqual(["signedOut"]);
  });

  it("takes a refresh token in the body, without cookies", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const reply = await request(app, "POST", "/logout", {
      body: { refreshToken: client.refreshToken },
    });
    expect(reply).toMatchObject({ status: 204, setCookies: [] });
    expect(await endReasons(app)).toEqual(["signedOut"]);
  });

  it("answers 204 to garbage and ends nothing", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    const forged = `${client.refreshToken.slice(0, -43)}${"A".repeat(43)}`;
    expect((await request(app, "POST", "/logout", { body: { refreshToken: forged } })).status).toBe(
      204,
    );
    expect(
      (await request(app, "POST", "/logout", { headers: { authorization: "Bearer a.b.c" } }))
        .status,
    ).toBe(204);
    expect(
      (await request(app, "POST", "/logout", { headers: { authorization: "Basic bWlrZTp4" } }))
        .status,
    ).toBe(204);
    expect((await client.send("GET", "/session")).status).toBe(200);
  });

  it("with an Authorization header leaves the cookies' session alone", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const client = await signInForBody(app, "nora");
    const reply = await browser.send("POST", "/logout", {
      headers: { authorization: `Bearer ${client.accessToken}` },
    });
    expect(reply).toMatchObject({ status: 204, setCookies: [] });
    expect((await browser.send("GET", "/session")).status).toBe(200);
    expect((await client.send("GET", "/session")).status).toBe(401);
  });
});

describe("DELETE /account/sessions", () => {
  it("ends every session of the user, this one included, and nobody else's", async () => {
    const app = await createTeamApp();
    const [one, two, other] = [createBrowser(app), createBrowser(app), createBrowser(app)];
    await one.signIn("mike");
    await two.signIn("mike");
    await other.signIn("nora");
    const before = one.copy();
    const reply = await one.send("DELETE", "/account/sessions");
    expect(reply.status).toBe(204);
    expect([...one.jar.keys()]).toEqual(["sallyport-device-4000"]);
    for (const browser of [before, two])
      expect(await browser.send("GET", "/session")).toMatchObject({
        status: 401,
        body: { code: "session_ended" },
      });
    expect((await other.send("GET", "/session")).status).toBe(200);
    const [ofOne] = app.auditEvents("session.signIn");
    expect(app.auditEvents("session.signOutEverywhere")).toMatchObject([
      {
        result: "success",
        actorUserId: app.userIds.mike,
        subjectType: "session",
        subjectId: ofOne?.sessionId,
        sessionId: ofOne?.sessionId,
        detail: { sessions: 2 },
      },
    ]);
  });
});
