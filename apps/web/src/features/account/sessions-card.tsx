import type { Session } from "@sallyport/shared/client";
import { apiQuery, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Answer } from "../../session/answer.tsx";
import {
  EndSessionsDialog,
  SessionList,
  type SessionsToEnd,
} from "../../session/living-sessions.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatDateTime } from "../../ui/times.ts";
import { SignOutEverywhereDialog } from "./sign-out-everywhere-dialog.tsx";

const shownAtFirst = 10;
/** As many as the server gives at once; programs that sign in again and again can have more. */
const mostShown = 200;

/** On which devices you are signed in, and how to sign out of them. */
export function SessionsCard({ session }: { readonly session: Session }): ReactNode {
  const client = useClient();
  const [limit, setLimit] = useState(shownAtFirst);
  const [asked, setAsked] = useState<SessionsToEnd | "everywhere" | null>(null);
  const found = useQuery({
    ...apiQuery(client, "GET /account/sessions", { query: { limit } }),
    placeholderData: keepPreviousData,
  });
  const hasOthers = found.data && (found.data.items.length > 1 || found.data.nextCursor !== null);
  const { absoluteExpiresAt, idleExpiresAt } = session.session;
  return (
    <Card
      title="Where you are signed in"
      actions={
        hasOthers && (
          <Button variant="default" onClick={() => setAsked({ which: "ownOthers" })}>
            End all others…
          </Button>
        )
      }
    >
      <Answer what="sessions" result={found}>
        {({ items, nextCursor }) => (
          <>
            <SessionList
              sessions={items}
              onEnd={(one) => setAsked({ which: "one", session: one, asOwner: true })}
            />
            {nextCursor !== null &&
              (limit < mostShown ? (
                <p>
                  <Button
                    size="xs"
                    variant="subtle"
                    loading={found.isPlaceholderData}
                    onClick={() => setLimit(mostShown)}
                  >
                    Show more
                  </Button>
                </p>
              ) : (
                <p>There are more, older ones. “End all others” ends them too.</p>
              ))}
          </>
        )}
      </Answer>
      <p>
        This session lasts until {formatDateTime(new Date(absoluteExpiresAt))} at the longest, and
        ends sooner if you stay away: on {formatDateTime(new Date(idleExpiresAt))}, unless you use
        it before.
      </p>
      <Button variant="default" onClick={() => setAsked("everywhere")}>
        Sign out everywhere…
      </Button>
      {asked === "everywhere" ? (
        <SignOutEverywhereDialog username={session.user.username} onClose={() => setAsked(null)} />
      ) : (
        asked && <EndSessionsDialog asked={asked} onClose={() => setAsked(null)} />
      )}
    </Card>
  );
}
