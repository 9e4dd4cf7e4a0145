import { useClient } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Callout } from "../../ui/callout.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Button } from "../../ui/button.tsx";

export function SignOutEverywhereDialog({
  username,
  onClose,
}: {
  readonly username: string;
  readonly onClose: () => void;
}): ReactNode {
  const client = useClient();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const signOut = async (): Promise<void> => {
    setState("busy");
    try {
      await client.signOutEverywhere();
      onClose();
    } catch {
      setState("failed");
    }
  };
  return (
    <Dialog title="Sign out everywhere?" role="alertdialog" onClose={onClose}>
      <p>
        Every session of <strong>{username}</strong> ends at once: this one, and those in all other
        browsers and on all other devices. Whatever is open there and not saved may be lost.
      </p>
      {state === "failed" && (
        <Callout tone="danger" role="alert">
          The server cannot be reached, so you are still signed in. Try again.
        </Callout>
      )}
      <DialogActions>
        <Button data-autofocus variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button variant="danger" loading={state === "busy"} onClick={() => void signOut()}>
          Sign out everywhere
        </Button>
      </DialogActions>
    </Dialog>
  );
}
