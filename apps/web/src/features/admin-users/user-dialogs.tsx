import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useChange } from "../../session/use-change.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { showToast } from "../../ui/toasts.tsx";
import { PasswordLinkDialog } from "./password-link-dialog.tsx";
import { usersChanged, type User } from "./user-queries.ts";

interface Props {
  readonly user: User;
  readonly onClose: () => void;
}

export function ActiveDialog({ user, onClose }: Props): ReactNode {
  const queryClient = useQueryClient();
  const change = useChange({
    call: (client) =>
      client.call("PATCH /users/:userId", {
        params: { userId: user.id },
        headers: { "if-match": user.etag },
        body: { active: !user.active },
      }),
    words: { codes: { precondition_failed: changedMeanwhile } },
    onDone: async () => {
      await usersChanged(queryClient);
      onClose();
      showToast(
        `${isolated(user.displayName)} is ${user.active ? "deactivated" : "active again"}.`,
      );
    },
    onFailed: () => void usersChanged(queryClient),
  });
  return (
    <ConfirmDialog
      title={`${user.active ? "Deactivate" : "Activate"} ${isolated(user.displayName)}?`}
      confirmLabel={user.active ? "Deactivate" : "Activate"}
      tone={user.active ? "danger" : "filled"}
      pending={change.pending}
      failure={change.failure}
      onConfirm={() => change.run()}
      onClose={onClose}
    >
      <p>
        {user.active
          ? `All sessions of ${user.username} end at once, and nobody can sign in by that name. Roles and grants stay as they are, for the day it is activated again.`
          : `${user.username} can sign in again, and has the roles and grants of before.`}
      </p>
    </ConfirmDialog>
  );
}

const changedMeanwhile =
  "Somebody else has changed this person meanwhile. What the page shows is as it is now: look again before you go on.";

export function DeleteUserDialog({ user, onClose }: Props): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = useChange({
    call: (client) =>
      client.call("DELETE /users/:userId", {
        params: { userId: user.id },
        headers: { "if-match": user.etag },
      }),
    words: { codes: { precondition_failed: changedMeanwhile } },
    onDone: async () => {
      await navigate(paths.adminUsers(), { replace: true });
      queryClient.removeQueries({ queryKey: ["GET /users/:userId"] });
      queryClient.removeQueries({ queryKey: ["GET /users/:userId/access"] });
      showToast(`${isolated(user.displayName)} is deleted.`);
      await usersChanged(queryClient);
    },
    onFailed: () => void usersChanged(queryClient),
  });
  return (
    <ConfirmDialog
      title={`Delete ${isolated(user.displayName)}?`}
      confirmLabel="Delete the user"
      typed={user.username}
      pending={remove.pending}
      failure={remove.failure}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p>
        The account, its grants and its sessions go at once, and cannot be brought back. The name{" "}
        {user.username} is never given to anybody else. What they did stays in the audit trail. To
        keep somebody out for a while, deactivate them.
      </p>
    </ConfirmDialog>
  );
}

export function NewLinkDialog({ user, onClose }: Props): ReactNode {
  const [link, setLink] = useState<string | null>(null);
  const make = useChange({
    call: (client) =>
      client.call("POST /users/:userId/password-link", { params: { userId: user.id } }),
    onDone: (made) => setLink(made.link),
  });
  if (link !== null)
    return (
      <PasswordLinkDialog
        title="The link is made"
        displayName={user.displayName}
        username={user.username}
        link={link}
        onClose={onClose}
      />
    );
  return (
    <ConfirmDialog
      title={`Make a link for ${isolated(user.displayName)}?`}
      confirmLabel="Make the link"
      tone="filled"
      pending={make.pending}
      failure={make.failure}
      onConfirm={() => make.run()}
      onClose={onClose}
    >
      <p>
        Whoever opens it can choose the password of {user.username}, once and within 72 hours. Links
        that were made before stop working. When it is used, all sessions of {user.username} end.
      </p>
    </ConfirmDialog>
  );
}
