import { sectionDefinition, type PanelDefinition } from "@sallyport/shared/contract";
import { checkPanel, describeResult } from "@sallyport/shared/core";
import { readSampleSections, sampleDatasets } from "@sallyport/shared/sample";
import { expect, test } from "vitest";
import { newPanel, panelKinds, toKind, trendOf } from "./new-panels.ts";
import type { KnownDataset } from "./result-columns.ts";

const unusual: KnownDataset[] = [
  { name: "one-text", title: "One text", columns: [{ name: "a", label: "A", type: "text" }] },
  { name: "one-code", title: "Codes", columns: [{ name: "rows", label: "R", type: "integer" }] },
  { name: "flags", title: "Flags", columns: [{ name: "on", label: "On", type: "boolean" }] },
];
const datasets: readonly KnownDataset[] = [...sampleDatasets, ...unusual];

/** Everything that the server would say. */
const issuesOf = (panel: PanelDefinition): unknown => {
  const section = { slug: "a", title: "A", panels: [panel] };
  const issues = sectionDefinition.safeParse(section).error?.issues ?? [];
  const checked = checkPanel(
    panel,
    (query) => {
      const dataset = datasets.find(({ name }) => name === query.dataset);
      return describeResult(query, dataset && { ...dataset, timeBounds: {} });
    },
    "",
  );
  return [...issues, ...checked];
};

test("a new panel of each kind shows something of each dataset", () => {
  for (const dataset of datasets)
    for (const kind of panelKinds.filter((one) => one !== "embed"))
      expect(issuesOf(newPanel(kind, dataset)), `${kind} of ${dataset.name}`).toEqual([]);
});

test("a new panel is called after what it shows, in as many letters as a title may have", () => {
  const dataset: KnownDataset = {
    name: "orders",
    title: "Orders of the shop",
    columns: [
      { name: "at", label: "Ordered on", type: "date" },
      { name: "sum", label: "Revenue", type: "decimal" },
    ],
  };
  expect(newPanel("metric", dataset).title).toBe("Revenue");
  expect(newPanel("chart", dataset).title).toBe("Revenue by month");
  expect(newPanel("table", dataset).title).toBe("Orders of the shop");
  const places = [
    { name: "place", label: "Place", type: "text" as const },
    ...dataset.columns.slice(1),
  ];
  expect(newPanel("chart", { ...dataset, columns: places }).title).toBe("Revenue by Place");
  const columns = dataset.columns.map((column) => ({ ...column, label: "x".repeat(100) }));
  expect(newPanel("chart", { ...dataset, columns }).title).toBe("x".repeat(100));
});

test("a panel of the sample that becomes another kind can be shown, under its title and width", () => {
  for (const { panels } of readSampleSections())
    for (const panel of panels)
      for (const kind of panelKinds) {
        const dataset = datasets.find(
          ({ name }) => "query" in panel && name === panel.query.dataset,
        );
        const other = toKind(panel, kind, dataset ?? datasets[0]);
        expect(other).toMatchObject({ kind, title: panel.title, width: panel.width });
        if (kind !== "embed" || panel.kind === "embed")
          expect(issuesOf(other), `${panel.title} as ${kind}`).toEqual([]);
        expect(toKind(panel, panel.kind, dataset)).toBe(panel);
      }
});

test("the small line under a number is the number over time", () => {
  for (const dataset of datasets) {
    const panel = newPanel("metric", dataset) as Extract<PanelDefinition, { kind: "metric" }>;
    const trend = trendOf(panel.query, dataset);
    if (trend) expect(issuesOf({ ...panel, trend }), dataset.name).toEqual([]);
    expect(trend !== undefined).toBe(panel.query.timeColumn !== undefined);
  }
});
