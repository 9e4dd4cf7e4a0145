import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { paths } from "../../paths.ts";
import { Answer } from "../../session/answer.tsx";
import {
  EndSessionsDialog,
  SessionList,
  type LivingSession,
  type SessionsToEnd,
} from "../../session/living-sessions.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { RowLink } from "../../ui/row-link.tsx";

/** As many as one looks through on a person's page; the list of all has the others. */
const mostShown = 10;

/** On which devices a person is signed in, for whoever may look at sessions. */
export function SessionsCard({ user }: { readonly user: LivingSession["user"] }): ReactNode {
  const client = useClient();
  const mayRead = useCan({ permission: "sessions:read" });
  const mayEnd = useCan({ permission: "sessions:write" });
  const [asked, setAsked] = useState<SessionsToEnd | null>(null);
  const found = useQuery({
    ...apiQuery(client, "GET /users/:userId/sessions", {
      params: { userId: user.id },
      query: { limit: mostShown },
    }),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  const hasAny = (found.data?.items.length ?? 0) > 0;
  return (
    <Card
      title="Sessions"
      actions={
        mayEnd &&
        hasAny && (
          <Button variant="default" onClick={() => setAsked({ which: "user", user })}>
            End all…
          </Button>
        )
      }
    >
      <Answer what="sessions" result={found}>
        {({ items, nextCursor }) =>
          items.length === 0 && nextCursor === null ? (
            <p>Not signed in anywhere.</p>
          ) : (
            <>
              <SessionList
                sessions={items}
                onEnd={mayEnd ? (session) => setAsked({ which: "one", session }) : undefined}
              />
              {nextCursor !== null && (
                <p>
                  <RowLink to={paths.adminSessions({ user: user.id })}>All of them</RowLink>
                </p>
              )}
            </>
          )
        }
      </Answer>
      {asked && <EndSessionsDialog asked={asked} onClose={() => setAsked(null)} />}
    </Card>
  );
}
