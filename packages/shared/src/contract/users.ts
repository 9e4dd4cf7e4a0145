import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { exportFormat, exportTypes } from "./exports.ts";
import { permissions } from "./permissions.ts";
import {
  displayName,
  emailAddress,
  ifMatch,
  namedRole,
  newUsername,
  roleId,
  userId,
} from "./people.ts";
import { newPassword } from "./session.ts";

const time = z.iso.datetime();

export const user = z
  .object({
    id: userId,
    username: z.string(),
    email: z.string().nullable(),
    emailVerified: z.boolean().meta({
      description:
        "Has the person shown that mail to this address reaches them? Only then can a forgotten password be chosen anew by mail.",
    }),
    displayName: z.string(),
    active: z.boolean(),
    hasPassword: z.boolean().meta({
      description: "Has the person chosen a password? Without one nobody can sign in as them.",
    }),
    roles: z.array(namedRole).meta({ description: "By name." }),
    createdAt: time,
    lastSeenAt: time.nullable().meta({ description: "When one of their sessions was used last." }),
  })
  .meta({ id: "User" });
export type User = z.output<typeof user>;

/** A link on which a person chooses their password. */
const passwordLink = {
  link: z.url().meta({
    description:
      "Give it to the person: it works once, for 72 hours. It is told here and nowhere else.",
    example: "https://app.example.com/choose-password#Zx3kq0P9wT2mVb7cYd5nLr8sJf1gHa4uEo6iQtXyKzM",
  }),
  linkExpiresAt: time,
};

const roleIds = z
  .array(roleId)
  .max(100)
  .refine((ids) => new Set(ids).size === ids.length, "A role is named twice.");

export const userSorts = [
  "username",
  "-username",
  "displayName",
  "-displayName",
  "createdAt",
  "-createdAt",
] as const;

/** Which users are meant. */
const userFilter = {
  q: z.string().trim().max(100).exactOptional().meta({
    description: "Part of the user name, the name or the address. Case does not matter.",
  }),
  role: roleId.exactOptional().meta({ description: "Only those in this role." }),
  active: z.enum(["true", "false"]).exactOptional(),
  sort: z
    .enum(userSorts)
    .default("displayName")
    .meta({ description: "With a hyphen before it for descending order." }),
};

/** Each of them is five writes of one transaction, during which nobody else writes. */
export const mostImportedPeople = 500;

export const userChanges = [
  "activate",
  "deactivate",
  "addRole",
  "removeRole",
  "endSessions",
] as const;
export type UserChange = (typeof userChanges)[number];

const because = z.object({
  kind: z.enum(["user", "role", "public"]).meta({
    description:
      "`user`: by a grant of their own. `role`: by a grant of a role that they are in. `public`: everybody may open it.",
  }),
  name: z.string().meta({ description: "Of the user or the role; empty for `public`." }),
  everySection: z.boolean().meta({ description: "By a grant of every section (`_all_`)." }),
  expiresAt: time.exactOptional().meta({ description: "When the grant ends, where it does." }),
});

export const userEndpoints = {
  "GET /users": endpoint({
    summary: "People, searched, sorted and in pages",
    tag: "Users",
    access: { permission: "users:read" },
    query: z.strictObject({
      ...userFilter,
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
      cursor: z.string().max(1_000).exactOptional(),
      format: exportFormat(["csv"]),
    }),
    exports: exportTypes(["csv"]),
    responses: {
      200: z
        .object({
          items: z.array(user),
          nextCursor: z.string().nullable(),
          total: z.int().meta({ description: "How many there are on all pages." }),
        })
        .meta({ id: "UserList" }),
    },
    sends: { 200: ["Link", "Content-Disposition"] },
    errors: [],
  }),
  "POST /users": endpoint({
    summary: "Add a person",
    description:
      "The answer has a link on which the person chooses their password. Roles can be given that give nothing which the caller does not have.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: { roleIds: "given" },
    body: z.strictObject({
      username: newUsername,
      displayName,
      email: emailAddress.nullable().exactOptional(),
      roleIds: roleIds.exactOptional(),
    }),
    responses: { 201: z.object({ ...user.shape, ...passwordLink }).meta({ id: "NewUser" }) },
    sends: { 201: ["Location", "ETag"] },
    errors: ["name_taken", "rights_exceeded"],
  }),
  "GET /users/:userId": endpoint({
    summary: "One person",
    tag: "Users",
    access: { permission: "users:read" },
    params: z.object({ userId }),
    responses: { 200: user },
    sends: { 200: ["ETag"] },
    errors: ["not_found"],
  }),
  "PATCH /users/:userId": endpoint({
    summary: "Change a person",
    description:
      "What is left out stays as it is; `email: null` takes the address away; `roleIds` are all the roles that the person is in afterwards. Who is deactivated is signed out everywhere at once.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: { roleIds: "given", email: "given", active: "given" },
    params: z.object({ userId }),
    headers: z.object({ "if-match": ifMatch }),
    body: z.strictObject({
      displayName: displayName.exactOptional(),
      email: emailAddress.nullable().exactOptional(),
      active: z.boolean().exactOptional(),
      roleIds: roleIds.exactOptional(),
    }),
    responses: { 200: user },
    sends: { 200: ["ETag"] },
    errors: [
      "not_found",
      "name_taken",
      "rights_exceeded",
      "last_admin",
      "precondition_required",
      "precondition_failed",
    ],
  }),
  "DELETE /users/:userId": endpoint({
    summary: "Delete a person",
    description:
      "With their sessions and grants. What the audit trail says of them stays, and so does their name: nobody else is ever called so.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: true,
    params: z.object({ userId }),
    headers: z.object({ "if-match": ifMatch }),
    responses: { 204: null },
    errors: [
      "not_found",
      "rights_exceeded",
      "last_admin",
      "precondition_required",
      "precondition_failed",
    ],
  }),
  "POST /users/:userId/password-link": endpoint({
    summary: "Make a link on which a person chooses a password",
    description:
      "Links of before stop working. The password of now works until another is chosen. The link stops as soon as whoever made it may no longer change this person.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: true,
    params: z.object({ userId }),
    responses: { 200: z.object(passwordLink).meta({ id: "PasswordLink" }) },
    errors: ["not_found", "rights_exceeded"],
  }),
  "GET /users/:userId/access": endpoint({
    summary: "What a person may see and do, and why",
    description:
      "A section that you may not open yourself is named only where you hold `sections:read` or `grants:read`.",
    tag: "Users",
    access: { permission: "users:read" },
    params: z.object({ userId }),
    responses: {
      200: z
        .object({
          items: z
            .array(z.object({ slug: z.string(), title: z.string(), because: z.array(because) }))
            .meta({ description: "The sections that they may open, in order." }),
          isComplete: z.boolean().meta({
            description: "Otherwise they may open sections besides that you may not know of.",
          }),
          permissions: z.array(
            z.object({
              permission: z.enum(permissions),
              roles: z.array(namedRole).meta({ description: "Those that give it." }),
            }),
          ),
        })
        .meta({ id: "UserAccess" }),
    },
    errors: ["not_found"],
  }),
  "POST /users/import": endpoint({
    summary: "Add people from a CSV file",
    description:
      "All of them, or nobody: everything in the file is looked at before anything is written, and each mistake is told by its line. Under a header with the columns `username` and `displayName`, and `email` and `roles` where they are wanted; `roles` has names of roles with semicolons between. At most 500 people. What else an export of users has is passed over. Roles can be given that give nothing which the caller does not have. The answer has a link for each, on which they choose their password.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: true,
    query: z.strictObject({
      dryRun: z
        .enum(["true", "false"])
        .default("false")
        .meta({ description: "With `true` nobody is added: 200 tells who would be." }),
    }),
    upload: ["text/csv"],
    bodyLimitBytes: 1_048_576,
    responses: {
      200: z
        .object({
          items: z.array(
            z.object({
              line: z.int().meta({ description: "Of the file." }),
              username: z.string(),
              displayName: z.string(),
              email: z.string().nullable(),
              roles: z.array(namedRole),
            }),
          ),
        })
        .meta({ id: "PeopleToImport" }),
      201: z
        .object({
          items: z.array(
            z.object({
              id: userId,
              username: z.string(),
              displayName: z.string(),
              ...passwordLink,
            }),
          ),
        })
        .meta({ id: "ImportedPeople", description: "In the order of the file." }),
    },
    errors: ["rows_rejected", "rights_exceeded"],
  }),
  "POST /users/changes": endpoint({
    summary: "Change many people at once",
    description:
      "Each of them by itself: one who cannot be changed, or not now (`busy`), holds up no other. The answer tells of each what became of them, in the order in which they were named. `endSessions` needs `sessions:write`.",
    tag: "Users",
    access: { permission: "users:write" },
    freshSignIn: { change: ["activate", "addRole"] },
    body: z
      .strictObject({
        userIds: z
          .array(userId)
          .min(1)
          .max(500)
          .refine((ids) => new Set(ids).size === ids.length, "Somebody is named twice."),
        change: z.enum(userChanges),
        roleId: roleId.exactOptional().meta({ description: "For `addRole` and `removeRole`." }),
      })
      .refine(
        ({ change, roleId: role }) =>
          (change === "addRole" || change === "removeRole") === (role !== undefined),
        {
          path: ["roleId"],
          message: "This must be there for addRole and removeRole, and for nothing else.",
        },
      ),
    responses: {
      200: z
        .object({
          items: z.array(
            z.object({
              userId,
              outcome: z.enum(["changed", "unchanged", "failed"]),
              problem: z
                .object({
                  code: z.enum(["not_found", "rights_exceeded", "last_admin", "busy"]),
                  title: z.string(),
                  detail: z.string(),
                })
                .nullable()
                .meta({ description: "Why nothing was done." }),
            }),
          ),
        })
        .meta({ id: "UserChangeResults" }),
    },
    errors: [],
  }),
  "POST /password-resets/check": endpoint({
    summary: "Whose password a link is for, and until when",
    description: "Uses nothing up. Whoever tries tokens has to wait, here and where they are used.",
    tag: "Account",
    access: "one-use-token",
    body: z.strictObject({ token: z.string().min(1).max(128) }),
    responses: {
      200: z
        .object({
          user: z.object({ username: z.string(), displayName: z.string() }),
          linkExpiresAt: time,
        })
        .meta({ id: "PasswordLinkCheck" }),
    },
    errors: ["busy", "rate_limited"],
  }),
  "POST /password-resets/confirm": endpoint({
    summary: "Choose a password with a link",
    description: "Ends every session of the user, tells them by mail, and signs nobody in.",
    tag: "Account",
    access: "one-use-token",
    body: z.strictObject({ token: z.string().min(1).max(128), newPassword }),
    responses: { 204: null },
    errors: ["busy", "rate_limited"],
  }),
};
