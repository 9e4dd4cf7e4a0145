import type { Session } from "@sallyport/shared/client";
import { useSession } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { formatDateTime } from "../ui/formats.ts";
import { useChange } from "./use-change.ts";
import { browserInWords } from "./user-agents.ts";
import classes from "./notices.module.css";
import { Button } from "../ui/button.tsx";

type Notice = Session["notices"][number];

/** What the user has to be told, until it is dismissed. */
export function Notices(): ReactNode {
  const session = useSession();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown = session?.notices.filter((notice) => !dismissed.has(notice.id)) ?? [];
  if (shown.length === 0) return null;
  return (
    <div className={classes.notices} role="region" aria-label="Notices">
      {shown.map((notice) => (
        <NoticeCallout
          key={notice.id}
          notice={notice}
          onDismissed={() => setDismissed((before) => new Set([...before, notice.id]))}
        />
      ))}
    </div>
  );
}

function NoticeCallout({
  notice,
  onDismissed,
}: {
  readonly notice: Notice;
  readonly onDismissed: () => void;
}): ReactNode {
  const dismiss = useChange({
    call: (client) =>
      client.call("DELETE /account/notices/:noticeId", { params: { noticeId: notice.id } }),
    onDone: onDismissed,
  });
  const { address, userAgent, sessionStartedAt, sessionUserAgent } = notice.data;
  return (
    <Callout
      tone="danger"
      role="alert"
      title="One of your sessions was ended because someone used an old copy of it"
      actions={
        <Button size="xs" variant="default" loading={dismiss.pending} onClick={() => dismiss.run()}>
          Dismiss
        </Button>
      }
    >
      <p>
        On {formatDateTime(new Date(notice.at))} an old copy of your session was presented
        {address !== undefined && <> from {address}</>}
        {userAgent !== undefined && <>, by {browserInWords(userAgent)}</>}.
        {sessionStartedAt !== undefined && (
          <>
            {" "}
            The session had been started on {formatDateTime(new Date(sessionStartedAt))}
            {sessionUserAgent !== undefined && <> with {browserInWords(sessionUserAgent)}</>}.
          </>
        )}
      </p>
      <p>
        If you restored a browser from a backup, that may have been you. If not, choose “Sign out
        everywhere” in the menu under your name, and tell the person who runs this dashboard:
        whoever has a copy of a session is shut out by it.
      </p>
      {dismiss.failure && <p>This could not be dismissed. {dismiss.failure.message}</p>}
    </Callout>
  );
}
