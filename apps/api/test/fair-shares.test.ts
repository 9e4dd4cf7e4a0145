/**
 * What many ask for at once: everybody has a share of it, and nobody's share is what somebody else
 * leaves.
 */
import type { DatasetColumn, PanelDefinition, Section } from "@sallyport/shared/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { addDataset, addPanel, replaceRows } from "./dashboards.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { request, signInForBody, webOrigin } from "./test-browser.ts";

const wide: readonly DatasetColumn[] = Array.from({ length: 30 }, (_, index) => ({
  name: `column ${index}`,
  label: `Column ${index}`,
  type: index % 2 === 0 ? "text" : "integer",
}));

const wideRow = Object.fromEntries(
  wide.map(({ name, type }, index) => [name, type === "text" ? `a cell of text ${index}` : index]),
);
const wideRows = (count: number) => Array.from({ length: count }, () => wideRow);

const createWideApp = async (rows: number): Promise<TeamApp> => {
  const app = await createTeamApp();
  await addDataset(app, { name: "wide", columns: [...wide] }, wideRows(rows));
  return app;
};

const table: PanelDefinition = {
  kind: "table",
  title: "All of it",
  width: 12,
  query: { dataset: "wide", select: wide.map(({ name }) => ({ column: name })) },
};

describe("forty visitors who ask a public section for all they can", () => {
  it("leave a reader who is signed in all of their panels", { timeout: 60_000 }, async () => {
    const app = await createWideApp(2_000);
    const publicPanel = await addPanel(app, "welcome", table);
    for (let panel = 1; panel <= 12; panel += 1)
      await addPanel(app, "marketing", { ...table, title: `Panel ${panel}`, pageSize: 5 + panel });
    const mike = await signInForBody(app, "mike");

    const visitors: Promise<number>[] = [];
    for (let visitor = 1; visitor <= 40; visitor += 1)
      for (let page = 1; page <= 20; page += 1)
        visitors.push(
          request(
            app,
            "GET",
            `/sections/welcome/panels/${publicPanel}/data?limit=${visitor}&page=${page}&sort=column%20${page}`,
            { address: `203.0.113.${visitor}` },
          ).then(({ status }) => status),
        );
    // What a visitor asks for waits by now, more than can wait.
    await new Promise((resolve) => setImmediate(resolve));
    const reply = await mike.send("GET", "/sections/marketing?include=data");
    const { panels } = reply.body as unknown as Section;
    const failed = panels.flatMap((panel) => ("error" in panel ? [panel.error?.code] : []));
    expect(failed).toEqual([]);
    expect(panels.filter((panel) => "data" in panel)).toHaveLength(12);

    const answers = await Promise.all(visitors);
    // They are refused, and not in any other way than by being told to come again; each network has
    // had some of it.
    expect(new Set(answers)).toEqual(new Set([200, 503]));
    for (let visitor = 0; visitor < 40; visitor += 1)
      expect(answers.slice(visitor * 20, visitor * 20 + 20)).toContain(200);
    expect(app.faults).toEqual([]);
  });
});

/** How much JSON is written and read in this thread meanwhile, and how often. */
const watchJson = () => {
  const seen = { characters: 0, calls: 0 };
  const { stringify, parse } = JSON;
  vi.spyOn(JSON, "stringify").mockImplementation((...given: Parameters<typeof stringify>) => {
    const text = stringify(...given);
    seen.calls += 1;
    seen.characters += text?.length ?? 0;
    return text;
  });
  vi.spyOn(JSON, "parse").mockImplementation((...given: Parameters<typeof parse>) => {
    seen.calls += 1;
    seen.characters += given[0].length;
    return parse(...given) as unknown;
  });
  return seen;
};

afterEach(() => void vi.restoreAllMocks());

describe("what never changes", () => {
  it.each([
    "/openapi.json",
    "/schemas/section.json",
    "/.well-known/jwks.json",
    "/problems/forbidden",
  ])("is written once, and known by its tag: %s", async (path) => {
    const app = await createTeamApp();
    const first = await app.app.request(path);
    const text = await first.text();
    const tag = first.headers.get("etag") ?? "";
    const seen = watchJson();
    const again = await app.app.request(path);
    const known = await app.app.request(path, { headers: { "if-none-match": tag } });
    vi.restoreAllMocks();
    expect(seen).toEqual({ characters: 0, calls: 0 });
    expect(await again.text()).toBe(text);
    expect([again.headers.get("etag"), known.status]).toEqual([tag, 304]);
  });

  it("is not all that is written once: so is a list, in pages or whole, until something in it changes", async () => {
    const app = await createTeamApp();
    const { accessToken } = await signInForBody(app, "mica");
    const ask = async (path: string) => {
      const headers = { authorization: `Bearer ${accessToken}` };
      const response = await app.app.request(path, { headers });
      return { text: await response.text(), link: response.headers.get("link") };
    };
    for (const [path, most] of [
      ["/sections", 20],
      ["/sections?limit=1", 20],
      ["/sections?limit=2", 20],
      ["/sections?scope=all", 250],
      ["/sections?scope=all&limit=2&sort=-title&visibility=restricted", 250],
    ] as const) {
      const first = await ask(path);
      const seen = watchJson();
      expect(await ask(path)).toEqual(first);
      vi.restoreAllMocks();
      // What the list is kept under, rights or a question, and nothing of the list.
      expect(seen.characters).toBeLessThan(most);
      expect(first.text.length).toBeGreaterThan(most);
      app.runSql("UPDATE sections SET title = title || '!'");
      expect((await ask(path)).text).not.toBe(first.text);
    }
  });

  it("is written anew where it has changed after all: keys that have been rotated", async () => {
    const app = await createTeamApp();
    const ask = async () => {
      const response = await app.app.request("/.well-known/jwks.json");
      return { tag: response.headers.get("etag"), text: await response.text() };
    };
    const before = await ask();
    await app.dependencies.keys.rotate({ leaked: true });
    const after = await ask();
    expect(after.text).not.toBe(before.text);
    expect(after.tag).not.toBe(before.tag);
  });
});

describe("what the main thread does for ten thousand rows of a wide table", () => {
  it(
    "is what it does for ten, whether they are sent or known already",
    { timeout: 30_000 },
    async () => {
      const app = await createWideApp(10_000);
      const address = `/sections/welcome/panels/${await addPanel(app, "welcome", table)}/data`;
      const ask = async (limit: number, tag?: string) => {
        const seen = watchJson();
        const response = await app.app.request(`${address}?limit=${limit}`, {
          headers: { origin: webOrigin, ...(tag !== undefined && { "if-none-match": tag }) },
        });
        vi.restoreAllMocks();
        const bytes = await response.arrayBuffer();
        return { response, bytes, characters: seen.characters };
      };
      const few = await ask(10);
      const many = await ask(10_000);
      expect(many.response.headers.get("content-type")).toBe("application/json");
      const { rows, columns } = JSON.parse(new TextDecoder().decode(many.bytes)) as {
        rows: unknown[][];
        columns: unknown[];
      };
      expect([rows.length, rows[9_999]?.length, columns.length]).toEqual([10_000, 30, 30]);
      expect(many.bytes.byteLength).toBeGreaterThan(2_000_000);
      expect(few.characters).toBeGreaterThan(0);
      // The total has as many digits more.
      expect(Math.abs(many.characters - few.characters)).toBeLessThan(50);

      const tag = many.response.headers.get("etag") ?? "";
      expect(tag).toMatch(/^"[A-Za-z0-9_-]{43}"$/);
      const known = await ask(10_000, tag);
      expect([known.response.status, known.bytes.byteLength]).toEqual([304, 0]);
      expect(Math.abs(known.characters - few.characters)).toBeLessThan(50);
      expect((await ask(10, tag)).response.status).toBe(200);
    },
  );

  it("gives the tag that belongs to the bytes: a row that changes changes it, and a restart does not", async () => {
    const app = await createWideApp(20);
    const address = `/sections/welcome/panels/${await addPanel(app, "welcome", table)}/data`;
    const tagOf = async (): Promise<string | null> =>
      (await app.app.request(address)).headers.get("etag");
    const before = await tagOf();
    expect(await tagOf()).toBe(before);
    await replaceRows(app, "wide", [...wideRows(19), { ...wideRow, "column 1": 99 }]);
    const after = await tagOf();
    expect(after).not.toBe(before);
    await replaceRows(app, "wide", wideRows(20));
    expect(await tagOf()).toBe(before);
  });
});
