import { describe, expect, it } from "vitest";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createBrowser, request, signInForBody } from "./test-browser.ts";

const denials = async (app: TeamApp) => {
  // Nobody waits for the record; it is written in the next turn of the loop.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return app
    .auditEvents("access.denied")
    .map(({ actorUserId, detail }) => ({ actor: actorUserId, detail }));
};

describe("A denial", () => {
  it("is in the audit trail with who asked for what: a section, a permission, a change without the CSRF token", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    await mike.send("GET", "/sections/finance");
    await mike.send("GET", "/sections?scope=all");
    const browser = createBrowser(app);
    await browser.signIn("nora");
    expect(
      (await browser.send("DELETE", "/account/sessions", { headers: { "x-csrf-token": "wrong" } }))
        .status,
    ).toBe(403);
    expect(await denials(app)).toEqual([
      {
        actor: app.userIds.mike,
        detail: { code: "section_forbidden", target: "GET /sections/finance" },
      },
      { actor: app.userIds.mike, detail: { code: "forbidden", target: "GET /sections" } },
      {
        actor: app.userIds.nora,
        detail: { code: "csrf_failed", target: "DELETE /account/sessions" },
      },
    ]);
  });

  it("is recorded once a minute, however often it is asked for", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    for (let time = 0; time < 5; time += 1) await mike.send("GET", "/sections/finance");
    expect(await denials(app)).toHaveLength(1);
    app.clock.advance(61_000);
    await mike.send("GET", "/sections/finance");
    expect(await denials(app)).toHaveLength(2);
  });

  it("of a user who tries every address is recorded twenty times a minute and no more", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    for (let time = 0; time < 50; time += 1)
      expect((await mike.send("GET", `/sections/try-${time}`)).status).toBe(403);
    expect(await denials(app)).toHaveLength(20);
  });

  it("of a visitor is none: whoever is not signed in is asked to sign in", async () => {
    const app = await createTeamApp();
    expect((await request(app, "GET", "/sections/finance")).status).toBe(401);
    expect(await denials(app)).toEqual([]);
  });
});

describe("A user who is deleted", () => {
  it("in the moment of a refresh is refused like any other unknown session", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const { sessions } = app.dependencies.stores;
    const apply = sessions.apply;
    sessions.apply = async (...args) => {
      const applied = await apply(...args);
      app.runSql("DELETE FROM users WHERE username = 'mike'");
      return applied;
    };
    const reply = await mike.refresh("a-key");
    expect([reply.status, reply.body.code]).toEqual([401, "refresh_invalid"]);
  });
});
