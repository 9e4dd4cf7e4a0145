import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { errorCatalogue, type ErrorCode } from "./error-codes.ts";

export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "lower-case letters, digits and single hyphens")
  .max(64)
  .meta({ example: "marketing" });

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The result of a panel's query: what the panel shows and not a row more. */
export const panelData = z
  .object({
    columns: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        type: z.enum(["text", "integer", "decimal", "boolean", "date", "timestamp"]),
        unit: z.string().exactOptional().meta({ description: "As shown beside the number, for example `USD` or `°C`." }),
      }),
    ),
    rows: z.array(z.array(value)).meta({ description: "One array for each row, in the order of `columns`." }),
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
  data: panelData.exactOptional().meta({ description: "With `include=data`." }),
  error: z
    .object({ code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]), detail: z.string(), requestId: z.string() })
    .exactOptional()
    .meta({ description: "With `include=data`, in place of `data`, where this panel's query failed." }),
};

export const panel = z
  .discriminatedUnion("kind", [
    z.object({ ...panelBase, kind: z.literal("metric"), ...withData, attribution: z.string().exactOptional() }),
    z.object({ ...panelBase, kind: z.literal("table"), ...withData, attribution: z.string().exactOptional() }),
    z.object({ ...panelBase, kind: z.literal("markdown"), text: z.string().meta({ description: "CommonMark; HTML in it is not rendered." }) }),
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

export const section = z.object({ ...sectionSummary.shape, panels: z.array(panel) }).meta({ id: "Section" });
export type Section = z.output<typeof section>;

/** `from` and `to` narrow a panel's query on its dataset's time column: from ≤ time < to. */
const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).meta({ example: "2026-01-01" });
const range = {
  from: instant.exactOptional().meta({ description: "Rows at or after this time." }),
  to: instant.exactOptional().meta({ description: "Rows before this time." }),
};

export const sectionEndpoints = {
  "GET /sections": endpoint({
    summary: "The sections the caller may open",
    description: "Visitors get the public ones. `scope=all` lists every section, for administration.",
    tag: "Sections",
    access: { otherwise: "public-or-signed-in", when: { query: "scope", is: "all", access: { permission: "sections:read" } } },
    query: z.object({
      scope: z.enum(["permitted", "all"]).default("permitted"),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(100),
      cursor: z.string().max(200).exactOptional(),
    }),
    responses: { 200: z.object({ items: z.array(sectionSummary), nextCursor: z.string().nullable() }).meta({ id: "SectionList" }) },
    errors: [],
  }),
  "GET /sections/:slug": endpoint({
    summary: "One section with its panels",
    description: "A section that does not exist answers as one that is not granted: 403 `section_forbidden`.",
    tag: "Sections",
    access: { section: "slug" },
    params: z.object({ slug: z.string().max(64) }),
    query: z.object({ include: z.enum(["data"]).exactOptional().meta({ description: "`data` puts each panel's data, or its own error, into the panel." }), ...range }),
    responses: { 200: section },
    errors: [],
  }),
  "GET /sections/:slug/panels/:panelId/data": endpoint({
    summary: "The data of one panel",
    tag: "Sections",
    access: { section: "slug" },
    params: z.object({ slug: z.string().max(64), panelId: z.string().max(64) }),
    query: z.object(range),
    responses: { 200: panelData },
    errors: ["not_found", "panel_failed"],
  }),
};
