import { describe, expect, it } from "vitest";
import { addDataset } from "./dashboards.ts";
import { createTeamApp, giveGrant } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

interface Listed {
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string | null } | null;
  readonly subject: unknown;
  readonly detail: Readonly<Record<string, unknown>>;
}

describe("GET /audit-events", () => {
  it("tells who was given what by a tool, under the name of the one who was given it", async () => {
    const app = await createTeamApp();
    await giveGrant(app, "nora", "finance");
    const mica = await signInForBody(app, "mica");
    const { body } = await mica.send("GET", `/audit-events?subject=${app.userIds.nora}`);
    expect(body["items"]).toMatchObject([
      {
        action: "grant.add",
        actor: null,
        subject: { type: "user", id: app.userIds.nora, name: "nora" },
        detail: { section: "finance", by: "the test" },
      },
    ]);
  });

  it("keeps the names of whom and what there is no more", async () => {
    const app = await createTeamApp();
    const mica = await signInForBody(app, "mica");
    await addDataset(app, {
      name: "orders",
      columns: [{ name: "price", label: "Price", type: "decimal" }],
    });
    const rows = { body: "price\n1\n", headers: { "content-type": "text/csv" } };
    expect((await mica.send("POST", "/datasets/orders/rows", rows)).status).toBe(200);
    expect((await mica.send("DELETE", "/datasets/orders")).status).toBe(204);
    app.runSql("DELETE FROM users WHERE id = ?", app.userIds.nora);
    const { body } = await mica.send("GET", "/audit-events?limit=3");
    const items = body["items"] as unknown as readonly Listed[];
    expect(items.map(({ action, actor, subject }) => [action, actor?.name, subject])).toMatchObject(
      [
        ["dataset.delete", "mica", { type: "dataset", name: "orders" }],
        ["dataset.import", "mica", { type: "dataset", name: "orders" }],
        ["dataset.create", undefined, { type: "dataset", name: "orders" }],
      ],
    );
  });
});
