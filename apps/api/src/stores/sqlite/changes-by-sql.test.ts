/** What somebody does to the database with a tool that enforces no foreign keys. */
import BetterSqlite3 from "better-sqlite3";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTeamApp, type TeamApp } from "../../../test/team.ts";
import { createBrowser, signInForBody } from "../../../test/test-browser.ts";

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
      expect([
        refreshed.roles,
        refreshed.permissions,
        refreshed.sections?.map(({ slug }) => slug),
      ]).toEqual([[], [], ["welcome"]]);
    }
  });

  it("a section, and making another of its name, opens nothing to an old token", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const sqlite = openByHand(app);
    sqlite.exec("DELETE FROM sections WHERE slug = 'marketing'");
    sqlite.exec(
      "INSERT INTO sections (id, slug, title, position, created_at, updated_at) VALUES ('sec_new', 'marketing', 'Top secret', 9, 0, 0)",
    );
    expect((await mike.send("GET", "/sections/marketing")).body.code).toBe("token_stale");
    await mike.refresh("a-key");
    expect((await mike.send("GET", "/sections/marketing")).status).toBeGreaterThanOrEqual(401);
    expect(
      sqlite
        .prepare("SELECT count(*) FROM grants WHERE section_id NOT IN (SELECT id FROM sections)")
        .pluck()
        .get(),
    ).toBe(0);
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

describe("Replacing by hand, which fires no trigger of deletion", () => {
  const raised = (sqlite: BetterSqlite3.Database, sql: string, ...values: string[]): string[] => {
    const epochs = (): Record<string, number> =>
      Object.fromEntries(
        sqlite.prepare("SELECT username, epoch FROM users").raw().all() as [string, number][],
      );
    const before = epochs();
    sqlite.prepare(sql).run(...values);
    return Object.entries(epochs()).flatMap(([name, epoch]) =>
      epoch > (before[name] ?? 0) ? [name] : [],
    );
  };

  it("a grant takes its section from whoever had it on the next request", async () => {
    const app = await createTeamApp();
    const sqlite = openByHand(app);
    sqlite
      .prepare("INSERT INTO grants (id, user_id, section_id, created_at) VALUES ('grt_a', ?, ?, 0)")
      .run(app.userIds.nora, app.sectionIds.finance);
    const nora = await signInForBody(app, "nora");
    expect(
      raised(
        sqlite,
        "INSERT OR REPLACE INTO grants (id, user_id, section_id, created_at) SELECT id, ?, section_id, 0 FROM grants WHERE id = 'grt_a'",
        app.userIds.dan,
      ),
    ).toEqual(["nora", "dan"]);
    expect((await nora.send("GET", "/sections/finance")).body.code).toBe("token_stale");
    await nora.refresh("a-key");
    expect((await nora.send("GET", "/sections/finance")).body.code).toBe("section_forbidden");
    // The role's grant takes the place of dan's.
    expect(
      raised(
        sqlite,
        "UPDATE OR REPLACE grants SET id = 'grt_a' WHERE role_id = ?",
        app.roleIds.marketing,
      ),
    ).toEqual(["mike", "dan"]);
    expect(
      raised(
        sqlite,
        "INSERT OR REPLACE INTO grants (id, user_id, section_id, created_at) VALUES ('grt_a', ?, NULL, 0)",
        app.userIds.nora,
      ),
    ).toEqual(["mike", "nora"]);
  });

  it("a section's address tells whoever may see the section", async () => {
    const app = await createTeamApp();
    const sqlite = openByHand(app);
    const replace =
      "INSERT OR REPLACE INTO sections (id, slug, title, position, created_at, updated_at) VALUES (?, ?, 'X', 1, 0, 0)";
    expect(raised(sqlite, replace, app.sectionIds.marketing, "growth")).toEqual(["mike"]);
    // What takes the name of another section may not take its place.
    for (const slug of ["growth", "finance"])
      expect(() => sqlite.prepare(replace).run("sec_new", slug)).toThrow(
        "another section has this address",
      );
    expect(() =>
      sqlite.exec("UPDATE OR REPLACE sections SET slug = 'finance' WHERE slug = 'growth'"),
    ).toThrow("another section has this address");
    expect(() => sqlite.exec("UPDATE sections SET id = 'sec_new' WHERE slug = 'growth'")).toThrow(
      "ids do not change",
    );
    expect(
      raised(sqlite, "UPDATE OR REPLACE sections SET slug = 'else' WHERE slug = 'growth'"),
    ).toEqual(["mike"]);
  });

  it("a user gives them no old epoch, password or session again: it is refused", async () => {
    const app = await createTeamApp();
    const mike = await signInForBody(app, "mike");
    const sqlite = openByHand(app);
    sqlite.exec("UPDATE users SET password_hash = 'plain:another' WHERE username = 'mike'");
    const before = sqlite.prepare("SELECT * FROM users").all();
    const replace = sqlite.prepare(
      "INSERT OR REPLACE INTO users (id, username, username_key, email, email_key, display_name, created_at) VALUES (?, ?, ?, ?, ?, 'X', 0)",
    );
    for (const [id, name] of [
      [app.userIds.mike, "mike"],
      [app.userIds.mike, "new"],
      ["usr_new", "mike"],
    ] as const)
      expect(() =>
        replace.run(id, name, name, `${name}@example.com`, `${name}@example.com`),
      ).toThrow("change a user by UPDATE: there is one of this id, name or address");
    for (const sql of [
      "UPDATE OR REPLACE users SET username_key = 'mike' WHERE username = 'nora'",
      "UPDATE OR REPLACE users SET email_key = 'mike@example.com' WHERE username = 'nora'",
    ])
      expect(() => sqlite.exec(sql)).toThrow("another user has this name or address");
    expect(() =>
      sqlite
        .prepare("UPDATE OR REPLACE users SET id = ? WHERE username = 'nora'")
        .run(app.userIds.mike),
    ).toThrow("ids do not change");
    expect(() => sqlite.exec("UPDATE users SET epoch = 1 WHERE username = 'mike'")).toThrow(
      "an epoch only rises",
    );
    expect(sqlite.prepare("SELECT * FROM users").all()).toEqual(before);
    expect((await mike.send("GET", "/session")).body.code).toBe("token_stale");
  });

  it("a role leaves nobody with the rights of a role that is gone", async () => {
    const app = await createTeamApp();
    const sqlite = openByHand(app);
    expect(() =>
      sqlite.exec("INSERT OR REPLACE INTO roles (id, name) VALUES ('rol_new', 'marketing')"),
    ).toThrow("change a role by UPDATE");
    expect(() =>
      sqlite.exec("UPDATE OR REPLACE roles SET name = 'marketing' WHERE name = 'admin'"),
    ).toThrow("another role has this name");
    expect(() => sqlite.exec("UPDATE roles SET id = 'rol_new' WHERE name = 'admin'")).toThrow(
      "ids do not change",
    );
    // Not by itself either: its epoch would begin anew, on which something may have been decided.
    for (const keys of ["OFF", "ON"]) {
      sqlite.pragma(`foreign_keys = ${keys}`);
      expect(() =>
        sqlite
          .prepare("INSERT OR REPLACE INTO roles (id, name) VALUES (?, 'marketing')")
          .run(app.roleIds.marketing),
      ).toThrow("change a role by UPDATE");
    }
    expect(() => sqlite.exec("UPDATE roles SET epoch = 0 WHERE name = 'marketing'")).toThrow(
      "an epoch only rises",
    );
  });

  it("what is moved to somebody who has it already is taken from who had it", async () => {
    const app = await createTeamApp();
    const { userIds, roleIds } = app;
    const sqlite = openByHand(app);
    sqlite.prepare("INSERT INTO user_roles VALUES (?, ?)").run(userIds.nora, roleIds.marketing);
    expect(
      raised(
        sqlite,
        "UPDATE OR REPLACE user_roles SET user_id = ? WHERE user_id = ?",
        userIds.nora,
        userIds.mike,
      ),
    ).toEqual(["mike", "nora"]);
    sqlite.prepare("INSERT INTO role_permissions VALUES (?, 'users:read')").run(roleIds.marketing);
    expect(
      raised(
        sqlite,
        "UPDATE OR REPLACE role_permissions SET role_id = ? WHERE role_id = ?",
        roleIds.admin,
        roleIds.marketing,
      ),
    ).toEqual(["mica", "nora"]);
  });
});

describe("Writing a panel by hand", () => {
  it("is refused where its definition is no JSON, which would spoil the whole section", async () => {
    const app = await createTeamApp();
    const sqlite = openByHand(app);
    const add = (definition: string) =>
      sqlite
        .prepare(
          "INSERT INTO panels (id, section_id, position, definition) VALUES ('pan_new', ?, 1, ?)",
        )
        .run(app.sectionIds.marketing, definition);
    expect(() => add("{ kind: markdown")).toThrow("the definition of a panel is JSON");
    add("{}");
    expect(() => sqlite.exec("UPDATE panels SET definition = ''")).toThrow(
      "the definition of a panel is JSON",
    );
    const mike = await signInForBody(app, "mike");
    expect(await mike.send("GET", "/sections/marketing")).toMatchObject({
      status: 200,
      body: { panels: [{ error: { code: "panel_failed" } }] },
    });
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
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([
      401,
      "refresh_invalid",
      "deactivated",
    ]);
  });

  it("while the password is being hashed signs nobody in", async () => {
    const app = await createTeamApp();
    const { users } = app.dependencies.stores;
    const find = users.find;
    users.find = async (key) => {
      const user = await find(key);
      openByHand(app).exec("UPDATE users SET active = 0 WHERE username = 'mike'");
      return user;
    };
    const reply = await createBrowser(app).signIn("mike");
    expect([reply.status, reply.body.code, reply.setCookies]).toEqual([
      401,
      "invalid_credentials",
      [],
    ]);
  });
});

describe("A row that this version does not understand", () => {
  it("such as an unknown permission gives nothing and breaks nothing", async () => {
    const app = await createTeamApp();
    openByHand(app)
      .prepare("INSERT INTO role_permissions VALUES (?, 'reports:read')")
      .run(app.roleIds.marketing);
    const reply = await createBrowser(app).signIn("mike");
    expect([reply.status, reply.body.permissions]).toEqual([200, []]);
  });

  it("such as a panel of an unknown kind fails alone", async () => {
    const app = await createTeamApp();
    const insert = openByHand(app).prepare(
      "INSERT INTO panels (id, section_id, position, definition) VALUES (?, ?, ?, ?)",
    );
    insert.run(
      "pan_a",
      app.sectionIds.marketing,
      1,
      JSON.stringify({ kind: "hologram", title: "New" }),
    );
    insert.run(
      "pan_b",
      app.sectionIds.marketing,
      2,
      JSON.stringify({ kind: "markdown", title: "Text", width: 12, text: "still here" }),
    );
    const mike = await signInForBody(app, "mike");
    const { status, body } = await mike.send("GET", "/sections/marketing?include=data");
    expect([status, body["panels"]]).toMatchObject([
      200,
      [
        { id: "pan_a", error: { code: "panel_failed" } },
        { id: "pan_b", text: "still here" },
      ],
    ]);
    expect(
      (await mike.send("GET", "/sections/marketing/panels/pan_a/data")).status,
    ).toBeGreaterThanOrEqual(404);
  });
});

it("An audit event cannot be replaced by one of its own id", async () => {
  const app = await createTeamApp();
  await signInForBody(app, "mike");
  expect(() =>
    openByHand(app).exec(
      "INSERT OR REPLACE INTO audit_events (id, at, action, result) SELECT id, 0, 'forged', 'success' FROM audit_events",
    ),
  ).toThrow(/append-only/);
});
