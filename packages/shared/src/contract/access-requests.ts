/** Who asks for a section that they may not see, and what is answered. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { endOfGrant } from "./grants.ts";
import { userId } from "./people.ts";
import { bothWays } from "./sort-orders.ts";

const time = z.iso.datetime();
const accessRequestId = z
  .string()
  .regex(/^acr_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with acr_.")
  .meta({ example: "acr_5hK2mWq0Tz8bXc3RwY7nLg" });

/** As an address names it: whether there is such a section, nobody is told. */
const askedSection = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[ -~\u00a0-\ud7ff\ue000-\uffff]*$/, "This must not hold control characters.")
  .meta({ description: "Its address, whether there is one or not.", example: "finance" });

/** What a person says to whoever answers. */
const note = z
  .string()
  .trim()
  .max(500)
  .refine(
    (text) => /^[[^\p{C}\p{Zl}\p{Zp}]\n\u200c\u200d]*$/v.test(text),
    "This must not hold control characters or invisible ones.",
  )
  .meta({ description: "Without control characters, but for line breaks." });

export const ownRequest = z
  .object({
    section: z.string().meta({ description: "The address that was asked for." }),
    note: z.string(),
    askedAt: time,
    answered: z.boolean().meta({
      description:
        "It has been answered, or has waited for a week. Whoever was granted the section has it among theirs.",
    }),
  })
  .meta({ id: "OwnAccessRequest" });

const accessRequest = z
  .object({
    id: accessRequestId,
    user: z.object({ id: userId, username: z.string(), displayName: z.string() }),
    section: z.string().meta({ description: "The address of the section." }),
    title: z.string(),
    note: z.string(),
    askedAt: time,
  })
  .meta({ id: "AccessRequest" });

export const accessRequestOrders = ["askedAt"] as const;

export const accessRequestEndpoints = {
  "POST /access-requests": endpoint({
    summary: "Ask for a section that one may not see",
    description:
      "The answer is the same whether there is such a section or not. Of each section one request is open at a time: asking again replaces its note. Nobody has more than 20 open.",
    tag: "Access requests",
    access: "signed-in",
    body: z.strictObject({ section: askedSection, note: note.exactOptional() }),
    responses: { 202: ownRequest },
    errors: ["rate_limited"],
  }),
  "GET /account/access-requests": endpoint({
    summary: "What one has asked for oneself",
    description: "The last first. Answered requests are forgotten after 30 days.",
    tag: "Access requests",
    access: "signed-in",
    responses: {
      200: z.object({ items: z.array(ownRequest) }).meta({ id: "OwnAccessRequestList" }),
    },
    errors: [],
  }),
  "GET /access-requests": endpoint({
    summary: "Who waits for which section",
    description:
      "Open requests for sections that the caller has as well, or may change. Whoever asks and has been granted it meanwhile is not among them.",
    tag: "Access requests",
    access: { permission: "accessRequests:write" },
    query: z.strictObject({
      sort: z.enum(bothWays(accessRequestOrders)).exactOptional(),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
      cursor: z.string().max(200).exactOptional(),
    }),
    responses: {
      200: z
        .object({
          items: z.array(accessRequest),
          nextCursor: z.string().nullable(),
          total: z.int().meta({ description: "On all pages." }),
        })
        .meta({ id: "AccessRequestList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "POST /access-requests/:accessRequestId/answer": endpoint({
    summary: "Answer a request: for good, until a time, or no",
    description:
      "What is granted counts from the next request of whoever asked, and their open pages are told. Where they have the section already, they keep it for the longer of both.",
    tag: "Access requests",
    access: { permission: "accessRequests:write" },
    freshSignIn: { granted: "given" },
    params: z.object({ accessRequestId }),
    body: z
      .strictObject({
        granted: z.boolean(),
        expiresAt: endOfGrant.nullable().exactOptional(),
      })
      .refine(({ granted, expiresAt }) => granted || expiresAt == null, {
        message: "This is only said of what is granted.",
        path: ["expiresAt"],
      }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded", "access_request_answered"],
  }),
};
