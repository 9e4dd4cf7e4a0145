import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { IconDoor, IconEye, IconLock, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { use, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Link, Navigate, NavLink, Outlet, useOutletContext, useParams } from "react-router";
import { paths } from "../paths.ts";
import { adminPages } from "../session/admin-pages.ts";
import { RecordPage } from "../session/record-page.tsx";
import { SeenAs } from "../session/seen-as.ts";
import { AreaNav } from "../ui/area-nav.ts";
import { buttonLook } from "../ui/button.tsx";
import { MessagePage } from "../ui/message-page.tsx";
import { SectionIcon } from "../ui/section-icon.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import classes from "./see-as-layout.module.css";
import nav from "./site-nav.module.css";

type Preview = ResponseBody<Contract["GET /users/:userId/preview"]>;

/**
 * What somebody else would see, marked all the time, and looked at as oneself: what sections show
 * does not hang on who looks. Everything is asked for with one's own session.
 */
export function SeeAsLayout(): ReactNode {
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayReadGrants = useCan({ permission: "grants:read" });
  return mayReadUsers && mayReadGrants ? <SeeAs /> : <NotFoundPage />;
}

function SeeAs(): ReactNode {
  const client = useClient();
  const { userId = "", slug } = useParams();
  const found = useQuery({
    ...apiQuery(client, "GET /users/:userId/preview", { params: { userId } }),
    // Each look is in the audit trail: it is looked again where their rights have changed, and not
    // because a window was.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return (
    <RecordPage what="user" back={{ to: paths.adminUsers(), title: "Users" }} result={found}>
      {(preview) => (
        <SeenAs value={preview.user.id}>
          <Bar preview={preview} />
          <TheirNav preview={preview} />
          <Shown preview={preview} slug={slug} />
        </SeenAs>
      )}
    </RecordPage>
  );
}

const Bar = ({ preview: { user, isComplete } }: { readonly preview: Preview }): ReactNode => (
  <div className={classes.bar} role="region" aria-label="Seen as somebody else">
    <IconEye size={20} stroke={1.75} aria-hidden="true" />
    <p>
      You see what <strong dir="auto">{user.displayName}</strong> sees. You are signed in as
      yourself, and nothing can be changed here.
      {!user.active && " Their account is deactivated: they cannot sign in, and see none of this."}
      {!isComplete && " They see more sections that you may not know of."}
    </p>
    <Link to={paths.adminUser(user.id)} {...buttonLook({ variant: "default", size: "xs" })}>
      Stop
    </Link>
  </div>
);

/** The navigation as they have it. Of the administration they see what is not shown here. */
function TheirNav({
  preview: { user, sections, permissions },
}: {
  readonly preview: Preview;
}): ReactNode {
  const room = use(AreaNav);
  const administers = adminPages.some(({ permission }) => permissions.includes(permission));
  return (
    room &&
    createPortal(
      <nav aria-label={`Sections of ${user.displayName}`}>
        <p className={nav.heading} aria-hidden="true">
          Sections
        </p>
        <ul className={nav.list}>
          {sections.map(({ slug, icon, title }) => (
            <li key={slug}>
              <NavLink to={paths.seeAsSection(user.id, slug)} className={nav.link ?? ""}>
                <SectionIcon name={icon} />
                <span>{title}</span>
              </NavLink>
            </li>
          ))}
          {administers && (
            <li className={nav.link}>
              <IconSettings size={18} stroke={1.75} aria-hidden="true" />
              <span>Administration (not shown)</span>
            </li>
          )}
        </ul>
      </nav>,
      room,
    )
  );
}

function Shown({
  preview,
  slug,
}: {
  readonly preview: Preview;
  readonly slug: string | undefined;
}): ReactNode {
  const { user, sections } = preview;
  if (slug === undefined) return <Outlet context={preview} />;
  const section = sections.find((one) => one.slug === slug);
  if (section?.canOpen) return <Outlet context={preview} />;
  return section ? (
    <MessagePage icon={<IconLock size={28} stroke={1.6} />} title={section.title}>
      <p>
        {user.displayName} may open this section, and you may not: what it shows is not shown here.
      </p>
    </MessagePage>
  ) : (
    <MessagePage
      icon={<IconLock size={28} stroke={1.6} />}
      title="They have no access to this page"
    >
      <p>There is no such section, or it is not granted to {user.displayName}.</p>
    </MessagePage>
  );
}

/** Where they would land: in their first section. */
export function SeeAsIndexPage(): ReactNode {
  const { user, sections } = useOutletContext<Preview>();
  const [first] = sections;
  if (first) return <Navigate to={paths.seeAsSection(user.id, first.slug)} replace />;
  return (
    <MessagePage icon={<IconDoor size={28} stroke={1.6} />} title="They see no section">
      <p>No section is granted to {user.displayName}, and none is open to everybody.</p>
    </MessagePage>
  );
}
