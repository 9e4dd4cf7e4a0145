import type { ReactNode } from "react";
import { useChange } from "../../session/use-change.ts";
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
  const signOut = useChange({ call: (client) => client.signOutEverywhere(), onDone: onClose });
  return (
    <Dialog title="Sign out everywhere?" role="alertdialog" onClose={onClose}>
      <p>
        Every session of <strong>{username}</strong> ends at once: this one, and those in all other
        browsers and on all other devices. Whatever is open there and not saved may be lost.
      </p>
      {signOut.failure && (
        <Callout tone="danger" role="alert">
          You are still signed in. {signOut.failure.message}
        </Callout>
      )}
      <DialogActions>
        <Button data-autofocus variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button variant="danger" loading={signOut.pending} onClick={() => signOut.run()}>
          Sign out everywhere
        </Button>
      </DialogActions>
    </Dialog>
  );
}
