import * as z from "zod";
import { adminListNames } from "./admin-lists.ts";
import { endpoint } from "./define-endpoint.ts";
import { eventStream } from "./endpoint.ts";
import { sessionEndReasons } from "./error-codes.ts";

export const eventEndpoints = {
  "GET /session/events": endpoint({
    summary: "What changes for this session, as it happens",
    description:
      "Server-sent events. The stream is authorised when it is opened and outlives the access token; it is no use of the session, so that idle means idle. It ends with the session, and when the server stops: open it again. With `since`, sections that have changed from then on are told at once; otherwise what changed while none was open is not told afterwards. A comment comes every 20 seconds at least.",
    tag: "Session",
    access: "signed-in",
    displays: true,
    query: z.strictObject({
      since: z.iso.datetime().exactOptional().meta({
        description:
          "When the caller began to ask for what it shows, by the server's clock: `accessExpiresAt` less `expiresIn`.",
        example: "2026-01-01T09:30:00Z",
      }),
    }),
    responses: {
      200: eventStream({
        permissions: z.object({}).meta({
          description: "What the user may do has changed: the access token is stale. Refresh.",
        }),
        ended: z
          .object({ reason: z.enum(sessionEndReasons).exactOptional() })
          .meta({ description: "The session is over. The last event of the stream." }),
        sections: z
          .object({
            slugs: z.array(z.string()).meta({
              description: "Those whose panels or data have changed: permitted ones only.",
            }),
            list: z.boolean().meta({
              description:
                "The list of sections has changed too: a title, an icon, an address, the order, or what is in it.",
            }),
          })
          .meta({ description: "Ask for these sections again." }),
        lists: z
          .object({
            lists: z.array(z.enum(adminListNames)).meta({
              description: "Only those that the user may read.",
            }),
          })
          .meta({ description: "These lists of the admin side have changed. Ask for them again." }),
      }),
    },
    errors: ["rate_limited"],
  }),
};
