/** Step-up and change of password: what only the server can show of them. */
import { describe, expect, it } from "vitest";
import { sessionOf } from "./refreshing.ts";
import { createTeamApp, passwordOf, type TeamApp } from "./team.ts";
import {
  createBrowser,
  request,
  signInForBody,
  type Reply,
  type TestBrowser,
} from "./test-browser.ts";

const minute = 60_000;
const next = "a quite new pass phrase";

const stepUp = (browser: TestBrowser, username: string, key = "of-the-step-up"): Promise<Reply> =>
  browser.send("POST", "/step-up", {
    body: { password: passwordOf(username) },
    headers: { "idempotency-key": key },
  });
const change = (
  browser: TestBrowser,
  currentPassword: string,
  newPassword = next,
  key = "of-the-change",
): Promise<Reply> =>
  browser.send("PUT", "/account/password", {
    body: { currentPassword, newPassword },
    headers: { "idempotency-key": key },
  });
/** Nobody has this id: 404 where the sign-in is fresh enough. */
const askFreshly = async (browser: TestBrowser): Promise<unknown> => {
  const reply = await browser.send("POST", `/users/usr_${"A".repeat(22)}/password-link`);
  return reply.body.code;
};
const signedIn = async (app: TeamApp, username: string) => {
  const browser = createBrowser(app);
  const { body } = await browser.signIn(username);
  return { browser, sessionId: body.session?.id ?? "" };
};
const eventsOf = async (app: TeamApp, action: Parameters<TeamApp["auditEvents"]>[0]) => {
  // Nobody waits for the record of a failure.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return app.auditEvents(action);
};
const logIn = async (app: TeamApp, username: string, password: string): Promise<number> =>
  (await request(app, "POST", "/login", { body: { username, password, delivery: "body" } })).status;

describe("A fresh sign-in", () => {
  it("is fresh for five minutes to the millisecond, and after a step-up with every token of the session", async () => {
    const app = await createTeamApp();
    const { browser, sessionId } = await signedIn(app, "mica");
    app.clock.advance(5 * minute - 1);
    expect(await askFreshly(browser)).toBe("not_found");
    app.clock.advance(1);
    expect(await askFreshly(browser)).toBe("fresh_sign_in_required");
    const before = browser.copy();
    expect((await stepUp(browser, "mica")).status).toBe(200);
    expect(await askFreshly(browser)).toBe("not_found");
    // The row counts, and not what was true when the token was made.
    expect(await askFreshly(before)).toBe("not_found");
    expect(await sessionOf(app, sessionId)).toMatchObject({
      generation: 2,
      authTime: app.clock.now(),
    });
    expect(await eventsOf(app, "session.stepUp")).toMatchObject([
      { result: "success", actorUserId: app.userIds.mica, sessionId },
    ]);
    // Whoever was asked for a password was refused nothing.
    expect(await eventsOf(app, "access.denied")).toEqual([]);
  });

  it("is asked for before anything is kept of a request under a key", async () => {
    const app = await createTeamApp();
    const { browser } = await signedIn(app, "mica");
    app.clock.advance(5 * minute);
    const add = () =>
      browser.send("POST", "/grants", {
        body: { userId: app.userIds.nora, section: "finance" },
        headers: { "idempotency-key": "of-the-grant" },
      });
    expect((await add()).body.code).toBe("fresh_sign_in_required");
    await stepUp(browser, "mica");
    const made = await add();
    expect([made.status, made.headers.get("idempotency-replayed")]).toEqual([201, null]);
  });
});

describe("POST /step-up", () => {
  it("is recorded with its reason where the password is wrong, and leaves the session as it was", async () => {
    const app = await createTeamApp();
    const { browser, sessionId } = await signedIn(app, "mike");
    const reply = await browser.send("POST", "/step-up", { body: { password: "not it" } });
    expect([reply.status, reply.body.code, reply.setCookies]).toEqual([
      401,
      "invalid_credentials",
      [],
    ]);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 1, endedAt: null });
    expect(await eventsOf(app, "session.stepUp")).toMatchObject([
      { result: "failure", sessionId, detail: { reason: "wrongPassword" } },
    ]);
  });

  it("is decided again where a refresh has been there since: under its own key it has the refresh's successor", async () => {
    for (const [key, status] of [
      ["of-the-step-up", 200],
      ["of-the-refresh", 409],
    ] as const) {
      const app = await createTeamApp();
      const { browser, sessionId } = await signedIn(app, "mica");
      app.clock.advance(5 * minute);
      const other = browser.copy();
      const { sessions } = app.dependencies.stores;
      const { apply } = sessions;
      sessions.apply = async (...asked) => {
        sessions.apply = apply;
        expect((await other.refresh(key)).status).toBe(200);
        return apply(...asked);
      };
      const reply = await stepUp(browser, "mica");
      expect([key, reply.status]).toEqual([key, status]);
      if (status === 200) expect(browser.refreshToken).toBe(other.refreshToken);
      expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
      expect(await askFreshly(other)).toBe(status === 200 ? "not_found" : "fresh_sign_in_required");
    }
  });
});

describe("PUT /account/password", () => {
  it("ends every other session at once, their known devices and the links to choose a password with them", async () => {
    const app = await createTeamApp();
    const { browser, sessionId } = await signedIn(app, "mike");
    const { browser: elsewhere } = await signedIn(app, "mike");
    const program = await signInForBody(app, "mike");
    const { browser: admin } = await signedIn(app, "mica");
    const made = await admin.send("POST", `/users/${app.userIds.mike}/password-link`);
    const link = String(made.body["link"]);
    const reply = await change(browser, passwordOf("mike"));
    expect([reply.status, reply.body.session?.id]).toEqual([200, sessionId]);
    for (const other of [elsewhere, program])
      expect((await other.send("GET", "/session")).body).toMatchObject({
        code: "session_ended",
        reason: "passwordChanged",
      });
    expect((await elsewhere.refresh("a-key")).body).toMatchObject({
      code: "refresh_invalid",
      reason: "passwordChanged",
    });
    expect((await browser.send("GET", "/session")).status).toBe(200);
    expect((await admin.send("GET", "/session")).status).toBe(200);
    const chosen = await request(app, "POST", "/password-resets/confirm", {
      body: { token: link.slice(link.indexOf("#") + 1), newPassword: "by a link of before" },
    });
    expect(chosen.body.code).toBe("one_use_token_invalid");
    expect([await logIn(app, "mike", passwordOf("mike")), await logIn(app, "mike", next)]).toEqual([
      401, 200,
    ]);
    expect(
      app.runSql("SELECT count(*) AS count FROM known_devices WHERE user_id = ?", app.userIds.mike),
    ).toEqual([{ count: 1 }]);
    expect(await eventsOf(app, "user.changePassword")).toMatchObject([
      { result: "success", subjectId: app.userIds.mike, sessionId, detail: { sessions: 2 } },
    ]);
  });

  it("is made once where two sessions ask at once, and ends the session of the other", async () => {
    const app = await createTeamApp();
    const both = [await signedIn(app, "mike"), await signedIn(app, "mike")];
    const replies = await Promise.all(
      both.map(({ browser }, index) => change(browser, passwordOf("mike"), `${next} ${index}`)),
    );
    const winner = replies.findIndex(({ status }) => status === 200);
    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 401,
    ]);
    expect(await logIn(app, "mike", `${next} ${winner}`)).toBe(200);
    expect(await sessionOf(app, both[1 - winner]?.sessionId ?? "")).toMatchObject({
      endReason: "passwordChanged",
    });
    expect(await sessionOf(app, both[winner]?.sessionId ?? "")).toMatchObject({ endedAt: null });
    expect(
      (await eventsOf(app, "user.changePassword")).filter(({ result }) => result === "success"),
    ).toHaveLength(1);
  });

  it("is made once where one session asks twice at once, and the session goes on", async () => {
    const app = await createTeamApp();
    const { browser, sessionId } = await signedIn(app, "mike");
    const replies = await Promise.all(
      ["one", "other"].map((word) => change(browser.copy(), passwordOf("mike"), `${next} ${word}`)),
    );
    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 401,
    ]);
    expect(replies.find(({ status }) => status === 401)?.body.code).toBe("invalid_credentials");
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
  });

  it("is overtaken by a refresh and made all the same, under the key of both", async () => {
    const app = await createTeamApp();
    const { browser } = await signedIn(app, "mike");
    const [changed, refreshed] = await Promise.all([
      change(browser, passwordOf("mike"), next, "of-both"),
      browser.copy().refresh("of-both"),
    ]);
    expect([changed.status, refreshed.status]).toEqual([200, 200]);
    expect((await browser.send("GET", "/session")).status).toBe(200);
    expect(await logIn(app, "mike", next)).toBe(200);
  });

  it("hashes nothing and ends nothing for a wrong password of now, which is recorded", async () => {
    const app = await createTeamApp();
    const { browser } = await signedIn(app, "mike");
    const { browser: elsewhere } = await signedIn(app, "mike");
    expect((await change(browser, "not it")).body.code).toBe("invalid_credentials");
    expect((await elsewhere.send("GET", "/session")).status).toBe(200);
    expect(await eventsOf(app, "user.changePassword")).toMatchObject([
      { result: "failure", detail: { reason: "wrongPassword" } },
    ]);
  });
});
