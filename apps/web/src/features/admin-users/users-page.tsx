import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { ExportButton } from "../../session/export-button.tsx";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { Button } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { AddUserDialog } from "./add-user-dialog.tsx";
import { BulkActions, BulkDialog, type AskedChange } from "./bulk-actions.tsx";
import { ImportPeopleDialog } from "./import-people-dialog.tsx";
import { UndeliveredMails } from "./undelivered-mails.tsx";
import { useRoleChoices, type UserInList } from "./user-queries.ts";

/** Broken before the host, where it must be. */
const EmailAddress = ({ email }: { readonly email: string }): ReactNode => {
  const at = email.lastIndexOf("@");
  return (
    <>
      {email.slice(0, at)}
      <wbr />
      {email.slice(at)}
    </>
  );
};

const columns: readonly TableColumn<UserInList>[] = [
  {
    id: "displayName",
    title: "Name",
    isRowHeader: true,
    sort: "displayName",
    cell: ({ id, displayName }) => <RowLink to={paths.adminUser(id)}>{displayName}</RowLink>,
  },
  {
    id: "username",
    title: "User name",
    sort: "username",
    cell: ({ username }) => username,
  },
  {
    id: "email",
    title: "E-mail",
    cell: ({ email }) => (email === null ? "–" : <EmailAddress email={email} />),
  },
  {
    id: "roles",
    title: "Roles",
    cell: ({ roles }) => roles.map(({ name }) => name).join(", ") || "None",
  },
  { id: "state", title: "State", cell: ({ active }) => (active ? "Active" : "Deactivated") },
  {
    id: "lastSeen",
    title: "Last seen",
    cell: ({ lastSeenAt }) => (lastSeenAt === null ? "Never" : <Moment at={lastSeenAt} />),
  },
  {
    id: "created",
    title: "Added",
    sort: "createdAt",
    cell: ({ createdAt }) => <Moment at={createdAt} dayOnly />,
  },
];

/** Who has an account here. */
export function UsersPage(): ReactNode {
  const client = useClient();
  const navigate = useNavigate();
  const mayWrite = useCan({ permission: "users:write" });
  const roles = useRoleChoices();
  const [adds, setAdds] = useState(false);
  const [imports, setImports] = useState(false);
  const [asked, setAsked] = useState<(AskedChange & { unselect: () => void }) | null>(null);
  const address = useListAddress({
    sorts: ["displayName", "username", "createdAt"],
    filters: { role: null, active: ["true", "false"] },
  });
  const { role, active } = address.filters;
  const listed = {
    sort: address.sort,
    ...(address.q !== "" && { q: address.q }),
    ...(role !== undefined && { role }),
    ...(active !== undefined && { active }),
  };
  const found = useQuery({
    ...apiQuery(client, "GET /users", {
      query: {
        limit: 50,
        ...listed,
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead
        title="Users"
        lead="The people who can sign in here, and what they may do."
        actions={
          mayWrite && (
            <>
              <Button variant="default" onClick={() => setImports(true)}>
                Import…
              </Button>
              <Button onClick={() => setAdds(true)}>Add a person…</Button>
            </>
          )
        }
      />
      <UndeliveredMails />
      <ListView
        words={["user", "users"]}
        address={address}
        list={listOf(found)}
        columns={columns}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate(paths.adminUser(id))}
        searchLabel="Search by name or e-mail"
        filters={
          <>
            {roles.length > 0 && (
              <SelectField
                compact
                label="Role"
                value={role ?? ""}
                options={[
                  { value: "", title: "Any" },
                  ...roles.map(({ id, name }) => ({ value: id, title: name })),
                ]}
                onChange={(event) => address.filter("role", event.currentTarget.value)}
              />
            )}
            <SelectField
              compact
              label="State"
              value={active ?? ""}
              options={[
                { value: "", title: "Any" },
                { value: "true", title: "Active" },
                { value: "false", title: "Deactivated" },
              ]}
              onChange={(event) => address.filter("active", event.currentTarget.value)}
            />
          </>
        }
        renderBulk={
          mayWrite
            ? (chosen, unselect) => (
                <BulkActions
                  users={chosen}
                  roles={roles}
                  onAsk={(change) => setAsked({ ...change, unselect })}
                />
              )
            : undefined
        }
        exports={
          <ExportButton
            name="users"
            extension="csv"
            ask={(api) => api.call("GET /users", { query: { ...listed, format: "csv" } })}
          >
            Export
          </ExportButton>
        }
        empty={<p>There is nobody yet but you.</p>}
      />
      {asked && (
        <BulkDialog
          change={asked.change}
          users={asked.users}
          roles={roles}
          onClose={() => setAsked(null)}
          onDone={() => {
            asked.unselect();
            setAsked(null);
          }}
        />
      )}
      {imports && <ImportPeopleDialog onClose={() => setImports(false)} />}
      {adds && <AddUserDialog roles={roles} onClose={() => setAdds(false)} />}
    </>
  );
}
