import { useCan, useClient, useSession } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { GrantsCard } from "../../session/grants-card.tsx";
import { RecordPage } from "../../session/record-page.tsx";
import { taggedQuery } from "../../session/tagged-query.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card, Cards, Facts } from "../../ui/card.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { AccessCard } from "./access-card.tsx";
import { ActiveDialog, DeleteUserDialog, NewLinkDialog } from "./user-dialogs.tsx";
import { EditUserDialog } from "./edit-user-dialog.tsx";
import { HistoryCard } from "./history-card.tsx";
import { SessionsCard } from "./sessions-card.tsx";
import { useRoleChoices, type User } from "./user-queries.ts";
import { UserRolesDialog } from "./user-roles-dialog.tsx";

const back = { to: paths.adminUsers(), title: "Users" };

/** One person: who they are here, what they may do, what they may see and why. */
export function UserPage(): ReactNode {
  const client = useClient();
  const userId = useParams()["userId"] ?? "";
  const found = useQuery(taggedQuery(client, "GET /users/:userId", { params: { userId } }));
  return (
    <RecordPage what="user" back={back} result={found}>
      {(user) => <UserView key={user.id} user={user} />}
    </RecordPage>
  );
}

type Open = "edit" | "roles" | "link" | "active" | "delete";

function UserView({ user }: { readonly user: User }): ReactNode {
  const mayWrite = useCan({ permission: "users:write" });
  const mayReadRoles = useCan({ permission: "roles:read" });
  const mayReadGrants = useCan({ permission: "grants:read" });
  const isSelf = useSession()?.user.id === user.id;
  const roles = useRoleChoices();
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const button = (what: Open, words: string): ReactNode => (
    <Button variant="default" onClick={() => setOpen(what)}>
      {words}
    </Button>
  );
  return (
    <>
      <PageHead
        title={user.displayName}
        lead={isSelf ? "This is you." : undefined}
        back={back}
        actions={
          <>
            {mayReadGrants && (
              <Link to={paths.seeAs(user.id)} {...buttonLook({ variant: "default" })}>
                See as they do
              </Link>
            )}
            {mayWrite && button("active", user.active ? "Deactivate…" : "Activate…")}
            {mayWrite && button("delete", "Delete…")}
          </>
        }
      />
      <Cards>
        {!user.active && (
          <Callout tone="warning">
            This account is deactivated: its person cannot sign in, and nothing was taken from it.
          </Callout>
        )}
        <Card title="Profile" actions={mayWrite && button("edit", "Edit…")}>
          <Facts
            facts={[
              ["Name", user.displayName],
              ["User name", user.username],
              [
                "E-mail",
                user.email === null ? (
                  "None"
                ) : (
                  <>
                    <bdi>{user.email}</bdi>
                    {user.emailVerified ? " (verified)" : " (not verified)"}
                  </>
                ),
              ],
              ["Added", <Moment key="created" at={user.createdAt} />],
              [
                "Last seen",
                user.lastSeenAt === null ? "Never" : <Moment key="seen" at={user.lastSeenAt} />,
              ],
            ]}
          />
        </Card>
        <Card title="Roles" actions={mayWrite && mayReadRoles && button("roles", "Change roles…")}>
          {user.roles.length === 0 ? (
            <p>None. Roles bundle permissions and the sections that their users may see.</p>
          ) : (
            <ul>
              {user.roles.map(({ id, name }) => (
                <li key={id}>
                  {mayReadRoles ? <RowLink to={paths.adminRole(id)}>{name}</RowLink> : name}
                </li>
              ))}
            </ul>
          )}
        </Card>
        <GrantsCard
          title="Direct grants"
          of={{ kind: "user", id: user.id, name: user.displayName }}
          none="None. What they may see, they see by their roles or because it is open to everybody."
        />
        <AccessCard userId={user.id} />
        {mayWrite && (
          <Card title="Password" actions={button("link", "Make a link…")}>
            <p>
              Nobody sees a password. Who has lost theirs, or has none yet, chooses one on a link
              that you make here and hand on.
            </p>
          </Card>
        )}
        <SessionsCard user={user} />
        <HistoryCard userId={user.id} />
      </Cards>
      {open === "edit" && <EditUserDialog user={user} onClose={close} />}
      {open === "roles" && <UserRolesDialog user={user} roles={roles} onClose={close} />}
      {open === "link" && <NewLinkDialog user={user} onClose={close} />}
      {open === "active" && <ActiveDialog user={user} onClose={close} />}
      {open === "delete" && <DeleteUserDialog user={user} onClose={close} />}
    </>
  );
}
