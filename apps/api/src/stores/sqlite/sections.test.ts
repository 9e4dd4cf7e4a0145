import {
  everySection,
  panelData,
  section as sectionSchema,
  type Panel,
  type Section,
} from "@sallyport/shared/contract";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "./connection.ts";
import type { PanelDefinition, Query } from "@sallyport/shared/contract";
import { AppError, DatasetChanged, type Caller, type RequestContext } from "@sallyport/shared/core";
import { createSectionHandlers, type PanelFailure } from "@sallyport/shared/handlers";
import { newId } from "../../tokens/chance.ts";
import * as schema from "./schema.ts";
import { createReadMemory } from "./read-memory.ts";
import { createDatasetStore } from "./datasets.ts";
import { createSectionStore } from "./sections.ts";
import { createWriter } from "./writer.ts";
import { createQueriesHere, readRows } from "./testing/queries-here.ts";
import { createQueryRunner } from "./queries/run-query.ts";
import { createDataset, importRows } from "./rows/datasets.ts";

let database: Database;
const partsOf = (orm = database.orm) => ({
  ...database,
  orm,
  now: Date.now,
  writer: createWriter(database.sqlite, { now: Date.now, wait: () => Promise.resolve() }),
  memory: createReadMemory(database.sqlite),
});
const openStore = (orm = database.orm) => createSectionStore(partsOf(orm));
let failures: PanelFailure[];
let statementTexts: string[];
let handlers: ReturnType<typeof createSectionHandlers>;
let datasetId: string;
let runQuery: ReturnType<typeof createQueryRunner>;
const now = Date.parse("2026-01-03T09:00:00Z");

const addSection = (
  slug: string,
  position: number,
  visibility: "restricted" | "public" = "restricted",
): string => {
  const id = newId("sec");
  database.orm
    .insert(schema.sections)
    .values({
      id,
      slug,
      title: slug.toUpperCase(),
      icon: "home",
      position,
      visibility,
      createdAt: 0,
      updatedAt: 0,
    })
    .run();
  return id;
};
const addPanel = (sectionId: string, position: number, definition: PanelDefinition): string => {
  const id = newId("pan");
  database.orm
    .insert(schema.panels)
    .values({
      id,
      sectionId,
      position,
      datasetId: definition.kind === "markdown" ? null : datasetId,
      definition,
    })
    .run();
  return id;
};
const query = (rest: Partial<Query> = {}): Query => ({
  dataset: "sales",
  select: [{ aggregate: "sum", column: "amount", name: "total", label: "Total" }],
  ...rest,
});
const metric = (title: string, of: Query = query()): PanelDefinition => ({
  kind: "metric",
  title,
  width: 3,
  query: of,
});

beforeEach(() => {
  const opened = openDatabase(":memory:");
  statementTexts = [];
  database = {
    ...opened,
    orm: drizzle(opened.sqlite, {
      schema,
      logger: { logQuery: (text) => statementTexts.push(text) },
    }),
  };
  failures = [];
  datasetId = createDataset(
    database,
    {
      name: "sales",
      title: "Sales",
      attribution: "Ourselves",
      columns: [
        { name: "team", label: "Team", type: "text" },
        { name: "amount", label: "Amount", type: "integer", unit: "USD" },
        { name: "day", label: "Day", type: "date" },
      ],
    },
    0,
  );
  importRows(
    database,
    datasetId,
    [
      { team: "red", amount: 1, day: "2026-01-01" },
      { team: "blue", amount: 2, day: "2026-01-02" },
      { team: "blue", amount: 4, day: "2026-01-03" },
    ],
    0,
  );
  runQuery = createQueryRunner({
    workers: createQueriesHere(database),
    now: () => now,
    seconds: 10,
  });
  handlers = createSectionHandlers({
    stores: {
      sections: openStore(),
      users: { readRights: () => null },
      queries: {
        run: async (...asked) => {
          const result = await runQuery(...asked);
          return { ...result, rows: readRows(result.rows) };
        },
      },
    },
    reportPanelFailure: (failure) => failures.push(failure),
  });
});
afterEach(() => database.close());

const contextOf = (granted: readonly string[] | null): RequestContext => {
  const caller: Caller | null = granted && {
    userId: "usr_x",
    sessionId: "ses_x",
    sections: granted,
    epoch: 1,
    authTime: 0,
    via: "cookie",
    accessExpiresAt: 0,
  };
  return {
    requestId: "req_1",
    address: "",
    userAgent: "",
    origin: undefined,
    caller,
    display: null,
    header: () => undefined,
  };
};
const ok = (status: number, body: unknown, extras: object = {}) => ({ status, body, ...extras });
const asked = { headers: {}, body: undefined, ok } as const;

interface List {
  readonly items: readonly { readonly slug: string }[];
  readonly nextCursor: string | null;
}
const list = async (
  granted: readonly string[] | null,
  {
    scope = "permitted",
    limit = 100,
    cursor,
  }: { scope?: "permitted" | "all"; limit?: number; cursor?: string } = {},
) => {
  const answer = await handlers["GET /sections"]({
    ...asked,
    params: {},
    query: { scope, limit, ...(cursor !== undefined && { cursor }) },
    context: contextOf(granted),
  });
  const { items, nextCursor } = answer.body as List;
  return { slugs: items.map(({ slug }) => slug), nextCursor, link: answer.headers?.["link"] };
};
interface Range {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
}
const openSection = async (
  slug: string,
  asking: Range & { include?: "data" } = {},
): Promise<Section> => {
  const answer = await handlers["GET /sections/:slug"]({
    ...asked,
    params: { slug },
    query: asking,
    context: contextOf([everySection]),
  });
  return sectionSchema.parse(answer.body);
};
const open = async (slug: string, asking: Range & { include?: "data" } = {}): Promise<Panel[]> =>
  (await openSection(slug, asking)).panels;
const readPanel = async (
  slug: string,
  panelId: string,
  asking: Range & { sort?: string; page?: number; limit?: number; points?: number } = {},
) => {
  const answer = await handlers["GET /sections/:slug/panels/:panelId/data"]({
    ...asked,
    params: { slug, panelId },
    query: asking,
    context: contextOf([everySection]),
  });
  return panelData.parse(answer.body);
};
const codeOf = async (asking: () => Promise<unknown>): Promise<string> => {
  try {
    await asking();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return "none";
};

describe("the list of sections", () => {
  beforeEach(() => {
    addSection("finance", 2);
    addSection("welcome", 1, "public");
    addSection("people", 2);
    addSection("marketing", 3);
  });

  it("holds the public ones for a visitor, and for a caller those and the granted ones, in order", async () => {
    expect((await list(null)).slugs).toEqual(["welcome"]);
    expect((await list([])).slugs).toEqual(["welcome"]);
    expect((await list(["marketing", "finance", "gone", "welcome"])).slugs).toEqual([
      "welcome",
      "finance",
      "marketing",
    ]);
    expect((await list([everySection])).slugs).toEqual([
      "welcome",
      "finance",
      "people",
      "marketing",
    ]);
    expect((await list([], { scope: "all" })).slugs).toEqual([
      "welcome",
      "finance",
      "people",
      "marketing",
    ]);
  });

  it("comes in pages that neither repeat nor lose a section, with a link to the next", async () => {
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 10; page += 1) {
        const { slugs, nextCursor, link } = await list([everySection], {
          limit,
          ...(cursor !== undefined && { cursor }),
        });
        seen.push(...slugs);
        if (nextCursor === null) {
          expect(link).toBeUndefined();
          break;
        }
        expect(slugs).toHaveLength(limit);
        expect(link).toBe(`<?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
        cursor = nextCursor;
      }
      expect(seen).toEqual(["welcome", "finance", "people", "marketing"]);
    }
    expect((await list([], { scope: "all", limit: 1 })).link).toMatch(
      /^<\?scope=all&limit=1&cursor=[A-Za-z0-9_-]+>; rel="next"$/,
    );
  });

  it("shows no section that is not permitted, whatever the cursor says", async () => {
    const { nextCursor } = await list([everySection], { limit: 1 });
    expect((await list(["people"], { cursor: nextCursor as string })).slugs).toEqual(["people"]);
  });

  it("refuses a cursor that it has not given", async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of [
      "",
      "!",
      "%00",
      "x",
      encode(null),
      encode({}),
      encode([1]),
      encode(["1", "a"]),
      encode([1, 2]),
      encode([1.5, "a"]),
      encode([1, "a", 2]),
    ])
      await expect(list([], { cursor })).rejects.toMatchObject({
        code: "validation_failed",
        members: { errors: [{ pointer: "/query/cursor" }] },
      });
  });
});

describe("one section", () => {
  it("has its panels in order, without their queries", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 2, { kind: "markdown", title: "Second", width: 12, text: "*Hello*" });
    const first = addPanel(id, 1, { ...metric("First"), description: "A number" });
    const answer = await handlers["GET /sections/:slug"]({
      ...asked,
      params: { slug: "finance" },
      query: {},
      context: contextOf([everySection]),
    });
    expect(answer.body).toEqual({
      id,
      slug: "finance",
      title: "FINANCE",
      description: "",
      icon: "home",
      position: 1,
      version: 3,
      visibility: "restricted",
      refreshSeconds: null,
      last: null,
      timeBounds: null,
      panels: [
        {
          id: first,
          kind: "metric",
          title: "First",
          description: "A number",
          width: 3,
          attribution: "Ourselves",
          followsRange: false,
        },
        { id: expect.any(String), kind: "markdown", title: "Second", width: 12, text: "*Hello*" },
      ],
    });
  });

  it("that does not exist answers like one that is not granted, to holders of the wildcard too", async () => {
    expect(await codeOf(() => open("nothing"))).toBe("section_forbidden");
    expect(await codeOf(() => open(everySection))).toBe("section_forbidden");
  });

  it("takes as many statements for fifty panels as for one", async () => {
    const small = addSection("small", 1);
    addPanel(small, 1, metric("One"));
    const large = addSection("large", 2);
    for (let position = 1; position <= 50; position += 1)
      addPanel(large, position, metric(`Panel ${position}`));
    const countStatements = async (slug: string, asking: Parameters<typeof open>[1]) => {
      statementTexts.length = 0;
      expect(await open(slug, asking)).toHaveLength(slug === "large" ? 50 : 1);
      return statementTexts.length;
    };
    for (const asking of [{}, { include: "data" }] as const) {
      expect(await countStatements("small", asking)).toBe(2);
      expect(await countStatements("large", asking)).toBe(2);
    }
  });

  it("gives each panel's data when asked, narrowed to the range where the panel has a time column", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, metric("All"));
    addPanel(id, 2, metric("In time", query({ timeColumn: "day" })));
    const totals = (panels: Panel[]) =>
      panels.map((panel) => (!("followsRange" in panel) ? null : panel.data?.rows[0]?.[0]));
    expect(totals(await open("finance", { include: "data" }))).toEqual([7, 7]);
    expect(
      totals(await open("finance", { include: "data", from: "2026-01-02", to: "2026-01-03" })),
    ).toEqual([7, 2]);
    expect(totals(await open("finance", { from: "2026-01-02" }))).toEqual([undefined, undefined]);
  });

  it("says which panels a range of time narrows, over which days, and which range it opens with", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, metric("All"));
    addPanel(id, 2, metric("In time", query({ timeColumn: "day" })));
    database.orm.update(schema.sections).set({ last: "P2D", refreshSeconds: 60 }).run();
    const section = await openSection("finance", { include: "data" });
    expect(section).toMatchObject({
      last: "P2D",
      refreshSeconds: 60,
      timeBounds: { from: "2026-01-01", to: "2026-01-03" },
    });
    expect(section.panels).toMatchObject([
      { followsRange: false, data: { rows: [[7]] } },
      {
        followsRange: true,
        data: { rows: [[6]], range: { from: "2026-01-02", to: "2026-01-04" } },
      },
    ]);
    expect((await open("finance", { include: "data", last: "all" }))[1]).toMatchObject({
      data: { rows: [[7]] },
    });
    expect((await open("finance", { include: "data", last: "P1D" }))[1]).toMatchObject({
      data: { rows: [[4]] },
    });
    const { id: panelId } = section.panels[1] as Panel;
    expect((await readPanel("finance", panelId)).rows).toEqual([[6]]);
  });

  it("refuses a range that contradicts itself, or that cannot be computed with", async () => {
    const panelId = addPanel(addSection("finance", 1), 1, metric("All"));
    const pointers = (asking: Range) =>
      Promise.all(
        [openSection("finance", asking), readPanel("finance", panelId, asking)].map((asking_) =>
          asking_.then(
            () => [],
            (error: AppError) => [
              error.code,
              ...(error.members.errors ?? []).map(({ pointer }) => pointer),
            ],
          ),
        ),
      );
    const contradiction = ["validation_failed", "/query/last", "/query/from", "/query/to"];
    expect(await pointers({ from: "2026-01-01", to: "2026-01-02", last: "P1D" })).toEqual([
      contradiction,
      contradiction,
    ]);
    expect(await pointers({ to: "2026-01-01T00:00:00+99:99" })).toEqual([
      ["validation_failed", "/query/to"],
      ["validation_failed", "/query/to"],
    ]);
  });

  it("has every panel's query under way at once", async () => {
    const id = addSection("finance", 1);
    for (let position = 1; position <= 5; position += 1)
      addPanel(id, position, metric(`Panel ${position}`, query({ limit: position })));
    let underWay = 0;
    let most = 0;
    const real = runQuery;
    runQuery = async (...asking) => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setImmediate(resolve));
      try {
        return await real(...asking);
      } finally {
        underWay -= 1;
      }
    };
    await open("finance", { include: "data" });
    expect(most).toBe(5);
  });

  it("shows nobody the password of an address that was stored before such were refused", async () => {
    const url = "https://mica:secret@example.com/a?b#c";
    addPanel(addSection("finance", 1), 1, {
      kind: "embed",
      title: "Elsewhere",
      width: 12,
      url,
      height: 300,
    });
    expect(await open("finance", { include: "data" })).toMatchObject([
      { kind: "embed", url: "https://example.com/a?b#c" },
    ]);
  });

  it("gives a failing panel its own error, tells the log why, and the others their data", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, metric("Good"));
    const bad = addPanel(id, 2, metric("Bad", query({ select: [{ column: "secret column" }] })));
    addPanel(id, 3, metric("Other dataset", query({ dataset: "salaries" })));
    const panels = await open("finance", { include: "data" });
    expect(
      panels.map((panel) =>
        !("followsRange" in panel) ? null : (panel.error?.code ?? panel.data?.rows),
      ),
    ).toEqual([[[7]], "panel_failed", "panel_failed"]);
    expect(panels[1]).toMatchObject({ error: { requestId: "req_1" } });
    expect(JSON.stringify(panels)).not.toContain("secret column");
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({
      requestId: "req_1",
      slug: "finance",
      panelId: bad,
      error: { issues: [{ code: "unknown_column" }] },
    });
  });

  it("never shows a row that a panel's query does not select", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, {
      kind: "table",
      title: "Red",
      width: 6,
      query: query({
        select: [{ column: "amount" }],
        filter: { column: "team", is: "equal", value: "red" },
      }),
    });
    const [panel] = await open("finance", {
      include: "data",
      from: "0000-01-01",
      to: "9999-12-31",
    });
    expect(panel).toMatchObject({
      data: {
        columns: [{ name: "amount", label: "Amount", type: "integer", unit: "USD" }],
        rows: [[1]],
      },
    });
    expect(JSON.stringify(panel)).not.toMatch(/team|red/);
  });
});

describe("the data of one panel", () => {
  it("are those of its query, in the range", async () => {
    const panelId = addPanel(
      addSection("finance", 1),
      1,
      metric("Total", query({ timeColumn: "day" })),
    );
    expect(await readPanel("finance", panelId)).toEqual({
      columns: [{ name: "total", label: "Total", type: "integer", unit: "USD" }],
      rows: [[7]],
    });
    expect((await readPanel("finance", panelId, { from: "2026-01-02" })).rows).toEqual([[6]]);
  });

  it("are not found under another section, for an unknown panel, or for one without data", async () => {
    const finance = addSection("finance", 1);
    addSection("welcome", 2, "public");
    const panelId = addPanel(finance, 1, metric("Total"));
    const text = addPanel(finance, 2, { kind: "markdown", title: "Text", width: 12, text: "" });
    expect(await codeOf(() => readPanel("welcome", panelId))).toBe("not_found");
    expect(await codeOf(() => readPanel("finance", "pan_unknown"))).toBe("not_found");
    expect(await codeOf(() => readPanel("finance", text))).toBe("not_found");
    expect(await codeOf(() => readPanel("nothing", panelId))).toBe("not_found");
  });

  it("fail with a code that says no more than that, and are reported", async () => {
    const panelId = addPanel(
      addSection("finance", 1),
      1,
      metric("Bad", query({ select: [{ column: "secret column" }] })),
    );
    await expect(readPanel("finance", panelId)).rejects.toMatchObject({
      code: "panel_failed",
      members: { cause: { name: "QueryRefused" } },
    });
    expect(
      await readPanel("finance", panelId).catch((error: AppError) => error.message),
    ).not.toContain("secret column");
    expect(failures[0]).toMatchObject({ panelId, slug: "finance", requestId: "req_1" });
  });
});

describe("a panel", () => {
  const selectAll: Query["select"] = [{ column: "team" }, { column: "amount" }];
  const tableOf = (rest: Partial<Query> = {}, pageSize?: number): PanelDefinition => ({
    kind: "table",
    title: "Table",
    width: 12,
    query: query({ select: selectAll, ...rest }),
    ...(pageSize !== undefined && { pageSize }),
  });

  it("that is a table comes in pages, sorted by a column of its result", async () => {
    const finance = addSection("finance", 1);
    const panelId = addPanel(
      finance,
      1,
      tableOf({ orderBy: [{ name: "amount", direction: "ascending" }] }),
    );
    const rows = async (asking: Parameters<typeof readPanel>[2]) =>
      (await readPanel("finance", panelId, asking)).rows.map(([, amount]) => amount);
    expect(await rows({})).toEqual([1, 2, 4]);
    expect(await rows({ sort: "-amount" })).toEqual([4, 2, 1]);
    expect(await rows({ sort: "team", limit: 2 })).toEqual([2, 4]);
    expect(await rows({ sort: "team", limit: 2, page: 2 })).toEqual([1]);
    expect(await readPanel("finance", panelId, { limit: 2, page: 2 })).toMatchObject({
      rows: [["blue", 4]],
      total: 3,
    });
    expect(await readPanel("finance", panelId, { page: 9 })).toMatchObject({ rows: [], total: 3 });
  });

  it("that is a table has as many rows on a page as it says, 25 where it does not", async () => {
    importRows(
      database,
      datasetId,
      Array.from({ length: 30 }, (_, amount) => ({ amount })),
      0,
    );
    const finance = addSection("finance", 1);
    addPanel(finance, 1, tableOf());
    addPanel(finance, 2, tableOf({}, 10));
    expect(
      (await open("finance", { include: "data" })).map((panel) =>
        "followsRange" in panel ? [panel.data?.rows.length, panel.data?.total] : null,
      ),
    ).toEqual([
      [25, 30],
      [10, 30],
    ]);
  });

  it("is not asked for what only another kind has, nor sorted by a column that it has not", async () => {
    const finance = addSection("finance", 1);
    const table = addPanel(finance, 1, tableOf());
    const number = addPanel(finance, 2, metric("Number"));
    const pointers = (panelId: string, asking: Parameters<typeof readPanel>[2]) =>
      readPanel("finance", panelId, asking).then(
        () => [],
        (error: AppError) => [
          error.code,
          ...(error.members.errors ?? []).map(({ pointer }) => pointer),
        ],
      );
    expect(await pointers(number, { sort: "total", page: 1, limit: 5, points: 50 })).toEqual([
      "validation_failed",
      "/query/sort",
      "/query/page",
      "/query/limit",
      "/query/points",
    ]);
    expect(await pointers(table, { points: 50 })).toEqual(["validation_failed", "/query/points"]);
    expect(await pointers(table, { sort: "day" })).toEqual(["validation_failed", "/query/sort"]);
    expect(await pointers(table, { sort: "-" })).toEqual(["validation_failed", "/query/sort"]);
    expect(failures).toEqual([]);
  });

  it("that is a chart has as many points as are asked for, and says how many there were", async () => {
    importRows(
      database,
      datasetId,
      Array.from({ length: 400 }, (_, index) => ({
        team: index % 2 === 0 ? "red" : "blue",
        amount: index,
        day: new Date(Date.UTC(2026, 0, 1 + Math.floor(index / 2))).toISOString().slice(0, 10),
      })),
      0,
    );
    const chart = { type: "line", x: "day", y: ["amount"], series: "team" } as const;
    const panelId = addPanel(addSection("finance", 1), 1, {
      kind: "chart",
      title: "Chart",
      width: 12,
      query: query({ select: [{ column: "day" }, { column: "team" }, { column: "amount" }] }),
      chart,
    });
    const whole = await readPanel("finance", panelId);
    expect(whole.rows).toHaveLength(400);
    expect(whole).not.toHaveProperty("points");
    const reduced = await readPanel("finance", panelId, { points: 20 });
    expect(reduced.points).toBe(400);
    for (const team of ["red", "blue"]) {
      const ofTeam = reduced.rows
        .filter((row) => row[1] === team)
        .map(([, , amount]) => amount as number);
      expect(ofTeam.length).toBeLessThanOrEqual(20);
      expect([ofTeam[0], ofTeam.at(-1)]).toEqual(team === "red" ? [0, 398] : [1, 399]);
    }
  });

  it("that is a metric has its trend, which a range narrows as well", async () => {
    const trend = query({
      select: [
        { bucket: "day", column: "day" },
        { aggregate: "sum", column: "amount", name: "total" },
      ],
      timeColumn: "day",
    });
    const panelId = addPanel(addSection("finance", 1), 1, {
      ...metric("Number", query({ timeColumn: "day" })),
      trend,
    } as PanelDefinition);
    expect(await readPanel("finance", panelId, { last: "P2D" })).toMatchObject({
      rows: [[6]],
      trend: {
        columns: [{ name: "day", type: "date", bucket: "day" }, { name: "total" }],
        rows: [
          ["2026-01-02", 2],
          ["2026-01-03", 4],
        ],
      },
    });
  });

  it("whose rows are replaced while it is read is read again, with the columns there are then", async () => {
    const panelId = addPanel(addSection("finance", 1), 1, metric("Number"));
    const real = runQuery;
    runQuery = async (asked_, dataset, wanted, caller) => {
      importRows(database, datasetId, [{ amount: 9 }], 0);
      runQuery = real;
      return real(asked_, dataset, wanted, caller);
    };
    expect((await readPanel("finance", panelId)).rows).toEqual([[9]]);
    runQuery = () => Promise.reject(new DatasetChanged());
    await expect(readPanel("finance", panelId)).rejects.toMatchObject({ code: "busy" });
  });

  it("that takes too long says so, alone", async () => {
    const finance = addSection("finance", 1);
    addPanel(finance, 1, metric("Slow", query({ limit: 1 })));
    addPanel(finance, 2, metric("Quick"));
    const real = runQuery;
    runQuery = (asked_, ...rest) =>
      asked_.limit === 1
        ? Promise.reject(new AppError("query_timeout", { detail: "Too long." }))
        : real(asked_, ...rest);
    expect(await open("finance", { include: "data" })).toMatchObject([
      { error: { code: "query_timeout", detail: "Too long.", requestId: "req_1" } },
      { data: { rows: [[7]] } },
    ]);
  });
});

describe("the lookup of sections", () => {
  it("sees at once that a section has become public, or has ceased to be", () => {
    const { locate } = openStore();
    expect(locate("finance")).toBeNull();
    addSection("finance", 1);
    expect(locate("finance")).toEqual({ slug: "finance", visibility: "restricted" });
    database.orm.update(schema.sections).set({ visibility: "public" }).run();
    expect(locate("finance")).toEqual({ slug: "finance", visibility: "public" });
    database.orm.delete(schema.sections).run();
    expect(locate("finance")).toBeNull();
  });

  it("knows a slug of before, by whatever hand the section was renamed, until another takes it", async () => {
    const { locate, read } = openStore();
    const id = addSection("finance", 1);
    const run = (statement: string): unknown => database.sqlite.prepare(statement).run();
    run("UPDATE sections SET slug = 'money'");
    run("UPDATE sections SET slug = 'books'");
    for (const slug of ["finance", "money", "books"]) {
      expect(locate(slug)).toEqual({ slug: "books", visibility: "restricted" });
      expect((await read(slug))?.section.id).toBe(id);
    }
    run("UPDATE sections SET slug = 'finance'");
    expect(locate("books")).toEqual({ slug: "finance", visibility: "restricted" });
    addSection("money", 2, "public");
    expect(locate("money")).toEqual({ slug: "money", visibility: "public" });
    database.sqlite.pragma("foreign_keys = OFF");
    run("DELETE FROM sections WHERE slug = 'finance'");
    expect([locate("finance"), locate("books")]).toEqual([null, null]);
    expect(database.sqlite.prepare("SELECT * FROM section_slugs").all()).toEqual([]);
  });

  it("gives another version to what was edited by hand, and to nothing else", () => {
    const id = addSection("finance", 1);
    const versionAfter = (statement: string): unknown => {
      database.sqlite.prepare(statement).run();
      return database.sqlite.prepare("SELECT version FROM sections").pluck().get();
    };
    expect([
      versionAfter("UPDATE sections SET title = title, updated_at = 8"),
      versionAfter("UPDATE sections SET title = 'Money'"),
      versionAfter("UPDATE sections SET last = 'P1D'"),
      versionAfter("UPDATE sections SET position = 2"),
      versionAfter("UPDATE sections SET title = 'Books', version = 10"),
      versionAfter(
        `INSERT INTO panels (id, section_id, position, definition) VALUES ('pan_x', '${id}', 1, '{}')`,
      ),
      versionAfter("UPDATE panels SET position = 2"),
      versionAfter("DELETE FROM panels"),
    ]).toEqual([1, 2, 3, 4, 10, 11, 12, 13]);
  });

  it("lists sections and datasets to who administers them along an index, whatever the order", async () => {
    const asked: [sql: string, parameters: unknown[]][] = [];
    const orm = drizzle(database.sqlite, {
      schema,
      logger: { logQuery: (sql, parameters) => void asked.push([sql, parameters]) },
    });
    const { listSettings } = openStore(orm);
    for (const order of ["position", "title", "slug", "updatedAt"] as const)
      for (const isDescending of [false, true])
        await listSettings({
          order,
          isDescending,
          contains: null,
          visibility: null,
          after: { rank: order === "position" || order === "updatedAt" ? 1 : "a", slug: "a" },
          limit: 50,
        });
    const { search } = createDatasetStore(partsOf(orm), () => {});
    for (const order of ["name", "title", "rowCount", "updatedAt"] as const)
      for (const isDescending of [false, true])
        await search({
          order,
          isDescending,
          contains: null,
          after: { rank: order === "rowCount" || order === "updatedAt" ? 1 : "a", name: "a" },
          limit: 50,
        });
    const plans = asked
      .filter(([sql]) => sql.includes("limit"))
      .map(([sql, parameters]) =>
        database.sqlite
          .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...parameters)
          .map(({ detail }) => detail),
      );
    expect(plans).toHaveLength(16);
    for (const plan of plans) {
      expect(plan[0]).toMatch(/^SEARCH (?:sections|datasets) USING INDEX/);
      expect(plan.join("\n")).not.toMatch(/TEMP B-TREE|SCAN/);
    }
  });

  it("lists a caller's links: granted and public ones, in order", async () => {
    const { listLinks } = openStore();
    addSection("b", 2);
    addSection("a", 2);
    addSection("welcome", 3, "public");
    expect(listLinks(["b"])).toEqual([
      { slug: "b", title: "B", icon: "home", position: 2, visibility: "restricted" },
      { slug: "welcome", title: "WELCOME", icon: "home", position: 3, visibility: "public" },
    ]);
    expect((await listLinks([everySection])).map(({ slug }) => slug)).toEqual([
      "a",
      "b",
      "welcome",
    ]);
    expect((await listLinks([])).map(({ slug }) => slug)).toEqual(["welcome"]);
    expect((await listLinks(['"]; --', "a' or 1=1"])).map(({ slug }) => slug)).toEqual(["welcome"]);
  });
});
