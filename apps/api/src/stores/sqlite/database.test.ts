/** The database itself: migrations, triggers, what is purged and what never changes. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { permissions } from "@sallyport/shared/contract";
import { openDatabase } from "./connection.ts";
import { createSqliteStores } from "./stores.ts";
import { createWriter } from "./writer.ts";
import { databaseOf } from "./testing/by-hand.ts";
import { migrations, openOlderDatabase, readJournal } from "./testing/older-database.ts";
import { createTeamApp, type TeamApp } from "../../../test/team.ts";
import { createBrowser, signInForBody } from "../../../test/test-browser.ts";

const day = 24 * 60 * 60 * 1000;

const createDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-database-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const schemaOf = (sqlite: BetterSqlite3.Database): unknown[] =>
  sqlite
    .prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%drizzle%' AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
    )
    .all();

describe("migrations", () => {
  it("apply to an empty database, and once only", () => {
    const path = join(createDirectory(), "test.db");
    const first = openDatabase(path);
    const before = schemaOf(first.sqlite);
    first.close();
    const second = openDatabase(path);
    expect(schemaOf(second.sqlite)).toEqual(before);
    expect(second.sqlite.pragma("foreign_key_check")).toEqual([]);
    expect(second.sqlite.pragma("integrity_check", { simple: true })).toBe("ok");
    second.close();
  });

  it("lead to the same database from each of them on, and keep the rows that are there", () => {
    const reference = openDatabase(":memory:");
    onTestFinished(() => reference.close());
    const tags = readJournal().entries.map(({ tag }) => tag);
    expect(tags.map((tag) => `${tag}.sql`)).toEqual(
      readdirSync(migrations)
        .filter((name) => name.endsWith(".sql"))
        .sort(),
    );

    for (const tag of tags.slice(1)) {
      const file = join(createDirectory(), "test.db");
      const old = openOlderDatabase(file, tag);
      old
        .prepare(
          "INSERT INTO users (id, username, username_key, email, email_key, display_name, created_at) VALUES ('usr_a', 'a', 'a', 'a@x', 'a@x', 'A', 1)",
        )
        .run();
      old.close();

      const opened = openDatabase(file);
      expect(schemaOf(opened.sqlite)).toEqual(schemaOf(reference.sqlite));
      expect(opened.sqlite.prepare("SELECT id, epoch, active FROM users").all()).toEqual([
        { id: "usr_a", epoch: 1, active: 1 },
      ]);
      opened.close();
    }
  });

  it("let who may change datasets read about them", () => {
    const file = join(createDirectory(), "test.db");
    const old = openOlderDatabase(file, "0004_dataset_readers");
    old.exec(`
      INSERT INTO roles (id, name) VALUES ('rol_a', 'writers'), ('rol_b', 'both'), ('rol_n', 'neither');
      INSERT INTO role_permissions VALUES ('rol_a', 'datasets:write'), ('rol_b', 'datasets:read'), ('rol_b', 'datasets:write'), ('rol_n', 'users:read');
    `);
    old.close();

    const opened = openDatabase(file);
    expect(
      opened.sqlite
        .prepare(
          "SELECT role_id FROM role_permissions WHERE permission = 'datasets:read' ORDER BY role_id",
        )
        .pluck()
        .all(),
    ).toEqual(["rol_a", "rol_b"]);
    opened.close();
  });

  const permissionsOfBefore = [
    "sections:read",
    "sections:write",
    "datasets:read",
    "datasets:write",
    "users:read",
    "users:write",
    "grants:write",
    "audit:read",
  ];
  /** Somebody who had every permission of before by these roles. */
  const openWithAdmin = (roles: Readonly<Record<string, readonly string[]>>) => {
    const file = join(createDirectory(), "test.db");
    const old = openOlderDatabase(file, "0015_people");
    old.exec(`
      INSERT INTO users (id, username, username_key, email, email_key, display_name, password_hash, created_at)
      VALUES ('usr_a', 'Åsa', 'åsa', 'a@x', 'a@x', 'Åsa Ö', 'hash', 1), ('usr_n', 'n', 'n', 'n@x', 'n@x', 'N', 'hash', 1);
      INSERT INTO sections (id, slug, title, position, created_at, updated_at) VALUES ('sec_a', 'a', 'A', 1, 0, 0);
      INSERT INTO grants (id, user_id, section_id, created_at) VALUES ('grt_a', 'usr_n', 'sec_a', 0);
      INSERT INTO notices (id, user_id, kind, data, at) VALUES ('ntc_a', 'usr_a', 'refreshTokenReused', '{}', 0);
      INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at, absolute_expires_at, delivery, created_at, last_used_at, amr, auth_time)
      VALUES ('ses_a', 'usr_a', 1, x'00', x'00', 'm', 0, 9, 9, 'cookie', 0, 7, '[]', 0);
    `);
    for (const [name, permissions] of Object.entries(roles)) {
      old.prepare("INSERT INTO roles (id, name) VALUES (?, ?)").run(`rol_${name}`, name);
      for (const permission of permissions)
        old.prepare("INSERT INTO role_permissions VALUES (?, ?)").run(`rol_${name}`, permission);
      old.prepare("INSERT INTO user_roles VALUES ('usr_a', ?)").run(`rol_${name}`);
    }
    old.close();
    const opened = openDatabase(file);
    onTestFinished(() => opened.close());
    const stores = createSqliteStores({
      database: opened,
      now: () => 0,
      writer: createWriter(opened.sqlite, { now: () => 0, wait: async () => {} }),
      imports: {} as never,
      queries: {} as never,
    });
    return { stores, sqlite: opened.sqlite };
  };

  it.each([
    ["by the role called admin", { admin: permissionsOfBefore }],
    ["by a role of another name", { chiefs: permissionsOfBefore }],
    [
      "by several roles",
      { some: permissionsOfBefore.slice(0, 5), others: permissionsOfBefore.slice(3) },
    ],
  ])(
    "keep an admin of before an admin, with every permission there is now, %s",
    async (_, roles) => {
      const { stores, sqlite } = openWithAdmin(roles);
      // What a start asks before it offers a setup link.
      expect(await stores.users.hasAdmin()).toBe(true);
      const rights = await stores.users.readRights("usr_a");
      expect(rights?.permissions.toSorted()).toEqual(permissions.toSorted());
      expect((await stores.users.readRights("usr_n"))?.permissions).toEqual([]);
      expect(
        (await stores.roles.list()).filter(({ builtIn }) => builtIn).map(({ name }) => name),
      ).toEqual(["admin"]);
      // The table was altered, and nothing that hangs on it is gone.
      expect([
        (await stores.users.readRights("usr_n"))?.sections,
        sqlite.prepare("SELECT count(*) FROM sessions").pluck().get(),
        sqlite.prepare("SELECT count(*) FROM notices").pluck().get(),
        sqlite
          .prepare("SELECT email, email_key, display_name_key FROM users ORDER BY id")
          .raw()
          .all(),
      ]).toEqual([
        ["a"],
        1,
        1,
        [
          ["a@x", "a@x", "åsa ö"],
          ["n@x", "n@x", "n"],
        ],
      ]);
    },
  );

  it("make nobody an admin who was none", async () => {
    const { stores } = openWithAdmin({ most: permissionsOfBefore.slice(1) });
    expect(await stores.users.hasAdmin()).toBe(false);
    expect((await stores.users.readRights("usr_a"))?.permissions.toSorted()).toEqual(
      permissionsOfBefore.slice(1).toSorted(),
    );
    expect((await stores.roles.list()).find(({ builtIn }) => builtIn)?.name).toBe("admin");
  });

  it("end with what the code writes to: WAL, each commit on disk, foreign keys enforced, short waits", async () => {
    const app = await createTeamApp();
    const pragma = (name: string): unknown => databaseOf(app).sqlite.pragma(name, { simple: true });
    expect([
      pragma("journal_mode"),
      pragma("synchronous"),
      pragma("foreign_keys"),
      pragma("busy_timeout"),
    ]).toEqual(["wal", 2, 1, 50]);
  });
});

describe("the triggers", () => {
  const epochs = (app: TeamApp): Record<string, number> =>
    Object.fromEntries(
      (
        databaseOf(app).sqlite.prepare("SELECT username, epoch FROM users").all() as {
          username: string;
          epoch: number;
        }[]
      ).map(({ username, epoch }) => [username, epoch]),
    );
  /** Whose epoch rises with a change. */
  const raisedBy = (app: TeamApp, sql: string, ...values: unknown[]): string[] => {
    const before = epochs(app);
    databaseOf(app)
      .sqlite.prepare(sql)
      .run(...values);
    const after = epochs(app);
    return Object.keys(after).filter((name) => (after[name] ?? 0) > (before[name] ?? 0));
  };

  it("raise the epoch of exactly those whose rights change", async () => {
    const app = await createTeamApp();
    const { userIds, roleIds, sectionIds } = app;
    expect(
      raisedBy(
        app,
        "INSERT INTO grants (id, user_id, section_id, created_at) VALUES ('grt_1', ?, ?, 0)",
        userIds.nora,
        sectionIds.finance,
      ),
    ).toEqual(["nora"]);
    expect(raisedBy(app, "UPDATE grants SET user_id = ? WHERE id = 'grt_1'", userIds.dan)).toEqual([
      "nora",
      "dan",
    ]);
    expect(raisedBy(app, "UPDATE grants SET section_id = NULL WHERE id = 'grt_1'")).toEqual([
      "dan",
    ]);
    expect(raisedBy(app, "DELETE FROM grants WHERE id = 'grt_1'")).toEqual(["dan"]);
    expect(
      raisedBy(
        app,
        "INSERT INTO grants (id, role_id, section_id, created_at) VALUES ('grt_2', ?, ?, 0)",
        roleIds.marketing,
        sectionIds.finance,
      ),
    ).toEqual(["mike"]);
    expect(
      raisedBy(app, "UPDATE grants SET role_id = ? WHERE id = 'grt_2'", roleIds.admin),
    ).toEqual(["mica", "mike"]);
    expect(
      raisedBy(app, "INSERT INTO user_roles VALUES (?, ?)", userIds.nora, roleIds.marketing),
    ).toEqual(["nora"]);
    expect(
      raisedBy(
        app,
        "UPDATE user_roles SET user_id = ? WHERE user_id = ?",
        userIds.dan,
        userIds.nora,
      ),
    ).toEqual(["nora", "dan"]);
    expect(
      raisedBy(app, "INSERT INTO role_permissions VALUES (?, 'users:read')", roleIds.marketing),
    ).toEqual(["mike", "dan"]);
    expect(
      raisedBy(
        app,
        "UPDATE role_permissions SET permission = 'audit:read' WHERE role_id = ?",
        roleIds.marketing,
      ),
    ).toEqual(["mike", "dan"]);
    expect(
      raisedBy(app, "DELETE FROM role_permissions WHERE role_id = ?", roleIds.marketing),
    ).toEqual(["mike", "dan"]);
    expect(raisedBy(app, "DELETE FROM user_roles WHERE user_id = ?", userIds.dan)).toEqual(["dan"]);
    expect(raisedBy(app, "UPDATE users SET active = 1 WHERE username = 'dan'")).toEqual(["dan"]);
    expect(raisedBy(app, "UPDATE users SET password_hash = NULL WHERE username = 'dan'")).toEqual([
      "dan",
    ]);
    expect(raisedBy(app, "UPDATE sections SET slug = 'growth' WHERE slug = 'marketing'")).toEqual([
      "mike",
    ]);
    expect(raisedBy(app, "DELETE FROM sections WHERE slug = 'growth'")).toEqual(["mike"]);
    expect(raisedBy(app, "DELETE FROM roles WHERE id = ?", roleIds.admin)).toEqual(["mica"]);
  });

  it("leave everybody's epoch alone when nothing changes that anybody may do", async () => {
    const app = await createTeamApp();
    for (const sql of [
      "UPDATE users SET active = active, password_hash = password_hash",
      "UPDATE users SET display_name = 'X', email = 'x' || id",
      "UPDATE sections SET title = 'X', visibility = 'public', position = 9",
      "UPDATE sections SET slug = slug",
      "INSERT INTO roles (id, name) VALUES ('rol_x', 'x')",
      "DELETE FROM roles WHERE id = 'rol_x'",
    ])
      expect(raisedBy(app, sql)).toEqual([]);
  });

  it("let a grant exist once, name a user or a role, and no section be called like the wildcard", async () => {
    const app = await createTeamApp();
    const { sqlite } = databaseOf(app);
    const run =
      (sql: string, ...values: unknown[]) =>
      () =>
        sqlite.prepare(sql).run(...values);
    const grant =
      "INSERT INTO grants (id, user_id, role_id, section_id, created_at) VALUES (?, ?, ?, ?, 0)";
    run(grant, "grt_1", app.userIds.nora, null, null)();
    expect(run(grant, "grt_2", app.userIds.nora, null, null)).toThrow(/UNIQUE/);
    expect(run(grant, "grt_3", null, null, null)).toThrow(/CHECK/);
    expect(run(grant, "grt_4", app.userIds.nora, app.roleIds.admin, null)).toThrow(/CHECK/);
    expect(run("UPDATE sections SET slug = '_all_'")).toThrow(/CHECK/);
    expect(run("UPDATE sections SET visibility = 'hidden'")).toThrow(/CHECK/);
  });
});

describe("the audit trail", () => {
  it("is append-only: no event can be changed or deleted, by whatever statement", async () => {
    const app = await createTeamApp();
    await signInForBody(app, "mike");
    const { sqlite } = databaseOf(app);
    const before = sqlite.prepare("SELECT * FROM audit_events").all();
    expect(before).not.toHaveLength(0);
    for (const sql of [
      "UPDATE audit_events SET result = 'failure'",
      "DELETE FROM audit_events",
      "UPDATE OR REPLACE audit_events SET id = 'x'",
    ])
      expect(() => sqlite.exec(sql)).toThrow(/append-only/);
    expect(sqlite.prepare("SELECT * FROM audit_events").all()).toEqual(before);
  });

  it("is not shortened by hand either, whatever tool the hand uses", async () => {
    const app = await createTeamApp();
    await signInForBody(app, "mike");
    const other = new BetterSqlite3(join(app.dataDirectory, "sallyport.db"));
    onTestFinished(() => void other.close());
    const count = (): unknown => other.prepare("SELECT count(*) FROM audit_events").pluck().get();
    const before = count();
    expect(() => other.exec("DELETE FROM audit_events WHERE at < 0 OR 1")).toThrow(
      /audit_events_are_append_only_but_for_their_retention/,
    );
    expect(count()).toBe(before);
  });

  it("is kept for as long as the setting says, and then goes from its old end, in batches", async () => {
    const app = await createTeamApp({ environment: { SALLYPORT_AUDIT_DAYS: "10" } });
    const { stores } = app.dependencies;
    const database = databaseOf(app);
    const now = app.clock.now();
    const insert = database.sqlite.prepare(
      "INSERT INTO audit_events (id, at, action, result) VALUES (?, ?, 'x', 'success')",
    );
    database.sqlite.transaction(() => {
      // Many of one moment, too: they are of one batch.
      for (let index = 0; index < 1_700; index += 1)
        insert.run(`old-${index}`, now - 11 * day - Math.max(0, 900 - index));
      insert.run("just-kept", now - 10 * day);
      insert.run("young", now);
    })();
    await app.dependencies.maintain();
    const left = (): unknown[] =>
      database.sqlite
        .prepare("SELECT id FROM audit_events WHERE action = 'x' ORDER BY at")
        .pluck()
        .all();
    expect(left()).toEqual(["just-kept", "young"]);
    expect(() => database.sqlite.exec("DELETE FROM audit_events")).toThrow(/append-only/);
    expect(await stores.audit.purge(now - 10 * day)).toBe(0);
    app.clock.advance(1);
    await app.dependencies.maintain();
    expect(left()).toEqual(["just-kept", "young"]);
    app.clock.advance(3_600_000);
    await app.dependencies.maintain();
    expect(left()).toEqual(["young"]);
  });

  it("survives the user it speaks of", async () => {
    const app = await createTeamApp();
    await signInForBody(app, "mike");
    databaseOf(app).sqlite.prepare("DELETE FROM users WHERE username = 'mike'").run();
    expect(app.auditEvents("session.signIn").map(({ actorUserId }) => actorUserId)).toEqual([
      app.userIds.mike,
    ]);
  });
});

describe("notices", () => {
  it("of one user are twenty at most, the newest, and nobody else's go with them", async () => {
    const app = await createTeamApp();
    const beStolenFrom = async (username: string): Promise<void> => {
      const client = await signInForBody(app, username);
      const stolen = client.refreshToken;
      expect((await client.refresh("the-key-of-the-owner")).status).toBe(200);
      app.clock.advance(60_000);
      expect((await client.refresh("the-key-of-a-thief", stolen)).body).toMatchObject({
        reason: "reuse",
      });
    };
    await beStolenFrom("mica");
    const { sqlite } = databaseOf(app);
    for (let turn = 0; turn < 22; turn += 1) await beStolenFrom("mike");
    const times = sqlite.prepare<[string], number>(
      "SELECT at FROM notices WHERE user_id = ? ORDER BY at",
    );
    const kept = times.pluck().all(app.userIds.mike);
    expect(kept).toHaveLength(20);
    expect(kept.at(-1)).toBe(app.clock.now());
    expect(kept[0]).toBe(app.clock.now() - 19 * 60_000);
    expect(times.pluck().all(app.userIds.mica)).toHaveLength(1);
  });
});

describe("purging", () => {
  it("deletes the sessions that died more than thirty days ago, whatever of, and keeps all others", async () => {
    const app = await createTeamApp();
    const { sqlite } = databaseOf(app);
    const now = app.clock.now() + 90 * day;
    const add = (
      id: string,
      {
        endedAt = null,
        idle = now + day,
        absolute = now + day,
      }: { endedAt?: number | null; idle?: number; absolute?: number },
    ): void =>
      void sqlite
        .prepare(
          "INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at, absolute_expires_at, ended_at, delivery, created_at, last_used_at, amr, auth_time) VALUES (?, ?, 1, x'00', x'00', 'm', 0, ?, ?, ?, 'cookie', 0, 0, '[]', 0)",
        )
        .run(id, app.userIds.mike, idle, absolute, endedAt);
    const old = now - 30 * day - 1;
    add("old-ended", { endedAt: old });
    add("old-idle", { idle: old });
    add("old-absolute", { absolute: old, idle: old });
    add("young-ended", { endedAt: now - 30 * day });
    add("young-idle", { idle: now - 30 * day });
    add("living", {});
    app.clock.advance(90 * day);
    await app.dependencies.maintain();
    expect(sqlite.prepare("SELECT id FROM sessions ORDER BY id").pluck().all()).toEqual([
      "living",
      "young-ended",
      "young-idle",
    ]);
  });

  it("works in batches, finds every dead one between living ones, and lets other writes through meanwhile", async () => {
    const app = await createTeamApp();
    const { sqlite } = databaseOf(app);
    const insert = sqlite.prepare(
      "INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at, absolute_expires_at, delivery, created_at, last_used_at, amr, auth_time) VALUES (?, ?, 1, x'00', x'00', 'm', 0, ?, ?, 'cookie', 0, 0, '[]', 0)",
    );
    sqlite.transaction(() => {
      for (let index = 0; index < 2_100; index += 1) {
        const expires = index % 3 === 0 ? app.clock.now() + day : 1;
        insert.run(`ses_${index}`, app.userIds.mike, expires, expires);
      }
    })();
    const purging = app.dependencies.stores.sessions.purge(app.clock.now() - 30 * day);
    const browser = createBrowser(app);
    expect((await browser.signIn("mike")).status).toBe(200);
    expect((await browser.refresh("k1")).status).toBe(200);
    expect(await purging).toBe(1_400);
    expect(sqlite.prepare("SELECT count(*) FROM sessions").pluck().get()).toBe(701);
    expect(await app.dependencies.stores.sessions.purge(app.clock.now() - 30 * day)).toBe(0);
  });

  it("makes an old token of the session as unknown as any other", async () => {
    const app = await createTeamApp();
    const client = await signInForBody(app, "mike");
    await client.send("POST", "/logout");
    app.clock.advance(31 * day);
    expect((await client.refresh("k1")).body).toMatchObject({
      code: "refresh_invalid",
      reason: "signedOut",
    });
    await app.dependencies.maintain();
    const { body } = await client.refresh("k1");
    expect(body.code).toBe("refresh_invalid");
    expect(body).not.toHaveProperty("reason");
  });
});
