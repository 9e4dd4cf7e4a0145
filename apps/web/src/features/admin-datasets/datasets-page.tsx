import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { formatBytes } from "../../ui/byte-size.ts";
import { buttonLook } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { formatCount } from "../../ui/reader.ts";

type Dataset = ResponseBody<Contract["GET /datasets"]>["items"][number];

const columns: readonly TableColumn<Dataset>[] = [
  {
    id: "title",
    title: "Title",
    isRowHeader: true,
    sort: "title",
    cell: ({ name, title }) => <RowLink to={paths.adminDataset(name)}>{title}</RowLink>,
  },
  { id: "name", title: "Name", sort: "name", cell: ({ name }) => <code>{name}</code> },
  {
    id: "rows",
    title: "Rows",
    align: "end",
    sort: "rowCount",
    cell: ({ rowCount }) => formatCount(rowCount),
  },
  { id: "size", title: "Size", align: "end", cell: ({ bytes }) => formatBytes(bytes) },
  { id: "columns", title: "Columns", align: "end", cell: (dataset) => dataset.columns.length },
  {
    id: "panels",
    title: "Panels that read it",
    align: "end",
    cell: ({ panelCount }) => formatCount(panelCount),
  },
  {
    id: "updated",
    title: "Changed",
    sort: "updatedAt",
    cell: ({ updatedAt }) => <Moment at={updatedAt} />,
  },
];

/** Which datasets there are, and how they are doing. */
export function DatasetsPage(): ReactNode {
  const client = useClient();
  const navigate = useNavigate();
  const mayWrite = useCan({ permission: "datasets:write" });
  const address = useListAddress({ sorts: ["name", "title", "rowCount", "updatedAt"] });
  const found = useQuery({
    ...apiQuery(client, "GET /datasets", {
      query: {
        limit: 50,
        sort: address.sort,
        ...(address.q !== "" && { q: address.q }),
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  const importLink = mayWrite && (
    <Link to={paths.adminImport()} {...buttonLook()}>
      Import a dataset
    </Link>
  );
  return (
    <>
      <PageHead
        title="Datasets"
        actions={importLink}
        lead="Tables of data, which panels read. Whoever may see a panel sees what it makes of its dataset."
      />
      <ListView
        words={["dataset", "datasets"]}
        address={address}
        list={listOf(found)}
        columns={columns}
        idOf={({ name }) => name}
        searchLabel="Search by title or name"
        onOpen={({ name }) => void navigate(paths.adminDataset(name))}
        empty={<p>There are no datasets yet.</p>}
      />
    </>
  );
}
