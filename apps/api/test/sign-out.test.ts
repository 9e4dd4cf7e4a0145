/** POST /logout and DELETE /account/sessions as a client sees them. */
import { describe, expect, it } from "vitest";
import { auditActions, sessionOf } from "./refreshing.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createBrowser, request, signInForBody } from "./test-browser.ts";

const second = 1_000;
const minute = 60 * second;

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
