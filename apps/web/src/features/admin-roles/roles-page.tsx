import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { Button } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { AddRoleDialog } from "./role-dialog.tsx";
import type { RoleInList } from "./role-queries.ts";
import { formatCount } from "../../ui/reader.ts";

const columns: readonly TableColumn<RoleInList>[] = [
  {
    id: "name",
    title: "Name",
    isRowHeader: true,
    sort: "name",
    cell: ({ id, name }) => (
      <RowLink to={paths.adminRole(id)}>
        <bdi>{name}</bdi>
      </RowLink>
    ),
  },
  { id: "description", title: "Description", cell: ({ description }) => description || "–" },
  {
    id: "permissions",
    title: "Permissions",
    align: "end",
    cell: ({ permissions, builtIn }) => (builtIn ? "All" : permissions.length),
  },
  {
    id: "sections",
    title: "Sections",
    align: "end",
    cell: ({ sections }) => (sections.includes("_all_") ? "All" : sections.length),
  },
  { id: "users", title: "Users", align: "end", cell: ({ users }) => formatCount(users) },
];

/** What can be given to many people at once. */
export function RolesPage(): ReactNode {
  const client = useClient();
  const navigate = useNavigate();
  const mayWrite = useCan({ permission: "roles:write" });
  const [adds, setAdds] = useState(false);
  const address = useListAddress({ sorts: ["name"] });
  const found = useQuery({
    ...apiQuery(client, "GET /roles", {
      query: {
        limit: 50,
        sort: address.sort,
        ...(address.q !== "" && { q: address.q }),
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead
        title="Roles"
        lead="A role bundles permissions and the sections that its users may see."
        actions={mayWrite && <Button onClick={() => setAdds(true)}>Add a role…</Button>}
      />
      <ListView
        words={["role", "roles"]}
        address={address}
        list={listOf(found)}
        columns={columns}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate(paths.adminRole(id))}
        searchLabel="Search by name or description"
        empty={<p>There are no roles yet.</p>}
      />
      {adds && <AddRoleDialog onClose={() => setAdds(false)} />}
    </>
  );
}
