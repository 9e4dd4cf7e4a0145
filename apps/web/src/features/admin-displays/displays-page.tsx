import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { isolated } from "../../ui/isolated.ts";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowAction } from "../../ui/row-link.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { NewDisplayDialog } from "./new-display-dialog.tsx";

type DisplayLink = ResponseBody<Contract["GET /display-links"]>["items"][number];

const columnsFor = (
  mayWrite: boolean,
  end: (link: DisplayLink) => void,
): readonly TableColumn<DisplayLink>[] => [
  { id: "name", title: "Where", isRowHeader: true, cell: ({ name }) => <bdi>{name}</bdi> },
  { id: "section", title: "Section", cell: ({ title }) => <bdi>{title}</bdi> },
  { id: "maker", title: "Made by", cell: ({ madeBy }) => <bdi>{madeBy.displayName}</bdi> },
  {
    id: "ends",
    title: "Ends",
    cell: ({ expiresAt, works }) =>
      works ? (
        <Moment at={expiresAt} />
      ) : Date.parse(expiresAt) <= Date.now() ? (
        "Ended"
      ) : (
        "Shows nothing: its maker may not show this any more"
      ),
  },
  {
    id: "seen",
    title: "Last seen",
    cell: ({ lastSeenAt }) => (lastSeenAt === null ? "Never" : <Moment at={lastSeenAt} />),
  },
  ...(mayWrite
    ? [
        {
          id: "end",
          title: "Change",
          cell: (link: DisplayLink) => (
            <RowAction
              label={`End…: the display link ${isolated(link.name)}`}
              onPress={() => end(link)}
            >
              End…
            </RowAction>
          ),
        },
      ]
    : []),
];

/** Links on which wall screens show a section. */
export function DisplaysPage(): ReactNode {
  const client = useClient();
  const mayWrite = useCan({ permission: "grants:write" });
  const [isNew, setNew] = useState(false);
  const [ending, setEnding] = useState<DisplayLink | null>(null);
  const address = useListAddress({ sorts: ["createdAt"], filters: { section: null } });
  const { section } = address.filters;
  const found = useQuery({
    ...apiQuery(client, "GET /display-links", {
      query: {
        limit: 50,
        ...(section !== undefined && { section }),
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  const create = mayWrite && <Button onClick={() => setNew(true)}>New display link…</Button>;
  return (
    <>
      <PageHead
        title="Display links"
        lead="For screens on a wall: whoever has such a link sees one section until its end, without signing in."
        actions={create}
      />
      <ListView
        words={["display link", "display links"]}
        address={address}
        list={listOf(found)}
        columns={columnsFor(mayWrite, setEnding)}
        idOf={({ id }) => id}
        filters={
          section !== undefined && (
            <Button
              size="xs"
              variant="default"
              onClick={() => address.filter("section", undefined)}
            >
              {`Of ${section} ✕`}
            </Button>
          )
        }
        empty={<p>There are no display links yet.</p>}
      />
      {isNew && <NewDisplayDialog section={section} onClose={() => setNew(false)} />}
      {ending && <EndDialog link={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function EndDialog({
  link: { id, name, title },
  onClose,
}: {
  readonly link: DisplayLink;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const end = useChange({
    call: (client, displayLinkId: string) =>
      client.call("DELETE /display-links/:displayLinkId", { params: { displayLinkId } }),
    words: { codes: { not_found: "This link has been ended already." } },
    onDone: async () => {
      await queryClient.invalidateQueries({ queryKey: ["GET /display-links"] });
      onClose();
      showToast(`The display link ${isolated(name)} has ended.`);
    },
  });
  return (
    <ConfirmDialog
      title={`End the display link ${isolated(name)}?`}
      confirmLabel="End it"
      pending={end.pending}
      failure={end.failure}
      onConfirm={() => end.run(id)}
      onClose={onClose}
    >
      <p>
        Screens that show <bdi>{title}</bdi> on it are dark at once, and it cannot be taken back.
      </p>
    </ConfirmDialog>
  );
}
