import type { Session } from "@sallyport/shared/client";
import { useSession } from "@sallyport/shared/react";
import { paths } from "../paths.ts";

type Permission = Session["permissions"][number];

export interface AdminPage {
  readonly path: string;
  readonly title: string;
  /** Whoever holds it may look at the page; changing something takes more. */
  readonly permission: Permission;
}

/** Every page of the administration that there is, in the order of its navigation. */
export const adminPages: readonly AdminPage[] = [
  { path: paths.adminUsers(), title: "Users", permission: "users:read" },
  { path: paths.adminRoles(), title: "Roles", permission: "roles:read" },
  { path: paths.adminGrants(), title: "Grants", permission: "grants:read" },
  { path: paths.adminSections(), title: "Sections", permission: "sections:read" },
  { path: paths.adminDatasets(), title: "Datasets", permission: "datasets:read" },
  { path: paths.adminDisplays(), title: "Display links", permission: "grants:read" },
  { path: paths.adminRequests(), title: "Access requests", permission: "accessRequests:write" },
  { path: paths.adminSessions(), title: "Sessions", permission: "sessions:read" },
  { path: paths.adminAudit(), title: "Audit trail", permission: "audit:read" },
];

/** Those that this person may look at; who may look at none has no administration. */
export const useAdminPages = (): readonly AdminPage[] => {
  const session = useSession();
  return adminPages.filter(({ permission }) => session?.permissions.includes(permission));
};
