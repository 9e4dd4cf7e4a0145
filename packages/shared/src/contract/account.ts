/** One's own account: who one is here, and what one has chosen. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { ownRequest } from "./access-requests.ts";
import { auditEvent } from "./audit.ts";
import { grant } from "./grants.ts";
import { livingSession } from "./living-sessions.ts";
import { displayName, ifMatch, userId } from "./people.ts";
import { preferences, preferencesOrNull } from "./preferences.ts";
import { notice, session } from "./session.ts";
import { user } from "./users.ts";

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

/** All that is kept about a person, as they are given it themselves. */
const accountExport = z
  .object({
    exportedAt: z.iso.datetime(),
    user,
    preferences,
    permissions: z.array(z.string()),
    grants: z.array(grant).meta({ description: "Their own, and those of their roles." }),
    sessions: z.array(livingSession),
    notices: z.array(notice).meta({ description: "Those that have not been dismissed." }),
    accessRequests: z.array(ownRequest),
    auditEvents: z
      .array(auditEvent)
      .meta({ description: "What they have done, the newest first." }),
  })
  .meta({ id: "AccountExport" });

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
  "DELETE /account": endpoint({
    summary: "Delete one's own account",
    description:
      "With every session and grant, this session included, at once and for good. What the audit trail says of the user stays, and so does their name: nobody else is ever called so. The last admin cannot.",
    tag: "Account",
    access: "signed-in",
    freshSignIn: true,
    responses: { 204: null },
    sends: { 204: ["Set-Cookie"] },
    errors: ["last_admin"],
  }),
  "GET /account/export": endpoint({
    summary: "All that is kept about oneself",
    description:
      "A file of JSON that comes as it is read, however much it is. That it was asked for is an event of the audit trail.",
    tag: "Account",
    access: "signed-in",
    exports: { json: "application/json" },
    responses: { 200: accountExport },
    sends: { 200: ["Content-Disposition"] },
    errors: [],
  }),
};
