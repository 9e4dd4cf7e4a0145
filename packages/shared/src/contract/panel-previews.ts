/** Panels that are still being made: what an editor shows before anything is stored. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { panelDefinition } from "./definitions.ts";
import { duration } from "./queries.ts";
import { panel } from "./sections.ts";

const panelPreview = z
  .strictObject({
    panel: panelDefinition,
    last: z
      .union([duration, z.literal("all")])
      .exactOptional()
      .meta({
        description:
          "The range of time of the page, as in `GET /sections/{slug}`; it goes before the panel's own.",
        example: "P30D",
      }),
    sectionLast: duration.exactOptional().meta({
      description: "The section's `last`: it counts where the page and the panel name no range.",
    }),
  })
  .meta({ id: "PanelPreview" });
export type PanelPreview = z.input<typeof panelPreview>;

export const previewEndpoints = {
  "POST /panel-previews": endpoint({
    summary: "Look at a panel before it is stored",
    description:
      "Answers with the panel as its section would show it, with its data. Nothing is stored. What does not fit its dataset is an entry of `errors` with a pointer into the body, as `PUT /sections/{slug}/definition` finds it.",
    tag: "Sections",
    // Whoever edits a section need not be somebody who may look at rows.
    access: { permission: "sections:write", andPermission: "datasets:read" },
    body: panelPreview,
    // A text of twenty thousand characters, in any script.
    bodyLimitBytes: 128 * 1024,
    responses: { 200: panel },
    errors: ["query_timeout", "busy"],
  }),
};
