/** Who may see which section, as those see and change it who may. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { slug } from "./definitions.ts";
import { roleId, userId } from "./people.ts";
import { everySection } from "./permissions.ts";

const time = z.iso.datetime();
const grantId = z
  .string()
  .regex(/^grt_[A-Za-z0-9_-]{1,60}$/, "This must be an id that starts with grt_.")
  .meta({ example: "grt_Qm3xV0c8Rz1bTn5KwY7fLg" });
const ifMatch = z
  .string()
  .max(1_000)
  .exactOptional()
  .meta({ description: "The `etag` of the grant as it was read; `*` for whatever it is by now." });

/** One grant: whose, of which section, and until when. */
export const grant = z
  .object({
    id: grantId,
    user: z
      .object({ id: userId, username: z.string(), displayName: z.string() })
      .nullable()
      .meta({ description: "Who has it; null where a role does." }),
    role: z
      .object({ id: roleId, name: z.string() })
      .nullable()
      .meta({ description: "Whose users have it; null where a user does." }),
    section: z
      .string()
      .meta({ description: "The address of the section, or `_all_` for every one." }),
    title: z.string().nullable().meta({ description: "Of the section; null for `_all_`." }),
    expiresAt: time.nullable().meta({ description: "When it ends; null where it does not." }),
    createdAt: time,
    etag: z.string().meta({ description: "For `If-Match`.", example: '"0"' }),
  })
  .meta({ id: "Grant" });
export type Grant = z.output<typeof grant>;

export const grantedSection = z
  .union([slug, z.literal(everySection)], "This must be the address of a section, or _all_.")
  .meta({
    description: "The address of the section, or `_all_` for every one.",
    example: "finance",
  });
/** Whole seconds, as an access token expires. */
export const endOfGrant = z.iso.datetime({ precision: 0 }).meta({
  description: "When it ends, to the second; later than now.",
  example: "2027-01-31T17:00:00Z",
});

const given = {
  userId: userId.exactOptional(),
  roleId: roleId.exactOptional(),
  section: grantedSection,
  expiresAt: endOfGrant.nullable().exactOptional(),
};
const isOfOne = (one: { readonly userId?: string; readonly roleId?: string }): boolean =>
  (one.userId === undefined) !== (one.roleId === undefined);
const ofOne = { message: "Name either `userId` or `roleId`.", path: ["userId"] };

const newGrant = z
  .strictObject(given)
  .refine(isOfOne, ofOne)
  .meta({ id: "NewGrant", description: "Of one user (`userId`) or one role (`roleId`)." });
export type NewGrant = z.output<typeof newGrant>;

const seen = z.string().max(100);
const wantedGrant = z
  .strictObject({
    ...given,
    etag: seen.nullable().exactOptional().meta({
      description:
        "Only if the grant is still the one of this `etag`; null for only if there is none.",
    }),
  })
  .refine(isOfOne, ofOne)
  .meta({ id: "WantedGrant", description: "Of one user (`userId`) or one role (`roleId`)." });

const unwantedGrant = z
  .union(
    [grantId, z.strictObject({ id: grantId, etag: seen })],
    "This must be an id that starts with grt_, or an object of `id` and `etag`.",
  )
  .meta({
    description: "The id of a grant, or its id and `etag`: then only if it is still that one.",
    example: "grt_Qm3xV0c8Rz1bTn5KwY7fLg",
  });

/** Of one request, so that its answer stays small and its write short. */
const mostChanges = 1_000;

/** Several at once: a screen asks for its rows and columns by their names. */
const several = (name: string, item: string) =>
  z
    .string()
    .max(20_000)
    .regex(
      new RegExp(`^${item}(?:,${item}){0,499}$`),
      `This must be ${name}, separated by commas.`,
    );

export const grantEndpoints = {
  "GET /grants": endpoint({
    summary: "Who may see which section, the newest first",
    description:
      "Holders (`userId` and `roleId` together) and sections are taken together: `userId=usr_…,usr_…&roleId=rol_…&section=finance,people,_all_` are the cells of a table with these people and roles as its rows and these sections as its columns. What somebody has by a role stands with the role. Grants that have ended are not listed.",
    tag: "Grants",
    access: { permission: "grants:read" },
    query: z.strictObject({
      userId: several("ids of users", "usr_[A-Za-z0-9_-]{22}")
        .exactOptional()
        .meta({ description: "One or several, separated by commas." }),
      roleId: several("ids of roles", "rol_[A-Za-z0-9_-]{22}")
        .exactOptional()
        .meta({ description: "One or several, separated by commas." }),
      section: several("addresses of sections", "(?:[a-z0-9-]{1,64}|_all_)")
        .exactOptional()
        .meta({ description: "One or several, separated by commas; `_all_` among them." }),
      limit: z.coerce.number<number | string>().int().min(1).max(2_000).default(200),
      cursor: z.string().max(200).exactOptional(),
    }),
    responses: {
      200: z
        .object({ items: z.array(grant), nextCursor: z.string().nullable() })
        .meta({ id: "GrantList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "POST /grants": endpoint({
    summary: "Let a user or a role see a section",
    description:
      "In force on the next request of everybody whom it concerns. Nobody gives what they do not have: `rights_exceeded`.",
    tag: "Grants",
    access: { permission: "grants:write" },
    freshSignIn: true,
    body: newGrant,
    responses: { 201: grant },
    sends: { 201: ["ETag"] },
    errors: ["rights_exceeded", "grant_exists"],
  }),
  "POST /grants/changes": endpoint({
    summary: "Give and take several grants at once",
    description:
      "All of it or nothing. Of each entry of `add` there is this grant with this end afterwards, whether or not there was one; an id in `remove` that is gone already is passed over. What stands in the way is said entry by entry: `errors` point at those that go too far, and at those whose `etag` is another one by now.",
    tag: "Grants",
    access: { permission: "grants:write" },
    freshSignIn: { add: "given" },
    body: z.strictObject({
      add: z.array(wantedGrant).max(mostChanges).default([]),
      remove: z.array(unwantedGrant).max(mostChanges).default([]),
    }),
    bodyLimitBytes: 512 * 1024,
    responses: {
      200: z
        .object({
          items: z
            .array(grant)
            .meta({ description: "Those of `add`, as they are now, in the order of `add`." }),
          removed: z.array(grantId).meta({ description: "Those that were there." }),
        })
        .meta({ id: "ChangedGrants" }),
    },
    errors: ["rights_exceeded", "precondition_failed"],
  }),
  "PATCH /grants/:grantId": endpoint({
    summary: "Change when a grant ends",
    tag: "Grants",
    access: { permission: "grants:write" },
    freshSignIn: true,
    params: z.object({ grantId }),
    headers: z.object({ "if-match": ifMatch }),
    body: z.strictObject({ expiresAt: endOfGrant.nullable() }),
    responses: { 200: grant },
    sends: { 200: ["ETag"] },
    errors: ["not_found", "rights_exceeded", "precondition_required", "precondition_failed"],
  }),
  "DELETE /grants/:grantId": endpoint({
    summary: "Take a grant away",
    tag: "Grants",
    access: { permission: "grants:write" },
    params: z.object({ grantId }),
    headers: z.object({ "if-match": ifMatch }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded", "precondition_required", "precondition_failed"],
  }),
};
