/** What an editor of panels is shown before anything is stored, over the wire. */
import { describe, expect, it } from "vitest";
import type { PanelDefinition } from "@sallyport/shared/contract";
import { addDataset } from "./dashboards.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

const panel: PanelDefinition = {
  kind: "table",
  title: "Shops",
  width: 12,
  query: { dataset: "shops", select: [{ column: "shop" }] },
};

const createApp = async (): Promise<TeamApp> => {
  const app = await createTeamApp();
  const columns = [{ name: "shop", label: "Shop", type: "text" } as const];
  await addDataset(app, { name: "shops", columns }, [{ shop: "North" }]);
  return app;
};
const give = ({ runSql, roleIds }: TeamApp, permission: string): void => {
  const statement = "INSERT INTO role_permissions (role_id, permission) VALUES (?, ?)";
  runSql(statement, roleIds.marketing, permission);
};

describe("the rows of a dataset", () => {
  it("are for those who may read datasets, and for nobody who only may see a section of them", async () => {
    const app = await createApp();
    const mica = await signInForBody(app, "mica");
    await mica.send("PUT", "/sections/marketing/definition", {
      body: { slug: "marketing", title: "Marketing", panels: [panel] },
      headers: { "if-match": "*" },
    });
    let mike = await signInForBody(app, "mike");
    expect((await mike.send("GET", "/sections/marketing?include=data")).status).toBe(200);
    for (const path of ["/datasets/shops/rows", "/datasets/shops/readers", "/datasets"])
      expect([path, (await mike.send("GET", path)).body.code]).toEqual([path, "forbidden"]);
    give(app, "datasets:read");
    mike = await signInForBody(app, "mike");
    expect(await mike.send("GET", "/datasets/shops/rows")).toMatchObject({
      status: 200,
      body: { columns: [{ name: "shop" }], rows: [["North"]], total: 1 },
    });
  });

  it("are all there, however many columns there are", async () => {
    const app = await createApp();
    const columns = Array.from({ length: 200 }, (_, index) => ({
      name: `c${index}`,
      label: "C",
      type: "integer" as const,
    }));
    const row = Object.fromEntries(columns.map(({ name }, index) => [name, index]));
    await addDataset(app, { name: "wide", columns }, [row]);
    const mica = await signInForBody(app, "mica");
    const { body } = await mica.send("GET", "/datasets/wide/rows?sort=c199");
    expect(body["rows"]).toEqual([columns.map((_, index) => index)]);
  });
});

describe("a preview", () => {
  it("shows rows only to who may read datasets as well, whatever else they may write", async () => {
    const app = await createApp();
    give(app, "sections:write");
    const body = { slug: "shops", title: "Shops", panels: [panel] };
    let mike = await signInForBody(app, "mike");
    expect(await mike.send("PUT", "/sections/shops/definition", { body })).toMatchObject({
      status: 201,
    });
    expect(await mike.send("POST", "/panel-previews", { body: { panel } })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    expect((await mike.send("GET", "/sections/shops?include=data")).status).toBe(403);
    give(app, "datasets:read");
    mike = await signInForBody(app, "mike");
    expect(await mike.send("POST", "/panel-previews", { body: { panel } })).toMatchObject({
      status: 200,
      body: { data: { rows: [["North"]], total: 1 } },
    });
  });

  it("leaves nothing behind", async () => {
    const app = await createApp();
    const mica = await signInForBody(app, "mica");
    const before = app.auditEvents().length;
    await mica.send("POST", "/panel-previews", { body: { panel } });
    expect(app.auditEvents()).toHaveLength(before);
    const { sections } = await app.dependencies.stores.changes.readLiveState([]);
    expect(sections).toHaveLength(3);
  });

  it("says beside the query that its result is too large to be sent", async () => {
    const app = await createApp();
    const columns = [
      { name: "number", label: "Number", type: "integer" } as const,
      { name: "text", label: "Text", type: "text" } as const,
    ];
    const rows = Array.from({ length: 200 }, (_, number) => ({ number, text: "x".repeat(10_000) }));
    await addDataset(app, { name: "long", columns }, rows);
    const mica = await signInForBody(app, "mica");
    const texts = Array.from({ length: 20 }, (_, index) => ({
      aggregate: "minimum",
      column: "text",
      name: `text ${index}`,
    }));
    const query = { dataset: "long", select: [{ column: "number" }, ...texts] };
    const reply = await mica.send("POST", "/panel-previews", {
      body: { panel: { ...panel, query, pageSize: 100 } },
    });
    expect(reply).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/panel/query", code: "too_large" }] },
    });
  });
});
