/** Sections as files, over the wire. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  everySection,
  type DatasetColumn,
  type PanelDefinition,
  type SectionDefinition,
} from "@sallyport/shared/contract";
import { addDataset } from "./dashboards.ts";
import { createTeamApp, leaveMicaWith, type TeamApp } from "./team.ts";
import type { TestApp } from "./test-app.ts";
import { createBrowser, request, signInForBody, type BodyClient } from "./test-browser.ts";

const columns: DatasetColumn[] = [
  { name: "day", label: "Day", type: "date" },
  { name: "shop", label: "Shop", type: "text" },
  { name: "open", label: "Open", type: "boolean" },
  { name: "visits", label: "Visits", type: "integer" },
  { name: "takings", label: "Takings", type: "decimal", unit: "EUR" },
];

const addDatasets = async (app: TestApp): Promise<void> => {
  for (const name of ["shops", "others"])
    await addDataset(app, { name, columns }, [
      { day: "2026-11-01", shop: "North", open: true, visits: 3, takings: 7.5 },
    ]);
};

const createApp = async (): Promise<TeamApp & { mica: BodyClient }> => {
  const app = await createTeamApp({ furnish: addDatasets });
  return { ...app, mica: await signInForBody(app, "mica") };
};

const visits = { aggregate: "sum", column: "visits", name: "visits" } as const;
const metric: PanelDefinition = {
  kind: "metric",
  title: "Visits",
  width: 3,
  good: "up",
  query: { dataset: "shops", select: [visits], timeColumn: "day" },
  trend: {
    dataset: "shops",
    select: [{ column: "day" }, visits],
    orderBy: [{ name: "day", direction: "ascending" }],
    timeColumn: "day",
  },
};
const chart: PanelDefinition = {
  kind: "chart",
  title: "By shop",
  description: "Every day.",
  width: 9,
  query: {
    dataset: "shops",
    select: [
      { column: "day" },
      { column: "shop" },
      visits,
      { ...visits, column: "takings", name: "takings" },
    ],
  },
  chart: { type: "bar", x: "day", y: ["visits"], series: "shop", stacked: true },
};
const table: PanelDefinition = {
  kind: "table",
  title: "All",
  width: 12,
  pageSize: 10,
  query: { dataset: "others", select: [{ column: "shop" }] },
};
const markdown: PanelDefinition = { kind: "markdown", title: "About", width: 12, text: "# Shops" };
const embed: PanelDefinition = {
  kind: "embed",
  title: "Map",
  width: 6,
  url: "https://maps.example.com/",
  height: 400,
};

const shops: SectionDefinition = {
  slug: "shops",
  title: "Shops",
  description: "What goes on in them.",
  icon: "building-store",
  position: 7,
  visibility: "restricted",
  refreshSeconds: 60,
  last: "P30D",
  panels: [markdown, metric, chart, table, embed],
};
const address = "/sections/shops/definition";
const withPanels = (...panels: unknown[]): unknown => ({ ...shops, panels });

/** All that there is of sections, and what the audit trail says of them. */
const seenOf = async (app: TeamApp): Promise<unknown> => {
  const { stores } = app.dependencies;
  const links = await stores.sections.listLinks([everySection]);
  const { sections } = await stores.sections.find(
    links.map(({ slug }) => slug),
    [],
  );
  const events = app.auditEvents().filter(({ action }) => action.startsWith("section."));
  const { sections: marks } = await stores.changes.readLiveState([]);
  return { sections: [...sections.values()], marks, events };
};
const storedShops = async ({ dependencies: { stores } }: TeamApp) => {
  const stored = (await stores.sections.find(["shops"], [])).sections.get("shops");
  if (stored === undefined) throw new Error("There is no section of shops");
  return stored;
};
const panelIds = async (app: TeamApp): Promise<string[]> =>
  (await storedShops(app)).panels.map(({ id }) => id);

/** Whatever is there is to be replaced. */
const whichever = { "if-match": "*" };

describe("a section as a file", () => {
  it("is created once, and comes out as it went in", async () => {
    const { mica } = await createApp();
    const created = await mica.send("PUT", address, { body: shops });
    expect(created).toMatchObject({
      status: 201,
      body: { ...shops, $schema: "http://localhost:4000/schemas/section.json" },
    });
    const exported = await mica.send("GET", address);
    expect(exported.text).toBe(created.text);
    expect(exported.headers.get("etag")).toBe(created.headers.get("etag"));
    expect(JSON.parse(exported.text)).toEqual({
      $schema: "http://localhost:4000/schemas/section.json",
      ...shops,
    });
  });

  it("goes in as it came out, and nothing has changed then", async () => {
    const app = await createApp();
    const exported = await app.mica.send("PUT", address, { body: shops });
    const before = await seenOf(app);
    app.clock.advance(1_000);
    const again = await app.mica.send("PUT", address, {
      body: exported.text,
      headers: { "content-type": "application/json", ...whichever },
    });
    expect(again).toMatchObject({ status: 200, text: exported.text });
    expect(again.headers.get("etag")).toBe(exported.headers.get("etag"));
    expect(await seenOf(app)).toEqual(before);
  });

  it("is what the section's page shows from then on", async () => {
    const { mica } = await createApp();
    await mica.send("PUT", address, { body: shops });
    const { body } = await mica.send("GET", "/sections/shops?include=data");
    expect(body).toMatchObject({
      slug: "shops",
      title: "Shops",
      icon: "building-store",
      position: 7,
      refreshSeconds: 60,
      last: "P30D",
    });
    expect(body["panels"]).toMatchObject(
      shops.panels.map(({ kind, title, width }) => ({ kind, title, width })),
    );
    await mica.send("PUT", address, {
      body: { slug: "shops", title: "Shops, few", panels: [markdown] },
      headers: whichever,
    });
    expect((await mica.send("GET", "/sections/shops")).body).toMatchObject({
      title: "Shops, few",
      description: "",
      icon: "layout-dashboard",
      position: 7,
      refreshSeconds: null,
      last: null,
      panels: [{ kind: "markdown", title: "About" }],
    });
  });

  it("comes last when it is new and names no place, and keeps its place when it is not", async () => {
    const { mica } = await createApp();
    const { position: _, ...anywhere } = shops;
    const positions = async () => {
      const { items } = (await mica.send("GET", "/sections")).body;
      return (items as unknown as { slug: string; position: number }[]).map(
        ({ slug, position }) => [slug, position],
      );
    };
    await mica.send("PUT", address, { body: anywhere });
    expect((await positions()).at(-1)).toEqual(["shops", 4]);
    await mica.send("PUT", "/sections/later/definition", { body: { ...anywhere, slug: "later" } });
    await mica.send("PUT", address, {
      body: { ...anywhere, title: "Still there" },
      headers: whichever,
    });
    expect(await positions()).toEqual([
      ["welcome", 1],
      ["marketing", 2],
      ["finance", 3],
      ["shops", 4],
      ["later", 5],
    ]);
  });

  it("keeps the ids of panels that keep their title, duplicates in order, and of the section", async () => {
    const app = await createApp();
    await app.mica.send("PUT", address, { body: shops });
    const put = (...panels: PanelDefinition[]) =>
      app.mica.send("PUT", address, { body: { ...shops, panels }, headers: whichever });
    const idOfSection = async () => (await storedShops(app)).section.id;
    const twin: PanelDefinition = { ...markdown, text: "the second of that title" };
    await put(markdown, twin, metric, table);
    const section = await idOfSection();
    const [first, second, ofMetric, ofTable] = await panelIds(app);
    await put({ ...table, width: 6 }, chart, markdown, { ...twin, text: "changed" }, twin);
    const [tableNow, ofChart, firstNow, secondNow, third] = await panelIds(app);
    expect([tableNow, firstNow, secondNow]).toEqual([ofTable, first, second]);
    expect([first, second, ofMetric, ofTable]).not.toContain(ofChart);
    expect([first, second, ofMetric, ofTable]).not.toContain(third);
    expect(await idOfSection()).toBe(section);
  });

  it("tells open pages of every change by the time of it, also of two at once", async () => {
    const app = await createApp();
    const read = async (): Promise<number> => {
      const { sections } = await app.dependencies.stores.changes.readLiveState([]);
      return sections.find(({ slug }) => slug === "shops")?.changedAt ?? 0;
    };
    await app.mica.send("PUT", address, { body: { ...shops, panels: [] } });
    const times: number[] = [];
    for (const panels of [[markdown], [markdown, metric], [metric], [{ ...metric, width: 4 }]]) {
      await app.mica.send("PUT", address, { body: { ...shops, panels }, headers: whichever });
      times.push(await read());
    }
    app.clock.advance(60_000);
    await app.mica.send("PUT", address, { body: { ...shops, panels: [] }, headers: whichever });
    times.push(await read());
    expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
  });

  it("leaves who changed what in the audit trail, with all that was before and is after", async () => {
    const app = await createApp();
    await app.mica.send("PUT", address, { body: shops });
    await app.mica.send("PUT", address, { body: { ...shops, title: "Other" }, headers: whichever });
    const events = app.auditEvents("section.create", "section.replace");
    expect(events).toMatchObject([
      {
        action: "section.create",
        result: "success",
        actorUserId: app.userIds.mica,
        subjectType: "section",
      },
      {
        action: "section.replace",
        result: "success",
        actorUserId: app.userIds.mica,
        subjectType: "section",
        address: "192.0.2.1",
      },
    ]);
    expect(events.map(({ detail }) => detail)).toEqual([
      { before: null, after: shops },
      { before: shops, after: { ...shops, title: "Other" } },
    ]);
  });

  it("may be as large as sixty panels with long texts, and no larger than half a megabyte", async () => {
    const { mica } = await createApp();
    const long = (length: number) =>
      withPanels(
        ...Array.from({ length: 60 }, (_, index) => ({
          ...markdown,
          title: `Panel ${index}`,
          text: "x".repeat(length),
        })),
      );
    expect((await mica.send("PUT", address, { body: long(8_000) })).status).toBe(201);
    expect(await mica.send("PUT", address, { body: long(10_000) })).toMatchObject({
      status: 413,
      body: { code: "body_too_large" },
    });
  });
});

describe("a mistake in a file", () => {
  const mistakes: Record<string, [body: unknown, ...pointers: string[]]> = {
    "a member that nobody knows": [{ ...shops, colour: "red" }, "/colour"],
    "members that are missing": [{ slug: "shops" }, "/title", "/panels"],
    "another slug than the address": [{ ...shops, slug: "ships" }, "/slug"],
    "a slug that is none": [{ ...shops, slug: "_all_" }, "/slug"],
    "a panel of no kind": [withPanels(markdown, { ...markdown, kind: "pie" }), "/panels/1/kind"],
    "an address that is no web page": [
      withPanels({ ...embed, url: "javascript:alert(1)" }),
      "/panels/0/url",
    ],
    "too many panels": [withPanels(...Array.from({ length: 61 }, () => markdown)), "/panels"],
    "an aggregate that there is not": [
      withPanels({
        ...metric,
        query: { ...metric.query, select: [{ ...visits, aggregate: "total" }] },
      }),
      "/panels/0/query/select/0/aggregate",
    ],
    "a dataset that there is not": [
      withPanels(markdown, { ...table, query: { ...table.query, dataset: "missing" } }),
      "/panels/1/query/dataset",
    ],
    "columns that there are not": [
      withPanels(markdown, {
        ...table,
        query: {
          dataset: "shops",
          select: [{ column: "shop" }, { column: "nowhere" }],
          filter: { and: [{ column: "nothing", is: "null" }] },
          timeColumn: "never",
        },
      }),
      "/panels/1/query/select/1/column",
      "/panels/1/query/filter/and/0/column",
      "/panels/1/query/timeColumn",
    ],
    "a value of another type": [
      withPanels({
        ...table,
        query: {
          dataset: "shops",
          select: [{ column: "shop" }],
          filter: { column: "visits", is: "less", value: "many" },
        },
      }),
      "/panels/0/query/filter/value",
    ],
    "a comparison with null": [
      withPanels({
        ...table,
        query: {
          dataset: "shops",
          select: [{ column: "shop" }],
          filter: { column: "visits", is: "equal", value: null },
        },
      }),
      "/panels/0/query/filter/value",
    ],
    "an aggregate that the column has not": [
      withPanels({
        ...table,
        query: { dataset: "shops", select: [{ aggregate: "sum", column: "shop", name: "shops" }] },
      }),
      "/panels/0/query/select/0/aggregate",
    ],
    "an order by nothing": [
      withPanels({
        ...table,
        query: {
          dataset: "shops",
          select: [visits],
          orderBy: [{ name: "shop", direction: "ascending" }],
        },
      }),
      "/panels/0/query/orderBy/0/name",
    ],
    "mistakes in two panels": [
      withPanels({ ...table, query: { ...table.query, dataset: "missing" } }, markdown, {
        ...chart,
        chart: { type: "bar", x: "nowhere", y: ["visits"] },
      }),
      "/panels/0/query/dataset",
      "/panels/2/chart/x",
    ],
    "a chart of columns that the result has not": [
      withPanels({
        ...chart,
        chart: { type: "line", x: "hour", y: ["visits", "sales"], series: "city" },
      }),
      "/panels/0/chart/x",
      "/panels/0/chart/y/1",
      "/panels/0/chart/series",
      "/panels/0/chart/y",
    ],
    "a chart along decimals": [
      withPanels({ ...chart, chart: { type: "line", x: "takings", y: ["visits"] } }),
      "/panels/0/chart/x",
    ],
    "a chart of texts": [
      withPanels({ ...chart, chart: { type: "line", x: "day", y: ["shop"] } }),
      "/panels/0/chart/y/0",
    ],
    "a chart with a series of numbers": [
      withPanels({ ...chart, chart: { type: "line", x: "day", y: ["visits"], series: "takings" } }),
      "/panels/0/chart/series",
    ],
    "a chart with one column twice": [
      withPanels({ ...chart, chart: { type: "line", x: "day", y: ["visits", "visits"] } }),
      "/panels/0/chart/y/1",
    ],
    "a chart with a series of its axis": [
      withPanels({ ...chart, chart: { type: "bar", x: "shop", y: ["visits"], series: "shop" } }),
      "/panels/0/chart/series",
    ],
    "a share over time": [
      withPanels({ ...chart, chart: { type: "share", x: "day", y: ["visits"] } }),
      "/panels/0/chart/x",
    ],
    "a share of two things": [
      withPanels({ ...chart, chart: { type: "share", x: "shop", y: ["visits", "takings"] } }),
      "/panels/0/chart/y",
    ],
    "a share with series": [
      withPanels({ ...chart, chart: { type: "share", x: "shop", y: ["visits"], series: "day" } }),
      "/panels/0/chart/series",
      "/panels/0/chart/series",
    ],
    "lines that are stacked and horizontal": [
      withPanels({
        ...chart,
        chart: { type: "line", x: "day", y: ["visits"], stacked: true, horizontal: true },
      }),
      "/panels/0/chart/stacked",
      "/panels/0/chart/horizontal",
    ],
    "a metric that is no number": [
      withPanels({ ...metric, query: { dataset: "shops", select: [{ column: "shop" }] } }),
      "/panels/0/query/select/0",
    ],
    "a trend of something else": [
      withPanels({
        ...metric,
        trend: { ...(metric.kind === "metric" ? metric.trend : {}), dataset: "others" },
      }),
      "/panels/0/trend/dataset",
    ],
    "a trend of columns that there are not": [
      withPanels({ ...metric, trend: { dataset: "shops", select: [{ column: "never" }, visits] } }),
      "/panels/0/trend/select/0/column",
    ],
    "a trend without a time": [
      withPanels({ ...metric, trend: { dataset: "shops", select: [{ column: "shop" }, visits] } }),
      "/panels/0/trend/select/0",
    ],
    "a trend without a value": [
      withPanels({ ...metric, trend: { dataset: "shops", select: [{ column: "day" }] } }),
      "/panels/0/trend/select",
    ],
    "a trend of texts": [
      withPanels({
        ...metric,
        trend: { dataset: "shops", select: [{ column: "day" }, { column: "shop" }] },
      }),
      "/panels/0/trend/select/1",
    ],
  };

  it.each(Object.entries(mistakes))("is pointed at: %s", async (_, [body, ...pointers]) => {
    const { mica } = await createApp();
    const reply = await mica.send("PUT", address, { body });
    expect(reply).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    expect(reply.body.errors?.map(({ pointer }) => pointer).toSorted()).toEqual(
      pointers.toSorted(),
    );
    for (const { detail } of reply.body.errors ?? []) expect(detail).toMatch(/\w/);
    for (const { detail } of reply.body.errors ?? []) expect(detail).not.toBe("Invalid input");
  });

  it("changes nothing at all, of whatever kind it is", async () => {
    const app = await createApp();
    await app.mica.send("PUT", address, { body: shops });
    const before = await seenOf(app);
    for (const [body] of Object.values(mistakes))
      await app.mica.send("PUT", address, { body, headers: whichever });
    await app.mica.send("PUT", "/sections/_all_/definition", { body: { ...shops, slug: "_all_" } });
    expect(await seenOf(app)).toEqual(before);
  });
});

describe("two who change one section", () => {
  it("do not overwrite each other when they say what they saw", async () => {
    const { mica } = await createApp();
    const tag = (await mica.send("PUT", address, { body: shops })).headers.get("etag") ?? "";
    expect(tag).toMatch(/^"\d+"$/);
    const first = await mica.send("PUT", address, {
      body: { ...shops, title: "First" },
      headers: { "if-match": tag },
    });
    expect(first.status).toBe(200);
    expect(first.headers.get("etag")).not.toBe(tag);
    const second = await mica.send("PUT", address, {
      body: { ...shops, title: "Second" },
      headers: { "if-match": tag },
    });
    expect(second).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
    expect((await mica.send("GET", address)).body["title"]).toBe("First");
    expect(
      (
        await mica.send("PUT", address, {
          body: { ...shops, title: "Third" },
          headers: { "if-match": `"other", ${first.headers.get("etag")}` },
        })
      ).status,
    ).toBe(200);
    // Who only wanted to create must not be told to overwrite what is there.
    const another = await mica.send("PUT", address, {
      body: { ...shops, title: "Another" },
      headers: { "if-none-match": "*" },
    });
    expect(another).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
    expect(another.body["detail"]).toContain("`If-None-Match: *` only creates");
  });

  it("and datasets count as they are when the file is written, and not as they were when it was looked at", async () => {
    const { mica, dependencies, runSql } = await createApp();
    const { stores } = dependencies;
    const tag = (await mica.send("PUT", address, { body: shops })).headers.get("etag") ?? "";
    const { apply } = stores.sections;
    const meanwhile = (sql: string): void => {
      stores.sections.apply = (...asked) => {
        stores.sections.apply = apply;
        runSql(sql);
        return apply(...asked);
      };
    };
    meanwhile("UPDATE sections SET title = 'By hand' WHERE slug = 'shops'");
    const late = { body: { ...shops, title: "Late" }, headers: { "if-match": tag } };
    expect((await mica.send("PUT", address, late)).status).toBe(412);
    // Nor is it only the number of the version that tells of a dataset.
    meanwhile(
      "UPDATE datasets SET columns = json_replace(columns, '$[3].name', 'gone') WHERE name = 'shops'",
    );
    const refused = await mica.send("PUT", address, {
      body: { ...shops, title: "Late" },
      headers: whichever,
    });
    expect(refused).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    expect((await mica.send("GET", address)).body["title"]).toBe("By hand");
  });

  it("are told before they are told of mistakes", async () => {
    const { mica } = await createApp();
    await mica.send("PUT", address, { body: shops });
    const reply = await mica.send("PUT", address, {
      body: withPanels({ ...table, query: { ...table.query, dataset: "missing" } }),
      headers: { "if-match": '"old"' },
    });
    expect(reply.status).toBe(412);
  });

  it("can ask to create only, or to replace only", async () => {
    const { mica } = await createApp();
    const put = async (headers: Record<string, string>) =>
      (await mica.send("PUT", address, { body: shops, headers })).status;
    expect(await put({ "if-match": "*" })).toBe(412);
    expect(await put({ "if-none-match": "*" })).toBe(201);
    expect(await put({ "if-none-match": "*" })).toBe(412);
    expect(await put({ "if-match": "*" })).toBe(200);
  });

  it("is not what a weak tag is for", async () => {
    const { mica } = await createApp();
    const tag = (await mica.send("PUT", address, { body: shops })).headers.get("etag") ?? "";
    expect(
      (await mica.send("PUT", address, { body: shops, headers: { "if-match": `W/${tag}` } }))
        .status,
    ).toBe(412);
  });
});

describe("who may", () => {
  it("read a definition may not write one, and the other way round", async () => {
    const app = await createApp();
    leaveMicaWith(app, "sections:read");
    const reader = await signInForBody(app, "mica");
    expect((await reader.send("GET", "/sections/marketing/definition")).status).toBe(200);
    expect(await reader.send("PUT", address, { body: shops })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    leaveMicaWith(app, "sections:write");
    const writer = await signInForBody(app, "mica");
    expect((await writer.send("PUT", address, { body: shops })).status).toBe(201);
    expect((await writer.send("GET", "/sections/marketing/definition")).status).toBe(403);
  });

  it("look at a section may not see what it is made of", async () => {
    const app = await createApp();
    const mike = await signInForBody(app, "mike");
    expect((await mike.send("GET", "/sections/marketing")).status).toBe(200);
    for (const slug of ["marketing", "welcome", "finance", "nowhere"])
      expect(await mike.send("GET", `/sections/${slug}/definition`)).toMatchObject({
        status: 403,
        body: { code: "forbidden" },
      });
    expect(
      (
        await mike.send("PUT", "/sections/marketing/definition", {
          body: { slug: "marketing", title: "Mine", panels: [] },
        })
      ).status,
    ).toBe(403);
    expect((await request(app, "GET", "/sections/welcome/definition")).status).toBe(401);
  });

  it("administer is told when there is no such section", async () => {
    const { mica } = await createApp();
    expect(await mica.send("GET", "/sections/nowhere/definition")).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
  });

  it("write from a browser sends its CSRF token as with everything else", async () => {
    const app = await createApp();
    const browser = createBrowser(app);
    await browser.signIn("mica");
    expect((await browser.send("PUT", address, { body: shops })).status).toBe(201);
    expect(
      (await browser.send("PUT", address, { body: shops, headers: { "x-csrf-token": undefined } }))
        .body.code,
    ).toBe("csrf_failed");
  });
});

describe("the JSON Schema of sections as files", () => {
  it("is published at the address that exported files name", async () => {
    const app = await createApp();
    const { status, body } = await request(app, "GET", "/schemas/section.json");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: (await app.mica.send("GET", "/sections/welcome/definition")).body["$schema"],
    });
  });

  it("is the one in docs", async () => {
    const app = await createApp();
    const { body } = await request(app, "GET", "/schemas/section.json");
    expect(
      JSON.parse(
        readFileSync(new URL("../../../docs/section.schema.json", import.meta.url), "utf8"),
      ),
    ).toEqual(body);
  });
});
