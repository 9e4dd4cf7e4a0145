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

  it("are listed with a look at what is their own person's alone for each of them", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const plans = app.watchPlans();
    await mica.send("GET", "/access-requests");
    const steps = plans()
      .filter(({ statement }) => statement.includes("FROM access_requests a"))
      .flatMap((plan) => plan.steps.filter((step) => /^\S+ [bgr] /.test(step)));
    expect(new Set(steps)).toEqual(
      new Set([
        "SEARCH b USING INDEX access_requests_user (user_id=?)",
        "SEARCH g USING INDEX grants_user (user_id=?)",
        "SEARCH g USING INDEX grants_role (role_id=?)",
        "SEARCH r USING COVERING INDEX sqlite_autoindex_user_roles_1 (user_id=?)",
      ]),
    );
  });

  it("outlive their section, go with their user, and are forgotten by the clock", async () => {
    const app = await createTeamApp();
    const nora = await signInForBody(app, "nora");
    for (const section of ["finance", "marketing", "nowhere"])
      await nora.send("POST", "/access-requests", { body: { section } });
    expect(countRequests(app)).toBe(3);
    const mica = await signInForBody(app, "mica");
    const headers = { "if-match": "*" };
    expect((await mica.send("DELETE", "/sections/finance", { headers })).status).toBe(204);
    // Whoever asked does not learn that there was something.
    const own = await nora.send("GET", "/account/access-requests");
    const items = own.body["items"] as unknown as { section: string; answered: boolean }[];
    expect(new Map(items.map(({ section, answered }) => [section, answered]))).toEqual(
      new Map(["finance", "marketing", "nowhere"].map((section) => [section, false])),
    );
    const waiting = await mica.send("GET", "/access-requests");
    expect(waiting.body["items"]).toMatchObject([{ section: "marketing" }]);
    // All of them are over within a week, and go thirty days later, answered or not.
    app.clock.advance(36 * day);
    await app.dependencies.scheduledWork.runDue();
    expect(countRequests(app)).toBeGreaterThanOrEqual(2);
    app.clock.advance(2 * day);
    await app.dependencies.scheduledWork.runDue();
    expect(countRequests(app)).toBe(0);
    const again = await signInForBody(app, "nora");
    await again.send("POST", "/access-requests", { body: { section: "marketing" } });
    const admin = await signInForBody(app, "mica");
    await admin.send("DELETE", `/users/${app.userIds.nora}`, { headers });
    expect(countRequests(app)).toBe(0);
  });
});
