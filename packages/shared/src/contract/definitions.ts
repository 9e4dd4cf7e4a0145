/**
 * A section as a file: what is exported, imported and checked against the published JSON Schema.
 */
import * as z from "zod";
import { columnName, duration, query } from "./queries.ts";

export const slug = z
  .string()
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    "This must be lower-case letters and digits, with single hyphens between them.",
  )
  .max(64)
  .meta({ example: "marketing" });

export const chartTypes = ["line", "area", "bar", "share"] as const;

/** How the columns of a query's result become a chart. */
export const chart = z
  .strictObject({
    type: z
      .enum(chartTypes)
      .meta({ description: "`share`: parts of a whole, for few categories." }),
    x: columnName.meta({
      description: "The column of the result along the axis: a time or a category.",
    }),
    y: z
      .array(columnName)
      .min(1)
      .max(12)
      .readonly()
      .meta({ description: "The columns with the values; more than one make one series each." }),
    series: columnName.exactOptional().meta({
      description: "A column whose values make one series each. Then `y` names one column.",
    }),
    stacked: z.boolean().exactOptional().meta({
      description:
        "Of areas and bars: on top of each other, instead of beside or before each other.",
    }),
    horizontal: z.boolean().exactOptional().meta({ description: "Of bars." }),
  })
  .readonly()
  .meta({ id: "Chart" });
export type Chart = z.output<typeof chart>;

const panelBase = {
  title: z.string().min(1).max(100),
  description: z.string().max(500).exactOptional(),
  width: z.int().min(1).max(12).meta({ description: "Columns of a grid of twelve." }),
};

/** Whether more is better, which decides the colour of a change. */
const goodDirection = z.enum(["up", "down"]);
// One pattern, since several would be an `allOf`, which generators of clients stumble over. It says
// what JSON Schema knows, too. Every reader of a section is told the address, so that no password
// may be in it.
const embedUrl = z
  .url({ protocol: /^https?$/, error: "This must be an http or https address.", abort: true })
  .regex(
    /^https?:[/][/][^/?#\\@]+(?:[/?#\\]|$)/,
    "This must be an address with two slashes behind http: or https:, and without a user name or a password: everybody who sees the section is shown it.",
  )
  .max(2_000);

export const panelDefinition = z
  .discriminatedUnion("kind", [
    /**
     * The number is the first column of the first row; further columns say what it is the number
     * of, or what it is compared with.
     */
    z
      .strictObject({
        ...panelBase,
        kind: z.literal("metric"),
        query,
        trend: query.exactOptional().meta({
          description:
            "For the small line under the number: its first column is a time, its second the value.",
        }),
        good: goodDirection.exactOptional(),
      })
      .readonly(),
    z.strictObject({ ...panelBase, kind: z.literal("chart"), query, chart }).readonly(),
    z
      .strictObject({
        ...panelBase,
        kind: z.literal("table"),
        query,
        pageSize: z.int().min(5).max(100).exactOptional(),
      })
      .readonly(),
    z
      .strictObject({ ...panelBase, kind: z.literal("markdown"), text: z.string().max(20_000) })
      .readonly(),
    z
      .strictObject({
        ...panelBase,
        kind: z.literal("embed"),
        url: embedUrl,
        height: z.int().min(100).max(2_000).meta({ description: "In CSS pixels." }),
      })
      .readonly(),
  ])
  .meta({ id: "PanelDefinition" });
export type PanelDefinition = z.output<typeof panelDefinition>;

export const sectionDefinition = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    slug,
    title: z.string().min(1).max(100),
    description: z.string().max(500).default(""),
    icon: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, "This must be the name of a Tabler icon.")
      .default("layout-dashboard")
      .meta({ example: "chart-line" }),
    position: z
      .int()
      .min(0)
      .max(1_000_000)
      .exactOptional()
      .meta({ description: "Its place in the navigation. Without one, a new section comes last." }),
    visibility: z.enum(["restricted", "public"]).default("restricted"),
    refreshSeconds: z.int().min(5).max(86_400).exactOptional().meta({
      description: "How often an open page asks again. Without it, when something changes.",
    }),
    last: duration
      .exactOptional()
      .meta({ description: "The range of time that the page opens with." }),
    panels: z.array(panelDefinition).max(60).readonly(),
  })
  .readonly()
  .meta({ id: "SectionDefinition", title: "A section of Sallyport" });
export type SectionDefinition = z.output<typeof sectionDefinition>;
