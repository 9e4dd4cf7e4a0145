/** POST /refresh as a client sees it: every row of the protocol's table. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  auditActions,
  createTeamAppBeside,
  deliveries,
  openDelivery,
  outcomeOf,
  presentTo,
  refusal,
  sessionOf,
} from "./refreshing.ts";
import { createTeamApp, giveGrant } from "./team.ts";
import { createBrowser, request, signInForBody } from "./test-browser.ts";

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

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
  const open = (options?: Parameters<typeof openDelivery>[1], username?: string) =>
    openDelivery(delivery, options, username);

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
    // That of the browser in which mike signed in first here is another.
    expect((await createBrowser(app).signIn("mike")).body.notices).toMatchObject([
      { kind: "signedInOnNewDevice" },
    ]);
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
});

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
