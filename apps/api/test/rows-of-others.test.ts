/**
 * Somebody who may see one section tries to read the rows behind another: through every endpoint,
 * and through every feature of the queries they may cause to run.
 */
import { describe, expect, it } from "vitest";
import {
  columnTypes,
  contract,
  isUnsafe,
  methodOf,
  pathOf,
  type ContractKey,
  type PanelDefinition,
  type Query,
} from "@sallyport/shared/contract";
import { addDataset, replaceRows } from "./dashboards.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { request, signInForBody, type Reply } from "./test-browser.ts";

type Caller = {
  send(
    method: string,
    path: string,
    sent?: { readonly headers?: Record<string, string> },
  ): Promise<Reply>;
};

/** What stands in rows and columns that only finance shows; none of it may reach anybody else. */
const secretWords = ["zebra-fund", "zebra-note", "481516", "hush-label"];
const tellsASecret = (text: string): boolean => secretWords.some((word) => text.includes(word));

const columns = [
  { name: "team", label: "Team", type: "text" },
  { name: "item", label: "Item", type: "text" },
  { name: "amount", label: "Amount", type: "integer" },
  { name: "day", label: "Day", type: "date" },
  { name: "confidential", label: "hush-label", type: "text" },
] as const;

const rowsOf = (team: string, item: string, amount: number, note: string) =>
  Array.from({ length: 40 }, (_, index) => ({
    team,
    item: `${item}-${index % 4}`,
    amount: amount + index,
    day: `2026-01-${String((index % 28) + 1).padStart(2, "0")}`,
    confidential: note,
  }));

const own: Query["filter"] = { column: "team", is: "equal", value: "marketing" };
const base = { dataset: "ledger", filter: own } as const;
const panel = (title: string, query: Partial<Query> & Pick<Query, "select">): PanelDefinition => ({
  kind: "table",
  title,
  width: 12,
  query: { ...base, ...query },
});
const total = { aggregate: "sum", column: "amount", name: "total" } as const;

/**
 * One panel for each feature of the query language, all over marketing's own rows of the shared
 * dataset.
 */
const marketingPanels: readonly PanelDefinition[] = [
  panel("Plain", {
    select: [{ column: "item" }, { column: "amount" }],
    orderBy: [{ name: "amount", direction: "descending" }],
    limit: 5,
    timeColumn: "day",
  }),
  panel("Grouped", {
    select: [{ column: "item" }, total],
    orderBy: [{ name: "total", direction: "descending" }],
  }),
  panel("Buckets", {
    select: [{ bucket: "week", column: "day" }, total],
    timeColumn: "day",
    timeZone: "Europe/Paris",
  }),
  panel("Statistics", {
    select: (["count", "distinct", "minimum", "maximum", "average", "median"] as const).map(
      (aggregate) => ({ aggregate, column: "amount", name: aggregate }),
    ),
  }),
  panel("Percentile", {
    select: [{ aggregate: "percentile", percentile: 99, column: "amount", name: "p99" }],
  }),
  panel("Top", {
    select: [{ column: "item" }, total],
    top: { column: "item", by: "total", count: 2, others: "Others" },
  }),
  panel("Either", {
    select: [{ column: "item" }, total],
    filter: {
      and: [
        own,
        {
          or: [
            { column: "amount", is: "greater", value: 0 },
            { column: "confidential", is: "null" },
          ],
        },
      ],
    },
  }),
  panel("Lately", {
    select: [{ column: "item" }, total],
    filter: { and: [own, { column: "day", is: "last", duration: "P2W" }] },
    timeColumn: "day",
    relativeTo: "latest",
  }),
  {
    kind: "metric",
    title: "Total",
    width: 12,
    query: {
      ...base,
      select: [total],
      timeColumn: "day",
      last: "P2W",
      relativeTo: "latest",
      compare: "previousPeriod",
    },
    trend: { ...base, select: [{ bucket: "day", column: "day" }, total], timeColumn: "day" },
  },
  {
    kind: "chart",
    title: "Line",
    width: 12,
    query: {
      ...base,
      select: [{ bucket: "day", column: "day" }, { column: "item" }, total],
      timeColumn: "day",
    },
    chart: { type: "line", x: "day", y: ["total"], series: "item" },
  },
];

const financePanels: readonly PanelDefinition[] = [
  {
    kind: "table",
    title: "Everything",
    width: 12,
    query: {
      dataset: "ledger",
      select: columns.map(({ name }) => ({ column: name })),
      orderBy: [{ name: "amount", direction: "descending" }],
      timeColumn: "day",
    },
  },
  {
    kind: "metric",
    title: "All",
    width: 12,
    query: {
      dataset: "ledger",
      select: [{ aggregate: "maximum", column: "amount", name: "most" }],
    },
  },
];

const setUp = async (): Promise<
  TeamApp & {
    readonly panels: Readonly<
      Record<"marketing" | "finance", readonly { readonly id: string; readonly title: string }[]>
    >;
  }
> => {
  const app = await createTeamApp();
  await addDataset(app, { name: "ledger", columns: [...columns] }, [
    ...rowsOf("marketing", "poster", 100, "nothing"),
    ...rowsOf("finance", "zebra-fund", 48_151_623, "zebra-note"),
  ]);
  const mica = await signInForBody(app, "mica");
  for (const [slug, panels] of [
    ["marketing", marketingPanels],
    ["finance", financePanels],
  ] as const)
    expect([
      slug,
      (
        await mica.send("PUT", `/sections/${slug}/definition`, {
          body: { slug, title: slug, panels },
          headers: { "if-match": "*" },
        })
      ).status,
    ]).toEqual([slug, 200]);
  const panelsOf = async (slug: string) =>
    (await mica.send("GET", `/sections/${slug}`)).body["panels"] as { id: string; title: string }[];
  return {
    ...app,
    panels: { marketing: await panelsOf("marketing"), finance: await panelsOf("finance") },
  };
};

const callersOf = async (app: TeamApp): Promise<Readonly<Record<string, Caller>>> => ({
  mike: await signInForBody(app, "mike"),
  nora: await signInForBody(app, "nora"),
  "a visitor": { send: (method, path, sent) => request(app, method, path, sent) },
});

/** Whatever a request for rows can be asked to do. */
const wishes = [
  "",
  "?include=data",
  "?scope=all",
  "?last=all",
  "?last=P99Y",
  "?from=0001-01-01&to=9999-12-31",
  "?include=data&from=0001-01-01",
  "?limit=10000",
  "?limit=10000&page=2",
  "?points=10000",
  ...columns.flatMap(({ name }) => [`?sort=${name}`, `?sort=-${name}&limit=10000`]),
  ...columnTypes.map((type) => `?sort=${type}`),
  "?sort=1",
  "?sort=c4",
  "?sort=rowid",
];

describe("rows that only another section shows", () => {
  it("reach an admin, so that what follows can fail", async () => {
    const app = await setUp();
    const mica = await signInForBody(app, "mica");
    const { text } = await mica.send("GET", "/sections/finance?include=data");
    for (const word of secretWords) expect(text).toContain(word);
  });

  it("reach nobody else through any endpoint that reads", async () => {
    const app = await setUp();
    const reads = (Object.keys(contract) as ContractKey[]).filter(
      (key) => !isUnsafe(methodOf(key)),
    );
    const places: Readonly<Record<string, readonly string[]>> = {
      slug: ["finance", "marketing", "FINANCE", "finance%00", "_all_"],
      panelId: [...app.panels.finance, ...app.panels.marketing].map(({ id }) => id),
      name: ["ledger"],
      code: ["busy"],
    };
    const fill = (path: string): string[] => {
      const parameter = /:([A-Za-z]+)/.exec(path);
      if (!parameter) return [path];
      return (places[parameter[1] as string] ?? ["imp_AAAAAAAAAAAAAAAAAAAAAA"]).flatMap((value) =>
        fill(path.replace(parameter[0], value)),
      );
    };
    for (const [name, caller] of Object.entries(await callersOf(app)))
      for (const path of reads.flatMap((key) => fill(pathOf(key))))
        for (const wish of path.startsWith("/sections") || path.startsWith("/datasets")
          ? wishes
          : [""]) {
          const { text, status } = await caller.send("GET", path + wish);
          expect({ name, path, wish, told: tellsASecret(text) }).toEqual({
            name,
            path,
            wish,
            told: false,
          });
          if (path.includes("finance"))
            expect([name, path, wish, [401, 403, 404].includes(status)]).toEqual([
              name,
              path,
              wish,
              true,
            ]);
        }
  }, 60_000);

  it("do not come under the address of a section that one may see", async () => {
    const app = await setUp();
    const mike = await signInForBody(app, "mike");
    for (const { id } of app.panels.finance)
      expect(await mike.send("GET", `/sections/marketing/panels/${id}/data`)).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
  });

  it("cannot be guessed by an entity tag: access is decided before anything is compared", async () => {
    const app = await setUp();
    const mica = await signInForBody(app, "mica");
    const mike = await signInForBody(app, "mike");
    for (const path of [
      "/sections/finance",
      "/sections/finance?include=data",
      `/sections/finance/panels/${app.panels.finance[0]?.id}/data`,
    ]) {
      const etag = (await mica.send("GET", path)).headers.get("etag");
      expect(etag).not.toBeNull();
      expect(
        (await mica.send("GET", path, { headers: { "if-none-match": String(etag) } })).status,
      ).toBe(304);
      for (const tag of [String(etag), "*"])
        expect((await mike.send("GET", path, { headers: { "if-none-match": tag } })).status).toBe(
          403,
        );
    }
  });

  it("change nothing in what others see: each feature of a query gives the same without them", async () => {
    const app = await setUp();
    const mike = await signInForBody(app, "mike");
    const look = async () => {
      const seen: Record<string, unknown> = {};
      for (const { id, title } of app.panels.marketing)
        for (const wish of ["", "?last=all", "?from=2026-01-05&to=2026-01-20"]) {
          const { status, body } = await mike.send(
            "GET",
            `/sections/marketing/panels/${id}/data${wish}`,
          );
          expect([title, wish, status]).toEqual([title, wish, 200]);
          seen[title + wish] = body;
        }
      return seen;
    };
    const before = await look();
    await replaceRows(app, "ledger", rowsOf("marketing", "poster", 100, "nothing"));
    expect(await look()).toEqual(before);
    await replaceRows(app, "ledger", rowsOf("marketing", "poster", 200, "nothing"));
    expect(await look()).not.toEqual(before);
  });

  it("stay out of reach of order and size: neither a column that is not shown nor more rows than the panel has", async () => {
    const app = await setUp();
    const mike = await signInForBody(app, "mike");
    const plain = app.panels.marketing.find(({ title }) => title === "Plain")?.id;
    for (const name of [
      "day",
      "team",
      "confidential",
      "-confidential",
      "c4",
      "1",
      "rowid",
      "amount; DROP TABLE users",
    ])
      expect(
        await mike.send(
          "GET",
          `/sections/marketing/panels/${plain}/data?sort=${encodeURIComponent(name)}`,
        ),
      ).toMatchObject({
        status: 400,
        body: { code: "validation_failed", errors: [{ pointer: "/query/sort" }] },
      });
    const { body } = await mike.send("GET", `/sections/marketing/panels/${plain}/data?limit=10000`);
    expect(body["rows"]).toHaveLength(5);
    expect(body["total"]).toBe(5);
  });

  it("are gone from the next request on when the grant is", async () => {
    const app = await setUp();
    const mike = await signInForBody(app, "mike");
    const path = `/sections/marketing/panels/${app.panels.marketing[0]?.id}/data`;
    const { headers } = await mike.send("GET", path);
    app.runSql("DELETE FROM grants WHERE role_id = ?", app.roleIds.marketing);
    expect(
      (await mike.send("GET", path, { headers: { "if-none-match": String(headers.get("etag")) } }))
        .body.code,
    ).toBe("token_stale");
    const again = await signInForBody(app, "mike");
    expect(
      (await again.send("GET", path, { headers: { "if-none-match": String(headers.get("etag")) } }))
        .status,
    ).toBe(403);
  });
});
