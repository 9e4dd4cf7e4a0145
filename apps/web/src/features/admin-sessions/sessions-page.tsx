import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import {
  Device,
  EndSessionsDialog,
  type LivingSession,
  type SessionsToEnd,
} from "../../session/living-sessions.tsx";
import { Button, buttonLook } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowButton, RowLink } from "../../ui/row-link.tsx";
import classes from "./sessions-page.module.css";

const columns: readonly TableColumn<LivingSession>[] = [
  {
    id: "user",
    title: "User",
    isRowHeader: true,
    cell: ({ user }) => (
      <>
        <RowLink to={paths.adminSessions({ user: user.id })}>
          <bdi>{user.displayName}</bdi>
        </RowLink>
        <span className={classes.username}>{user.username}</span>
      </>
    ),
  },
  { id: "device", title: "Device", cell: (session) => <Device session={session} /> },
  { id: "address", title: "From where", cell: ({ address }) => address },
  { id: "began", title: "Signed in", cell: ({ createdAt }) => <Moment at={createdAt} /> },
  { id: "used", title: "Last used", cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} /> },
];

const columnsFor = (
  mayEnd: boolean,
  onEnd: (session: LivingSession) => void,
): readonly TableColumn<LivingSession>[] =>
  mayEnd
    ? [
        ...columns,
        {
          id: "end",
          title: "End",
          cell: (session) => <RowButton onPress={() => onEnd(session)}>End…</RowButton>,
        },
      ]
    : columns;

/** Who is signed in, with what, and from where. */
export function SessionsPage(): ReactNode {
  const client = useClient();
  const mayEnd = useCan({ permission: "sessions:write" });
  const mayReadUsers = useCan({ permission: "users:read" });
  const [asked, setAsked] = useState<SessionsToEnd | null>(null);
  const address = useListAddress({ sorts: ["createdAt"], filters: { user: null } });
  const userId = address.filters.user;
  const found = useQuery({
    ...apiQuery(client, "GET /sessions", {
      query: {
        limit: 50,
        ...(address.q !== "" && { q: address.q }),
        ...(userId !== undefined && { user: userId }),
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  const list = listOf(found);
  const theirs =
    userId === undefined ? undefined : list.items?.find(({ user }) => user.id === userId)?.user;
  return (
    <>
      <PageHead
        title="Sessions"
        lead="Who is signed in, with what and from where; the last sign-in first. Whose session ends has to sign in again."
        actions={
          mayEnd && (
            <Button variant="default" onClick={() => setAsked({ which: "all" })}>
              End everybody’s…
            </Button>
          )
        }
      />
      <ListView
        words={["session", "sessions"]}
        address={address}
        list={list}
        columns={columnsFor(mayEnd, (session) => setAsked({ which: "one", session }))}
        idOf={({ id }) => id}
        searchLabel="Search by user name, device or address"
        filters={
          userId !== undefined && (
            <>
              <Button size="xs" variant="default" onClick={() => address.filter("user", undefined)}>
                <span>
                  Of <bdi>{theirs?.displayName ?? "one user"}</bdi>
                </span>
                <span aria-hidden="true">✕</span>
              </Button>
              {mayReadUsers && (
                <Link
                  to={paths.adminUser(userId)}
                  {...buttonLook({ size: "xs", variant: "subtle" })}
                >
                  Their page
                </Link>
              )}
              {mayEnd && theirs && (
                <Button
                  size="xs"
                  variant="subtle"
                  onClick={() => setAsked({ which: "user", user: theirs })}
                >
                  End all of theirs…
                </Button>
              )}
            </>
          )
        }
        empty={<p>There are no sessions.</p>}
      />
      {asked && <EndSessionsDialog asked={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
