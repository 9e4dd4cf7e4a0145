/** One's own account: who one is here, and what one has chosen. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { displayName, ifMatch, userId } from "./people.ts";
import { preferencesOrNull } from "./preferences.ts";
import { session } from "./session.ts";

export const account = z
  .object({
    id: userId,
    username: z.string(),
    email: z.string().nullable(),
    displayName: z.string(),
    ...preferencesOrNull,
  })
  .meta({ id: "Account", description: "What is null has not been chosen: the browser decides." });
export type Account = z.output<typeof account>;

export const accountEndpoints = {
  "GET /account": endpoint({
    summary: "One's own profile",
    tag: "Account",
    access: "signed-in",
    responses: { 200: account },
    sends: { 200: ["ETag"] },
    errors: [],
  }),
  "PATCH /account": endpoint({
    summary: "Change one's own profile",
    description:
      "What is left out stays as it is; `null` takes a choice back. A start page has to be a section that one may open. The answer has the profile, and beside it the session as it tells of it from now on.",
    tag: "Account",
    access: "signed-in",
    headers: z.object({ "if-match": ifMatch }),
    body: z.strictObject({
      displayName: displayName.exactOptional(),
      language: preferencesOrNull.language.exactOptional(),
      timeZone: preferencesOrNull.timeZone.exactOptional(),
      startPage: preferencesOrNull.startPage.exactOptional(),
      colorScheme: preferencesOrNull.colorScheme.exactOptional(),
    }),
    responses: {
      200: z.object({ ...session.shape, ...account.shape }).meta({ id: "ChangedAccount" }),
    },
    sends: { 200: ["ETag"] },
    errors: ["precondition_required", "precondition_failed"],
  }),
};
