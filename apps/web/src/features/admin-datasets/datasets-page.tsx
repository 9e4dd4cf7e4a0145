import { apiQuery, useClient } from "@sallyport/shared/react";
import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { CommandHint } from "../../ui/command-hint.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";

type Dataset = ResponseBody<Contract["GET /datasets"]>["items"][number];

const columns: readonly TableColumn<Dataset>[] = [
  {
    id: "title",
    title: "Title",
    isRowHeader: true,
    cell: ({ name, title }) => <RowLink to={paths.adminDataset(name)}>{title}</RowLink>,
  },
  { id: "name", title: "Name", cell: ({ name }) => <code>{name}</code> },
  {
    id: "rows",
    title: "Rows",
    align: "end",
    cell: ({ rowCount }) => rowCount.toLocaleString(),
  },
  { id: "columns", title: "Columns", align: "end", cell: (dataset) => dataset.columns.length },
  {
    id: "updated",
    title: "Changed",
    cell: ({ updatedAt }) => <Moment at={updatedAt} />,
  },
];

const importHint = (
  <CommandHint command="datasets import FILE.csv --name NAME">
    A dataset is made from a file of comma-separated values.
  </CommandHint>
);

/** Which datasets there are, and how they are doing. */
export function DatasetsPage(): ReactNode {
  const client = useClient();
  const navigate = useNavigate();
  const address = useListAddress({ sorts: ["name"] });
  const found = useQuery({
    ...apiQuery(client, "GET /datasets", {
      query: { limit: 50, ...(address.cursor !== undefined && { cursor: address.cursor }) },
    }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead
        title="Datasets"
        lead="Tables of data, which panels read. Whoever may see a panel sees what it makes of its dataset."
      />
      <ListView
        words={["dataset", "datasets"]}
        address={address}
        list={listOf(found)}
        columns={columns}
        idOf={({ name }) => name}
        onOpen={({ name }) => void navigate(paths.adminDataset(name))}
        empty={
          <>
            <p>There are no datasets yet.</p>
            {importHint}
          </>
        }
      />
      {found.data && found.data.items.length > 0 && importHint}
    </>
  );
}
