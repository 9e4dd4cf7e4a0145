import {
  IconDatabase,
  IconDevices,
  IconDeviceTv,
  IconDoorEnter,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLock,
  IconSettings,
  IconShield,
  IconUsers,
  type Icon,
} from "@tabler/icons-react";
import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { use, type ReactNode } from "react";
import { RouterProvider } from "react-aria-components";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { createPortal } from "react-dom";
import { Link, matchPath, Navigate, Outlet, useHref, useLocation, useNavigate } from "react-router";
import { paths } from "../paths.ts";
import { adminPages, useAdminPages } from "../session/admin-pages.ts";
import { AreaNav } from "../ui/area-nav.ts";
import { buttonLook } from "../ui/button.tsx";
import { MessagePage } from "../ui/message-page.tsx";
import "../ui/press-styles.ts";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import nav from "./site-nav.module.css";
import { formatCount } from "../ui/reader.ts";

/** By the address of the page. */
const icons: Readonly<Record<string, Icon>> = {
  [paths.adminSections()]: IconLayoutDashboard,
  [paths.adminUsers()]: IconUsers,
  [paths.adminRoles()]: IconShield,
  [paths.adminGrants()]: IconKey,
  [paths.adminDatasets()]: IconDatabase,
  [paths.adminDisplays()]: IconDeviceTv,
  [paths.adminRequests()]: IconDoorEnter,
  [paths.adminSessions()]: IconDevices,
  [paths.adminAudit()]: IconHistory,
};

/**
 * Everything below `/admin`. A page is shown to whoever may look at it, and begun for nobody else;
 * a permission that is lost or won changes it where it is open.
 */
export function AdminLayout(): ReactNode {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const folder = useHref("/").replace(/\/$/, "");
  const permitted = useAdminPages();
  const asked = adminPages.find(({ path }) => matchPath({ path, end: false }, pathname));
  if (permitted.length === 0 || (asked && !permitted.includes(asked))) return <NoAdminAccess />;
  return (
    <I18nProvider locale="en-US">
      <RouterProvider navigate={(to) => void navigate(to)} useHref={(to) => folder + to}>
        <AdminNav />
        <LeaveGuard>
          <Outlet />
        </LeaveGuard>
      </RouterProvider>
    </I18nProvider>
  );
}

function AdminNav(): ReactNode {
  const room = use(AreaNav);
  const { pathname } = useLocation();
  // An import is of a dataset, and has an address of its own.
  const shown = pathname === paths.adminImport() ? paths.adminDatasets() : pathname;
  const pages = useAdminPages();
  return (
    room &&
    createPortal(
      <nav aria-label="Administration">
        <p className={nav.heading} aria-hidden="true">
          Administration
        </p>
        <ul className={nav.list}>
          {pages.map(({ path, title }) => {
            const Shown = icons[path] ?? IconSettings;
            return (
              <li key={path}>
                <Link
                  to={path}
                  className={nav.link ?? ""}
                  aria-current={matchPath({ path, end: false }, shown) ? "page" : undefined}
                >
                  <Shown size={18} stroke={1.75} aria-hidden="true" />
                  <span>{title}</span>
                  {path === paths.adminRequests() && <WaitingCount />}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>,
      room,
    )
  );
}

/** How many wait for an answer; nothing where nobody does. */
const WaitingCount = (): ReactNode => {
  const client = useClient();
  const { data } = useQuery(apiQuery(client, "GET /access-requests", { query: { limit: 1 } }));
  if (!data || data.total === 0) return null;
  return (
    <span className={nav.count}>
      {formatCount(data.total)}
      <VisuallyHidden> waiting</VisuallyHidden>
    </span>
  );
};

/** The same for a page that does not exist and for one whose permission is missing. */
const NoAdminAccess = (): ReactNode => (
  <MessagePage
    icon={<IconLock size={28} stroke={1.6} />}
    title="You have no access to this page"
    actions={
      <Link to={paths.home()} {...buttonLook()}>
        Go to your sections
      </Link>
    }
  >
    <p>There is no such page, or none of your roles permits you to look at it.</p>
    <p>What roles permit is decided by the person who set up your account.</p>
  </MessagePage>
);

/** `/admin` itself is the first page that this person may look at. */
export function AdminIndexPage(): ReactNode {
  const [first] = useAdminPages();
  return first ? <Navigate to={first.path} replace /> : null;
}
