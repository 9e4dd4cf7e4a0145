import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";

type Section = ResponseBody<Contract["GET /sections"]>["items"][number];

const columnsFor = (mayWrite: boolean): readonly TableColumn<Section>[] => [
  {
    id: "title",
    title: "Title",
    isRowHeader: true,
    cell: ({ slug, title }) =>
      mayWrite ? <RowLink to={paths.adminSectionEdit(slug)}>{title}</RowLink> : title,
  },
  { id: "slug", title: "Slug", cell: ({ slug }) => <code>{slug}</code> },
  {
    id: "visibility",
    title: "Who may see it",
    cell: ({ visibility }) => (visibility === "public" ? "Everybody" : "By grant"),
  },
];

/** Which sections there are, in the order of the navigation. */
export function SectionsPage(): ReactNode {
  const client = useClient();
  const mayWrite = useCan({ permission: "sections:write" });
  const address = useListAddress({ sorts: ["position"] });
  const found = useQuery({
    ...apiQuery(client, "GET /sections", {
      query: {
        scope: "all",
        limit: 50,
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead
        title="Sections"
        lead="Pages of the dashboard, each with its panels. Grants say who may see them."
      />
      <ListView
        words={["section", "sections"]}
        address={address}
        list={listOf(found)}
        columns={columnsFor(mayWrite)}
        idOf={({ id }) => id}
        empty={
          <p>
            There are no sections yet. On the machine that runs the API:{" "}
            <code>npm run sallyport -- sections import FILE.json</code>
          </p>
        }
      />
    </>
  );
}
