import type { Session } from "@sallyport/shared/client";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { ExportButton } from "../../session/export-button.tsx";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { showToast } from "../../ui/toasts.tsx";
import classes from "./own-data-card.module.css";

/** All that is kept about you: to take along, or to be rid of. */
export function OwnDataCard({ session }: { readonly session: Session }): ReactNode {
  const [deletes, setDeletes] = useState(false);
  return (
    <Card title="What is kept about you">
      <p>
        Your profile, roles and grants, your sessions and notices, what you have asked for, and what
        the audit trail says you have done: as a file of JSON.
      </p>
      <div className={classes.actions}>
        <ExportButton
          name="account"
          extension="json"
          ask={async (client) => {
            const all = await client.call("GET /account/export");
            return new Response(JSON.stringify(all, null, 2), {
              headers: { "content-type": "application/json" },
            });
          }}
        >
          Export
        </ExportButton>
        <Button size="xs" variant="danger" onClick={() => setDeletes(true)}>
          Delete your account…
        </Button>
      </div>
      {deletes && (
        <DeleteAccountDialog username={session.user.username} onClose={() => setDeletes(false)} />
      )}
    </Card>
  );
}

function DeleteAccountDialog({
  username,
  onClose,
}: {
  readonly username: string;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const change = useChange({
    call: async (client) => {
      await client.call("DELETE /account");
      // Nothing is left to sign out of, but for the page, and those in other tabs.
      await client.signOut();
    },
    onDone: async () => {
      await navigate(paths.home(), { replace: true });
      showToast("Your account is deleted.");
    },
  });
  return (
    <ConfirmDialog
      title="Delete your account?"
      confirmLabel="Delete it for good"
      typed={username}
      pending={change.pending}
      failure={change.failure}
      onConfirm={() => change.run()}
      onClose={onClose}
    >
      <p>
        You are signed out everywhere at once, and what you may see and do is gone with the account.
        Nobody can bring it back, and your user name is never given to anybody again, not to you
        either.
      </p>
      <p>What the audit trail says you have done stays there under your name.</p>
    </ConfirmDialog>
  );
}
