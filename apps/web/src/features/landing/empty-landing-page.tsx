import { Button } from "@mantine/core";
import { useSession } from "@sallyport/shared/react";
import { IconDoor } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useRevalidator } from "react-router";
import { MessagePage } from "../../ui/message-page.tsx";

/** For somebody who has been granted nothing: who they are, and what to do. */
export function EmptyLandingPage(): ReactNode {
  const session = useSession();
  const revalidator = useRevalidator();
  return (
    <MessagePage
      icon={<IconDoor size={28} stroke={1.6} />}
      title="Nothing to see here yet"
      actions={
        <Button loading={revalidator.state === "loading"} onClick={() => void revalidator.revalidate()}>
          Look again
        </Button>
      }
    >
      {session && (
        <p>
          You are signed in as <strong>{session.user.displayName}</strong> ({session.user.username}, {session.user.email}), but no section has been granted to you.
        </p>
      )}
      <p>Ask an admin of this dashboard to grant you the sections you need. They appear here as soon as that is done; you need not sign in again.</p>
    </MessagePage>
  );
}
