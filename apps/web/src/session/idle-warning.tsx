import type { Session } from "@sallyport/shared/client";
import { useClient, useClientState } from "@sallyport/shared/react";
import { useEffect, useState, type ReactNode } from "react";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { formatDuration } from "../ui/times.ts";
import { idleSecondsAtReceipt, idleWarningSeconds } from "./idle.ts";
import { Button } from "../ui/button.tsx";

/**
 * Long waits are taken in steps: a device that has slept finds the time passed when it wakes, and
 * setTimeout counts in 32 bits.
 */
const longestStepMilliseconds = 5_000;

/** Asks whether anyone is still there before the session ends for want of activity. */
export function IdleWarning(): ReactNode {
  const state = useClientState();
  // Keyed by the end of its idle life: each refresh begins the wait anew.
  return state.status === "signedIn" ? (
    <IdleWatch key={state.session.session.idleExpiresAt} session={state.session} />
  ) : null;
}

const roundingMilliseconds = 2000;

function IdleWatch({ session }: { readonly session: Session }): ReactNode {
  const client = useClient();
  const [secondsLeft, setSecondsLeft] = useState<number | null>(null);
  const [dismissed, setDismissed] = useState(false);
  const [endsAt] = useState(() => Date.now() + idleSecondsAtReceipt(session) * 1000);
  const [warnsAt] = useState(
    () => endsAt - idleWarningSeconds(idleSecondsAtReceipt(session)) * 1000,
  );
  // Asked a moment too early, the question itself would refresh the session and keep it alive for
  // ever: the end is known to the second only.
  const asksAt = endsAt + roundingMilliseconds;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      const now = Date.now();
      if (now >= asksAt) {
        setSecondsLeft(null);
        // The server has the last word: it answers that the session is over, or that another tab
        // has kept it.
        client.call("GET /session").catch(() => undefined);
        return;
      }
      if (now >= warnsAt) setSecondsLeft(Math.max(0, endsAt - now) / 1000);
      timer = setTimeout(
        tick,
        now >= warnsAt
          ? Math.min(1000, asksAt - now)
          : Math.min(longestStepMilliseconds, warnsAt - now),
      );
    };
    tick();
    return () => clearTimeout(timer);
  }, [client, endsAt, asksAt, warnsAt]);

  if (secondsLeft === null || dismissed) return null;
  const keep = (): void => {
    setDismissed(true);
    client.call("GET /session").catch(() => undefined);
  };
  return (
    <Dialog title="Are you still there?" role="alertdialog" onClose={keep}>
      <p>
        For want of activity your session ends in{" "}
        <span aria-live="off">{formatDuration(secondsLeft)}</span>. What you have typed is kept even
        then.
      </p>
      <DialogActions>
        <Button data-autofocus onClick={keep}>
          Stay signed in
        </Button>
      </DialogActions>
    </Dialog>
  );
}
