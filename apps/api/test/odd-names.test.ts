/**
 * Names that nobody thought of, of columns, datasets and sections, through all that reads them:
 * detection, import, query, definitions. Whatever they are, the server and the mock take them
 * alike, and neither ever answers 500.
 */
import type { Detection, NewDataset, Section, Session } from "@sallyport/shared/contract";
import { createMockApi, type MockApi } from "@sallyport/shared/mock";
import { passwordOf, type Sent } from "@sallyport/shared/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServerSubject, startTime, type ServerSubject } from "./behaviour-subject.ts";
import { webOrigin } from "./test-browser.ts";

let server: ServerSubject;
let mock: MockApi;
let tokens: readonly [server: string, mock: string];
let made = 0;

type Fetch = (path: string, sent: Sent) => Promise<Response>;
const sides: readonly [Fetch, Fetch] = [
  (path, sent) => server.fetch(path, { ...sent, credentials: "omit" }),
  (path, { method = "GET", headers = {}, body }) =>
    mock.fetch(`http://localhost:4000${path}`, {
      method,
      headers: { "user-agent": "Behaviour", origin: webOrigin, ...headers },
      credentials: "omit",
      ...(body !== undefined && { body }),
    }),
];

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
/** What the server answers, and what the mock does beside it. */
interface Both extends Answer {
  readonly ofMock: unknown;
}
type Path = string | ((side: 0 | 1) => string);
/** Asks both, and holds one to the other and both to being no fault. */
const ask = async (method: string, path: Path, content?: unknown, type?: string): Promise<Both> => {
  const answers = await Promise.all(
    sides.map(async (fetch, side) => {
      const response = await fetch(typeof path === "string" ? path : path(side as 0 | 1), {
        method,
        headers: {
          authorization: `Bearer ${tokens[side]}`,
          ...(content !== undefined && { "content-type": type ?? "application/json" }),
        },
        ...(content !== undefined && {
          body: typeof content === "string" ? content : JSON.stringify(content),
        }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text === "" ? null : (JSON.parse(text) as { code?: string }),
      };
    }),
  );
  const [one, other] = answers as [Answer, Answer];
  expect(one.status, `${method} ${String(path)}: ${JSON.stringify(one.body)}`).toBeLessThan(500);
  const told = ({ status, body }: Answer): unknown => [
    status,
    (body as { code?: string } | null)?.code,
  ];
  expect(told(other), `the mock: ${method} ${String(path)}: ${JSON.stringify(other.body)}`).toEqual(
    told(one),
  );
  return { ...one, ofMock: other.body };
};

beforeAll(async () => {
  server = await createServerSubject();
  await server.reset();
  mock = createMockApi({
    baseUrl: "http://localhost:4000",
    clock: () => startTime,
    origins: [webOrigin],
    origin: null,
    timers: { after: () => () => {}, every: () => () => {} },
  });
  const signIn = async (fetch: Fetch): Promise<string> => {
    const response = await fetch("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "mica", password: passwordOf("mica"), delivery: "body" }),
    });
    return ((await response.json()) as Session).accessToken as string;
  };
  tokens = [await signIn(sides[0]), await signIn(sides[1])];
});
afterAll(() => {
  mock.dispose();
  return server.close();
});

const known = [
  "_",
  "__",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "length",
  "then",
  "toJSON",
  "",
  " ",
  "\u00a0",
  "\u200b",
  "\ufeff",
  "\u202e",
  "\ud800",
  "\0",
  "a\0b",
  "a\nb",
  "'",
  '"',
  '""',
  "`",
  ";",
  "--",
  "/*",
  "%",
  "?",
  "$1",
  "@a",
  ":a",
  "~",
  "~1",
  "/",
  "../..",
  "c0",
  "rowid",
  "_rowid_",
  "select",
  "column 1",
  "a".repeat(100),
  "a".repeat(101),
  "aB".repeat(50),
  "_".repeat(100),
  "é".repeat(100),
  "😀".repeat(50),
  "😀".repeat(51),
  `a${"😀".repeat(50)}`,
  "ß",
  "İ",
  "ſ",
  "1",
  "true",
  "2026-01-01",
  "null",
  "NaN",
];
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...known) },
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(..."_-.,;:!?/\\|()[]{}'\"`~^ "), maxLength: 30 }),
);
const runs = { seed: 20261127, numRuns: 60 } as const;

const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const csvOf = (header: readonly string[]): string =>
  `${header.map(quote).join(",")}\n${header.map((_, index) => `cell ${index}`).join(",")}\n`;

const definitionOf = (slug: string, dataset: string, names: readonly string[]): object => ({
  slug,
  title: "Odd",
  visibility: "restricted",
  panels: [
    {
      kind: "table",
      title: "All",
      width: 12,
      query: { dataset, select: names.map((column) => ({ column })) },
    },
    ...names.slice(0, 3).map((column) => ({
      kind: "chart",
      title: "One",
      width: 6,
      chart: { type: "bar", x: column, y: ["how many of it"] },
      query: {
        dataset,
        select: [{ column }, { aggregate: "count", name: "how many of it" }],
        filter: { column, is: "notNull" },
        orderBy: [{ name: column, direction: "descending" }],
      },
    })),
    {
      kind: "metric",
      title: "Named",
      width: 3,
      query: { dataset, select: [{ aggregate: "count", name: names[0] ?? "number" }] },
    },
  ],
});

describe("odd names", () => {
  it(
    "of columns are detected, stored, filled and asked for, or refused, and nothing fails",
    { timeout: 120_000 },
    async () => {
      let shown = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 6 }), async (header) => {
          const csv = csvOf(header);
          const detected = await ask("POST", "/datasets/detection?header=names", csv, "text/csv");
          const columns =
            detected.status === 200
              ? (detected.body as Detection).columns
              : header.map((text) => ({ name: text, label: text, type: "text" }));
          const dataset = `odd-${(made += 1)}`;
          const added = await ask("POST", "/datasets", { name: dataset, title: "Odd", columns });
          // What the detection gives is taken as it is.
          if (detected.status === 200) expect(added.status, JSON.stringify(added.body)).toBe(201);
          if (added.status !== 201) return;
          const names = (added.body as NewDataset).columns.map((column) => column.name);
          await ask("PUT", `/datasets/${dataset}/rows?header=names`, csv, "text/csv");
          await ask("PUT", `/datasets/${dataset}/rows?header=skip`, csv, "text/csv");
          await ask("POST", `/datasets/${dataset}/rows`, [
            Object.fromEntries(names.map((column) => [column, "x"])),
            ...names.map((column) => JSON.parse(`{${JSON.stringify(column)}: "y"}`) as object),
          ]);
          const slug = `odd-${made}`;
          const put = await ask(
            "PUT",
            `/sections/${slug}/definition`,
            definitionOf(slug, dataset, names),
          );
          expect(put.status, JSON.stringify(put.body)).toBeLessThan(300);
          const { body, ofMock } = await ask("GET", `/sections/${slug}?include=data`);
          const sections = [body, ofMock] as readonly [Section, Section];
          for (const { panels } of sections)
            for (const panel of panels) expect(panel).toHaveProperty("data");
          shown += 1;
          for (const column of names)
            await ask(
              "GET",
              (side) =>
                `/sections/${slug}/panels/${sections[side].panels[0]?.id}/data?sort=-${encodeURIComponent(column.toWellFormed())}`,
            );
          await ask("DELETE", `/datasets/${dataset}/rows`);
        }),
        runs,
      );
      // It has not all been refused.
      expect(shown).toBeGreaterThan(20);
      expect(server.faults).toEqual([]);
    },
  );

  it(
    "of datasets, sections and whatever an address names are answered, and nothing fails",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(name, name, async (one, other) => {
          // No program can send half a character in an address.
          fc.pre(one.isWellFormed() && other.isWellFormed());
          const [dataset, slug] = [encodeURIComponent(one), encodeURIComponent(other)];
          await ask("POST", "/datasets", {
            name: one,
            title: other,
            columns: [{ name: other, label: one, type: "text", unit: one }],
          });
          for (const path of [
            `/datasets?cursor=${dataset}`,
            `/sections/${slug}`,
            `/sections/${slug}/panels/${dataset}/data`,
            `/problems/${slug}`,
            `/imports/${dataset}`,
          ])
            await ask("GET", path);
          if (one !== "" && !/^\.{1,2}$/.test(one)) {
            await ask("GET", `/datasets/${dataset}`);
            await ask("PATCH", `/datasets/${dataset}`, { title: other });
          }
          if (other !== "" && !/^\.{1,2}$/.test(other))
            await ask("PUT", `/sections/${slug}/definition`, definitionOf(other, one, [other]));
        }),
        runs,
      );
      expect(server.faults).toEqual([]);
    },
  );
});
