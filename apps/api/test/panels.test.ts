/**
 * Panels as a browser asks for them: from rows on disk, through a thread of their own, to the
 * answer and its entity tag.
 */
import type { DatasetColumn, PanelDefinition } from "@sallyport/shared/contract";
import { describe, expect, it } from "vitest";
import { addDataset, addPanel, replaceRows } from "./dashboards.ts";
import { createTeamApp } from "./team.ts";
import { request, signInForBody, webOrigin } from "./test-browser.ts";

const columns: readonly DatasetColumn[] = [
  { name: "team", label: "Team", type: "text" },
  { name: "amount", label: "Amount", type: "integer" },
  { name: "at", label: "At", type: "timestamp" },
];

const total: PanelDefinition = {
  kind: "metric",
  title: "Total",
  width: 3,
  query: {
    dataset: "sales",
    select: [{ aggregate: "sum", column: "amount", name: "total" }],
    timeColumn: "at",
  },
};

const createPanelApp = async () => {
  const app = await createTeamApp();
  await addDataset(app, { name: "sales", columns: [...columns] }, [
    { team: "red", amount: 1, at: "2026-11-21T23:30:00Z" },
    { team: "blue", amount: 2, at: "2026-11-22T08:00:00Z" },
  ]);
  return { app, mike: await signInForBody(app, "mike") };
};

describe("a panel's data", () => {
  it("come from a thread of their own, and change with the rows", async () => {
    const { app, mike } = await createPanelApp();
    const address = `/sections/marketing/panels/${await addPanel(app, "marketing", total)}/data`;
    expect((await mike.send("GET", address)).body).toMatchObject({ rows: [[3]] });
    expect((await mike.send("GET", `${address}?last=P1D`)).body).toMatchObject({
      rows: [[2]],
      range: { from: "2026-11-22T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" },
    });
    await replaceRows(app, "sales", [{ amount: 7, at: "2026-11-22T08:00:00Z" }]);
    expect((await mike.send("GET", address)).body).toMatchObject({ rows: [[7]] });
  });

  it("are refused where the request contradicts itself or asks for what the panel has not", async () => {
    const { app, mike } = await createPanelApp();
    const address = `/sections/marketing/panels/${await addPanel(app, "marketing", total)}/data`;
    const pointers = async (query: string) => {
      const { status, body } = await mike.send("GET", `${address}?${query}`);
      return [
        status,
        body.code,
        ...(body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer),
      ];
    };
    expect(await pointers("last=P1D&from=2026-01-01")).toEqual([
      400,
      "validation_failed",
      "/query/last",
      "/query/from",
    ]);
    expect(await pointers("last=P1D2H")).toEqual([400, "validation_failed", "/query/last"]);
    expect(await pointers("sort=total")).toEqual([400, "validation_failed", "/query/sort"]);
    expect(await pointers("page=0")).toEqual([400, "validation_failed", "/query/page"]);
    // A plus that is not escaped is a space, and 30 February is no day.
    for (const from of ["2026-02-30", "2026-01-01T00:00:00+01:00", "yesterday"])
      expect((await mike.send("GET", `${address}?from=${from}`)).body.errors).toEqual([
        {
          pointer: "/query/from",
          code: "invalid_union",
          detail:
            "This must be a date such as 2026-01-31, or a time with an offset such as 2026-01-31T09:30:00Z.",
        },
      ]);
  });

  it("do not hold up anything else while their query runs", async () => {
    const { app, mike } = await createPanelApp();
    await replaceRows(
      app,
      "sales",
      Array.from({ length: 150_000 }, (_, index) => ({
        team: `team ${index % 1_000}`,
        amount: index,
        at: new Date(1_700_000_000_000 + index * 60_000).toISOString(),
      })),
    );
    const slow: PanelDefinition = {
      kind: "table",
      title: "Slow",
      width: 12,
      query: {
        dataset: "sales",
        select: [
          { bucket: "hour", column: "at" },
          { column: "team" },
          { aggregate: "median", column: "amount", name: "middle" },
          { aggregate: "distinct", column: "amount", name: "different" },
        ],
      },
    };
    const address = `/sections/marketing/panels/${await addPanel(app, "marketing", slow)}/data`;
    const order: string[] = [];
    const panel = mike.send("GET", address).then(({ status }) => order.push(`panel ${status}`));
    for (let turn = 0; turn < 3; turn += 1) {
      await mike.send("GET", "/sections");
      await mike.refresh(`key-${turn}-of-this-test-is-long-enough`);
      order.push("others");
    }
    await panel;
    expect(order).toEqual(["others", "others", "others", "panel 200"]);
  });

  it("of a public section are there for visitors, and no other panel's with them", async () => {
    const { app } = await createPanelApp();
    const shown = await addPanel(app, "welcome", total);
    const hidden = await addPanel(app, "marketing", total);
    expect(
      (await request(app, "GET", `/sections/welcome/panels/${shown}/data`)).body,
    ).toMatchObject({ rows: [[3]] });
    expect((await request(app, "GET", `/sections/welcome/panels/${hidden}/data`)).body.code).toBe(
      "not_found",
    );
  });
});

describe("an answer that the caller has already", () => {
  it("is not sent again: sections and panel data have entity tags", async () => {
    const { app, mike } = await createPanelApp();
    const panelId = await addPanel(app, "marketing", total);
    for (const address of [
      "/sections/marketing?include=data",
      `/sections/marketing/panels/${panelId}/data`,
    ]) {
      const first = await mike.send("GET", address);
      const etag = first.headers.get("etag") as string;
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const again = await mike.send("GET", address, {
          headers: { "if-none-match": known, origin: webOrigin },
        });
        expect(again.status).toBe(304);
        expect(again.text).toBe("");
        expect(again.headers.get("etag")).toBe(etag);
        expect(again.headers.get("content-type")).toBeNull();
        expect(again.headers.get("sallyport-session")).toBe(first.headers.get("sallyport-session"));
        expect(again.headers.get("access-control-expose-headers")).toContain("ETag");
        expect(again.headers.get("cache-control")).toBe("no-store");
      }
      expect(
        (await mike.send("GET", address, { headers: { "if-none-match": '"other"' } })).status,
      ).toBe(200);
      const head = await mike.send("HEAD", address);
      expect([head.status, head.text, head.headers.get("etag")]).toEqual([200, "", etag]);
      expect(
        (await mike.send("HEAD", address, { headers: { "if-none-match": etag } })).status,
      ).toBe(304);

      await replaceRows(app, "sales", [{ amount: address.length, at: "2026-11-22T08:00:00Z" }]);
      const changed = await mike.send("GET", address, { headers: { "if-none-match": etag } });
      expect(changed.status).toBe(200);
      expect(changed.headers.get("etag")).not.toBe(etag);
    }
  });

  it("is still nobody's who may not see it", async () => {
    const { app, mike } = await createPanelApp();
    const address = `/sections/marketing/panels/${await addPanel(app, "marketing", total)}/data`;
    const etag = (await mike.send("GET", address)).headers.get("etag") as string;
    const nora = await signInForBody(app, "nora");
    expect((await nora.send("GET", address, { headers: { "if-none-match": etag } })).status).toBe(
      403,
    );
    expect((await request(app, "GET", address, { headers: { "if-none-match": "*" } })).status).toBe(
      401,
    );
  });

  it("is described: 304, the header that asks for it and the one that names it", async () => {
    const { app } = await createPanelApp();
    type Operation = {
      readonly parameters: readonly object[];
      readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
    };
    const { body } = await request(app, "GET", "/openapi.json");
    const paths = body["paths"] as Readonly<Record<string, { readonly get: Operation }>>;
    const operationOf = (path: string): Operation =>
      (paths[path] as { readonly get: Operation }).get;
    const operation = operationOf("/sections/{slug}");
    expect(operation.parameters).toContainEqual(
      expect.objectContaining({ in: "header", name: "if-none-match" }) as object,
    );
    expect(Object.keys(operation.responses)).toContain("304");
    expect(operation.responses["200"]?.headers).toHaveProperty("ETag");
    expect(operationOf("/session").responses).not.toHaveProperty("304");
  });
});
