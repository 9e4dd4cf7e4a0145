import { describe, expect, it } from "vitest";
import { createTeamApp, giveGrant } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

const firefoxOnWindows =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";

describe("DELETE /sessions/:sessionId", () => {
  it("is in the audit trail with who ended whose session", async () => {
    const app = await createTeamApp();
    const [mica, mike] = [await signInForBody(app, "mica"), await signInForBody(app, "mike")];
    const [id = ""] = mike.refreshToken.split(".");
    expect((await mica.send("DELETE", `/sessions/${id}`)).status).toBe(204);
    expect((await mica.send("DELETE", `/sessions/${id}`)).status).toBe(204);
    expect(app.auditEvents("session.end")).toMatchObject([
      {
        result: "success",
        actorUserId: app.userIds.mica,
        actorName: "mica",
        subjectType: "session",
        subjectId: id,
        subjectName: "mike",
      },
    ]);
  });
});

describe("DELETE /users/:userId/sessions", () => {
  it("is decided on the rights of the moment in which they end", async () => {
    const app = await createTeamApp();
    const { sessions } = app.dependencies.stores;
    const [mica, nora] = [await signInForBody(app, "mica"), await signInForBody(app, "nora")];
    const { endAsDecided } = sessions;
    let tries = 0;
    // Between the decision and what it decides, nora is given more: it is decided again.
    sessions.endAsDecided = async (...given) => {
      tries += 1;
      if (tries === 1) await giveGrant(app, "nora", "finance");
      return endAsDecided(...given);
    };
    expect((await mica.send("DELETE", `/users/${app.userIds.nora}/sessions`)).status).toBe(204);
    expect(tries).toBe(2);
    expect((await nora.send("GET", "/session")).body.code).toBe("session_ended");
    expect(app.auditEvents("user.endSessions")).toMatchObject([{ detail: { sessions: 1 } }]);
  });
});

describe("one's own sessions", () => {
  it("are told by browser and system, and their ends are in the audit trail", async () => {
    const app = await createTeamApp();
    const [mike, phone] = [await signInForBody(app, "mike"), await signInForBody(app, "mike")];
    const [own = "", other = ""] = [mike, phone].map(({ refreshToken }) =>
      refreshToken.slice(0, refreshToken.indexOf(".")),
    );
    app.runSql("UPDATE sessions SET user_agent = ? WHERE id = ?", [firefoxOnWindows, other]);
    const { body } = await mike.send("GET", "/account/sessions");
    expect(body.items).toContainEqual(
      expect.objectContaining({ id: other, current: false, browser: "Firefox", system: "Windows" }),
    );
    const nora = await signInForBody(app, "nora");
    expect((await nora.send("DELETE", `/account/sessions/${other}`)).status).toBe(404);
    for (let time = 0; time < 2; time += 1)
      expect((await mike.send("DELETE", `/account/sessions/${other}`)).status).toBe(204);
    await signInForBody(app, "mike");
    expect((await mike.send("DELETE", "/account/sessions?except=current")).status).toBe(204);
    const byMike = { actorName: "mike", result: "success", subjectType: "session" };
    expect(app.auditEvents("session.end")).toMatchObject([{ ...byMike, subjectId: other }]);
    expect(app.auditEvents("session.endOthers")).toMatchObject([
      { ...byMike, subjectId: own, detail: { sessions: 1 } },
    ]);
    expect(app.auditEvents("session.signOutEverywhere")).toEqual([]);
  });
});
