import { useSession } from "@sallyport/shared/react";
import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { MessagePage } from "../../ui/message-page.tsx";
import { buttonLook } from "../../ui/button.tsx";
import { RequestAccess } from "./request-access.tsx";

/** The same for a section that does not exist and for one that is not granted. */
export function NoAccessPage(): ReactNode {
  const session = useSession();
  const { slug } = useParams();
  return (
    <MessagePage
      icon={<IconLock size={28} stroke={1.6} />}
      title="You have no access to this page"
      actions={
        <Link to={paths.home()} {...buttonLook()}>
          Go to your sections
        </Link>
      }
    >
      <p>There is no such section, or it has not been granted to you.</p>
      {session && slug !== undefined && <RequestAccess key={slug} slug={slug} />}
      {session && (
        <p>
          You are signed in as <strong>{session.user.displayName}</strong>; your user name is{" "}
          <code>{session.user.username}</code>. A section that is granted to you appears here at
          once; you need not sign in again.
        </p>
      )}
    </MessagePage>
  );
}
