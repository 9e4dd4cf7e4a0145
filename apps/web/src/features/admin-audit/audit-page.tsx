import { apiQuery, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { paths } from "../../paths.ts";
import { ExportButton } from "../../session/export-button.tsx";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { Button } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { DateField } from "../../ui/date-field.tsx";
import { isolated } from "../../ui/isolated.ts";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowButton, RowLink } from "../../ui/row-link.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import {
  actionWords,
  inWords,
  isByTool,
  type Action,
  type AuditEvent,
} from "../../session/audit-words.ts";
import { EventDialog } from "../../session/event-dialog.tsx";

const actions = Object.keys(actionWords) as Action[];
const actionChoices = [
  { value: "", title: "Any" },
  ...actions
    .map((value) => ({ value, title: inWords(value) }))
    .sort((one, other) => one.title.localeCompare(other.title)),
];

const columnsOf = (look: (event: AuditEvent) => void): readonly TableColumn<AuditEvent>[] => [
  {
    id: "action",
    title: "What",
    isRowHeader: true,
    cell: (event) => <RowButton onPress={() => look(event)}>{inWords(event.action)}</RowButton>,
  },
  {
    id: "actor",
    title: "Who",
    cell: (event) =>
      event.actor ? (
        <RowLink to={paths.adminAudit({ actor: event.actor.id })}>
          <bdi>{event.actor.name ?? event.actor.id}</bdi>
        </RowLink>
      ) : isByTool(event) ? (
        "Command line"
      ) : (
        "–"
      ),
  },
  {
    id: "subject",
    title: "On what",
    cell: ({ subject }) =>
      subject === null ? (
        "–"
      ) : subject.id === null ? (
        <bdi>{subject.name ?? subject.type}</bdi>
      ) : (
        <RowLink to={paths.adminAudit({ subject: subject.id })}>
          <bdi>{subject.name ?? subject.id}</bdi>
        </RowLink>
      ),
  },
  { id: "at", title: "When", cell: ({ at }) => <Moment at={at} /> },
  { id: "address", title: "From where", cell: ({ address }) => address ?? "–" },
  {
    id: "result",
    title: "Result",
    cell: ({ result }) => (result === "success" ? "Done" : "Failed"),
  },
];

const dayPattern = /^\d{4}-\d\d-\d\d$/;

/** Midnight of this place, at which a day begins, or with `after` the next one. */
const beginOf = (day: string | undefined, after = 0): string | undefined => {
  if (day === undefined || !dayPattern.test(day)) return undefined;
  const time = new Date(`${day}T00:00`);
  time.setDate(time.getDate() + after);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
};

/** Who did what, on what, when and from where. */
export function AuditPage(): ReactNode {
  const client = useClient();
  const [shown, setShown] = useState<AuditEvent | null>(null);
  const address = useListAddress({
    sorts: ["at"],
    filters: { action: actions, actor: null, subject: null, from: null, to: null },
  });
  const { action, actor, subject, from, to } = address.filters;
  const begin = beginOf(from);
  const end = beginOf(to, 1);
  const asked = {
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(subject !== undefined && { subject }),
    ...(begin !== undefined && { from: begin }),
    ...(end !== undefined && { to: end }),
  };
  const found = useQuery({
    ...apiQuery(client, "GET /audit-events", {
      query: {
        limit: 50,
        ...asked,
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  const list = listOf(found);
  const first = list.items?.[0];
  const narrowed = [
    ...(actor === undefined
      ? []
      : [{ name: "actor" as const, text: `By ${isolated(first?.actor?.name ?? actor)}` }]),
    ...(subject === undefined
      ? []
      : [{ name: "subject" as const, text: `On ${isolated(first?.subject?.name ?? subject)}` }]),
  ];
  return (
    <>
      <PageHead
        title="Audit trail"
        lead="Who did what, on what, when and from where; the newest first."
      />
      <ListView
        words={["event", "events"]}
        address={address}
        list={list}
        columns={columnsOf(setShown)}
        idOf={({ id }) => id}
        onOpen={setShown}
        filters={
          <>
            <SelectField
              compact
              label="What"
              value={action ?? ""}
              options={actionChoices}
              onChange={(event) => address.filter("action", event.currentTarget.value)}
            />
            <DateField
              label="From"
              value={from ?? ""}
              onChange={(day) => address.filter("from", day)}
            />
            <DateField label="To" value={to ?? ""} onChange={(day) => address.filter("to", day)} />
            {narrowed.map(({ name, text }) => (
              <Button
                key={name}
                size="xs"
                variant="default"
                onClick={() => address.filter(name, undefined)}
              >
                {text} ✕
              </Button>
            ))}
          </>
        }
        exports={(["csv", "ndjson"] as const).map((format) => (
          <ExportButton
            key={format}
            name="audit-trail"
            extension={format}
            ask={(api) => api.call("GET /audit-events", { query: { ...asked, format } })}
          >
            {format === "csv" ? "Export" : "Export as NDJSON"}
          </ExportButton>
        ))}
        empty={<p>Nothing has happened yet.</p>}
      />
      {shown && <EventDialog event={shown} onClose={() => setShown(null)} />}
    </>
  );
}
