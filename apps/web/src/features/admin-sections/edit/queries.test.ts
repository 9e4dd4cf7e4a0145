import type { Chart, Filter, Query } from "@sallyport/shared/contract";
import { describe, expect, test } from "vitest";
import { differencesOf } from "./differences.ts";
import { readDuration, writeDuration } from "./durations.ts";
import { valueOfText, withComparison, withoutPart, withPart } from "./filters.ts";
import { generateDefinition } from "./generated-definitions.ts";
import { fieldOf, issuesOfSection } from "./issues.ts";
import { openDraft } from "./draft.ts";
import { resultColumnsOf } from "./result-columns.ts";
import { followNames, withColumn, withSelect } from "./selections.ts";

describe("columns of a result", () => {
  const dataset = {
    name: "films",
    title: "Films",
    columns: [
      { name: "gross", label: "Gross", type: "decimal" },
      { name: "votes", label: "Votes", type: "integer" },
      { name: "genre", label: "Genre", type: "text" },
    ],
  } as const;
  const query: Query = {
    dataset: "films",
    select: [
      { column: "genre" },
      { aggregate: "sum", column: "gross", name: "gross", label: "Gross" },
    ],
    orderBy: [{ name: "gross", direction: "descending" }],
    top: { column: "genre", by: "gross", count: 5 },
  };
  const chart: Chart = { type: "bar", x: "genre", y: ["gross"], series: "gross" };

  test("made of another column, they take its name and label, and what names them follows", () => {
    const votes = withColumn(query.select[1]!, "votes", dataset, ["genre"]);
    expect(votes).toEqual({ aggregate: "sum", column: "votes", name: "votes", label: "Votes" });
    const changed = withSelect(query, [query.select[0]!, votes]);
    expect(changed.orderBy).toEqual([{ name: "votes", direction: "descending" }]);
    expect(changed.top).toEqual({ column: "genre", by: "votes", count: 5 });
    expect(followNames(chart, query, changed)).toEqual({
      ...chart,
      y: ["votes"],
      series: "votes",
    });
  });

  test("are known while the rest of the query is half written", () => {
    const half: Query = {
      ...query,
      select: [...query.select, { column: "nothing" }],
      timeZone: "Mars/Olymp",
      limit: 0,
      filter: { column: "gross", is: "equal", value: "?" },
    };
    expect(resultColumnsOf(half, dataset).map(({ name }) => name)).toEqual(["genre", "gross"]);
    expect(resultColumnsOf(half, undefined)).toEqual([]);
  });

  test("keep a label and a name that somebody chose", () => {
    const own = { aggregate: "sum", column: "gross", name: "money", label: "Money" } as const;
    expect(withColumn(own, "votes", dataset, [])).toEqual({ ...own, column: "votes" });
  });

  test("that come, go or change places take no name along", () => {
    const swapped = withSelect(query, query.select.toReversed());
    expect(swapped.orderBy).toEqual(query.orderBy);
    expect(withSelect(query, query.select.slice(0, 1)).orderBy).toEqual(query.orderBy);
    expect(followNames(chart, query, swapped)).toBe(chart);
  });
});

describe("filters", () => {
  const one = { column: "a", is: "equal", value: "x" } as const;
  test("a condition alone becomes a group, and a group without conditions is none", () => {
    expect(withPart(undefined, one)).toBe(one);
    const both = withPart(one, one) as Extract<Filter, { and: unknown }>;
    expect(both).toEqual({ and: [one, one] });
    expect(withPart({ or: [one] }, one)).toEqual({ or: [one, one] });
    expect(withoutPart(both, 0)).toEqual({ and: [one] });
    expect(withoutPart({ or: [one] }, 0)).toBeUndefined();
  });

  test("another comparison keeps what is compared with", () => {
    expect(withComparison(one, "in", "text")).toEqual({ column: "a", is: "in", values: ["x"] });
    const several = { column: "a", is: "in", values: [1, 2] } as const;
    expect(withComparison(several, "atLeast", "integer")).toEqual({
      column: "a",
      is: "atLeast",
      value: 1,
    });
    expect(withComparison(several, "null", "integer")).toEqual({ column: "a", is: "null" });
  });

  test("what is typed is a number where the column has numbers, and stays what it is else", () => {
    expect(valueOfText("1.5", "decimal")).toBe(1.5);
    expect(valueOfText("1.", "decimal")).toBe("1.");
    expect(valueOfText("", "integer")).toBe("");
    expect(valueOfText("12", "text")).toBe("12");
    expect(valueOfText("true", "boolean")).toBe(true);
    expect(valueOfText("9007199254740993", "integer")).toBe("9007199254740993");
  });
});

test("lengths of time are read and written as they were", () => {
  for (const text of ["P1Y", "P12M", "P3W", "P30D", "PT6H", "PT15M", "P9999D"])
    expect(writeDuration(readDuration(text)!)).toBe(text);
  for (const text of [undefined, "", "P", "P0D", "PT3D", "P1Y2M", "P1H"])
    expect(readDuration(text)).toBeNull();
});

test("what the server points at belongs to a panel, wherever it is by then, and to a field", () => {
  const draft = openDraft({
    ...generateDefinition(1),
    panels: ["A", "B"].map((title) => ({ kind: "markdown", title, width: 4, text: "" })),
  });
  const errors = [
    { pointer: "/title", detail: "T" },
    { pointer: "/panels", detail: "P" },
    { pointer: "/panels/1/text", detail: "X" },
    { pointer: "/panels/1", detail: "Y" },
  ];
  const { settings, panels } = issuesOfSection(errors, draft);
  expect(settings.map(({ detail }) => detail)).toEqual(["T", "P"]);
  expect([...panels]).toEqual([
    [
      "panel-2",
      [
        { pointer: "/text", detail: "X" },
        { pointer: "", detail: "Y" },
      ],
    ],
  ]);
  const fields = ["/query/select", "/query/select/0/column", "/query/limit", "/title"];
  expect(fieldOf("/query/select/0/column", fields)).toBe("/query/select/0/column");
  expect(fieldOf("/query/select/0/name", fields)).toBe("/query/select");
  expect(fieldOf("/query", fields)).toBe("/query/select");
  expect(fieldOf("/chart", fields)).toBeUndefined();
});

test("two versions of a section are compared in words", () => {
  const base = generateDefinition(2);
  const text = (title: string, words: string) =>
    ({ kind: "markdown", title, width: 4, text: words }) as const;
  const before = { ...base, title: "T", panels: [text("A", ""), text("B", ""), text("C", "")] };
  const mine = { ...before, panels: [text("B", ""), text("A", "mine"), text("D", "")] };
  const theirs = { ...before, title: "New", panels: before.panels.slice(0, 2) };
  expect(differencesOf(before, before, before)).toEqual([]);
  expect(differencesOf(mine, theirs, before)).toEqual([
    { label: "Title", mine: "T", theirs: "New" },
    { label: "Panel “A”", mine: "Changed", theirs: "As before" },
    { label: "Panel “D”", mine: "Added", theirs: "Not there" },
    { label: "Order of the panels", mine: "B, A", theirs: "A, B" },
  ]);
});
