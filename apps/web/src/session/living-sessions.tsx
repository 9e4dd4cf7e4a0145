/** Sessions as one sees one's own, and as those see everybody's who look after them; their end. */
import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { useSession } from "@sallyport/shared/react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Moment } from "../ui/moment.tsx";
import { formatDateTime } from "../ui/times.ts";
import { showToast } from "../ui/toasts.tsx";
import classes from "./living-sessions.module.css";
import { deviceInWords } from "./device-words.ts";
import { useChange } from "./use-change.ts";

export type LivingSession = ResponseBody<Contract["GET /sessions"]>["items"][number];

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What it runs on, and whether that is the one that is looked at it with. */
export const Device = ({ session }: { readonly session: LivingSession }): ReactNode => (
  <>
    <span title={session.userAgent}>{capitalised(deviceInWords(session))}</span>
    {session.current && (
      <>
        {" "}
        <span className={classes.here}>This device</span>
      </>
    )}
  </>
);

/** Sessions below each other, each with its device, from where, since when, and how to end it. */
export const SessionList = ({
  sessions,
  onEnd,
}: {
  readonly sessions: readonly LivingSession[];
  /** Left out where the one who looks may end none. */
  readonly onEnd?: ((session: LivingSession) => void) | undefined;
}): ReactNode => (
  <ul className={classes.sessions}>
    {sessions.map((session) => (
      <li key={session.id}>
        <div>
          <Device session={session} />
          <span className={classes.about}>
            From {session.address}, since <Moment at={session.createdAt} />, used last{" "}
            <Moment at={session.lastUsedAt} />
          </span>
        </div>
        {onEnd && (
          <Button size="xs" variant="default" onClick={() => onEnd(session)}>
            End…
          </Button>
        )}
      </li>
    ))}
  </ul>
);

/** What is about to be ended. */
export type SessionsToEnd =
  | {
      readonly which: "one";
      readonly session: LivingSession;
      /** As its owner, who needs no permission for it. */
      readonly asOwner?: boolean;
    }
  | { readonly which: "ownOthers" }
  | { readonly which: "user"; readonly user: LivingSession["user"] }
  | { readonly which: "all" };

const end = (client: Client, asked: SessionsToEnd): Promise<unknown> => {
  // One's own end as if one signed out: the page goes at once, and the cookies with it.
  if (asked.which === "one") {
    if (asked.session.current) return client.signOut();
    const params = { sessionId: asked.session.id };
    return asked.asOwner === true
      ? client.call("DELETE /account/sessions/:sessionId", { params })
      : client.call("DELETE /sessions/:sessionId", { params });
  }
  if (asked.which === "ownOthers")
    return client.call("DELETE /account/sessions", { query: { except: "current" } });
  if (asked.which === "all") return client.call("DELETE /sessions");
  return asked.user.id === client.userId()
    ? client.signOutEverywhere()
    : client.call("DELETE /users/:userId/sessions", { params: { userId: asked.user.id } });
};

const sessionsChanged = (queryClient: QueryClient): Promise<void> =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey: [key] }) =>
      typeof key === "string" && /^GET \/(?:users\/:userId\/|account\/)?sessions$/.test(key),
  });

const inWords = (
  asked: SessionsToEnd,
  ownId: string | undefined,
): { readonly title: string; readonly confirm: string; readonly done: string } => {
  if (asked.which === "all")
    return {
      title: "End everybody’s sessions?",
      confirm: "End all sessions",
      done: "All other sessions have ended.",
    };
  if (asked.which === "user") {
    const isSelf = asked.user.id === ownId;
    return {
      title: isSelf
        ? "End all of your own sessions?"
        : `End all sessions of ${asked.user.displayName}?`,
      confirm: "End the sessions",
      done: `The sessions of ${asked.user.displayName} have ended.`,
    };
  }
  if (asked.which === "ownOthers")
    return {
      title: "End all your other sessions?",
      confirm: "End the others",
      done: "Your other sessions have ended.",
    };
  const { current, user } = asked.session;
  return {
    title: current
      ? "End your own session?"
      : asked.asOwner === true
        ? "End this session of yours?"
        : `End this session of ${user.displayName}?`,
    confirm: current ? "Sign out here" : "End the session",
    done: "The session has ended.",
  };
};

/** Says whom it signs out, oneself above all, and ends them. */
export function EndSessionsDialog({
  asked,
  onClose,
}: {
  readonly asked: SessionsToEnd;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const ownId = useSession()?.user.id;
  const words = inWords(asked, ownId);
  const change = useChange({
    call: (client) => end(client, asked),
    words: {
      codes: {
        rights_exceeded:
          asked.which === "all"
            ? "Only somebody who has every permission can end everybody’s sessions: nobody can act on people who may do more."
            : "This person may do more than you, so you cannot end their sessions. Somebody with the same rights can.",
      },
    },
    onDone: async () => {
      await sessionsChanged(queryClient);
      onClose();
      showToast(words.done);
    },
  });
  return (
    <ConfirmDialog
      title={words.title}
      confirmLabel={words.confirm}
      {...(asked.which === "all" && { typed: "everybody" })}
      pending={change.pending}
      failure={change.failure}
      onConfirm={() => change.run()}
      onClose={onClose}
    >
      <Consequence asked={asked} ownId={ownId} />
    </ConfirmDialog>
  );
}

const Consequence = ({
  asked,
  ownId,
}: {
  readonly asked: SessionsToEnd;
  readonly ownId: string | undefined;
}): ReactNode => {
  if (asked.which === "all")
    return (
      <>
        <p>
          Everybody is signed out at once, in every browser and every program, and has to sign in
          again. What they have not saved may be lost.
        </p>
        <p>
          You stay signed in here: this session is the only one that is kept. Your own on other
          devices end too.
        </p>
      </>
    );
  if (asked.which === "user")
    return (
      <p>
        {asked.user.id === ownId
          ? "You are signed out everywhere at once, here too, and have to sign in again."
          : "They are signed out everywhere at once, and have to sign in again. What they have not saved may be lost."}
      </p>
    );
  if (asked.which === "ownOthers")
    return (
      <p>
        Every other browser and every program that is signed in as you is signed out at once. What
        is open there and not saved may be lost. You stay signed in here.
      </p>
    );
  const { session } = asked;
  return (
    <p>
      {session.current ? (
        "This is the session that you are looking at this with: you are signed out here at once."
      ) : (
        <>
          {capitalised(deviceInWords(session))}, from {session.address}, used last on{" "}
          {formatDateTime(new Date(session.lastUsedAt))}. Whoever uses it is signed out at once, and
          has to sign in again.
        </>
      )}
    </p>
  );
};
