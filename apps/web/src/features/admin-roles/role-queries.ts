import type { Contract, ResponseBody } from "@sallyport/shared/client";
import type { QueryClient } from "@tanstack/react-query";
import type { Tagged } from "../../session/tagged-query.ts";

export type RoleInList = ResponseBody<Contract["GET /roles"]>["items"][number];
export type Role = Tagged<ResponseBody<Contract["GET /roles/:roleId"]>>;
export type Permission = Role["permissions"][number];

/** What a permission lets its holder do. */
export const permissionWords: Readonly<Record<Permission, readonly [title: string, note: string]>> =
  {
    "users:read": ["Look at users", "Who has an account, with which roles, and what they may see."],
    "users:write": ["Change users", "Add, change, deactivate and delete people, and their roles."],
    "roles:read": ["Look at roles", "Which roles there are and what they give."],
    "roles:write": ["Change roles", "Make, change and delete roles."],
    "grants:read": ["Look at grants", "Who may see which section."],
    "grants:write": ["Change grants", "Give people and roles sections, and take them away."],
    "sections:read": ["Look at sections", "All sections there are, with how they are made."],
    "sections:write": ["Change sections", "Make, change, order and delete sections and panels."],
    "datasets:read": ["Look at datasets", "Which datasets there are, and their rows."],
    "datasets:write": ["Change datasets", "Import, change and delete datasets and their rows."],
    "sessions:read": ["Look at sessions", "Who is signed in, where and since when."],
    "sessions:write": ["End sessions", "Sign people out."],
    "accessRequests:write": ["Answer access requests", "Grant or refuse what people ask for."],
    "audit:read": ["Look at the audit trail", "Who did what, and when."],
  };

/** Whatever shows roles or what they give is asked for anew. */
export const rolesChanged = async (queryClient: QueryClient): Promise<void> => {
  await queryClient.invalidateQueries({
    predicate: ({ queryKey: [key] }) =>
      typeof key === "string" && /^GET \/(?:users|roles)\b/.test(key),
  });
};
