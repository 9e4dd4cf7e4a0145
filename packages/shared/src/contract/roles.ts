import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { permissions } from "./permissions.ts";
import { ifMatch, roleDescription, roleId, roleName, userId } from "./people.ts";

export const role = z
  .object({
    id: roleId,
    name: z.string(),
    description: z.string(),
    builtIn: z.boolean().meta({
      description:
        "It gives every permission, those of later versions too, and stays as it is. One role is.",
    }),
    permissions: z.array(z.enum(permissions)),
    sections: z.array(z.string()).meta({
      description:
        "Slugs of the sections that it is granted, in order; `_all_` for every one. One that you may not open yourself is named only where you hold `sections:read` or `grants:read`.",
    }),
    isComplete: z.boolean().meta({
      description: "Otherwise it is granted sections besides that you may not know of.",
    }),
    users: z.int().meta({ description: "How many people are in it." }),
  })
  .meta({ id: "Role" });
export type Role = z.output<typeof role>;

const detailedRole = z
  .object({
    ...role.shape,
    firstUsers: z
      .array(z.object({ id: userId, username: z.string(), displayName: z.string() }))
      .meta({ description: "The first ten of those who are in it, by name." }),
  })
  .meta({ id: "RoleWithUsers" });

const permissionList = z
  .array(z.enum(permissions))
  .max(permissions.length)
  .refine((list) => new Set(list).size === list.length, "A permission is named twice.");

export const roleEndpoints = {
  "GET /roles": endpoint({
    summary: "Roles, what they give and how many people are in them",
    tag: "Roles",
    access: { permission: "roles:read" },
    query: z.strictObject({
      q: z
        .string()
        .trim()
        .max(100)
        .exactOptional()
        .meta({ description: "Part of the name or the description. Case does not matter." }),
      sort: z
        .enum(["name", "-name"])
        .default("name")
        .meta({ description: "With a hyphen before it for descending order." }),
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(50),
      cursor: z.string().max(1_000).exactOptional(),
    }),
    responses: {
      200: z
        .object({
          items: z.array(role),
          nextCursor: z.string().nullable(),
          total: z.int().meta({ description: "How many there are on all pages." }),
        })
        .meta({ id: "RoleList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "POST /roles": endpoint({
    summary: "Make a role",
    description: "With no permission that the caller does not have.",
    tag: "Roles",
    access: { permission: "roles:write" },
    body: z.strictObject({
      name: roleName,
      description: roleDescription.exactOptional(),
      permissions: permissionList,
    }),
    responses: { 201: role },
    sends: { 201: ["Location", "ETag"] },
    errors: ["role_name_taken", "rights_exceeded"],
  }),
  "GET /roles/:roleId": endpoint({
    summary: "One role, with the first of those who are in it",
    description: "Whoever deletes it takes from all of them what it gives.",
    tag: "Roles",
    access: { permission: "roles:read" },
    params: z.object({ roleId }),
    responses: { 200: detailedRole },
    sends: { 200: ["ETag"] },
    errors: ["not_found"],
  }),
  "PATCH /roles/:roleId": endpoint({
    summary: "Change a role",
    description:
      "What is left out stays as it is; `permissions` are all that it gives afterwards. In force on the next request of everybody who is in it. The built-in role stays as it is.",
    tag: "Roles",
    access: { permission: "roles:write" },
    freshSignIn: { permissions: "given" },
    params: z.object({ roleId }),
    headers: z.object({ "if-match": ifMatch }),
    body: z.strictObject({
      name: roleName.exactOptional(),
      description: roleDescription.exactOptional(),
      permissions: permissionList.exactOptional(),
    }),
    responses: { 200: role },
    sends: { 200: ["ETag"] },
    errors: [
      "not_found",
      "role_name_taken",
      "rights_exceeded",
      "precondition_required",
      "precondition_failed",
    ],
  }),
  "DELETE /roles/:roleId": endpoint({
    summary: "Delete a role",
    description:
      "Everybody leaves it, and its grants go with it. `GET /roles/{roleId}` tells from whom it takes something. The built-in role stays as it is.",
    tag: "Roles",
    access: { permission: "roles:write" },
    freshSignIn: true,
    params: z.object({ roleId }),
    headers: z.object({ "if-match": ifMatch }),
    responses: { 204: null },
    errors: ["not_found", "rights_exceeded", "precondition_required", "precondition_failed"],
  }),
};
