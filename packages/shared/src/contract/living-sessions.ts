/** The sessions that live: one's own, and everybody's for those who look after them. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";

const time = z.iso.datetime();
const userId = z
  .string()
  .regex(/^usr_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with usr_.");
const sessionId = z
  .string()
  .regex(/^ses_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with ses_.");

export const livingSession = z
  .object({
    id: z.string().meta({ example: "ses_pOmy1gkF0Gq6CzcnS2w9Vg" }),
    current: z.boolean().meta({ description: "The one that asks." }),
    user: z.object({ id: z.string(), username: z.string(), displayName: z.string() }),
    userAgent: z.string(),
    browser: z
      .string()
      .nullable()
      .meta({ description: "As far as the user agent tells.", example: "Firefox" }),
    system: z.string().nullable().meta({ example: "Windows" }),
    address: z.string(),
    createdAt: time.meta({ description: "When it began, with a sign-in." }),
    lastUsedAt: time.meta({ description: "When it was renewed last." }),
    idleExpiresAt: time,
    absoluteExpiresAt: time,
  })
  .meta({ id: "LivingSession" });

const paging = {
  limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
  cursor: z.string().max(200).exactOptional(),
};
const q = z.string().trim().max(100).exactOptional().meta({
  description:
    "Words, each of which is part of the user agent, the address or the user name. Case does not matter.",
});
const livingSessionList = z
  .object({ items: z.array(livingSession), nextCursor: z.string().nullable() })
  .meta({ id: "LivingSessionList" });

const inOrder =
  "The last sign-in first. A page may have fewer than `limit`, or none, and go on all the same: `nextCursor` tells.";

export const livingSessionEndpoints = {
  "GET /account/sessions": endpoint({
    summary: "Where one is signed in",
    description: `Every session of one's own that lives, this one included. ${inOrder}`,
    tag: "Account",
    access: "signed-in",
    query: z.strictObject(paging),
    responses: { 200: livingSessionList },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "DELETE /account/sessions/:sessionId": endpoint({
    summary: "End one of one's own sessions",
    description:
      "In force on its next request. 204 also when it was over before. Somebody else's is answered like one that there is not. To end the session that asks, `POST /logout` clears the cookies too.",
    tag: "Account",
    access: "signed-in",
    params: z.object({ sessionId }),
    responses: { 204: null },
    errors: ["not_found"],
  }),
  "GET /sessions": endpoint({
    summary: "Every session that lives",
    description: inOrder,
    tag: "Sessions",
    access: { permission: "sessions:read" },
    query: z.strictObject({
      user: userId.exactOptional().meta({ description: "Only those of this user." }),
      q,
      ...paging,
    }),
    responses: { 200: livingSessionList },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "DELETE /sessions": endpoint({
    summary: "End everybody's sessions",
    description:
      "Every session but the one that asks, in force on their next requests. Whoever does not have every right cannot do it, since there may be somebody who has more.",
    tag: "Sessions",
    access: { permission: "sessions:write" },
    responses: { 204: null },
    errors: ["rights_exceeded"],
  }),
  "DELETE /sessions/:sessionId": endpoint({
    summary: "End a session",
    description:
      "In force on its next request. 204 also when it was over before. Of somebody with rights that the caller does not have, none can be ended.",
    tag: "Sessions",
    access: { permission: "sessions:write" },
    params: z.object({ sessionId }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded"],
  }),
  "GET /users/:userId/sessions": endpoint({
    summary: "Every session of a user that lives",
    description: inOrder,
    tag: "Sessions",
    access: { permission: "sessions:read" },
    params: z.object({ userId }),
    query: z.strictObject(paging),
    responses: { 200: livingSessionList },
    sends: { 200: ["Link"] },
    errors: ["not_found"],
  }),
  "DELETE /users/:userId/sessions": endpoint({
    summary: "End every session of a user",
    description:
      "In force on their next requests. 204 also when there was none. Of somebody with rights that the caller does not have, none can be ended.",
    tag: "Sessions",
    access: { permission: "sessions:write" },
    params: z.object({ userId }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded"],
  }),
};
