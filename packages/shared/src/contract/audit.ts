/** What has been done, by whom: the audit trail, as those read it who may. */
import * as z from "zod";
import { auditActions } from "./audit-actions.ts";
import { endpoint } from "./define-endpoint.ts";
import { exportFormat, exportTypes } from "./exports.ts";

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[ -~\u00a0-\uffff]*$/, "This must not hold control characters.");
const time = z.iso.datetime();

export const auditEvent = z
  .object({
    id: z.string().meta({ example: "evt_J3yL0m2wQk2l8vFq5bX1Nw" }),
    at: time.meta({ description: "UTC" }),
    action: z.string().meta({ example: "grant.add" }),
    result: z.enum(["success", "failure"]),
    actor: z
      .object({ id: z.string(), name: z.string().nullable() })
      .nullable()
      .meta({ description: "Who did it; null where no user is known to have." }),
    subject: z
      .object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() })
      .nullable()
      .meta({ description: "What it was done to." }),
    sessionId: z.string().nullable(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).meta({
      description: "What else there is to say. Of a change `before` and `after`.",
    }),
  })
  .meta({
    id: "AuditEvent",
    description:
      "Names are those of the moment in which it was written, so that whoever is deleted later can still be read.",
  });

export const auditEndpoints = {
  "GET /audit-events": endpoint({
    summary: "Who did what, the newest first",
    description:
      "Filters are taken together. Where few of many events fit several of them, a page may have fewer than `limit`, or none, and go on all the same: `nextCursor` tells.",
    tag: "Audit trail",
    access: { permission: "audit:read" },
    query: z.strictObject({
      actor: id.exactOptional().meta({ description: "The id of the user who did it." }),
      action: z.enum(auditActions).exactOptional(),
      subject: id.exactOptional().meta({ description: "The id of what it was done to." }),
      from: time.exactOptional().meta({ description: "From then on." }),
      to: time.exactOptional().meta({ description: "Before then." }),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
      cursor: z.string().max(200).exactOptional(),
      format: exportFormat(["csv", "ndjson"]),
    }),
    exports: exportTypes(["csv", "ndjson"]),
    responses: {
      200: z
        .object({ items: z.array(auditEvent), nextCursor: z.string().nullable() })
        .meta({ id: "AuditEventList" }),
    },
    sends: { 200: ["Link", "Content-Disposition"] },
    errors: [],
  }),
};
