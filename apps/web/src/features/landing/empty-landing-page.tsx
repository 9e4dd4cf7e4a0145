import type { Session } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient, useSession } from "@sallyport/shared/react";
import { IconDoor } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useRevalidator } from "react-router";
import { paths } from "../../paths.ts";
import { WhoToTell } from "../../session/who-to-tell.tsx";
import { AgainButton } from "../../ui/again-button.tsx";
import { MessagePage } from "../../ui/message-page.tsx";

/** For somebody who may open no section: who they are, and what to do. */
export function EmptyLandingPage(): ReactNode {
  const session = useSession();
  const makesSections = useCan({ permission: "sections:write" });
  const revalidator = useRevalidator();
  // Granted or made meanwhile.
  const first = session?.sections[0];
  if (first) return <Navigate to={paths.section(first.slug)} replace />;
  return (
    <MessagePage
      icon={<IconDoor size={28} stroke={1.6} />}
      title={makesSections ? "There are no sections yet" : "Nothing to see here yet"}
      actions={
        <AgainButton
          pending={revalidator.state === "loading"}
          onClick={() => void revalidator.revalidate()}
        >
          Look again
        </AgainButton>
      }
    >
      {session && (makesSections ? <ForAdmin session={session} /> : <ForUser session={session} />)}
    </MessagePage>
  );
}

function ForUser({ session: { user } }: { readonly session: Session }): ReactNode {
  return (
    <>
      <p>No section has been granted to you yet.</p>
      <WhoToTell user={user} />
    </>
  );
}

function ForAdmin({ session: { user } }: { readonly session: Session }): ReactNode {
  const client = useClient();
  const all = useQuery(apiQuery(client, "GET /sections", { query: { scope: "all", limit: 1 } }));
  const existing = all.data?.items[0];
  return (
    <>
      <p>
        You are signed in as <strong>{user.displayName}</strong> ({user.username}), and you may make
        sections.
      </p>
      {existing ? (
        <p>
          There are some, but none is granted to you. On the machine that runs the API:{" "}
          <code>
            npm run sallyport -- grants add --user {user.username} --section {existing.slug}
          </code>
        </p>
      ) : (
        <p>
          A section is a file. On the machine that runs the API:{" "}
          <code>npm run sallyport -- sections import my-section.json</code>
        </p>
      )}
      <p>It appears here as soon as that is done.</p>
    </>
  );
}
