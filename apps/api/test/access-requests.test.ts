import { describe, expect, it } from "vitest";
import { createTeamApp, type TeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

const day = 24 * 60 * 60 * 1000;

const countRequests = (app: TeamApp): unknown =>
  app.runSql("SELECT count(*) AS count FROM access_requests")[0]?.["count"];

describe("access requests", () => {
  it("leave in the audit trail who asked, who answered and what was granted by it", async () => {
    const app = await createTeamApp();
    const nora = await signInForBody(app, "nora");
    const asked = { section: "finance", note: "for Monday" };
    await nora.send("POST", "/access-requests", { body: asked });
    const mica = await signInForBody(app, "mica");
    const { body } = await mica.send("GET", "/access-requests");
    const [waiting] = body["items"] as unknown as { id: string }[];
    const answered = await mica.send("POST", `/access-requests/${waiting?.id}/answer`, {
      body: { granted: true },
    });
    expect(answered.status).toBe(204);
    expect(app.auditEvents("accessRequest.make")).toMatchObject([
      { actorUserId: app.userIds.nora, detail: asked },
    ]);
    const trail = await mica.send("GET", `/audit-events?subject=${app.userIds.nora}`);
    expect(trail.body["items"]).toMatchObject([
      {
        action: "accessRequest.answer",
        actor: { name: "mica" },
        subject: { type: "user", name: "nora" },
        detail: { section: "finance", granted: true, expiresAt: null },
      },
      { action: "grant.add", subject: { name: "nora" }, detail: { section: "finance" } },
    ]);
  });

  it("go with their section and with their user, and are forgotten by the clock", async () => {
    const app = await createTeamApp();
    const nora = await signInForBody(app, "nora");
    for (const section of ["finance", "marketing", "nowhere"])
      await nora.send("POST", "/access-requests", { body: { section } });
    expect(countRequests(app)).toBe(3);
    const mica = await signInForBody(app, "mica");
    const headers = { "if-match": "*" };
    expect((await mica.send("DELETE", "/sections/finance", { headers })).status).toBe(204);
    expect(countRequests(app)).toBe(2);
    // What nobody could answer counts as answered within two days, and goes thirty days later.
    app.clock.advance(33 * day);
    await app.dependencies.scheduledWork.runDue();
    expect(countRequests(app)).toBe(1);
    app.clock.advance(60 * day);
    await app.dependencies.scheduledWork.runDue();
    expect(countRequests(app)).toBe(0);
    const again = await signInForBody(app, "nora");
    await again.send("POST", "/access-requests", { body: { section: "marketing" } });
    const admin = await signInForBody(app, "mica");
    await admin.send("DELETE", `/users/${app.userIds.nora}`, { headers });
    expect(countRequests(app)).toBe(0);
  });
});
