import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { useChange } from "../../session/use-change.ts";
import { Callout } from "../../ui/callout.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { isolated } from "../../ui/isolated.ts";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowAction, RowLink } from "../../ui/row-link.tsx";
import { formatDateTime } from "../../ui/times.ts";
import { showToast } from "../../ui/toasts.tsx";
import classes from "./requests-page.module.css";
import { UntilDialog } from "./until-dialog.tsx";

type AccessRequest = ResponseBody<Contract["GET /access-requests"]>["items"][number];

interface Answer {
  readonly request: AccessRequest;
  readonly granted: boolean;
  /** Null for good. */
  readonly end: Date | null;
}

const day = 24 * 60 * 60 * 1000;
const inDays = (count: number): Date => new Date(Date.now() + count * day);
/** Whole seconds, as a grant ends. */
const isoOf = (end: Date): string => end.toISOString().replace(/\.\d+Z$/, "Z");

const endedWords = "This is not there any more. Somebody may have answered it.";

const columnsFor = (
  mayReadUsers: boolean,
  answer: (answer: Answer) => void,
  askUntil: (request: AccessRequest) => void,
): readonly TableColumn<AccessRequest>[] => [
  {
    id: "user",
    title: "Who asks",
    isRowHeader: true,
    cell: ({ user }) =>
      mayReadUsers ? (
        <RowLink to={paths.adminUser(user.id)}>
          <bdi>{user.displayName}</bdi>
        </RowLink>
      ) : (
        <bdi>{user.displayName}</bdi>
      ),
  },
  { id: "section", title: "For what", cell: ({ title }) => <bdi>{title}</bdi> },
  {
    id: "note",
    title: "Note",
    cell: ({ note }) =>
      note === "" ? (
        "–"
      ) : (
        <p className={classes.note} dir="auto">
          {note}
        </p>
      ),
  },
  { id: "asked", title: "When", sort: "askedAt", cell: ({ askedAt }) => <Moment at={askedAt} /> },
  {
    id: "answer",
    title: "Answer",
    cell: (request) => {
      const about = `${isolated(request.title)} to ${isolated(request.user.displayName)}`;
      return (
        <div className={classes.answers}>
          <RowAction
            isMain
            label={`For good: grant ${about}`}
            onPress={() => answer({ request, granted: true, end: null })}
          >
            For good
          </RowAction>
          <RowAction
            label={`A day: grant ${about}`}
            onPress={() => answer({ request, granted: true, end: inDays(1) })}
          >
            A day
          </RowAction>
          <RowAction
            label={`A week: grant ${about}`}
            onPress={() => answer({ request, granted: true, end: inDays(7) })}
          >
            A week
          </RowAction>
          <RowAction label={`Until…: grant ${about}`} onPress={() => askUntil(request)}>
            Until…
          </RowAction>
          <RowAction
            label={`No: do not grant ${about}`}
            onPress={() => answer({ request, granted: false, end: null })}
          >
            No
          </RowAction>
        </div>
      );
    },
  },
];

/** Who waits for which section. Each is answered with one press. */
export function RequestsPage(): ReactNode {
  const client = useClient();
  const queryClient = useQueryClient();
  const mayReadUsers = useCan({ permission: "users:read" });
  const [dated, setDated] = useState<AccessRequest | null>(null);
  const address = useListAddress({ sorts: ["askedAt"] });
  const found = useQuery({
    ...apiQuery(client, "GET /access-requests", {
      query: {
        limit: 50,
        sort: address.sort,
        ...(address.cursor !== undefined && { cursor: address.cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  const askAgain = (): Promise<void> =>
    queryClient.invalidateQueries({ queryKey: ["GET /access-requests"] });
  const answer = useChange({
    call: async (caller, given: Answer) => {
      const { request, granted, end } = given;
      await caller.call("POST /access-requests/:accessRequestId/answer", {
        params: { accessRequestId: request.id },
        body: { granted, ...(end && { expiresAt: isoOf(end) }) },
      });
      return given;
    },
    words: {
      fields: ["expiresAt"],
      codes: { access_request_answered: endedWords, not_found: endedWords },
    },
    onDone: async ({ request: { user, title }, granted, end }) => {
      await askAgain();
      setDated(null);
      showToast(
        granted
          ? `${isolated(user.displayName)} may see ${isolated(title)} from now on${end ? `, until ${formatDateTime(end)}` : ""}.`
          : `The request of ${isolated(user.displayName)} is refused.`,
      );
    },
    onFailed: () => void askAgain(),
  });
  return (
    <>
      <PageHead
        title="Access requests"
        lead="Who has asked for a section that they may not see. You are shown those for sections that you may see yourself."
      />
      <div role="alert">
        {dated === null && answer.failure !== null && (
          <div className={classes.failure}>
            <Callout tone="danger">
              {answer.failure.message ?? answer.failure.fields.expiresAt}
            </Callout>
          </div>
        )}
      </div>
      <ListView
        words={["request", "requests"]}
        address={address}
        list={listOf(found)}
        columns={columnsFor(mayReadUsers, answer.run, setDated)}
        idOf={({ id }) => id}
        empty={<p>Nobody waits for an answer.</p>}
      />
      {dated && (
        <UntilDialog
          request={dated}
          pending={answer.pending}
          failure={answer.failure}
          onGrant={(end) => answer.run({ request: dated, granted: true, end })}
          onClose={() => setDated(null)}
        />
      )}
    </>
  );
}
