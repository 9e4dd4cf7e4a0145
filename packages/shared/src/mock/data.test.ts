import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Panel, Section, Session } from "../contract/contract.ts";
import { readSampleSections } from "../sample/sample.ts";
import { createMockApi, type MockApi } from "./mock.ts";

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: RequestInit["body"];
}

let mock: MockApi;
let token: string;
const ask = async (path: string, { method = "GET", headers = {}, json, body }: Sent = {}) => {
  const response = await mock.fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(json !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(json !== undefined ? { body: JSON.stringify(json) } : body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? null : JSON.parse(text),
  };
};
const csv = { "content-type": "text/csv" };

beforeEach(async () => {
  mock = createMockApi({
    baseUrl: "https://api.example.com",
    clock: () => Date.parse("2026-11-22T09:00:00Z"),
  });
  const response = await mock.fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      username: "mica",
      password: "sample-mica-passphrase",
      delivery: "body",
    }),
  });
  token = ((await response.json()) as Session).accessToken ?? "";
});
afterEach(() => mock.dispose());

const sections = readSampleSections();

describe.each(sections.map(({ slug }) => slug))("the sample's section %s", (slug) => {
  const panelsOf = async (range = ""): Promise<readonly Panel[]> => {
    const { status, body } = await ask(`/sections/${slug}?include=data${range}`);
    expect(status).toBe(200);
    return (body as Section).panels;
  };

  it("has figures that can be compared, and rows in every panel", async () => {
    for (const panel of await panelsOf()) {
      if (!("followsRange" in panel)) continue;
      expect([panel.title, panel.error]).toEqual([panel.title, undefined]);
      expect(panel.attribution).toMatch(/made up/i);
      if (panel.kind === "metric") {
        expect([panel.title, panel.data?.rows]).toEqual([
          panel.title,
          [[expect.any(Number), expect.any(Number)]],
        ]);
        expect([panel.title, (panel.data?.trend?.rows.length ?? 0) > 4]).toEqual([
          panel.title,
          true,
        ]);
      } else
        expect([panel.title, (panel.data?.rows.length ?? 0) >= 4]).toEqual([panel.title, true]);
    }
  });

  it.each(["&last=all", "&last=P1Y", "&last=P30D", "&from=2005-01-01&to=2010-01-01"])(
    "answers for the range %s as well",
    async (range) => {
      for (const panel of await panelsOf(range))
        expect([panel.title, "error" in panel && panel.error]).toEqual([panel.title, false]);
    },
  );
});

describe("a panel of the mock", () => {
  const panelsOf = async (slug: string): Promise<readonly Panel[]> =>
    (await ask(`/sections/${slug}`)).body.panels;
  const idOf = async (slug: string, title: string, kind: Panel["kind"]): Promise<string> =>
    (await panelsOf(slug)).find((panel) => panel.title === title && panel.kind === kind)?.id ?? "";

  it("is sorted and turned to a page, and says how many rows there are", async () => {
    const address = `/sections/marketing/panels/${await idOf("marketing", "All films", "table")}/data`;
    const first = await ask(`${address}?sort=-imdbRating&limit=5`);
    expect(first.body).toMatchObject({ total: 1_600 });
    const ratings = first.body.rows.map((row: unknown[]) => row[5]);
    expect(ratings).toEqual([...ratings].sort((one, other) => other - one));
    expect(ratings[0]).toBeGreaterThan(8);
    const second = await ask(`${address}?sort=-imdbRating&limit=5&page=2`);
    expect(second.body.rows[0][5]).toBeLessThanOrEqual(ratings[4]);
    expect((await ask(`${address}?sort=nothing`)).body).toMatchObject({
      code: "validation_failed",
      errors: [{ pointer: "/query/sort" }],
    });
    expect((await ask(`${address}?points=20`)).body).toMatchObject({
      code: "validation_failed",
      errors: [{ pointer: "/query/points", code: "wrong_kind" }],
    });
  });

  it("has fewer points than rows where it is a long line, and says so", async () => {
    const { body } = await ask(
      `/sections/finance/panels/${await idOf("finance", "S&P 500", "chart")}/data?points=100`,
    );
    expect(body.rows.length).toBeLessThanOrEqual(100);
    expect(body.points).toBeGreaterThan(5_000);
  });

  it("fails alone, and like a query that takes too long where it is asked for by itself", async () => {
    const id = await idOf("finance", "Every month", "table");
    mock.change((state) => {
      state.datasets = state.datasets.filter(({ name }) => name !== "stocks");
    });
    const { body } = await ask("/sections/finance?include=data");
    const failed = (body as Section).panels.filter((panel) => "error" in panel);
    expect(failed.map(({ title }) => title)).toEqual([
      "Five companies",
      "Risk and reward",
      "Every month",
    ]);
    expect(failed[0]).toMatchObject({
      error: { code: "panel_failed", requestId: expect.any(String) },
    });
    expect((await ask(`/sections/finance/panels/${id}/data`)).body).toMatchObject({
      code: "panel_failed",
    });
    mock.change((state) => {
      state.queriesTakeTooLong = true;
    });
    expect((await ask(`/sections/finance/panels/${id}/data`)).body).toMatchObject({
      code: "query_timeout",
      detail: expect.stringContaining("10 s"),
    });
  });
});

describe("a section as a file", () => {
  it("is what it is imported from, keeps the ids of its panels, and is not replaced by who has another one in mind", async () => {
    const { body: definition, headers } = await ask("/sections/people/definition");
    const { $schema, ...kept } = definition;
    expect($schema).toBe("https://api.example.com/schemas/section.json");
    const { $schema: _, ...sample } = sections.find(({ slug }) => slug === "people") ?? {};
    // The sample's, but for what says that the numbers are invented.
    const withoutWords = (section: Record<string, unknown>) => ({
      ...section,
      description: "",
      panels: (section["panels"] as { kind: string }[]).filter(({ kind }) => kind !== "markdown"),
    });
    expect(withoutWords(kept)).toEqual(withoutWords(sample));
    expect(definition.description).toMatch(/^Invented numbers\. /);
    for (const panel of definition.panels)
      if (panel.kind === "markdown")
        expect(panel.text).toMatch(/^\*\*The numbers on this page are invented\.\*\* /);
    const etag = headers.get("etag") as string;
    const before = (await ask("/sections/people")).body as Section;

    const put = (json: unknown, conditions = {}) =>
      ask("/sections/people/definition", { method: "PUT", json, headers: conditions });
    expect(
      (await put({ ...definition, title: "Staff" }, { "if-match": '"another"' })).body,
    ).toMatchObject({ code: "precondition_failed" });
    const replaced = await put(
      { ...definition, title: "Staff", panels: definition.panels.slice(1) },
      { "if-match": etag },
    );
    expect(replaced.status).toBe(200);
    expect(replaced.headers.get("etag")).not.toBe(etag);
    const after = (await ask("/sections/people")).body as Section;
    expect(after.title).toBe("Staff");
    expect(after.panels.map(({ id }) => id)).toEqual(before.panels.slice(1).map(({ id }) => id));
  });

  it("is no longer in the state than it is, however often it is replaced", async () => {
    const { body: definition } = await ask("/sections/people/definition");
    const put = (text: string) =>
      ask("/sections/people/definition", {
        method: "PUT",
        headers: { "if-match": "*" },
        json: { ...definition, panels: [{ kind: "markdown", title: "Long", width: 12, text }] },
      });
    expect((await put("a".repeat(20_000))).status).toBe(200);
    const before = JSON.stringify(mock.exportState()).length;
    for (const letter of "bcdefghij") expect((await put(letter.repeat(20_000))).status).toBe(200);
    expect(JSON.stringify(mock.exportState()).length - before).toBeLessThan(10_000);
    expect(mock.exportState().audit.at(-1)).toMatchObject({ action: "section.replace" });
  });

  it("is refused with every mistake at once", async () => {
    const select = [{ column: "nothing" }, { aggregate: "sum", column: "company", name: "sum" }];
    const panels = [
      {
        kind: "table",
        title: "Wrong",
        width: 12,
        query: { dataset: "stocks", select, orderBy: [{ name: "other", direction: "ascending" }] },
      },
    ];
    const { status, body } = await ask("/sections/novel/definition", {
      method: "PUT",
      json: { slug: "novel", title: "New", panels },
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/panels/0/query/select/0/column",
      "/panels/0/query/select/1/aggregate",
      "/panels/0/query/orderBy/0/name",
    ]);
    expect((await ask("/sections/novel/definition")).body).toMatchObject({ code: "not_found" });
  });
});

describe("datasets of the mock", () => {
  const columns = [
    { name: "city", label: "City", type: "text" },
    { name: "visits", label: "Visits", type: "integer" },
    { name: "day", label: "Day", type: "date" },
  ];
  const create = () =>
    ask("/datasets", { method: "POST", json: { name: "visits", title: "Visits", columns } });
  const send = (
    method: "POST" | "PUT",
    body: RequestInit["body"],
    headers: Readonly<Record<string, string>> = csv,
    query = "",
  ) => ask(`/datasets/visits/rows${query}`, { method, headers, body });

  it("take rows as CSV, JSON, lines of JSON and gzip, and their version rises", async () => {
    await create();
    expect(
      (await send("POST", "day;city;visits\n2026-01-31;Rome;2\n2026-02-01;Paris;3\n")).body,
    ).toEqual({
      rows: 2,
      rowCount: 2,
      version: 2,
      read: {
        delimiter: "semicolon",
        encoding: "utf-8",
        decimal: "point",
        header: "names",
        blankRows: 0,
      },
    });
    expect(
      (await send("POST", '[{"city":"Oslo","visits":1}]', { "content-type": "application/json" }))
        .body,
    ).toMatchObject({ rows: 1, rowCount: 3, version: 3 });
    expect(
      (
        await send("POST", '{"city":"Bern"}\n{"visits":9}\n', {
          "content-type": "application/x-ndjson",
        })
      ).body,
    ).toMatchObject({ rows: 2, rowCount: 5, version: 4 });
    const zipped = await new Response(
      new Blob(["city,visits,day\nLima,7,\n"]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    expect((await send("PUT", zipped, { ...csv, "content-encoding": "gzip" })).body).toMatchObject({
      rows: 1,
      rowCount: 1,
      version: 5,
    });
  });

  it("store nothing of a file with a mistake, and point at each one, also at one that cannot be read", async () => {
    await create();
    const { body } = await send(
      "PUT",
      'city,visits,day\nRome,2,2026-01-31\nParis,many,2026-02-30\nOslo,1\n"Bern,1,2026-01-01\n',
    );
    expect(body.code).toBe("rows_rejected");
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ["/lines/3/visits", "wrong_value"],
      ["/lines/3/day", "wrong_value"],
      ["/lines/4", "wrong_cell_count"],
      ["/lines/5/city", "unreadable"],
    ]);
    expect(
      (await send("PUT", new Uint8Array([0x63, 0x69, 0xff, 0xfe]), csv, "?encoding=utf-8")).body,
    ).toMatchObject({ errors: [{ pointer: "/lines/1", code: "unreadable" }] });
    expect((await send("PUT", "[{]", { "content-type": "application/json" })).body).toMatchObject({
      code: "malformed_json",
    });
    expect((await ask("/datasets/visits")).body).toMatchObject({ rowCount: 0, version: 1 });
  });

  it("tell of an import that nobody waits for how it went", async () => {
    await create();
    const { status, headers, body } = await send(
      "POST",
      "city,visits,day\nRome,2,\n",
      csv,
      "?wait=false",
    );
    expect([status, body.status]).toEqual([202, "waiting"]);
    expect((await ask(headers.get("location") as string)).body).toMatchObject({
      id: body.id,
      status: "done",
      result: { rows: 1, rowCount: 1, version: 2 },
    });
    const failed = await send("POST", "city,visits,day\nRome,x,\n", csv, "?wait=false");
    expect((await ask(`/imports/${failed.body.id}`)).body).toMatchObject({
      status: "failed",
      problem: { code: "rows_rejected", errors: [{ pointer: "/lines/2/visits" }] },
    });
  });

  it("lose the rows of a range, and change what panels show", async () => {
    const gapminder = (await ask("/datasets/gapminder")).body;
    const deletion = await ask("/datasets/gapminder/rows?column=year&from=2005-01-01", {
      method: "DELETE",
    });
    expect(deletion.body).toEqual({
      deleted: 62,
      rowCount: gapminder.rowCount - 62,
      version: gapminder.version + 1,
    });
    const { body } = await ask("/sections/welcome?include=data");
    expect((body as Section).timeBounds).toEqual({ from: "1955-01-01", to: "2000-01-01" });
    expect(
      (body as Section).panels.find(({ title }) => title === "Every country in 2005"),
    ).toMatchObject({ data: { rows: [], total: 0 } });
  });

  it("are not deleted while a panel reads them", async () => {
    expect((await ask("/datasets/flights", { method: "DELETE" })).body).toMatchObject({
      code: "dataset_in_use",
      detail:
        "Panels of these sections read it: Operations. Take those panels out of the sections first.",
    });
    await create();
    expect((await ask("/datasets/visits", { method: "DELETE" })).status).toBe(204);
    expect((await ask("/datasets/visits")).body).toMatchObject({ code: "not_found" });
  });

  it("say what a file is", async () => {
    const { body } = await ask("/datasets/detection", {
      method: "POST",
      headers: csv,
      body: "Day|Price\n2026-01-31|1,5\n",
    });
    expect(body).toMatchObject({
      delimiter: "pipe",
      decimal: "comma",
      columns: [{ type: "date" }, { type: "decimal" }],
    });
  });
});

it("is the same installation again after its state was exported as JSON and imported", async () => {
  await ask("/datasets", {
    method: "POST",
    json: {
      name: "notes",
      title: "Notes",
      columns: [{ name: "text", label: "Text", type: "text" }],
    },
  });
  await ask("/datasets/notes/rows", { method: "POST", headers: csv, body: "text\none\n" });
  const state = JSON.stringify(mock.exportState());
  const welcome = (await ask("/sections/welcome?include=data")).body as Section;
  mock.reset();
  mock.importState(JSON.parse(state));
  expect((await ask("/datasets/notes")).body).toMatchObject({ rowCount: 1, version: 2 });
  expect((await ask("/sections/welcome?include=data")).body).toEqual(welcome);
});
