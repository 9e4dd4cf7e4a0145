import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { readTagged } from "../../session/tagged-query.ts";
import { useVersionedChange } from "../../session/use-versioned-change.ts";
import { ChoiceList } from "../../ui/choice-list.tsx";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { usersChanged, type RoleInList, type User } from "./user-queries.ts";

export function UserRolesDialog({
  user,
  roles,
  onClose,
}: {
  readonly user: User;
  readonly roles: readonly RoleInList[];
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  // Roles that are not among the first two hundred stay as they are.
  const known = new Map([...user.roles, ...roles].map((role) => [role.id, role.name]));
  const form = useFormValues({ roleIds: user.roles.map(({ id }) => id) as readonly string[] });
  const done = async (): Promise<void> => {
    await usersChanged(queryClient);
    onClose();
  };
  const change = useVersionedChange({
    current: user,
    read: (client) => readTagged(client, "GET /users/:userId", { params: { userId: user.id } }),
    call: (client, roleIds: readonly string[], ifMatch) =>
      client.call("PATCH /users/:userId", {
        params: { userId: user.id },
        headers: { "if-match": ifMatch },
        body: { roleIds: [...roleIds] },
      }),
    words: { fields: ["roleIds"] },
    onDone: async () => {
      await done();
      showToast("The roles are saved.");
    },
  });
  const { conflict } = change;
  const namesOf = (ids: readonly string[]): string =>
    ids
      .map((id) => known.get(id) ?? id)
      .sort()
      .join(", ") || "None";
  if (conflict) {
    const theirs = namesOf(conflict.theirs.roles.map(({ id }) => id));
    const mine = namesOf(conflict.input);
    return (
      <ConflictDialog
        what={user.displayName}
        differences={mine === theirs ? [] : [{ label: "Roles", mine, theirs }]}
        pending={change.pending}
        failure={change.failure}
        onOverwrite={change.overwrite}
        onTakeTheirs={() => void done()}
        onClose={change.settle}
      />
    );
  }
  return (
    <FormDialog
      title={`Roles of ${isolated(user.displayName)}`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      isOutdated={change.isOutdated}
      failure={change.failure}
      onSubmit={() => change.run(form.values.roleIds)}
      onClose={onClose}
    >
      <ChoiceList
        legend="Roles"
        description="They are in force at once, on open pages too."
        choices={[...known].map(([id, title]) => ({
          id,
          title,
          note: roles.find((role) => role.id === id)?.description,
        }))}
        chosen={form.values.roleIds}
        onChange={(roleIds) => form.set("roleIds", roleIds)}
        error={change.failure?.fields.roleIds}
      />
    </FormDialog>
  );
}
