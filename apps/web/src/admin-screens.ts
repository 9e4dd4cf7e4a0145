/**
 * The screens of the administration, and where their code is: a list that a page of the dashboard
 * itself does without. Each is fetched when it is first gone to.
 */
import type { ComponentType } from "react";
import type { AdminRouteName } from "./paths.ts";
import { fetchCode } from "./ui/late-code.ts";

export type AdminScreenName =
  | AdminRouteName
  | "admin"
  | "adminIndex"
  | "seeAs"
  | "seeAsIndex"
  | "seeAsSection";

export const adminScreens: Readonly<Record<AdminScreenName, () => Promise<ComponentType>>> = {
  seeAs: async () => (await fetchCode(() => import("./layouts/see-as-layout.tsx"))).SeeAsLayout,
  seeAsIndex: async () =>
    (await fetchCode(() => import("./layouts/see-as-layout.tsx"))).SeeAsIndexPage,
  seeAsSection: async () =>
    (await fetchCode(() => import("./features/sections/section-page.tsx"))).SectionPage,
  admin: async () => (await fetchCode(() => import("./layouts/admin-layout.tsx"))).AdminLayout,
  adminIndex: async () =>
    (await fetchCode(() => import("./layouts/admin-layout.tsx"))).AdminIndexPage,
  adminUsers: async () =>
    (await fetchCode(() => import("./features/admin-users/users-page.tsx"))).UsersPage,
  adminUser: async () =>
    (await fetchCode(() => import("./features/admin-users/user-page.tsx"))).UserPage,
  adminRoles: async () =>
    (await fetchCode(() => import("./features/admin-roles/roles-page.tsx"))).RolesPage,
  adminRole: async () =>
    (await fetchCode(() => import("./features/admin-roles/role-page.tsx"))).RolePage,
  adminGrants: async () =>
    (await fetchCode(() => import("./features/admin-grants/grants-page.tsx"))).GrantsPage,
  adminSectionAccess: async () =>
    (await fetchCode(() => import("./features/admin-sections/section-access-page.tsx")))
      .SectionAccessPage,
  adminSections: async () =>
    (await fetchCode(() => import("./features/admin-sections/sections-page.tsx"))).SectionsPage,
  adminSectionOrder: async () =>
    (await fetchCode(() => import("./features/admin-sections/order-page.tsx"))).OrderPage,
  adminSectionEdit: async () =>
    (await fetchCode(() => import("./features/admin-sections/editor-page.tsx"))).EditorPage,
  adminImport: async () =>
    (await fetchCode(() => import("./features/admin-datasets/import-page.tsx"))).ImportPage,
  adminDatasets: async () =>
    (await fetchCode(() => import("./features/admin-datasets/datasets-page.tsx"))).DatasetsPage,
  adminDataset: async () =>
    (await fetchCode(() => import("./features/admin-datasets/dataset-page.tsx"))).DatasetPage,
  adminDisplays: async () =>
    (await fetchCode(() => import("./features/admin-displays/displays-page.tsx"))).DisplaysPage,
  adminRequests: async () =>
    (await fetchCode(() => import("./features/admin-requests/requests-page.tsx"))).RequestsPage,
  adminSessions: async () =>
    (await fetchCode(() => import("./features/admin-sessions/sessions-page.tsx"))).SessionsPage,
  adminAudit: async () =>
    (await fetchCode(() => import("./features/admin-audit/audit-page.tsx"))).AuditPage,
};
