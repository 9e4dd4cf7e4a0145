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
    kind: noticeKind.meta({ description: "Of the notice that it tells of." }),
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
};
