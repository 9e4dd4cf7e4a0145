import { describe, expect, it } from "vitest";
import { createTeamApp, giveGrant } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

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
