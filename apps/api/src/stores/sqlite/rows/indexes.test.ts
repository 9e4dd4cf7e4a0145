import { describe, expect, it, vi } from "vitest";
import {
  sectionDefinition,
  type DatasetColumn,
  type Filter,
  type Query,
} from "@sallyport/shared/contract";
import { addDataset } from "../../../../test/dashboards.ts";
import { createTeamApp } from "../../../../test/team.ts";
import { signInForBody } from "../../../../test/test-browser.ts";
import { indexesFor } from "./indexes.ts";

const columns = ["day", "kind", "place", "price", "paid"].map((name): DatasetColumn => ({
  name,
  label: name,
  type: name === "paid" ? "boolean" : name === "day" ? "date" : "text",
}));
const equal = (column: string): Filter => ({ column, is: "equal", value: "x" });
const query = (members: Partial<Query>): Query => ({
  dataset: "orders",
  select: [{ aggregate: "count", name: "n" }],
  ...members,
});
const namesOf = (...queries: Query[]): string[][] =>
  indexesFor(queries, columns).map((index) =>
    index.map((position) => columns[position]?.name ?? ""),
  );

describe("the indexes of a dataset", () => {
  it("begin with what is compared for equality and end with what has a range", () => {
    expect(
      namesOf(
        query({
          filter: {
            and: [
              equal("kind"),
              { column: "place", is: "in", values: ["a", "b"] },
              { column: "price", is: "less", value: 1 },
            ],
          },
        }),
      ),
    ).toEqual([["kind", "place", "price"]]);
    expect(namesOf(query({ filter: equal("kind"), timeColumn: "day" }))).toEqual([
      ["kind", "day"],
      ["day"],
    ]);
  });

  it("take nothing from what narrows nothing by itself", () => {
    expect(namesOf(query({}))).toEqual([]);
    expect(namesOf(query({ filter: { or: [equal("kind"), equal("place")] } }))).toEqual([]);
    expect(
      namesOf(
        query({ filter: { column: "kind", is: "contains", value: "x" } }),
        query({ filter: { column: "kind", is: "notNull" } }),
      ),
    ).toEqual([]);
    expect(namesOf(query({ filter: { column: "paid", is: "equal", value: true } }))).toEqual([]);
    expect(namesOf(query({ filter: equal("a column that is gone") }))).toEqual([]);
  });

  it("are there once, and none that another one begins with", () => {
    expect(
      namesOf(
        query({ filter: equal("kind") }),
        query({ filter: equal("kind") }),
        query({ filter: { and: [equal("kind"), equal("place")] } }),
      ),
    ).toEqual([["kind", "place"]]);
  });

  it("are eight at most, those that most queries want", () => {
    const many = Array.from({ length: 20 }, (_, index): DatasetColumn => ({
      name: `c${index}`,
      label: "C",
      type: "text",
    }));
    const queries = many.flatMap(({ name }, index) =>
      Array.from({ length: index + 1 }, () => query({ filter: equal(name) })),
    );
    expect(indexesFor(queries, many)).toEqual([[19], [18], [17], [16], [15], [14], [13], [12]]);
  });

  it("follow the sections that read it, and nobody waits for them", async () => {
    const app = await createTeamApp();
    await addDataset(app, { name: "orders", columns }, [{ day: "2026-11-01", kind: "a" }]);
    const indexes = (): string[] =>
      app
        .runSql<{ sql: string }>(
          "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name GLOB 'dataset_*'",
        )
        .map(({ sql }) => sql);
    expect(indexes()).toEqual([]);
    const mica = await signInForBody(app, "mica");
    const panel = {
      kind: "metric",
      title: "All",
      width: 3,
      query: query({ timeColumn: "day" }),
    };
    const { status } = await mica.send("PUT", "/sections/orders/definition", {
      body: sectionDefinition.parse({ slug: "orders", title: "Orders", panels: [panel] }),
    });
    expect(status).toBe(201);
    await vi.waitFor(() => expect(indexes().join()).toMatch(/c0/), { timeout: 20_000 });
  });
});
