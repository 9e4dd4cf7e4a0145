import { everySection, panelData, section as sectionSchema, type Panel } from "@sallyport/shared/contract";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../database/connection.ts";
import type { PanelDefinition, Query } from "@sallyport/shared/contract";
import { newId } from "../database/identifier.ts";
import * as schema from "../database/schema.ts";
import { createSqliteStore } from "../database/sqlite-store.ts";
import { createWriter } from "../database/writer.ts";
import { createQueryRunner } from "../datasets/run-query.ts";
import { createDataset, importRows } from "../datasets/datasets.ts";
import type { Caller, RequestContext } from "../http/endpoint.ts";
import { AppError } from "../http/errors.ts";
import { createSectionHandlers, type PanelFailure } from "./sections.ts";

let database: Database;
const openStore = () => createSqliteStore(database, createWriter(database.sqlite, { now: Date.now, wait: () => Promise.resolve() }));
let failures: PanelFailure[];
let statementTexts: string[];
let handlers: ReturnType<typeof createSectionHandlers>;
let datasetId: string;

const addSection = (slug: string, position: number, visibility: "restricted" | "public" = "restricted"): string => {
  const id = newId("sec");
  database.orm.insert(schema.sections).values({ id, slug, title: slug.toUpperCase(), icon: "home", position, visibility, createdAt: 0, updatedAt: 0 }).run();
  return id;
};
const addPanel = (sectionId: string, position: number, definition: PanelDefinition): string => {
  const id = newId("pan");
  database.orm
    .insert(schema.panels)
    .values({ id, sectionId, position, datasetId: definition.kind === "markdown" ? null : datasetId, definition })
    .run();
  return id;
};
const query = (rest: Partial<Query> = {}): Query => ({ dataset: "sales", select: [{ aggregate: "sum", column: "amount", name: "total", label: "Total" }], ...rest });
const metric = (title: string, of: Query = query()): PanelDefinition => ({ kind: "metric", title, width: 3, query: of });

beforeEach(() => {
  const opened = openDatabase(":memory:");
  statementTexts = [];
  database = { ...opened, orm: drizzle(opened.sqlite, { schema, logger: { logQuery: (text) => statementTexts.push(text) } }) };
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
  handlers = createSectionHandlers({ store: openStore(), runQuery: createQueryRunner(database), reportFailure: (failure) => failures.push(failure) });
});
afterEach(() => database.close());

const contextOf = (granted: readonly string[] | null): RequestContext => {
  const caller: Caller | null = granted && { userId: "usr_x", sessionId: "ses_x", sections: granted, epoch: 1, via: "cookie", accessExpiresAt: 0 };
  return { requestId: "req_1", address: "", userAgent: "", origin: undefined, caller, header: () => undefined };
};
const ok = (status: number, body: unknown, extras: object = {}) => ({ status, body, ...extras });
const asked = { headers: {}, body: undefined, ok } as const;

interface List {
  readonly items: readonly { readonly slug: string }[];
  readonly nextCursor: string | null;
}
const list = async (granted: readonly string[] | null, { scope = "permitted", limit = 100, cursor }: { scope?: "permitted" | "all"; limit?: number; cursor?: string } = {}) => {
  const answer = await handlers["GET /sections"]({ ...asked, params: {}, query: { scope, limit, ...(cursor !== undefined && { cursor }) }, context: contextOf(granted) });
  const { items, nextCursor } = answer.body as List;
  return { slugs: items.map(({ slug }) => slug), nextCursor, link: answer.headers?.["link"] };
};
const open = async (slug: string, asking: { include?: "data"; from?: string; to?: string } = {}): Promise<Panel[]> => {
  const answer = await handlers["GET /sections/:slug"]({ ...asked, params: { slug }, query: asking, context: contextOf([everySection]) });
  return sectionSchema.parse(answer.body).panels;
};
const readPanel = async (slug: string, panelId: string, range: { from?: string; to?: string } = {}) => {
  const answer = await handlers["GET /sections/:slug/panels/:panelId/data"]({ ...asked, params: { slug, panelId }, query: range, context: contextOf([everySection]) });
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
    expect((await list(["marketing", "finance", "gone", "welcome"])).slugs).toEqual(["welcome", "finance", "marketing"]);
    expect((await list([everySection])).slugs).toEqual(["welcome", "finance", "people", "marketing"]);
    expect((await list([], { scope: "all" })).slugs).toEqual(["welcome", "finance", "people", "marketing"]);
  });

  it("comes in pages that neither repeat nor lose a section, with a link to the next", async () => {
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 10; page += 1) {
        const { slugs, nextCursor, link } = await list([everySection], { limit, ...(cursor !== undefined && { cursor }) });
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
    expect((await list([], { scope: "all", limit: 1 })).link).toMatch(/^<\?scope=all&limit=1&cursor=[A-Za-z0-9_-]+>; rel="next"$/);
  });

  it("shows no section that is not permitted, whatever the cursor says", async () => {
    const { nextCursor } = await list([everySection], { limit: 1 });
    expect((await list(["people"], { cursor: nextCursor as string })).slugs).toEqual(["people"]);
  });

  it("refuses a cursor that it has not given", async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of ["", "!", "%00", "x", encode(null), encode({}), encode([1]), encode(["1", "a"]), encode([1, 2]), encode([1.5, "a"]), encode([1, "a", 2])])
      await expect(list([], { cursor })).rejects.toMatchObject({ code: "validation_failed", members: { errors: [{ pointer: "/query/cursor" }] } });
  });
});

describe("one section", () => {
  it("has its panels in order, without their queries", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 2, { kind: "markdown", title: "Second", width: 12, text: "*Hello*" });
    const first = addPanel(id, 1, { ...metric("First"), description: "A number" });
    const answer = await handlers["GET /sections/:slug"]({ ...asked, params: { slug: "finance" }, query: {}, context: contextOf([everySection]) });
    expect(answer.body).toEqual({
      id,
      slug: "finance",
      title: "FINANCE",
      description: "",
      icon: "home",
      position: 1,
      visibility: "restricted",
      panels: [
        { id: first, kind: "metric", title: "First", description: "A number", width: 3, attribution: "Ourselves" },
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
    for (let position = 1; position <= 50; position += 1) addPanel(large, position, metric(`Panel ${position}`));
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
    const totals = (panels: Panel[]) => panels.map((panel) => (!("followsRange" in panel) ? null : panel.data?.rows[0]?.[0]));
    expect(totals(await open("finance", { include: "data" }))).toEqual([7, 7]);
    expect(totals(await open("finance", { include: "data", from: "2026-01-02", to: "2026-01-03" }))).toEqual([7, 2]);
    expect(totals(await open("finance", { from: "2026-01-02" }))).toEqual([undefined, undefined]);
  });

  it("gives a failing panel its own error, tells the log why, and the others their data", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, metric("Good"));
    const bad = addPanel(id, 2, metric("Bad", query({ select: [{ column: "secret column" }] })));
    addPanel(id, 3, metric("Other dataset", query({ dataset: "salaries" })));
    const panels = await open("finance", { include: "data" });
    expect(panels.map((panel) => (!("followsRange" in panel) ? null : (panel.error?.code ?? panel.data?.rows)))).toEqual([[[7]], "panel_failed", "panel_failed"]);
    expect(panels[1]).toMatchObject({ error: { requestId: "req_1" } });
    expect(JSON.stringify(panels)).not.toContain("secret column");
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ requestId: "req_1", slug: "finance", panelId: bad, error: { issues: [{ code: "unknown_column" }] } });
  });

  it("never shows a row that a panel's query does not select", async () => {
    const id = addSection("finance", 1);
    addPanel(id, 1, { kind: "table", title: "Red", width: 6, query: query({ select: [{ column: "amount" }], filter: { column: "team", is: "equal", value: "red" } }) });
    const [panel] = await open("finance", { include: "data", from: "0000-01-01", to: "9999-12-31" });
    expect(panel).toMatchObject({ data: { columns: [{ name: "amount", label: "Amount", type: "integer", unit: "USD" }], rows: [[1]] } });
    expect(JSON.stringify(panel)).not.toMatch(/team|red/);
  });
});

describe("the data of one panel", () => {
  it("are those of its query, in the range", async () => {
    const panelId = addPanel(addSection("finance", 1), 1, metric("Total", query({ timeColumn: "day" })));
    expect(await readPanel("finance", panelId)).toEqual({ columns: [{ name: "total", label: "Total", type: "integer", unit: "USD" }], rows: [[7]] });
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
    const panelId = addPanel(addSection("finance", 1), 1, metric("Bad", query({ select: [{ column: "secret column" }] })));
    await expect(readPanel("finance", panelId)).rejects.toMatchObject({ code: "panel_failed", members: { cause: { name: "QueryRefused" } } });
    expect(await readPanel("finance", panelId).catch((error: AppError) => error.message)).not.toContain("secret column");
    expect(failures[0]).toMatchObject({ panelId, slug: "finance", requestId: "req_1" });
  });
});

describe("the lookup of sections", () => {
  it("sees at once that a section has become public, or has ceased to be", () => {
    const { readSectionVisibility: readVisibility } = openStore();
    expect(readVisibility("finance")).toBeNull();
    addSection("finance", 1);
    expect(readVisibility("finance")).toBe("restricted");
    database.orm.update(schema.sections).set({ visibility: "public" }).run();
    expect(readVisibility("finance")).toBe("public");
    database.orm.delete(schema.sections).run();
    expect(readVisibility("finance")).toBeNull();
  });

  it("lists a caller's links: granted and public ones, in order", async () => {
    const { listSectionLinks } = openStore();
    addSection("b", 2);
    addSection("a", 2);
    addSection("welcome", 3, "public");
    expect(listSectionLinks(["b"])).toEqual([
      { slug: "b", title: "B", icon: "home", position: 2 },
      { slug: "welcome", title: "WELCOME", icon: "home", position: 3 },
    ]);
    expect((await listSectionLinks([everySection])).map(({ slug }) => slug)).toEqual(["a", "b", "welcome"]);
    expect((await listSectionLinks([])).map(({ slug }) => slug)).toEqual(["welcome"]);
    expect((await listSectionLinks(['"]; --', "a' or 1=1"])).map(({ slug }) => slug)).toEqual(["welcome"]);
  });
});
