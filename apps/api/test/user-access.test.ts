import { describe, expect, it } from "vitest";
import { createTeamApp, giveGrant, leaveMicaWith } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

describe("GET /users/{userId}/access", () => {
  it("names no section that the caller may neither open nor find in a list", async () => {
    const app = await createTeamApp();
    await giveGrant(app, "nora", "finance");
    let key = 0;
    const mica = await signInForBody(app, "mica");
    const askWith = async (...permissions: readonly string[]) => {
      leaveMicaWith(app, ...permissions);
      app.runSql("DELETE FROM grants WHERE role_id = 'rol_limited'");
      await mica.refresh(`k${(key += 1)}`);
      const { body } = await mica.send("GET", `/users/${app.userIds.nora}/access`);
      const items = body["items"] as unknown as readonly { readonly slug: string }[];
      return [items.map(({ slug }) => slug), body["isComplete"]];
    };
    expect(await askWith("users:read")).toEqual([["welcome"], false]);
    for (const permission of ["sections:read", "grants:read"])
      expect(await askWith("users:read", permission)).toEqual([["welcome", "finance"], true]);
    await giveGrant(app, "mica", "finance");
    expect(await askWith("users:read")).toEqual([["welcome", "finance"], true]);
  });

  it("says when a grant ends, and of one for good nothing of the kind", async () => {
    const app = await createTeamApp();
    await giveGrant(app, "nora", "finance");
    await giveGrant(app, "nora", "marketing");
    const end = app.dependencies.now() + 3_600_000;
    const expiresAt = end - (end % 1_000);
    app.runSql(
      "UPDATE grants SET expires_at = ? WHERE user_id = ? AND section_id = ?",
      expiresAt,
      app.userIds.nora,
      app.sectionIds.finance,
    );
    const mica = await signInForBody(app, "mica");
    const { body } = await mica.send("GET", `/users/${app.userIds.nora}/access`);
    const reason = { kind: "user", name: "nora", everySection: false };
    expect(body["items"]).toEqual([
      expect.objectContaining({ slug: "welcome" }),
      { slug: "marketing", title: "marketing", because: [reason] },
      {
        slug: "finance",
        title: "finance",
        because: [{ ...reason, expiresAt: new Date(expiresAt).toISOString() }],
      },
    ]);
  });
});
