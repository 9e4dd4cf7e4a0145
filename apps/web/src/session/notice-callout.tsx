import type { Session } from "@sallyport/shared/client";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../paths.ts";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { formatDateTime } from "../ui/times.ts";
import { useChange } from "./use-change.ts";
import { userAgentInWords } from "./device-words.ts";

type Notice = Session["notices"][number];

/** One of them, and what to do about it. */
export function NoticeCallout({
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
  const { tone, title, text } = noticeInWords(notice);
  return (
    <Callout
      tone={tone}
      role="alert"
      title={title}
      actions={
        <Button size="xs" variant="default" loading={dismiss.pending} onClick={() => dismiss.run()}>
          Dismiss
        </Button>
      }
    >
      {text}
      {dismiss.failure && <p>This could not be dismissed. {dismiss.failure.message}</p>}
    </Callout>
  );
}

interface NoticeWords {
  readonly tone: "danger" | "warning";
  readonly title: string;
  readonly text: ReactNode;
}

const newDeviceInWords = ({ at, data: { address, userAgent = "" } }: Notice): NoticeWords => ({
  tone: "warning",
  title: "Somebody signed in to your account on a new device",
  text: (
    <p>
      On {formatDateTime(new Date(at))}, with {userAgentInWords(userAgent)}
      {address !== undefined && <>, from {address}</>}. If that was you, there is nothing to do. If
      not, choose another password on the page <Link to={paths.account()}>Your account</Link>: that
      ends all your other sessions.
    </p>
  ),
});

const noticeInWords = (notice: Notice): NoticeWords => words[notice.kind](notice);

const passwordChangedInWords = ({ at, data: { by, address, userAgent } }: Notice): NoticeWords => ({
  tone: "warning",
  title: "Your password was changed",
  text: (
    <p>
      It was changed on {formatDateTime(new Date(at))}
      {by === "mail" && <>, on a link that was sent to your address</>}
      {address !== undefined && <> from {address}</>}
      {userAgent !== undefined && <>, with {userAgentInWords(userAgent)}</>}, and every other
      session of yours was ended. If that was not you, tell the person who runs this dashboard at
      once.
    </p>
  ),
});

const emailChangedInWords = ({ at, data: { before, after } }: Notice): NoticeWords => ({
  tone: "warning",
  title: "The address of your account was changed",
  text: (
    <p>
      It was changed on {formatDateTime(new Date(at))}
      {before !== undefined && (
        <>
          {" "}
          from <bdi>{before}</bdi>
        </>
      )}
      {after === undefined ? (
        "; there is none now"
      ) : (
        <>
          {" "}
          to <bdi>{after}</bdi>
        </>
      )}
      . If you did not ask for it, tell the person who runs this dashboard.
    </p>
  ),
});

const linkMadeInWords = ({ at, data: { madeBy } }: Notice): NoticeWords => ({
  tone: "warning",
  title: "A link was made on which your password can be changed",
  text: (
    <p>
      It was made on {formatDateTime(new Date(at))} by{" "}
      {madeBy === undefined ? (
        "the person who runs this installation"
      ) : (
        <strong dir="auto">{madeBy}</strong>
      )}
      , and works once. If you did not ask for it, ask them why: whoever has it can choose your
      password.
    </p>
  ),
});

const reuseInWords = ({
  at,
  data: { address, userAgent, sessionStartedAt, sessionUserAgent },
}: Notice): NoticeWords => ({
  tone: "danger",
  title: "One of your sessions was ended because someone used an old copy of it",
  text: (
    <>
      <p>
        On {formatDateTime(new Date(at))} an old copy of your session was presented
        {address !== undefined && <> from {address}</>}
        {userAgent !== undefined && <>, by {userAgentInWords(userAgent)}</>}.
        {sessionStartedAt !== undefined && (
          <>
            {" "}
            The session had been started on {formatDateTime(new Date(sessionStartedAt))}
            {sessionUserAgent !== undefined && <> with {userAgentInWords(sessionUserAgent)}</>}.
          </>
        )}
      </p>
      <p>
        If you restored a browser from a backup, that may have been you. If not, choose “Sign out
        everywhere” in the menu under your name, and tell the person who runs this dashboard:
        whoever has a copy of a session is shut out by it.
      </p>
    </>
  ),
});

const words: Readonly<Record<Notice["kind"], (notice: Notice) => NoticeWords>> = {
  emailChanged: emailChangedInWords,
  passwordChanged: passwordChangedInWords,
  passwordLinkMade: linkMadeInWords,
  refreshTokenReused: reuseInWords,
  signedInOnNewDevice: newDeviceInWords,
};
