import { describe, expect, it, vi } from "vitest";
import { createTeamApp, giveGrant, type TeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

const grantsOf = (app: TeamApp, userId: string): unknown[] =>
  app.runSql("SELECT section_id, expires_at FROM grants WHERE user_id = ?", userId);

/** nora may change grants and nothing else, and sees finance. */
const letNoraGrant = async (app: TeamApp): Promise<void> => {
  app.runSql("INSERT INTO roles (id, name) VALUES ('rol_granters', 'granters')");
  for (const permission of ["grants:read", "grants:write"])
    app.runSql("INSERT INTO role_permissions VALUES ('rol_granters', ?)", permission);
  app.runSql("INSERT INTO user_roles VALUES (?, 'rol_granters')", app.userIds.nora);
  await giveGrant(app, "nora", "finance");
};

describe("grants", () => {
  it("leave in the audit trail who changed what, how it was before and how it is after", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const { mike } = app.userIds;
    const expiresAt = new Date(Math.ceil(app.clock.now() / 1000) * 1000 + 60_000).toISOString();
    const whole = expiresAt.replace(".000Z", "Z");
    const { body: grant } = await mica.send("POST", "/grants", {
      body: { userId: mike, section: "finance" },
    });
    const address = `/grants/${String(grant["id"])}`;
    const headers = { "if-match": "*" };
    await mica.send("PATCH", address, { body: { expiresAt: whole }, headers });
    expect((await mica.send("DELETE", address, { headers })).status).toBe(204);
    const { body } = await mica.send("GET", `/audit-events?subject=${mike}`);
    expect(body["items"]).toMatchObject(
      [
        ["grant.remove", { expiresAt }, null],
        ["grant.change", { expiresAt: null }, { expiresAt }],
        ["grant.add", null, { expiresAt: null }],
      ].map(([action, before, after]) => ({
        action,
        actor: { name: "mica" },
        subject: { type: "user", name: "mike" },
        detail: { section: "finance", before, after },
      })),
    );
  });

  describe("of a section that the giver has until a moment", () => {
    const granters = `rol_${"B".repeat(22)}`;
    const givesFinance = `rol_${"C".repeat(22)}`;
    const begin = async () => {
      const app = await createTeamApp();
      app.runSql("INSERT INTO roles (id, name) VALUES (?, 'granters')", granters);
      for (const permission of ["grants:read", "grants:write", "users:read", "users:write"])
        app.runSql("INSERT INTO role_permissions VALUES (?, ?)", granters, permission);
      app.runSql("INSERT INTO user_roles VALUES (?, ?)", app.userIds.nora, granters);
      const second = app.clock.now() - (app.clock.now() % 1_000);
      const whole = (end: number): string => new Date(end).toISOString().replace(".000Z", "Z");
      app.runSql(
        "INSERT INTO grants (id, user_id, section_id, expires_at, created_at) VALUES ('grt_timed', ?, ?, ?, 0)",
        app.userIds.nora,
        app.sectionIds.finance,
        second + 60_000,
      );
      const nora = await signInForBody(app, "nora");
      const ask = async (method: string, path: string, body?: object) => {
        const reply = await nora.send(method, path, {
          headers: { "if-match": "*" },
          ...(body && { body }),
        });
        return [reply.status, reply.body["code"]];
      };
      return { app, ask, inSeconds: (count: number) => whole(second + count * 1_000) };
    };
    const exceeded = [403, "rights_exceeded"];

    it("are not given for longer, to nobody and in no way", async () => {
      const { app, ask, inSeconds } = await begin();
      const { nora, dan } = app.userIds;
      for (const expiresAt of [null, inSeconds(61)]) {
        expect(await ask("PATCH", "/grants/grt_timed", { expiresAt })).toEqual(exceeded);
        for (const holder of [{ roleId: granters }, { userId: nora }, { userId: dan }]) {
          const wish = { ...holder, section: "finance", ...(expiresAt && { expiresAt }) };
          expect(await ask("POST", "/grants/changes", { add: [wish], remove: [] })).toEqual(
            exceeded,
          );
          expect(await ask("POST", "/grants", wish)).toEqual(exceeded);
        }
      }
      expect(grantsOf(app, dan)).toEqual([]);
    });

    it("are given as long as that, and their own can be shortened", async () => {
      const { app, ask, inSeconds } = await begin();
      const wish = { userId: app.userIds.dan, section: "finance", expiresAt: inSeconds(60) };
      expect(await ask("POST", "/grants", wish)).toEqual([201, undefined]);
      const expiresAt = inSeconds(30);
      expect((await ask("PATCH", "/grants/grt_timed", { expiresAt }))[0]).toBe(200);
    });

    it("are taken by who has them", async () => {
      const { app, ask } = await begin();
      expect((await ask("DELETE", "/grants/grt_timed"))[0]).toBe(204);
      expect(grantsOf(app, app.userIds.nora)).toEqual([]);
    });

    it("come by no role and no password link of who has it for good", async () => {
      const { app, ask } = await begin();
      const { nora, dan } = app.userIds;
      await giveGrant(app, "dan", "finance");
      app.runSql("INSERT INTO roles (id, name) VALUES (?, 'finance')", givesFinance);
      app.runSql(
        "INSERT INTO grants (id, role_id, section_id, created_at) VALUES ('grt_role', ?, ?, 0)",
        givesFinance,
        app.sectionIds.finance,
      );
      const roleIds = [granters, givesFinance];
      expect(await ask("PATCH", `/users/${nora}`, { roleIds })).toEqual(exceeded);
      expect(await ask("POST", `/users/${dan}/password-link`)).toEqual(exceeded);
    });
  });

  it("are not given by somebody whose rights go while it is decided", async () => {
    const app = await createTeamApp();
    await letNoraGrant(app);
    const nora = await signInForBody(app, "nora");
    const { grants } = app.dependencies.stores;
    const apply = grants.apply.bind(grants);
    const meanwhile = vi.spyOn(grants, "apply").mockImplementationOnce((...given) => {
      app.runSql("DELETE FROM grants WHERE user_id = ?", app.userIds.nora);
      return apply(...given);
    });
    const { status, body } = await nora.send("POST", "/grants", {
      body: { userId: app.userIds.dan, section: "finance" },
    });
    expect([meanwhile.mock.calls.length, status, body["code"]]).toEqual([1, 401, "token_stale"]);
    expect(grantsOf(app, app.userIds.dan)).toEqual([]);
  });

  it("are not given to somebody who gets more rights than the giver has while it is decided", async () => {
    const app = await createTeamApp();
    await letNoraGrant(app);
    const nora = await signInForBody(app, "nora");
    const { grants } = app.dependencies.stores;
    const apply = grants.apply.bind(grants);
    vi.spyOn(grants, "apply").mockImplementationOnce((...given) => {
      app.runSql("INSERT INTO user_roles VALUES (?, ?)", app.userIds.dan, app.roleIds.admin);
      return apply(...given);
    });
    const { body } = await nora.send("POST", "/grants", {
      body: { userId: app.userIds.dan, section: "finance" },
    });
    expect(body["code"]).toBe("rights_exceeded");
    expect(grantsOf(app, app.userIds.dan)).toEqual([]);
  });

  it("are given once, however many give the same at once", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const json = { userId: app.userIds.nora, section: "finance" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => mica.send("POST", "/grants", { body: json })),
    );
    expect(answers.map(({ body }) => body["code"] ?? "given").sort()).toEqual(
      ["given", ...Array.from({ length: 9 }, () => "grant_exists")].sort(),
    );
    expect(grantsOf(app, app.userIds.nora)).toHaveLength(1);
  });

  it("that have ended go with their event where one is given in their place", async () => {
    const app = await createTeamApp();
    const { nora } = app.userIds;
    await giveGrant(app, "nora", "finance");
    app.runSql("UPDATE grants SET expires_at = ? WHERE user_id = ?", app.clock.now() - 1_000, nora);
    const mica = await signInForBody(app, "mica");
    const give = { userId: nora, section: "finance" };
    expect((await mica.send("POST", "/grants", { body: give })).status).toBe(201);
    expect(grantsOf(app, nora)).toHaveLength(1);
    expect(app.auditEvents("grant.expire")).toMatchObject([{ subjectId: nora, actorUserId: null }]);
  });

  it("are looked for where somebody gives them, and not wherever one of them could be", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const { nora, dan, mike } = app.userIds;
    const find = vi.spyOn(app.dependencies.stores.grants, "find");
    const add = [
      { userId: nora, section: "finance" },
      { userId: dan, section: "finance" },
      { userId: mike, section: "marketing" },
    ];
    const { body } = await mica.send("POST", "/grants/changes", { body: { add, remove: [] } });
    expect(body["items"]).toMatchObject(
      add.map(({ userId, section }) => ({ user: { id: userId }, section })),
    );
    expect(find.mock.calls.map(([wanted]) => wanted)).toEqual([
      { ids: [], userIds: [nora, dan], roleIds: [], sections: ["finance"] },
      { ids: [], userIds: [mike], roleIds: [], sections: ["marketing"] },
    ]);
  });

  it("go soon after their end, and the audit trail tells of it", async () => {
    const app = await createTeamApp();
    const end = Math.ceil(app.clock.now() / 1000) * 1000 + 60_000;
    const mica = await signInForBody(app, "mica");
    const { status } = await mica.send("POST", "/grants", {
      body: {
        userId: app.userIds.nora,
        section: "finance",
        expiresAt: new Date(end).toISOString().replace(".000Z", "Z"),
      },
    });
    expect(status).toBe(201);
    await app.dependencies.maintain();
    expect(grantsOf(app, app.userIds.nora)).toHaveLength(1);
    app.clock.advance(end - app.clock.now());
    await app.dependencies.maintain();
    expect(grantsOf(app, app.userIds.nora)).toEqual([]);
    expect(app.auditEvents("grant.expire")).toMatchObject([
      { subjectId: app.userIds.nora, subjectName: "nora", actorUserId: null },
    ]);
  });
});
