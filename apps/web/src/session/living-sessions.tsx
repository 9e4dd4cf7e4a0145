/** Sessions of people as those see them who look after them, and how they end them. */
import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { useSession } from "@sallyport/shared/react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { formatDateTime } from "../ui/times.ts";
import { showToast } from "../ui/toasts.tsx";
import classes from "./living-sessions.module.css";
import { useChange } from "./use-change.ts";

export type LivingSession = ResponseBody<Contract["GET /sessions"]>["items"][number];

const deviceInWords = ({ browser, system }: LivingSession): string =>
  browser === null && system === null
    ? "Unknown device"
    : `${browser ?? "Unknown browser"} on ${system ?? "an unknown system"}`;

/** What it runs on, and whether that is the one that is looked at it with. */
export const Device = ({ session }: { readonly session: LivingSession }): ReactNode => (
  <>
    <span title={session.userAgent}>{deviceInWords(session)}</span>
    {session.current && (
      <>
        {" "}
        <span className={classes.here}>This device</span>
      </>
    )}
  </>
);

/** What is about to be ended. */
export type SessionsToEnd =
  | { readonly which: "one"; readonly session: LivingSession }
  | { readonly which: "user"; readonly user: LivingSession["user"] }
  | { readonly which: "all" };

const end = (client: Client, asked: SessionsToEnd): Promise<unknown> => {
  // One's own end as if one signed out: the page goes at once, and the cookies with it.
  if (asked.which === "one")
    return asked.session.current
      ? client.signOut()
      : client.call("DELETE /sessions/:sessionId", { params: { sessionId: asked.session.id } });
  if (asked.which === "all") return client.call("DELETE /sessions");
  return asked.user.id === client.userId()
    ? client.signOutEverywhere()
    : client.call("DELETE /users/:userId/sessions", { params: { userId: asked.user.id } });
};

const sessionsChanged = (queryClient: QueryClient): Promise<void> =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey: [key] }) =>
      typeof key === "string" && /^GET \/(?:users\/:userId\/)?sessions$/.test(key),
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
  const { current, user } = asked.session;
  return {
    title: current ? "End your own session?" : `End this session of ${user.displayName}?`,
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
  const { session } = asked;
  return (
    <p>
      {session.current ? (
        "This is the session that you are looking at this with: you are signed out here at once."
      ) : (
        <>
          {deviceInWords(session)}, from {session.address}, used last on{" "}
          {formatDateTime(new Date(session.lastUsedAt))}. Whoever uses it is signed out at once, and
          has to sign in again.
        </>
      )}
    </p>
  );
};
