import type { Session } from "@sallyport/shared/client";
import type { ReactNode } from "react";

/**
 * What somebody without a grant can do: the one thing that whoever gives it needs to know is the
 * name they go by here.
 */
export const WhoToTell = ({ user }: { readonly user: Session["user"] }): ReactNode => (
  <>
    <p>
      You are signed in as <strong>{user.displayName}</strong>; your user name is{" "}
      <code>{user.username}</code>. Give that name, and the title or the address of the section that
      you need, to the person who set up your account or who told you of this dashboard.
    </p>
    <p>A section that is granted to you appears here at once; you need not sign in again.</p>
  </>
);
