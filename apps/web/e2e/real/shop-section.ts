/**
 * A section of the tests' own, on rows that never change: every kind of panel, and what can be said
 * about each before it is asked for.
 */
import type { PanelDefinition, Query } from "../../../../packages/shared/src/contract/contract.ts";
import { addDataset, panelIdsOf, putSection } from "../../../api/test/dashboards.ts";
import type { Installation } from "./installation.ts";

const products = ["Kettle", "Lamp", "Chair"] as const;
const regions = ["North", "South", "East", "West", "Overseas"] as const;
const firstDay = Date.UTC(2024, 0, 1);
const millisecondsPerDay = 86_400_000;
/** Two years of days; nothing was sold in August 2024. */
const dayCount = 731;

const dayOf = (index: number): string =>
  new Date(firstDay + index * millisecondsPerDay).toISOString();

type ShopRow = Readonly<Record<string, unknown>>;

/** The same rows in every run: three a day. */
export const shopRows: readonly ShopRow[] = Array.from({ length: dayCount }, (_, index) =>
  products.map((product, place) => ({
    day: dayOf(index).slice(0, 10),
    at: new Date(firstDay + index * millisecondsPerDay + (9 + 3 * place) * 3_600_000).toISOString(),
    product,
    region: regions[(index + 2 * place) % regions.length],
    sold:
      10 + ((index * (place + 3)) % 17) + Math.round(8 * Math.sin(index / 58 + place)) + 4 * place,
    takings: 100 + ((index * 37 + place * 11) % 90) + Math.floor(index / 4) / 2,
    late: ((index * 7 + place) % 10) / 40,
    remark:
      index % 50 === 0
        ? '=HYPERLINK("https://example.com")'
        : index % 7 === 0
          ? 'wrapped, "with care"'
          : null,
  })),
)
  .flat()
  .filter(({ day }) => !day.startsWith("2024-08"));

const month = { bucket: "month", column: "day", name: "month", label: "Month" } as const;
const takings = { aggregate: "sum", column: "takings", name: "takings", label: "Takings" } as const;
const sold = { aggregate: "sum", column: "sold", name: "sold", label: "Sold" } as const;
const shop = (rest: Omit<Query, "dataset">): Query => ({
  dataset: "shop",
  timeColumn: "day",
  ...rest,
});
const byMonth = [{ name: "month", direction: "ascending" }] as const;

export const shopPanels = {
  takings: {
    kind: "metric",
    title: "Takings",
    width: 4,
    good: "up",
    query: shop({
      select: [takings, { aggregate: "count", name: "orders", label: "orders" }],
      relativeTo: "latest",
      last: "P30D",
      compare: "previousPeriod",
    }),
    trend: shop({ select: [month, takings], orderBy: byMonth, relativeTo: "latest", last: "P12M" }),
  },
  late: {
    kind: "metric",
    title: "Late deliveries",
    width: 4,
    good: "down",
    query: shop({
      select: [
        {
          aggregate: "average",
          column: "late",
          name: "late",
          label: "of all orders",
          format: { style: "percent", digits: 1 },
        },
      ],
      relativeTo: "latest",
      last: "P30D",
      compare: "previousPeriod",
    }),
  },
  ever: {
    kind: "metric",
    title: "Orders ever",
    width: 4,
    query: {
      dataset: "shop",
      select: [{ aggregate: "count", name: "orders", label: "since 2024" }],
    },
  },
  line: {
    kind: "chart",
    title: "Takings by product",
    description: "Month by month. August 2024 was closed.",
    width: 8,
    query: shop({ select: [month, { column: "product" }, takings], orderBy: byMonth }),
    chart: { type: "line", x: "month", y: ["takings"], series: "product" },
  },
  share: {
    kind: "chart",
    title: "Regions",
    width: 4,
    query: shop({
      select: [{ column: "region" }, sold],
      orderBy: [{ name: "sold", direction: "descending" }],
    }),
    chart: { type: "share", x: "region", y: ["sold"] },
  },
  area: {
    kind: "chart",
    title: "Sold by product",
    width: 6,
    query: shop({ select: [month, { column: "product" }, sold], orderBy: byMonth }),
    chart: { type: "area", x: "month", y: ["sold"], series: "product", stacked: true },
  },
  grouped: {
    kind: "chart",
    title: "Quarters",
    width: 6,
    query: shop({
      select: [
        { bucket: "quarter", column: "day", name: "quarter", label: "Quarter" },
        { column: "product" },
        sold,
      ],
      orderBy: [{ name: "quarter", direction: "ascending" }],
    }),
    chart: { type: "bar", x: "quarter", y: ["sold"], series: "product" },
  },
  stacked: {
    kind: "chart",
    title: "Regions and products",
    width: 6,
    query: shop({ select: [{ column: "region" }, { column: "product" }, sold] }),
    chart: { type: "bar", x: "region", y: ["sold"], series: "product", stacked: true },
  },
  horizontal: {
    kind: "chart",
    title: "Takings by region",
    width: 6,
    query: shop({
      select: [{ column: "region" }, takings],
      orderBy: [{ name: "takings", direction: "descending" }],
    }),
    chart: { type: "bar", x: "region", y: ["takings"], horizontal: true },
  },
  table: {
    kind: "table",
    title: "Orders",
    width: 12,
    pageSize: 10,
    query: shop({
      select: [
        { column: "day" },
        { column: "product" },
        { column: "region" },
        { column: "takings" },
        { column: "late", format: { style: "percent" } },
        { column: "remark" },
      ],
      orderBy: [
        { name: "day", direction: "descending" },
        { name: "product", direction: "ascending" },
      ],
    }),
  },
  text: {
    kind: "markdown",
    title: "About",
    width: 12,
    text: "A shop that sells **three things**. See [the notes](https://example.com/notes).",
  },
} as const satisfies Readonly<Record<string, PanelDefinition>>;

interface ShopSection {
  readonly panels?: readonly PanelDefinition[];
  readonly refreshSeconds?: number;
  readonly last?: string;
  readonly visibility?: "restricted" | "public";
  readonly rows?: readonly ShopRow[];
}

/**
 * Puts the section `/sections/shop` and its dataset into the installation. Returns the ids of its
 * panels, in order.
 */
export const addShopSection = async (
  { api }: Installation,
  {
    panels = Object.values(shopPanels),
    refreshSeconds,
    last,
    visibility = "restricted",
    rows = shopRows,
  }: ShopSection = {},
): Promise<readonly string[]> => {
  const dataset = {
    name: "shop",
    title: "Orders of a shop",
    attribution: "Made up for tests.",
    columns: [
      { name: "day", label: "Day", type: "date" },
      { name: "at", label: "Time", type: "timestamp" },
      { name: "product", label: "Product", type: "text" },
      { name: "region", label: "Region", type: "text" },
      { name: "sold", label: "Sold", type: "integer" },
      { name: "takings", label: "Takings", type: "decimal", unit: "USD" },
      { name: "late", label: "Late", type: "decimal" },
      { name: "remark", label: "Remark", type: "text" },
    ],
  } as const;
  await addDataset(api, { ...dataset, columns: [...dataset.columns] }, rows);
  await putSection(api, {
    slug: "shop",
    title: "Shop",
    description: "A section of the tests.",
    icon: "shopping-cart",
    position: 0,
    visibility,
    ...(refreshSeconds !== undefined && { refreshSeconds }),
    ...(last !== undefined && { last }),
    panels: [...panels],
  });
  return panelIdsOf(api, "shop");
};
