/**
 * Every permission: a right on the admin side. What a person may look at is a grant, not a
 * permission.
 */
export const permissions = [
  "sections:read",
  "sections:write",
  "datasets:read",
  "datasets:write",
  "users:read",
  "users:write",
  "roles:read",
  "roles:write",
  "grants:read",
  "grants:write",
  "sessions:read",
  "sessions:write",
  "accessRequests:write",
  "audit:read",
] as const;
export type Permission = (typeof permissions)[number];

/** The wildcard of a grant: every section, those made later included. */
export const everySection = "_all_";
