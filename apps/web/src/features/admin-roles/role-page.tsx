import { useCan, useClient, useSession } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { GrantsCard } from "../../session/grants-card.tsx";
import { RecordPage } from "../../session/record-page.tsx";
import { taggedQuery } from "../../session/tagged-query.ts";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Cards } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { EditRoleDialog } from "./role-dialog.tsx";
import { permissionWords, rolesChanged, type Role } from "./role-queries.ts";
import classes from "./role-page.module.css";
import { formatCount } from "../../ui/reader.ts";

/** As grants name it. */
const everySection = "_all_";

const back = { to: paths.adminRoles(), title: "Roles" };

/** What a role gives, and who has it. */
export function RolePage(): ReactNode {
  const client = useClient();
  const roleId = useParams()["roleId"] ?? "";
  const found = useQuery(taggedQuery(client, "GET /roles/:roleId", { params: { roleId } }));
  return (
    <RecordPage what="role" back={back} result={found}>
      {(role) => <RoleView key={role.id} role={role} />}
    </RecordPage>
  );
}

function RoleView({ role }: { readonly role: Role }): ReactNode {
  const mayWrite = useCan({ permission: "roles:write" }) && !role.builtIn;
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayWriteUsers = useCan({ permission: "users:write" });
  const mayGive = mayReadUsers && mayWriteUsers;
  const mayReadGrants = useCan({ permission: "grants:read" });
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHead
        title={role.name}
        lead={role.description}
        back={back}
        actions={
          mayWrite && (
            <>
              <Button variant="default" onClick={() => setOpen("edit")}>
                Edit…
              </Button>
              <Button variant="default" onClick={() => setOpen("delete")}>
                Delete…
              </Button>
            </>
          )
        }
      />
      <Cards>
        <Card title="Permissions">
          {role.builtIn ? (
            <p>
              All of them, those of later versions too. This role is built in: it stays as it is,
              and somebody has it at all times.
            </p>
          ) : role.permissions.length === 0 ? (
            <p>None.</p>
          ) : (
            <ul className={classes.permissions}>
              {role.permissions.map((permission) => (
                <li key={permission}>
                  {permissionWords[permission][0]}
                  <span>{permissionWords[permission][1]}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        {mayReadGrants ? (
          <GrantsCard
            title="Sections"
            of={{ kind: "role", id: role.id, name: role.name }}
            none="None is granted to it."
          />
        ) : (
          <SectionsCard sections={role.sections} />
        )}
        <Card title="Who has it">
          {role.users === 0 ? (
            <p>
              Nobody.
              {mayGive && (
                <>
                  {" "}
                  It is given on the page of a person, or to several at once where they are selected
                  among the <Link to={paths.adminUsers()}>users</Link>.
                </>
              )}
            </p>
          ) : (
            <ul className={classes.members}>
              {role.firstUsers.map(({ id, displayName, username }) => (
                <li key={id}>
                  {mayReadUsers ? (
                    <RowLink to={paths.adminUser(id)}>
                      <bdi>{displayName}</bdi>
                    </RowLink>
                  ) : (
                    <bdi>{displayName}</bdi>
                  )}{" "}
                  {username}
                </li>
              ))}
            </ul>
          )}
          {role.users > role.firstUsers.length && (
            <p>
              {mayReadUsers ? (
                <RowLink to={`${paths.adminUsers()}?role=${encodeURIComponent(role.id)}`}>
                  All {formatCount(role.users)} who have it
                </RowLink>
              ) : (
                `And ${formatCount(role.users - role.firstUsers.length)} more.`
              )}
            </p>
          )}
        </Card>
      </Cards>
      {open === "edit" && <EditRoleDialog role={role} onClose={close} />}
      {open === "delete" && <DeleteRoleDialog role={role} onClose={close} />}
    </>
  );
}

/** What it gives, for whoever may not look at grants. */
function SectionsCard({ sections }: Pick<Role, "sections">): ReactNode {
  const session = useSession();
  const titles = new Map(session?.sections.map(({ slug, title }) => [slug, title]));
  return (
    <Card title="Sections">
      {sections.length === 0 ? (
        <p>None is granted to it.</p>
      ) : sections.includes(everySection) ? (
        <p>Every section, those made later included.</p>
      ) : (
        <ul>
          {sections.map((slug) => (
            <li key={slug}>
              <RowLink to={paths.section(slug)}>{titles.get(slug) ?? slug}</RowLink>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function DeleteRoleDialog({
  role,
  onClose,
}: {
  readonly role: Role;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = useChange({
    call: (client) =>
      client.call("DELETE /roles/:roleId", {
        params: { roleId: role.id },
        headers: { "if-match": role.etag },
      }),
    words: {
      codes: {
        precondition_failed:
          "Somebody else has changed this role meanwhile. What the page shows is as it is now: look again before you go on.",
      },
    },
    onDone: async () => {
      await navigate(back.to, { replace: true });
      queryClient.removeQueries({ queryKey: ["GET /roles/:roleId"] });
      showToast(`The role ${isolated(role.name)} is deleted.`);
      await rolesChanged(queryClient);
    },
    onFailed: () => void rolesChanged(queryClient),
  });
  return (
    <ConfirmDialog
      title={`Delete the role ${isolated(role.name)}?`}
      confirmLabel="Delete the role"
      typed={role.name}
      pending={remove.pending}
      failure={remove.failure}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p>
        {role.users === 0
          ? "Nobody has it, so nobody loses anything by it."
          : `${role.users === 1 ? "One user has it, and loses" : `${formatCount(role.users)} users have it, and lose`} its permissions and its sections at once, unless something else gives them.`}{" "}
        It cannot be brought back.
      </p>
    </ConfirmDialog>
  );
}
