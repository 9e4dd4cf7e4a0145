import type { Permission } from "./permissions.ts";

/**
 * The lists of the admin side that open pages are told of when they change, and the permission to
 * read each. No schemas here, so that a page can know them.
 */
export const adminLists = {
  users: "users:read",
  roles: "roles:read",
  grants: "grants:read",
  accessRequests: "accessRequests:write",
  displayLinks: "grants:read",
  sections: "sections:read",
  datasets: "datasets:read",
  sessions: "sessions:read",
  audit: "audit:read",
} as const satisfies Record<string, Permission>;
export type AdminList = keyof typeof adminLists;
export const adminListNames = Object.keys(adminLists) as readonly AdminList[];
