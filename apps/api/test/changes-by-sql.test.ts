/** What somebody does to the database with a tool that enforces no foreign keys. */
import BetterSqlite3 from "better-sqlite3";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createBrowser, signInForBody } from "./test-browser.ts";

const openByHand = (app: TeamApp): BetterSqlite3.Database => {
  const sqlite = new BetterSqlite3(join(app.dataDirectory, "sallyport.db"));
  sqlite.pragma("foreign_keys = OFF");
  onTestFinished(() => void sqlite.close());
  return sqlite;
};

describe("Deleting by hand", () => {
  it("a role takes its sections and permissions from everybody on the next request", async () => {
    const app = await createTeamApp();
    const [mike, mica] = [await signInForBody(app, "mike"), await signInForBody(app, "mica")];
    openByHand(app).exec("DELETE FROM roles");
    for (const client of [mike, mica]) {
      expect((await client.send("GET", "/sections/marketing")).body.code).toBe("token_stale");
      const refreshed = (await client.refresh("a-key")).body;
      expect([refreshed.roles, refreshed.permissions, refreshed.sections?.map(({ slug }) => slug)]).toEqual([[], [], ["welcome"]]);
    }
  });

  it("a section, and making another of its name, opens nothing to an old token", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const sqlite = openByHand(app);
    sqlite.exec("DELETE FROM sections WHERE slug = 'marketing'");
    sqlite.exec("INSERT INTO sections (id, slug, title, position, created_at, updated_at) VALUES ('sec_new', 'marketing', 'Top secret', 9, 0, 0)");
    expect((await mike.send("GET", "/sections/marketing")).body.code).toBe("token_stale");
    await mike.refresh("a-key");
    expect((await mike.send("GET", "/sections/marketing")).status).toBeGreaterThanOrEqual(401);
    expect(sqlite.prepare("SELECT count(*) FROM grants WHERE section_id NOT IN (SELECT id FROM sections)").pluck().get()).toBe(0);
  });

  it("a user leaves no session behind", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const sqlite = openByHand(app);
    sqlite.exec("DELETE FROM users WHERE username = 'mike'");
    expect((await mike.send("GET", "/session")).body.code).toBe("session_ended");
    expect(sqlite.prepare("SELECT count(*) FROM sessions").pluck().get()).toBe(0);
  });
});

describe("Writing a panel by hand", () => {
  it("is refused where its definition is no JSON, which would spoil the whole section", async () => {
    const app = await createTeamApp();
    const sqlite = openByHand(app);
    const add = (definition: string) =>
      sqlite.prepare("INSERT INTO panels (id, section_id, position, definition) VALUES ('pan_new', ?, 1, ?)").run(app.sectionIds.marketing, definition);
    expect(() => add("{ kind: markdown")).toThrow("the definition of a panel is JSON");
    add("{}");
    expect(() => sqlite.exec("UPDATE panels SET definition = ''")).toThrow("the definition of a panel is JSON");
    const mike = await signInForBody(app, "mike");
    expect(await mike.send("GET", "/sections/marketing")).toMatchObject({ status: 200, body: { panels: [{ error: { code: "panel_failed" } }] } });
  });
});

describe("Deactivating a user", () => {
  it("ends the sessions for good: activating the user again revives none", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const sqlite = openByHand(app);
    sqlite.exec("UPDATE users SET active = 0 WHERE username = 'mike'");
    sqlite.exec("UPDATE users SET active = 1 WHERE username = 'mike'");
    const reply = await mike.refresh("a-key");
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([401, "refresh_invalid", "deactivated"]);
  });

  it("while the password is being hashed signs nobody in", async () => {
    const app = await createTeamApp();
    const { store } = app.dependencies;
    const find = store.findUser;
    store.findUser = async (key) => {
      const user = await find(key);
      openByHand(app).exec("UPDATE users SET active = 0 WHERE username = 'mike'");
      return user;
    };
    const reply = await createBrowser(app).signIn("mike");
    expect([reply.status, reply.body.code, reply.setCookies]).toEqual([401, "invalid_credentials", []]);
  });
});

describe("A row that this version does not understand", () => {
  it("such as an unknown permission gives nothing and breaks nothing", async () => {
    const app = await createTeamApp();
    openByHand(app).prepare("INSERT INTO role_permissions VALUES (?, 'reports:read')").run(app.roleIds.marketing);
    const reply = await createBrowser(app).signIn("mike");
    expect([reply.status, reply.body.permissions]).toEqual([200, []]);
  });

  it("such as a panel of an unknown kind fails alone", async () => {
    const app = await createTeamApp();
    const insert = openByHand(app).prepare("INSERT INTO panels (id, section_id, position, definition) VALUES (?, ?, ?, ?)");
    insert.run("pan_a", app.sectionIds.marketing, 1, JSON.stringify({ kind: "hologram", title: "New" }));
    insert.run("pan_b", app.sectionIds.marketing, 2, JSON.stringify({ kind: "markdown", title: "Text", width: 12, text: "still here" }));
    const mike = await signInForBody(app, "mike");
    const { status, body } = await mike.send("GET", "/sections/marketing?include=data");
    expect([status, body["panels"]]).toMatchObject([
      200,
      [
        { id: "pan_a", error: { code: "panel_failed" } },
        { id: "pan_b", text: "still here" },
      ],
    ]);
    expect((await mike.send("GET", "/sections/marketing/panels/pan_a/data")).status).toBeGreaterThanOrEqual(404);
  });
});

it("An audit event cannot be replaced by one of its own id", async () => {
  const app = await createTeamApp();
  await signInForBody(app, "mike");
  expect(() => openByHand(app).exec("INSERT OR REPLACE INTO audit_events (id, at, action, result) SELECT id, 0, 'forged', 'success' FROM audit_events")).toThrow(/append-only/);
});
