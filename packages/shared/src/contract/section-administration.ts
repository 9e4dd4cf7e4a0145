/**
 * Sections as those see them who arrange them: what they are called, where they stand, who sees
 * them.
 */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { sectionDefinition, slug } from "./definitions.ts";
import { datasetName } from "./queries.ts";
import { sectionSettings } from "./sections.ts";

const { title, description, icon, visibility, refreshSeconds, last } =
  sectionDefinition.unwrap().shape;
/** Any slug that a section may have had, and no more than that. */
const named = z.object({ slug: z.string().max(64) });
const ifMatch = z.object({
  "if-match": z.string().max(1_000).exactOptional().meta({
    description:
      "The `ETag` of what is to be changed, which for a section is its `version` in quotation marks. Without it 428.",
  }),
});

const newSection = z
  .strictObject({
    title,
    slug: slug.exactOptional().meta({ description: "Made from the title without it." }),
    description,
    icon,
    visibility,
    refreshSeconds,
    last,
    dataset: datasetName.exactOptional().meta({
      description:
        "Begin with panels that fit this dataset: a number, a chart and a table. Without it there are none.",
    }),
  })
  .meta({ id: "NewSection" });
export type NewSection = z.output<typeof newSection>;

const sectionChange = z
  .strictObject({
    title: title.exactOptional(),
    slug: slug.exactOptional().meta({
      description: "Links with the old one lead to the section until another one takes it.",
    }),
    description: description.unwrap().exactOptional(),
    icon: icon.unwrap().exactOptional(),
    visibility: visibility.unwrap().exactOptional(),
    refreshSeconds: refreshSeconds.unwrap().nullable().exactOptional(),
    last: last.unwrap().nullable().exactOptional(),
  })
  .meta({ id: "SectionChange" });
export type SettingsChange = z.output<typeof sectionChange>;

const place = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  icon: z.string(),
  visibility: visibility.unwrap(),
});

export const sectionAdministrationEndpoints = {
  "POST /sections": endpoint({
    summary: "Create a section",
    description:
      "It comes last in the navigation, and is seen by those who may see every section until somebody grants it. The answer is the section as a file.",
    tag: "Sections",
    access: { permission: "sections:write" },
    freshSignIn: { visibility: ["public"] },
    body: newSection,
    responses: { 201: sectionDefinition },
    sends: { 201: ["Location", "ETag"] },
    errors: ["section_slug_taken", "busy"],
  }),
  "PATCH /sections/:slug": endpoint({
    summary: "Change what a section is called, where it is found, and who sees it",
    description:
      "What is left out stays as it is. Panels are changed by `PUT /sections/{slug}/definition`.",
    tag: "Sections",
    access: { permission: "sections:write" },
    freshSignIn: { visibility: ["public"] },
    params: named,
    headers: ifMatch,
    body: sectionChange,
    responses: { 200: sectionSettings },
    sends: { 200: ["ETag"] },
    errors: [
      "not_found",
      "section_slug_taken",
      "precondition_required",
      "precondition_failed",
      "busy",
    ],
  }),
  "DELETE /sections/:slug": endpoint({
    summary: "Delete a section",
    description:
      "Its panels and the grants to it go with it; the datasets stay. The audit trail keeps its definition.",
    tag: "Sections",
    access: { permission: "sections:write" },
    freshSignIn: true,
    params: named,
    headers: ifMatch,
    responses: { 204: null },
    errors: ["not_found", "precondition_required", "precondition_failed", "busy"],
  }),
  "POST /sections/:slug/duplicate": endpoint({
    summary: "Make another section like this one",
    description:
      "With the same panels and the same settings, but restricted and granted to nobody. It comes last. The answer is the new section as a file.",
    tag: "Sections",
    access: { permission: "sections:write" },
    params: named,
    body: z.strictObject({ title: title.exactOptional(), slug: slug.exactOptional() }),
    bodyOptional: true,
    responses: { 201: sectionDefinition },
    sends: { 201: ["Location", "ETag"] },
    errors: ["not_found", "section_slug_taken", "busy"],
  }),
  "GET /section-order": endpoint({
    summary: "Every section in the order of the navigation",
    description: "Its `ETag` is for the `If-Match` of `PUT /section-order`.",
    tag: "Sections",
    access: { permission: "sections:read" },
    responses: { 200: z.object({ items: z.array(place) }).meta({ id: "SectionOrder" }) },
    sends: { 200: ["ETag"] },
    errors: [],
  }),
  "PUT /section-order": endpoint({
    summary: "Put the sections into another order",
    description: "The body names every section there is, once.",
    tag: "Sections",
    access: { permission: "sections:write" },
    headers: ifMatch,
    body: z.strictObject({ slugs: z.array(slug).max(10_000) }),
    bodyLimitBytes: 1024 * 1024,
    responses: { 204: null },
    sends: { 204: ["ETag"] },
    errors: ["precondition_required", "precondition_failed", "busy"],
  }),
};
