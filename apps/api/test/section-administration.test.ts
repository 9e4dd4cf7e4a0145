/** Sections as those see them who arrange them, over the wire. */
import { describe, expect, it } from "vitest";
import { sectionDefinition } from "@sallyport/shared/contract";
import { putSection } from "./dashboards.ts";
import { createTeamApp, giveGrant, type TeamApp } from "./team.ts";
import { createBrowser, request, signInForBody } from "./test-browser.ts";

const any = { "if-match": "*" };
const sectionEvents = (app: TeamApp) =>
  app.auditEvents().filter(({ action }) => action.startsWith("section."));

describe("whoever arranges sections", () => {
  it("leaves each change in the audit trail with what was before and what is after", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const made = await mica.send("POST", "/sections", { body: { title: "Orders" } });
    expect(made).toMatchObject({ status: 201, body: { slug: "orders" } });
    const headers = { "if-match": made.headers.get("etag") ?? "" };
    await mica.send("PATCH", "/sections/orders", { body: { slug: "sales" }, headers });
    await mica.send("POST", "/sections/sales/duplicate", { body: { slug: "copy" } });
    const slugs = ["copy", "sales", "finance", "marketing", "welcome"];
    await mica.send("PUT", "/section-order", { body: { slugs }, headers: any });
    await giveGrant(app, "nora", "sales");
    expect((await mica.send("DELETE", "/sections/sales", { headers: any })).status).toBe(204);
    expect(
      sectionEvents(app).map(({ action, actorUserId, subjectType, detail }) => ({
        action,
        by: actorUserId === app.userIds.mica,
        subjectType,
        ...detail,
      })),
    ).toMatchObject([
      {
        action: "section.create",
        by: true,
        subjectType: "section",
        before: null,
        after: { slug: "orders", panels: [] },
      },
      {
        action: "section.change",
        before: { slug: "orders", title: "Orders" },
        after: { slug: "sales", title: "Orders" },
      },
      { action: "section.create", copyOf: "sales", before: null, after: { slug: "copy" } },
      {
        action: "section.order",
        before: ["welcome", "marketing", "finance", "sales", "copy"],
        after: slugs,
      },
      { action: "section.delete", before: { slug: "sales" }, after: null, grants: 1 },
    ]);
  });

  it("needs no grant to a section, and is shown nothing of it for that", async () => {
    const app = await createTeamApp();
    const statement = "INSERT INTO role_permissions (role_id, permission) VALUES (?, ?)";
    for (const permission of ["sections:read", "sections:write"])
      app.runSql(statement, app.roleIds.marketing, permission);
    const mike = await signInForBody(app, "mike");
    expect(
      (await mike.send("PATCH", "/sections/finance", { body: { title: "Money" }, headers: any }))
        .status,
    ).toBe(200);
    const listed = await mike.send("GET", "/sections?scope=all&q=money");
    expect(listed.body).toMatchObject({ total: 1, items: [{ slug: "finance", title: "Money" }] });
    expect(await mike.send("GET", "/sections/finance")).toMatchObject({
      status: 403,
      body: { code: "section_forbidden" },
    });
  });

  it("changes who sees a section with the next request", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const mike = await signInForBody(app, "mike");
    const patch = (slug: string, body: object) =>
      mica.send("PATCH", `/sections/${slug}`, { body, headers: any });
    expect((await request(app, "GET", "/sections/finance")).status).toBe(401);
    await patch("finance", { visibility: "public" });
    expect((await request(app, "GET", "/sections/finance")).status).toBe(200);
    // The slug in the token is another section's now, or nobody's.
    await patch("marketing", { slug: "campaigns" });
    expect((await mike.send("GET", "/sections/marketing")).body.code).toBe("token_stale");
    await mike.refresh("k1");
    for (const slug of ["marketing", "campaigns"])
      expect((await mike.send("GET", `/sections/${slug}`)).body["slug"]).toBe("campaigns");
    await mica.send("DELETE", "/sections/campaigns", { headers: any });
    expect((await mike.send("GET", "/sections/marketing")).body.code).toBe("token_stale");
    await mike.refresh("k2");
    expect((await mike.send("GET", "/sections/marketing")).body.code).toBe("section_forbidden");
  });

  it("tells nobody by an old slug that there is a section", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    await mica.send("PATCH", "/sections/finance", { body: { slug: "money" }, headers: any });
    const nora = await signInForBody(app, "nora");
    const answers = await Promise.all(
      ["finance", "money", "nowhere"].flatMap((slug) => [
        nora.send("GET", `/sections/${slug}`),
        nora.send("GET", `/sections/${slug}/panels/pan_${"A".repeat(22)}/data`),
        request(app, "GET", `/sections/${slug}`),
      ]),
    );
    const said = answers.map(({ status, body: { code, detail } }) => [status, code, detail]);
    for (const index of [0, 1, 2])
      expect(new Set([0, 3, 6].map((first) => JSON.stringify(said[first + index]))).size).toBe(1);
  });

  it("makes a section once, however often the request comes", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    const sent = { body: { title: "Orders" }, headers: { "idempotency-key": "once" } };
    const [first, again] = [
      await mica.send("POST", "/sections", sent),
      await mica.send("POST", "/sections", sent),
    ];
    expect([again.status, again.text, again.headers.get("idempotency-replayed")]).toEqual([
      201,
      first.text,
      "true",
    ]);
    expect(sectionEvents(app)).toHaveLength(1);
  });

  it("gets every section once and in order, page by page, however they are sorted", async () => {
    const app = await createTeamApp();
    const titles = ["b", "A", "a", "Ä", "ä", "z", "Z", "10", "9", "🎉", "\u{ff5e}", "ﬁ", "名"];
    for (const [index, title] of titles.entries())
      await putSection(app, { slug: `s-${index}`, title });
    // Two that stand in one place.
    app.runSql("UPDATE sections SET position = 3, updated_at = 7 WHERE slug IN ('s-3', 's-4')");
    const mica = await signInForBody(app, "mica");
    for (const sort of ["position", "title", "slug", "updatedAt"])
      for (const sign of ["", "-"]) {
        const all = await mica.send("GET", `/sections?scope=all&sort=${sign}${sort}`);
        const items = all.body["items"] as { slug: string }[];
        expect(items).toHaveLength(titles.length + 3);
        const paged: unknown[] = [];
        let next = `/sections?scope=all&sort=${sign}${sort}&limit=4`;
        while (next !== "") {
          const page = await mica.send("GET", next);
          paged.push(...(page.body["items"] as unknown[]));
          next = /^<(\?[^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? "";
          if (next !== "") next = `/sections${next}`;
        }
        expect(paged).toEqual(items);
      }
  });

  it("is answered with files that are files, and their tags are good for the next change", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mica");
    const made = await browser.send("POST", "/sections", { body: { title: "Orders" } });
    const file = sectionDefinition.parse(made.body);
    const put = await browser.send("PUT", "/sections/orders/definition", {
      body: { ...file, title: "Sales" },
      headers: { "if-match": made.headers.get("etag") ?? "" },
    });
    expect(put.status).toBe(200);
    const stale = await browser.send("PATCH", "/sections/orders", {
      body: { title: "Other" },
      headers: { "if-match": made.headers.get("etag") ?? "" },
    });
    expect(stale).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
    const listed = await browser.send("GET", "/sections?scope=all&q=orders");
    const [item] = listed.body["items"] as unknown as { version: number }[];
    expect(`"${item?.version}"`).toBe(put.headers.get("etag"));
  });
});
