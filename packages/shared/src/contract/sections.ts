import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { chart } from "./definitions.ts";
import { panelErrorCodes } from "./error-codes.ts";
import { sectionFileEndpoints } from "./section-files.ts";
import { bothWays } from "./sort-orders.ts";
import { columnTypes, duration, numberFormat, timeUnits } from "./queries.ts";

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const table = {
  columns: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      type: z.enum(columnTypes),
      unit: z
        .string()
        .exactOptional()
        .meta({ description: "As shown beside the number, for example `USD` or `°C`." }),
      format: numberFormat.exactOptional(),
      bucket: z
        .enum(timeUnits)
        .exactOptional()
        .meta({ description: "The unit of time whose first moment stands in this column." }),
      previousOf: z.string().exactOptional().meta({
        description: "The name of the column whose values of the period before stand in this one.",
      }),
    }),
  ),
  rows: z
    .array(z.array(value))
    .meta({ description: "One array for each row, in the order of `columns`." }),
};

const answeredRange = z.object({ from: z.string().nullable(), to: z.string().nullable() });

/** The result of a panel's query: what the panel shows and not a row more. */
export const panelData = z
  .object({
    ...table,
    range: answeredRange.exactOptional().meta({
      description:
        "The range of time that the rows were narrowed to, from ≤ time < to: dates of a column of dates, else ISO 8601 in UTC. Absent where none was.",
    }),
    timeZone: z
      .string()
      .exactOptional()
      .meta({ description: "Of the buckets of time, where it is not UTC." }),
    total: z.int().exactOptional().meta({ description: "Of a table: the rows on all its pages." }),
    points: z.int().exactOptional().meta({
      description:
        "Of a chart whose series were too long to draw: the rows there were before they were reduced.",
    }),
    trend: z
      .object({
        ...table,
        range: answeredRange
          .exactOptional()
          .meta({ description: "What the trend was narrowed to; it may differ from the metric." }),
      })
      .exactOptional()
      .meta({ description: "Of a metric: a time and the value at it." }),
  })
  .meta({ id: "PanelData" });
export type PanelData = z.output<typeof panelData>;

const panelBase = {
  id: z.string().meta({ example: "pan_Zr0nq6mJ1tq1p8xV3cJm0w" }),
  title: z.string(),
  description: z.string().exactOptional(),
  width: z.int().min(1).max(12).meta({ description: "Columns of a grid of twelve." }),
};
const withData = {
  attribution: z.string().exactOptional().meta({ description: "Where the rows come from." }),
  followsRange: z.boolean().meta({ description: "Whether a range of time changes what it shows." }),
  last: duration.exactOptional().meta({
    description:
      "The range that this panel has of its own where a request names none; it goes before the section's.",
  }),
  data: panelData.exactOptional().meta({ description: "With `include=data`." }),
  error: z
    .object({
      code: z.enum(panelErrorCodes),
      detail: z.string(),
      requestId: z.string(),
    })
    .exactOptional()
    .meta({
      description: "With `include=data`, in place of `data`, where this panel's query failed.",
    }),
};

export const panel = z
  .discriminatedUnion("kind", [
    z.object({
      ...panelBase,
      kind: z.literal("metric"),
      good: z.enum(["up", "down"]).exactOptional(),
      ...withData,
    }),
    z.object({ ...panelBase, kind: z.literal("chart"), chart, ...withData }),
    z.object({ ...panelBase, kind: z.literal("table"), pageSize: z.int(), ...withData }),
    z.object({
      ...panelBase,
      kind: z.literal("markdown"),
      text: z.string().meta({ description: "CommonMark; HTML in it is not rendered." }),
    }),
    z.object({
      ...panelBase,
      kind: z.literal("embed"),
      url: z.string(),
      height: z.int().meta({ description: "In CSS pixels." }),
    }),
  ])
  .meta({ id: "Panel" });
export type Panel = z.output<typeof panel>;

const sectionSummary = z
  .object({
    id: z.string().meta({ example: "sec_J3yL0m2wQk2l8vFq5bX1Nw" }),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    icon: z.string().meta({ description: "The name of a Tabler icon.", example: "chart-line" }),
    position: z.int(),
    visibility: z.enum(["restricted", "public"]),
  })
  .meta({ id: "SectionSummary" });

/** What whoever arranges sections is told of one beside. */
const administered = {
  refreshSeconds: z.int().nullable(),
  last: duration.nullable(),
  panelCount: z.int(),
  grantCount: z
    .int()
    .meta({ description: "Grants to this very section: to users and roles, one by one." }),
  version: z
    .int()
    .meta({ description: "Rises with every edit. In quotation marks it is the section's `ETag`." }),
  updatedAt: z.iso.datetime().meta({ description: "When it was edited last." }),
};
export const sectionSettings = z
  .object({ ...sectionSummary.shape, ...administered })
  .meta({ id: "SectionSettings" });

/** Of `scope=all` alone. */
const listedSection = z
  .object({
    ...sectionSummary.shape,
    ...z.object(administered).partial().shape,
  })
  .meta({ id: "ListedSection" });
export const sectionOrders = ["position", "title", "slug", "updatedAt"] as const;

export const section = z
  .object({
    ...sectionSummary.shape,
    refreshSeconds: z
      .int()
      .nullable()
      .meta({ description: "How often an open page should ask again." }),
    last: duration
      .nullable()
      .meta({ description: "The range of time that applies where a request names none." }),
    timeBounds: z.object({ from: z.string(), to: z.string() }).nullable().meta({
      description:
        "The first and the last day of the rows that a range of time can narrow; null where it can narrow none.",
    }),
    panels: z.array(panel),
  })
  .meta({ id: "Section" });
export type Section = z.output<typeof section>;

/**
 * `from` and `to` narrow a panel's query on its time column: from ≤ time < to. `last` does instead
 * of both.
 */
const instant = z
  .union(
    [z.iso.date(), z.iso.datetime({ offset: true })],
    "This must be a date such as 2026-01-31, or a time with an offset such as 2026-01-31T09:30:00Z.",
  )
  .meta({ example: "2026-01-01" });
const range = {
  from: instant.exactOptional().meta({
    description:
      "Rows at or after this time. A date begins at midnight in each panel's own time zone.",
  }),
  to: instant.exactOptional().meta({ description: "Rows before this time." }),
  last: z
    .union([duration, z.literal("all")])
    .exactOptional()
    .meta({
      description:
        "Instead of `from` and `to`: the last whole units of time, the present one included, or `all` for no range at all.",
      example: "P30D",
    }),
};

export const sectionEndpoints = {
  ...sectionFileEndpoints,
  "GET /sections": endpoint({
    summary: "The sections the caller may open",
    description:
      "Visitors get the public ones. `scope=all` lists every section, for administration, with what is said of it there, and tells how many there are; `q`, `sort` and `visibility` are for it alone.",
    tag: "Sections",
    access: {
      otherwise: "public-or-signed-in",
      when: { query: "scope", is: "all", access: { permission: "sections:read" } },
    },
    query: z.strictObject({
      scope: z.enum(["permitted", "all"]).default("permitted"),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(100),
      cursor: z.string().max(1_000).exactOptional(),
      q: z.string().max(100).exactOptional().meta({
        description:
          "A part of the title or of the slug, whatever the case of its letters from A to Z.",
      }),
      sort: z.enum(bothWays(sectionOrders)).exactOptional().meta({
        description: "`position` without it; with a hyphen before it in descending order.",
      }),
      visibility: z.enum(["restricted", "public"]).exactOptional(),
    }),
    responses: {
      200: z
        .object({
          items: z.array(listedSection),
          nextCursor: z.string().nullable(),
          total: z.int().exactOptional().meta({ description: "With `scope=all`." }),
        })
        .meta({ id: "SectionList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "GET /sections/:slug": endpoint({
    summary: "One section with its panels",
    description:
      "A section that does not exist answers as one that is not granted: 403 `section_forbidden`.",
    tag: "Sections",
    access: { section: "slug" },
    displays: true,
    params: z.object({ slug: z.string().max(64) }),
    query: z.strictObject({
      include: z
        .enum(["data"])
        .exactOptional()
        .meta({ description: "`data` puts each panel's data, or its own error, into the panel." }),
      ...range,
    }),
    responses: { 200: section },
    revalidates: true,
    errors: ["busy"],
  }),
  "GET /sections/:slug/panels/:panelId/data": endpoint({
    summary: "The data of one panel",
    tag: "Sections",
    access: { section: "slug" },
    displays: true,
    params: z.object({ slug: z.string().max(64), panelId: z.string().max(64) }),
    query: z.strictObject({
      ...range,
      sort: z.string().max(101).exactOptional().meta({
        description:
          "Of a table: the name of a column of its result, with a hyphen before it for descending order.",
        example: "-price",
      }),
      page: z.coerce
        .number<number | string>()
        .int()
        .min(1)
        .max(10_000)
        .exactOptional()
        .meta({ description: "Of a table: which page, from 1." }),
      limit: z.coerce
        .number<number | string>()
        .int()
        .min(1)
        .max(10_000)
        .exactOptional()
        .meta({ description: "Of a table: rows on a page." }),
      points: z.coerce.number<number | string>().int().min(10).max(10_000).exactOptional().meta({
        description:
          "Of a chart: at most so many points in a series; the shape of longer ones is kept.",
      }),
    }),
    responses: { 200: panelData },
    revalidates: true,
    errors: ["not_found", "panel_failed", "query_timeout", "busy"],
  }),
};
