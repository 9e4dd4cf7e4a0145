/** Links for wall screens: each shows one section, until its end, to whoever has it. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { slug } from "./definitions.ts";
import { endOfGrant } from "./grants.ts";
import { roleName, userId } from "./people.ts";

const time = z.iso.datetime();
const displayLinkId = z
  .string()
  .regex(/^dsp_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with dsp_.")
  .meta({ example: "dsp_7nLgc3RwYXb0Tz8q5hK2mW" });

const displayLink = z
  .object({
    id: displayLinkId,
    name: z.string(),
    section: z.string().meta({ description: "The address of the section." }),
    title: z.string().meta({ description: "Of the section." }),
    madeBy: z.object({ id: userId, username: z.string(), displayName: z.string() }),
    createdAt: time,
    expiresAt: time,
    lastSeenAt: time
      .nullable()
      .meta({ description: "When a screen asked last, to the minute; null for never." }),
    works: z.boolean().meta({
      description:
        "Whether it shows anything. It does not where its end is over, or where whoever made it could not make it any more.",
    }),
  })
  .meta({ id: "DisplayLink" });
export type DisplayLink = z.output<typeof displayLink>;

export const displayLinkEndpoints = {
  "GET /display-links": endpoint({
    summary: "Which links for wall screens there are, the newest first",
    tag: "Display links",
    access: { permission: "grants:read" },
    query: z.strictObject({
      section: slug.exactOptional().meta({ description: "Only those of this section." }),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
      cursor: z.string().max(200).exactOptional(),
    }),
    responses: {
      200: z
        .object({ items: z.array(displayLink), nextCursor: z.string().nullable() })
        .meta({ id: "DisplayLinkList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "POST /display-links": endpoint({
    summary: "Make a link on which a wall screen shows one section",
    description:
      "Whoever has the link sees the section until its end, and nothing else. It is told once. It works only as long as whoever made it is active and may still give the section for as long.",
    tag: "Display links",
    access: { permission: "grants:write" },
    freshSignIn: true,
    body: z.strictObject({
      section: slug,
      name: roleName.meta({ description: "Where the screen hangs.", example: "Lobby" }),
      expiresAt: endOfGrant.meta({ description: "Within a year." }),
    }),
    responses: {
      201: displayLink.extend({
        link: z.string().meta({
          description: "Opens the screen. Told once: only its hash is kept.",
          example: "https://dashboards.example.com/display#sp_dsp_3kZ…",
        }),
      }),
    },
    errors: ["rights_exceeded"],
  }),
  "DELETE /display-links/:displayLinkId": endpoint({
    summary: "End a link",
    description: "Screens that show its section are dark within a second.",
    tag: "Display links",
    access: { permission: "grants:write" },
    params: z.object({ displayLinkId }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded"],
  }),
  "GET /display": endpoint({
    summary: "What a display link shows",
    description:
      "For whoever has the token of such a link, as a bearer. With it, `GET /sections/{slug}`, its panels' data and `GET /session/events` are read too, and nothing else. For a session there is nothing here.",
    tag: "Display links",
    access: "signed-in",
    displays: true,
    responses: {
      200: z
        .object({
          id: displayLinkId,
          name: z.string(),
          section: z.string().meta({ description: "The address of the section." }),
          title: z.string(),
          expiresAt: time,
        })
        .meta({ id: "Display" }),
    },
    errors: ["not_found"],
  }),
};
