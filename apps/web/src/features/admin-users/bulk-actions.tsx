import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { useCan } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { usersChanged, type RoleInList, type UserInList } from "./user-queries.ts";
import classes from "./bulk-actions.module.css";

type Results = ResponseBody<Contract["POST /users/changes"]>["items"];
type Change = "activate" | "deactivate" | "addRole" | "removeRole" | "endSessions";

const wordsOf: {
  readonly [C in Change]: {
    readonly button: string;
    readonly title: (who: string) => string;
    readonly text: string;
    readonly confirm: string;
    readonly done: string;
    readonly tone: "danger" | "filled";
  };
} = {
  activate: {
    button: "Activate…",
    title: (who) => `Activate ${who}?`,
    text: "They can sign in again, with the roles and grants they had.",
    confirm: "Activate",
    done: "activated",
    tone: "filled",
  },
  deactivate: {
    button: "Deactivate…",
    title: (who) => `Deactivate ${who}?`,
    text: "All of their sessions end at once, and they cannot sign in. Roles and grants stay as they are.",
    confirm: "Deactivate",
    done: "deactivated",
    tone: "danger",
  },
  addRole: {
    button: "Add to a role…",
    title: (who) => `Add ${who} to a role?`,
    text: "What the role gives is theirs at once.",
    confirm: "Add to the role",
    done: "added to the role",
    tone: "filled",
  },
  removeRole: {
    button: "Remove from a role…",
    title: (who) => `Remove ${who} from a role?`,
    text: "What nothing else gives them is gone at once, on open pages too.",
    confirm: "Remove from the role",
    done: "removed from the role",
    tone: "danger",
  },
  endSessions: {
    button: "End sessions…",
    title: (who) => `End the sessions of ${who}?`,
    text: "They are signed out everywhere at once, and have to sign in again.",
    confirm: "End the sessions",
    done: "signed out",
    tone: "danger",
  },
};

const peopleOf = (count: number): string => (count === 1 ? "1 user" : `${count} users`);

/** What is about to be done, with whom. */
export interface AskedChange {
  readonly change: Change;
  readonly users: readonly UserInList[];
}

/** What can be done with all that are chosen. */
export function BulkActions({
  users,
  roles,
  onAsk,
}: {
  readonly users: readonly UserInList[];
  readonly roles: readonly RoleInList[];
  readonly onAsk: (asked: AskedChange) => void;
}): ReactNode {
  const mayEndSessions = useCan({ permission: "sessions:write" });
  const offered: readonly Change[] = [
    "activate",
    "deactivate",
    ...(roles.length > 0 ? (["addRole", "removeRole"] as const) : []),
    ...(mayEndSessions ? (["endSessions"] as const) : []),
  ];
  return offered.map((change) => (
    <Button key={change} size="xs" variant="default" onClick={() => onAsk({ change, users })}>
      {wordsOf[change].button}
    </Button>
  ));
}

/**
 * Asks first, and says afterwards what became of each. It stands beside the list, since those who
 * were changed may no longer be in it.
 */
export function BulkDialog({
  change,
  users,
  roles,
  onClose,
  onDone,
}: AskedChange & {
  readonly roles: readonly RoleInList[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const words = wordsOf[change];
  const isAboutRole = change === "addRole" || change === "removeRole";
  const [roleId, setRoleId] = useState("");
  const [results, setResults] = useState<Results | null>(null);
  const apply = useChange({
    call: (client) =>
      client.call("POST /users/changes", {
        body: { userIds: users.map(({ id }) => id), change, ...(isAboutRole && { roleId }) },
      }),
    check: () =>
      isAboutRole && roleId === "" ? { fields: { roleId: "Choose a role." }, message: null } : null,
    words: { fields: ["roleId"] },
    onDone: async ({ items }) => {
      await usersChanged(queryClient);
      if (items.some(({ outcome }) => outcome === "failed")) {
        setResults(items);
        return;
      }
      showToast(`${peopleOf(items.length)} ${words.done}.`);
      onDone();
    },
  });
  if (results)
    return <BulkResults users={users} results={results} done={words.done} onClose={onDone} />;
  return (
    <ConfirmDialog
      title={words.title(peopleOf(users.length))}
      confirmLabel={words.confirm}
      tone={words.tone}
      pending={apply.pending}
      failure={apply.failure}
      onConfirm={() => apply.run()}
      onClose={onClose}
    >
      <p>{words.text}</p>
      <p className={classes.who}>
        {users
          .slice(0, 10)
          .map(({ displayName }) => displayName)
          .join(", ")}
        {users.length > 10 && ` and ${users.length - 10} more`}
      </p>
      {isAboutRole && (
        <SelectField
          label="Role"
          value={roleId}
          error={apply.failure?.fields.roleId}
          options={[
            { value: "", title: "Choose a role" },
            ...roles.map(({ id, name }) => ({ value: id, title: name })),
          ]}
          onChange={(event) => setRoleId(event.currentTarget.value)}
        />
      )}
    </ConfirmDialog>
  );
}

function BulkResults({
  users,
  results,
  done,
  onClose,
}: {
  readonly users: readonly UserInList[];
  readonly results: Results;
  readonly done: string;
  readonly onClose: () => void;
}): ReactNode {
  const failed = results.filter(({ outcome }) => outcome === "failed");
  return (
    <Dialog title={`Not all were ${done}`} wide onClose={onClose}>
      <p>
        {peopleOf(results.length - failed.length)} {done}; {failed.length} could not be:
      </p>
      <ul className={classes.results}>
        {failed.map(({ userId, problem }) => (
          <li key={userId}>
            <strong>{users.find(({ id }) => id === userId)?.displayName ?? userId}</strong>:{" "}
            {problem?.detail ?? "Something went wrong."}
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
