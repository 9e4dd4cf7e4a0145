/** What could not be sent to people by mail. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { noticeKind } from "./notice-kind.ts";
import { userId } from "./people.ts";

const time = z.iso.datetime();

const undeliveredMail = z
  .object({
    id: z.string().meta({ example: "mai_5rYh0c3mZ8bKq1VwT2nLxA" }),
    user: z.object({ id: userId, username: z.string(), displayName: z.string() }),
    to: z.string().meta({
      description: "The address that the user had when it was written.",
      example: "nora@example.com",
    }),
    kind: z
      .enum([...noticeKind.options, "passwordReset", "emailVerification"])
      .meta({ description: "Of the notice that it tells of, or what its link is for." }),
    at: time.meta({ description: "When what it tells of happened." }),
    attempts: z.int().meta({ description: "How often it was tried.", example: 3 }),
    failure: z.string().meta({
      description: "Why the last attempt failed, in words for people.",
      example: "The mail server did not answer.",
    }),
    triedAgainAt: time
      .nullable()
      .meta({ description: "When it is tried again; null once it is given up." }),
  })
  .meta({ id: "UndeliveredMail" });

export const mailEndpoints = {
  "GET /undelivered-mails": endpoint({
    summary: "Mails that could not be sent, the newest first",
    description:
      "Notices also go by mail to users who have an address. One that fails is tried again for a day, and stays in this list for a week. It leaves the list as soon as a mail to the same user and address is sent. At most fifty are told.",
    tag: "Users",
    access: { permission: "users:read" },
    responses: {
      200: z.object({ items: z.array(undeliveredMail) }).meta({ id: "UndeliveredMailList" }),
    },
    errors: [],
  }),
  "POST /password-resets": endpoint({
    summary: "Have a link sent on which a forgotten password is chosen anew",
    description:
      "The same answer for everybody, at once: whether there is such a user is looked up afterwards. A link goes to a verified address only, three an hour at most for each, and works for ten minutes.",
    tag: "Account",
    access: "public",
    body: z.strictObject({
      usernameOrEmail: z.string().trim().min(1).max(254).meta({ example: "nora" }),
    }),
    responses: {
      202: z.object({ status: z.literal("accepted") }).meta({ id: "PasswordResetAsked" }),
    },
    errors: ["mail_not_set_up", "rate_limited"],
  }),
  "GET /account/email": endpoint({
    summary: "The caller's address, and whether it is verified",
    tag: "Account",
    access: "signed-in",
    responses: {
      200: z
        .object({
          email: z.string().nullable(),
          verified: z.boolean(),
          mail: z.boolean().meta({ description: "Whether mail is sent here." }),
        })
        .meta({ id: "OwnEmail" }),
    },
    errors: [],
  }),
  "POST /email-verifications": endpoint({
    summary: "Have a link sent that verifies the caller's address",
    description:
      "Works for a day, in any browser. Nothing is sent where there is no address, or where it is verified already. Three an hour at most for each address.",
    tag: "Account",
    access: "signed-in",
    responses: { 204: null },
    errors: ["mail_not_set_up", "rate_limited"],
  }),
  "POST /email-verifications/confirm": endpoint({
    summary: "Verify an address with a link",
    description: "Whoever is signed in there, if anybody.",
    tag: "Account",
    access: "one-use-token",
    body: z.strictObject({ token: z.string().min(1).max(128) }),
    responses: { 200: z.object({ email: z.string() }).meta({ id: "VerifiedEmail" }) },
    errors: ["busy", "rate_limited"],
  }),
};
