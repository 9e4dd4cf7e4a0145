import { reasonInWords, useClientState } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";
import { paths } from "../paths.ts";
import { Callout } from "../ui/callout.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useAppSession } from "./app-session-context.ts";
import { cookiesComeBack } from "./cookies-come-back.ts";
import { SignInForm } from "./sign-in-form.tsx";
import { useChange } from "./use-change.ts";
import classes from "./session-over-dialog.module.css";
import { Button } from "../ui/button.tsx";

/** Over the page when its session is over: sign in again, and everything typed is still there. */
export function SessionOverDialog(): ReactNode {
  const app = useAppSession();
  const state = useClientState();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  // Signed in, and not known yet whether the browser keeps the session: until then the page is not
  // gone on with.
  const [busy, setBusy] = useState(false);
  const wasOver = useRef(false);
  const over = state.status === "expired" && state.session !== null;
  useEffect(() => {
    // What failed meanwhile is asked for again; what waits in the client goes on by itself.
    if (wasOver.current && state.status === "signedIn") void queryClient.invalidateQueries();
    wasOver.current = over;
  }, [over, queryClient, state.status]);
  // That page is about a session that could not be kept, and leads on itself.
  const asks = over || (busy && state.status === "signedIn");
  if (!asks || state.session === null || pathname === paths.cookiesBlocked()) return null;

  const arrive = async (): Promise<void> => {
    if (!(await cookiesComeBack(app)))
      await navigate(paths.cookiesBlocked({ next: pathname + search }), { replace: true });
    setBusy(false);
  };
  const { user, session } = state.session;
  const { username, displayName } = user;
  return (
    <OverDialog
      username={username}
      displayName={displayName}
      remembered={session.remembered !== false}
      reason={reasonInWords(over ? state.reason : undefined)}
      onBusy={setBusy}
      onSignedIn={arrive}
    />
  );
}

function OverDialog({
  username,
  displayName,
  remembered,
  reason,
  onBusy,
  onSignedIn,
}: {
  readonly username: string;
  readonly displayName: string;
  readonly remembered: boolean;
  readonly reason: string;
  readonly onBusy: (busy: boolean) => void;
  readonly onSignedIn: () => Promise<void>;
}): ReactNode {
  // Why it was opened: signing in leaves it open for a moment, and no reason any more.
  const [why] = useState(reason);
  const leave = useChange({ call: (client) => client.signOut() });
  return (
    <Dialog title="Sign in again">
      <p>{why}</p>
      <p className={classes.note}>
        Your page is kept as it is, with all that you have typed. If somebody other than{" "}
        {displayName} signs in, it is reloaded.
      </p>
      <SignInForm
        initialUsername={username}
        initiallyRemembered={remembered}
        onBusy={onBusy}
        onSignedIn={onSignedIn}
        secondary={
          <Button
            variant="subtle"
            fullWidth
            aria-disabled={leave.pending}
            onClick={() => leave.run()}
          >
            Leave without signing in
          </Button>
        }
      />
      <div role="alert">
        {leave.failure && <Callout tone="danger">{leave.failure.message}</Callout>}
      </div>
    </Dialog>
  );
}
