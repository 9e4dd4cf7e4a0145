import { Button } from "@mantine/core";
import { useClient, useClientState } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { reasonInWords } from "./end-reasons.ts";
import { SignInForm } from "./sign-in-form.tsx";
import classes from "./session-over-dialog.module.css";

/** Over the page when its session is over: sign in again, and everything typed is still there. */
export function SessionOverDialog(): ReactNode {
  const state = useClientState();
  const queryClient = useQueryClient();
  const wasOver = useRef(false);
  const over = state.status === "expired" && state.session !== null;
  useEffect(() => {
    // What failed meanwhile is asked for again; what waits in the client goes on by itself.
    if (wasOver.current && state.status === "signedIn") void queryClient.invalidateQueries();
    wasOver.current = over;
  }, [over, queryClient, state.status]);
  if (!over || state.session === null) return null;
  return <OverDialog username={state.session.user.username} displayName={state.session.user.displayName} reason={reasonInWords(state.reason)} />;
}

function OverDialog({ username, displayName, reason }: { readonly username: string; readonly displayName: string; readonly reason: string }): ReactNode {
  const client = useClient();
  const [failed, setFailed] = useState(false);
  return (
    <Dialog title="Sign in again">
      <p>{reason}</p>
      <p className={classes.note}>Your page is kept as it is, with all that you have typed. If somebody other than {displayName} signs in, it is reloaded.</p>
      <SignInForm
        initialUsername={username}
        secondary={
          <Button
            variant="subtle"
            color="gray"
            fullWidth
            onClick={() => {
              setFailed(false);
              client.signOut().catch(() => setFailed(true));
            }}
          >
            Leave without signing in
          </Button>
        }
      />
      <div role="alert">{failed && <Callout tone="danger">The server cannot be reached. Try again.</Callout>}</div>
    </Dialog>
  );
}
