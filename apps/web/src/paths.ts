/**
 * The only place where links are built. Paths are those of the router: the base path is not part of
 * them.
 */
import { safeNext as safeNextOf } from "@sallyport/shared/react";

export const routePaths = {
  section: "sections/:slug",
  signIn: "sign-in",
  setup: "setup",
  cookiesBlocked: "cookies-blocked",
  choosePassword: "choose-password",
  forgottenPassword: "forgotten-password",
  verifyEmail: "verify-email",
  account: "account",
  /** Where whatever keeps passwords looks for the page on which one is changed. */
  changePassword: ".well-known/change-password",
  display: "display",
  seeAs: "see-as/:userId",
  seeAsSection: "sections/:slug",
  admin: "admin",
} as const;

/** Those of the administration, below `admin`. */
export const adminRoutePaths = {
  adminImport: "import",
  adminSections: "sections",
  adminSectionOrder: "sections/order",
  adminSectionEdit: "sections/:slug/edit",
  adminSectionAccess: "sections/:slug/access",
  adminUsers: "users",
  adminUser: "users/:userId",
  adminRoles: "roles",
  adminRole: "roles/:roleId",
  adminGrants: "grants",
  adminDatasets: "datasets",
  adminDataset: "datasets/:name",
  adminRequests: "requests",
  adminSessions: "sessions",
  adminDisplays: "displays",
  adminAudit: "audit",
} as const;

export type AdminRouteName = keyof typeof adminRoutePaths;

const withNext = (path: string, next: string | undefined): string =>
  next === undefined || next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;

const withFilters = (path: string, filters: Readonly<Record<string, string>>): string => {
  const search = new URLSearchParams(filters).toString();
  return search === "" ? path : `${path}?${search}`;
};

export const paths = {
  home: () => "/",
  section: (slug: string) => `/sections/${encodeURIComponent(slug)}`,
  signIn: (options: { next?: string } = {}) => withNext("/sign-in", options.next),
  cookiesBlocked: (options: { next?: string } = {}) => withNext("/cookies-blocked", options.next),
  setup: () => "/setup",
  forgottenPassword: () => "/forgotten-password",
  account: () => "/account",
  seeAs: (userId: string) => `/see-as/${encodeURIComponent(userId)}`,
  seeAsSection: (userId: string, slug: string) =>
    `/see-as/${encodeURIComponent(userId)}/sections/${encodeURIComponent(slug)}`,
  admin: () => "/admin",
  /** For a dataset that is to have other rows, or more of them; without one, for a new one. */
  adminImport: (filters: { readonly dataset?: string } = {}) =>
    withFilters("/admin/import", filters),
  adminSections: () => "/admin/sections",
  adminSectionOrder: () => "/admin/sections/order",
  adminSectionEdit: (slug: string) => `/admin/sections/${encodeURIComponent(slug)}/edit`,
  adminSectionAccess: (slug: string) => `/admin/sections/${encodeURIComponent(slug)}/access`,
  adminUsers: () => "/admin/users",
  adminUser: (userId: string) => `/admin/users/${encodeURIComponent(userId)}`,
  adminRoles: () => "/admin/roles",
  adminRole: (roleId: string) => `/admin/roles/${encodeURIComponent(roleId)}`,
  adminGrants: (filters: { readonly q?: string; readonly sections?: string } = {}) =>
    withFilters("/admin/grants", filters),
  adminDatasets: () => "/admin/datasets",
  adminDataset: (name: string) => `/admin/datasets/${encodeURIComponent(name)}`,
  adminRequests: () => "/admin/requests",
  adminSessions: (filters: { readonly user?: string } = {}) =>
    withFilters("/admin/sessions", filters),
  adminDisplays: (filters: { readonly section?: string } = {}) =>
    withFilters("/admin/displays", filters),
  adminAudit: (filters: { readonly actor?: string; readonly subject?: string } = {}) =>
    withFilters("/admin/audit", filters),
};

/**
 * A target that came in the address, as a path of this site that leads on from the sign-in page, or
 * `/` where it is anything else.
 */
export const safeNext = (next: string | null | undefined, origin?: string): string =>
  safeNextOf(next, paths.signIn(), origin);
