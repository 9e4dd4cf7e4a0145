import * as z from "zod";
import { sectionDefinition, slug } from "./definitions.ts";
import { endpoint } from "./define-endpoint.ts";

const conditions = {
  "if-match": z.string().max(1_000).exactOptional().meta({
    description:
      "The `ETag` of the section that is to be replaced; `*` for whichever there is. One that is there is not replaced without it.",
  }),
  "if-none-match": z
    .string()
    .max(1_000)
    .exactOptional()
    .meta({ description: "`*`: only create the section, never replace one." }),
};

/**
 * Sections as files. What stands in them is for those who may administer sections, whatever they
 * may look at.
 */
export const sectionFileEndpoints = {
  "GET /sections/:slug/definition": endpoint({
    summary: "One section as a file",
    description:
      "Its settings and its panels with their queries: what `PUT` takes, checked against `/schemas/section.json`. The answer has an `ETag` for its `If-Match`.",
    tag: "Sections",
    access: { permission: "sections:read" },
    params: z.object({ slug: z.string().max(64) }),
    responses: { 200: sectionDefinition },
    sends: { 200: ["ETag"] },
    errors: ["not_found"],
  }),
  "PUT /sections/:slug/definition": endpoint({
    summary: "Create or replace a section from a file",
    description:
      "All of it or nothing: a file with a mistake changes nothing, and each mistake is an entry of `errors` with a pointer into the file. A panel whose title stays the same keeps its id. A section that becomes public by it wants a sign-in of the last five minutes.",
    tag: "Sections",
    access: { permission: "sections:write" },
    params: z.object({ slug }),
    headers: z.object(conditions),
    body: sectionDefinition,
    bodyLimitBytes: 512 * 1024,
    responses: { 200: sectionDefinition, 201: sectionDefinition },
    sends: { 200: ["ETag"], 201: ["ETag"] },
    errors: ["precondition_failed", "precondition_required", "fresh_sign_in_required"],
  }),
  "GET /schemas/section.json": endpoint({
    summary: "What a section as a file looks like, as JSON Schema",
    description:
      "Draft 2020-12. Named in a file's `$schema`, it lets an editor complete and check the file.",
    tag: "Discovery",
    access: "public",
    responses: { 200: z.record(z.string(), z.unknown()) },
    revalidates: true,
    errors: [],
  }),
};
