/**
 * Each list of the contract, in each of its orders and with each of its filters, from its first
 * page and from a later one: SQLite finds its way by an index, however many rows there are. A list
 * that is added is walked through without being named here, and one of which there is no second
 * page to walk to is missed.
 */
import { contract, pathOf, type ContractKey, type Endpoint } from "@sallyport/shared/contract";
import { expect, it } from "vitest";
import { addDataset } from "./dashboards.ts";
import { createTeamApp, giveGrant } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

/** As much of a schema of zod as is looked at here. */
interface Schema {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly unknown[];
  readonly def: { readonly innerType?: Schema };
  safeParse(value: unknown): { readonly success: boolean };
}

const optionsOf = (schema: Schema): readonly unknown[] | undefined =>
  schema.options ?? (schema.def.innerType && optionsOf(schema.def.innerType));

const id = "A".repeat(22);
const samples = ["a", `usr_${id}`, `rol_${id}`, `ses_${id}`, "2026-01-01T00:00:00Z"];

/** What a parameter takes: each of its words, or the first of the samples that it takes. */
const valuesOf = (schema: Schema): readonly string[] =>
  optionsOf(schema)?.map(String) ??
  samples.filter((sample) => schema.safeParse(sample).success).slice(0, 1);

const endpoints = Object.entries(contract) as [ContractKey, Endpoint][];
const lists = endpoints.flatMap(([key, { query, access }]) => {
  const { shape } = (query ?? {}) as unknown as Pick<Schema, "shape">;
  if (!key.startsWith("GET ") || shape?.["cursor"] === undefined) return [];
  const when = typeof access === "object" && "when" in access ? access.when : null;
  const filters = Object.entries(shape)
    .filter(([name]) => name !== "limit" && name !== "cursor" && name !== when?.query)
    .flatMap(([name, schema]) => valuesOf(schema).map((value) => ({ [name]: value })));
  const whole: Readonly<Record<string, string>>[] = [{}];
  if (when) whole.push({ [when.query]: when.is });
  return {
    key,
    asked: whole.flatMap((base) => [{}, ...filters].map((one) => ({ ...base, ...one }))),
  };
});

/** What walks or sorts all the same, and why it may. */
const exempt: readonly {
  readonly statement: RegExp;
  readonly step: RegExp;
  readonly why: string;
}[] = [
  {
    statement: /\b[su]\.id IN \(SELECT value FROM json_each\(\?\)\).* ORDER BY/s,
    step: /^USE TEMP B-TREE FOR ORDER BY/,
    why: "It sorts those that were found by their ids: a page, or at most the thousand that are few.",
  },
  {
    statement: /from "?user_roles"? (inner )?join "?roles"?/i,
    step: /^USE TEMP B-TREE FOR ORDER BY/,
    why: "It sorts the roles of one person, or of those on one page.",
  },
  {
    statement: /^SELECT page\.id, /,
    step: /^SCAN page$/,
    why: "It goes through the page that the statement within has found.",
  },
  {
    statement: /FROM grants g\s.*(g\.user_id|g\.section_id) IN /s,
    step: /^USE TEMP B-TREE FOR ORDER BY/,
    why: "It sorts the grants of one person or on one section, which an index has found.",
  },
  {
    statement: /^select count\(\*\) from "sections" where "sections"."visibility" = \?$/,
    step: /^SCAN sections/,
    why: "There are a thousand sections where there are many, and the count is kept.",
  },
  {
    statement: /^SELECT avg\(.* FROM \(SELECT \* FROM dataset_\w+ LIMIT \?\)$/,
    step: /^SCAN /,
    why: "It reads the first rows of a dataset, to tell how large it is.",
  },
];

it(
  "every list finds its way by an index, in every order and with every filter",
  { timeout: 120_000 },
  async () => {
    const app = await createTeamApp();
    for (const name of ["orders", "returns"])
      await addDataset(
        app,
        { name, columns: [{ name: "price", label: "Price", type: "decimal" }] },
        [{ price: 1 }, { price: 2 }],
      );
    await giveGrant(app, "nora", "marketing");
    const mica = await signInForBody(app, "mica");
    await signInForBody(app, "mica");
    for (const username of ["mike", "nora"]) {
      const other = await signInForBody(app, username);
      await other.send("POST", "/access-requests", { body: { section: "finance" } });
      await mica.send("POST", "/display-links", {
        body: { section: "finance", name: username, expiresAt: "2026-12-24T00:00:00Z" },
      });
    }

    const complaints: string[] = [];
    const used = new Set<unknown>();
    for (const { key, asked } of lists) {
      const path = pathOf(key).replace(":userId", app.userIds.mica).replace(":name", "orders");
      const ask = async (query: Readonly<Record<string, string>>) => {
        const search = new URLSearchParams({ limit: "1", ...query }).toString();
        const headers = { authorization: `Bearer ${mica.accessToken}` };
        const response = await app.app.request(`${path}?${search}`, { headers });
        const text = await response.text();
        // A list as a file has no pages.
        const isPage = response.headers.get("content-type") === "application/json";
        const { nextCursor = null } = isPage
          ? (JSON.parse(text) as { readonly nextCursor?: string | null })
          : {};
        return { status: response.status, nextCursor };
      };
      const plans = app.watchPlans();
      let isPaged = false;
      for (const query of asked) {
        const { status, nextCursor } = await ask(query);
        // Some words are only for the whole of a list, or only for a part.
        if (status === 400) continue;
        expect([key, query, status]).toEqual([key, query, 200]);
        if (nextCursor === null) continue;
        expect([key, query, (await ask({ ...query, cursor: nextCursor })).status]).toEqual([
          key,
          query,
          200,
        ]);
        isPaged = true;
      }
      if (!isPaged) complaints.push(`${key}: there is no second page to look at`);
      for (const { statement, steps } of plans())
        for (const step of steps) {
          const isWalk = /^SCAN (?!json_each|CONSTANT ROW)/.test(step) && !step.includes("USING");
          if (!isWalk && !step.startsWith("USE TEMP B-TREE")) continue;
          const known = exempt.find((one) => one.statement.test(statement) && one.step.test(step));
          if (known) used.add(known);
          else complaints.push(`${key}: ${step} in ${statement}`);
        }
    }
    expect(complaints).toEqual([]);
    expect(exempt.filter((one) => !used.has(one))).toEqual([]);
    expect(lists.length).toBeGreaterThan(8);
  },
);
