import type { Session } from "@sallyport/shared/client";
import { useClient, useSession } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { formatDateTime } from "../ui/formats.ts";
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
          onDismissed={() => setDismissed(new Set([...dismissed, notice.id]))}
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
  const client = useClient();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const { address, userAgent, sessionStartedAt, sessionUserAgent } = notice.data;
  const dismiss = async (): Promise<void> => {
    setState("busy");
    try {
      await client.call("DELETE /account/notices/:noticeId", { params: { noticeId: notice.id } });
      onDismissed();
    } catch {
      setState("failed");
    }
  };
  return (
    <Callout
      tone="danger"
      role="alert"
      title="One of your sessions was ended because someone used an old copy of it"
      actions={
        <Button
          size="xs"
          variant="default"
          loading={state === "busy"}
          onClick={() => void dismiss()}
        >
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
      {state === "failed" && <p>This could not be dismissed. Try again.</p>}
    </Callout>
  );
}
