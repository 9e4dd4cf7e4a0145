import type { Client } from "@sallyport/shared/client";
import { isWorthRetrying, retryDelayOf, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { paths } from "../../paths.ts";
import { Answer } from "../../session/answer.tsx";
import {
  changesOf,
  inWords,
  isByTool,
  memberInWords,
  type AuditEvent,
} from "../../session/audit-words.ts";
import { EventDialog } from "../../session/event-dialog.tsx";
import { AgainButton } from "../../ui/again-button.tsx";
import { Card } from "../../ui/card.tsx";
import { Moment } from "../../ui/moment.tsx";
import { RowButton, RowLink } from "../../ui/row-link.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import classes from "./history-card.module.css";

type Side = "actor" | "subject";

const sides: readonly { readonly value: Side; readonly title: string }[] = [
  { value: "actor", title: "What they did" },
  { value: "subject", title: "What was done to them" },
];

const eventsOf = (client: Client, filter: Readonly<Partial<Record<Side, string>>>) => {
  const query = { ...filter, limit: 10 };
  return {
    queryKey: ["GET /audit-events", client.userId(), { query }, "pages"],
    queryFn: ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }) =>
      client.call(
        "GET /audit-events",
        { query: { ...query, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }: { readonly nextCursor: string | null }) => nextCursor,
    placeholderData: keepPreviousData,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  };
};

/** What the audit trail says of a person, for whoever may read it. */
export function HistoryCard({ userId }: { readonly userId: string }): ReactNode {
  const client = useClient();
  const mayRead = useCan({ permission: "audit:read" });
  const [side, setSide] = useState<Side>("subject");
  const [shown, setShown] = useState<AuditEvent | null>(null);
  const found = useInfiniteQuery({
    ...eventsOf(client, { [side]: userId }),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  return (
    <Card
      title="History"
      actions={
        <SelectField
          compact
          label="Show"
          value={side}
          options={sides}
          onChange={(event) => setSide(event.currentTarget.value as Side)}
        />
      }
    >
      <Answer what="events" result={found}>
        {({ pages }) => {
          const events = pages.flatMap(({ items }) => items);
          return (
            <>
              {events.length === 0 ? (
                <p>{found.hasNextPage ? "Nothing so far." : "Nothing yet."}</p>
              ) : (
                <ol className={classes.events} data-old={found.isPlaceholderData}>
                  {events.map((event) => (
                    <EventItem key={event.id} event={event} side={side} onOpen={setShown} />
                  ))}
                </ol>
              )}
              <div className={classes.on}>
                {found.hasNextPage && (
                  <AgainButton
                    size="xs"
                    variant="default"
                    pending={found.isFetchingNextPage}
                    onClick={() => void found.fetchNextPage()}
                  >
                    Show older ones
                  </AgainButton>
                )}
                <RowLink to={paths.adminAudit({ [side]: userId })}>In the audit trail</RowLink>
              </div>
            </>
          );
        }}
      </Answer>
      {shown && <EventDialog event={shown} onClose={() => setShown(null)} />}
    </Card>
  );
}

/** Of a change with more than so many parts, its dialog tells the others. */
const mostChanges = 3;

function EventItem({
  event,
  side,
  onOpen,
}: {
  readonly event: AuditEvent;
  readonly side: Side;
  readonly onOpen: (event: AuditEvent) => void;
}): ReactNode {
  const { actor, subject } = event;
  const changes = changesOf(event);
  const by = actor?.name ?? (isByTool(event) ? "the command line" : null);
  const other = side === "actor" ? (subject?.name ?? null) : by;
  return (
    <li>
      <div className={classes.what}>
        <RowButton onPress={() => onOpen(event)}>{inWords(event.action)}</RowButton>
        {event.result === "failure" && " (failed)"}
        {other !== null && (
          <>
            {side === "actor" ? ": " : " by "}
            <bdi>{other}</bdi>
          </>
        )}
      </div>
      <span className={classes.when}>
        <Moment at={event.at} />
      </span>
      {changes.length > 0 && (
        <ul className={classes.changes}>
          {changes.slice(0, mostChanges).map(({ name, before, after }) => (
            <li key={name}>
              {name !== "" && `${memberInWords(name)}: `}
              <del>
                <bdi>{before}</bdi>
              </del>{" "}
              <span aria-hidden="true">→</span>{" "}
              <ins>
                <bdi>{after}</bdi>
              </ins>
            </li>
          ))}
          {changes.length > mostChanges && <li>and {changes.length - mostChanges} more</li>}
        </ul>
      )}
    </li>
  );
}
