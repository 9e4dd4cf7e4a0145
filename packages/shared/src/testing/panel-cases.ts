/** Cases of panels' queries: a panel, what is asked of it, and what of its data has to be so. */
import type { PanelDefinition, Query, Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { addOrderPanels, addOrders, orders, signInToAdminister } from "./orders.ts";
import type { Subject } from "./subject.ts";

export interface Data {
  readonly columns: readonly Readonly<Record<string, unknown>>[];
  readonly rows: readonly (readonly unknown[])[];
  readonly range?: unknown;
  readonly timeZone?: string;
  readonly total?: number;
  readonly points?: number;
  readonly trend?: Pick<Data, "columns" | "rows" | "range">;
}

export const readPanel = async (
  subject: Subject,
  mica: Session,
  panelId: string,
  query: Input["query"] = {},
): Promise<Data> =>
  (
    await expectOutcome(
      subject,
      200,
      "GET /sections/:slug/panels/:panelId/data",
      { params: { slug: "orders", panelId }, query },
      mica,
    )
  ).body as Data;
export const of = (query: Omit<Query, "dataset">): Query => ({ dataset: orders.name, ...query });

export const table = (query: Omit<Query, "dataset">): PanelDefinition => ({
  kind: "table",
  title: "Table",
  width: 12,
  pageSize: 100,
  query: of(query),
});

export const quantity = { column: "quantity" } as const;
export const item = { column: "item" } as const;
export const count = { aggregate: "count", name: "count" } as const;
export const total = { aggregate: "sum", column: "quantity", name: "total" } as const;
export const ascending = (name: string) => ({ name, direction: "ascending" }) as const;
export const descending = (name: string) => ({ name, direction: "descending" }) as const;

export interface Case {
  readonly name: string;
  readonly panel: PanelDefinition;
  readonly query?: Input["query"];
  /** The members of the answer that are compared; all of them must be equal. */
  readonly expected: { readonly [M in keyof Data]?: Data[M] | undefined };
}

export const rowsOf = (
  name: string,
  query: Omit<Query, "dataset">,
  rows: Data["rows"],
  asked: Input["query"] = {},
): Case => ({
  name,
  panel: table(query),
  query: asked,
  expected: { rows },
});

export const paris = "Europe/Paris";
export const byDay = { timeColumn: "placed", timeZone: paris } as const;

/** One installation for all cases: each is a panel of one section. */
export const asShown = (name: string, cases: readonly Case[]): Shown => ({
  name: `panel query: ${name}`,
  run: async (subject) => {
    const mica = await signInToAdminister(subject);
    await addOrders(subject, mica);
    const ids = await addOrderPanels(subject, mica, ...cases.map(({ panel }) => panel));
    for (const [index, { name: what, query, expected }] of cases.entries()) {
      const data = await readPanel(subject, mica, ids[index] as string, query);
      // Where one column tells enough, only that is written down.
      const width = expected.rows?.[0]?.length ?? 0;
      const compared = {
        ...data,
        rows: data.rows.map((row) => (width === 1 ? row.slice(0, 1) : row)),
      };
      for (const [member, value] of Object.entries(expected))
        same(compared[member as keyof Data], value, `${what}: ${member}`);
    }
  },
});
