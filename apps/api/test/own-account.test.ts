import { expect, it } from "vitest";
import { createTeamApp } from "./team.ts";
import { createBrowser, signInForBody } from "./test-browser.ts";

it("all that is kept about oneself is one file of JSON, however many events there are", async () => {
  const app = await createTeamApp();
  const mike = await signInForBody(app, "mike");
  const events = 450;
  for (let index = 0; index < events; index += 1)
    await app.dependencies.stores.audit.add({
      at: 1_700_000_000_000 + index,
      action: "access.denied",
      result: "failure",
      actorUserId: app.userIds.mike,
    });
  const { status, headers, text } = await mike.send("GET", "/account/export");
  expect(status).toBe(200);
  expect(headers.get("content-disposition")).toMatch(
    /^attachment; filename="account-\d{4}-\d{2}-\d{2}\.json"$/,
  );
  const all = JSON.parse(text) as { readonly auditEvents: readonly { readonly id: string }[] };
  expect(new Set(all.auditEvents.map(({ id }) => id)).size).toBe(events + 1);
  expect(app.auditEvents("account.export")).toMatchObject([
    { actorName: "mike", subjectType: "user", subjectId: app.userIds.mike },
  ]);
});

it("whoever deletes their account is still named in the audit trail, and keeps no cookie", async () => {
  const app = await createTeamApp();
  const browser = createBrowser(app);
  await browser.signIn("mike");
  const { status, setCookies } = await browser.send("DELETE", "/account");
  expect([status, setCookies.length]).toEqual([204, 2]);
  for (const line of setCookies) expect(line).toContain("Max-Age=0");
  expect(app.auditEvents("user.delete")).toMatchObject([
    {
      actorUserId: app.userIds.mike,
      actorName: "mike",
      subjectId: app.userIds.mike,
      subjectName: "mike",
      detail: { before: { username: "mike" } },
    },
  ]);
});
