import { describe, expect, it } from "vitest";
import { createTeamApp, giveGrant, leaveMicaWith } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

describe("GET /users/{userId}/preview", () => {
  const slugsOf = (body: Readonly<Record<string, unknown>>): unknown =>
    (body["sections"] as { slug: string; canOpen: boolean }[]).map(({ slug, canOpen }) => [
      slug,
      canOpen,
    ]);

  it("names no section that the caller may neither open nor list", async () => {
    const app = await createTeamApp();
    await giveGrant(app, "nora", "finance");
    leaveMicaWith(app, "users:read", "grants:read");
    app.runSql("DELETE FROM grants WHERE role_id = 'rol_limited'");
    const address = `/users/${app.userIds.nora}/preview`;
    const mica = await signInForBody(app, "mica");
    const { body } = await mica.send("GET", address);
    expect([slugsOf(body), body["isComplete"]]).toEqual([[["welcome", true]], false]);
    leaveMicaWith(app, "users:read", "grants:read", "sections:read");
    app.runSql("DELETE FROM grants WHERE role_id = 'rol_limited'");
    await mica.refresh("k1");
    const { body: listed } = await mica.send("GET", address);
    expect([slugsOf(listed), listed["isComplete"]]).toEqual([
      [
        ["welcome", true],
        ["finance", false],
      ],
      true,
    ]);
  });

  it("leaves nothing but an event, and nothing of whom it is about", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const ofNora = (): unknown => app.runSql("SELECT * FROM users WHERE username = 'nora'");
    const before = ofNora();
    const sessions = app.runSql("SELECT * FROM sessions");
    expect((await mica.send("GET", `/users/${app.userIds.nora}/preview`)).status).toBe(200);
    expect(ofNora()).toEqual(before);
    expect(app.runSql("SELECT * FROM sessions")).toEqual(sessions);
    expect(app.auditEvents("user.preview")).toMatchObject([
      { actorUserId: app.userIds.mica, subjectId: app.userIds.nora, subjectName: "nora" },
    ]);
  });
});
