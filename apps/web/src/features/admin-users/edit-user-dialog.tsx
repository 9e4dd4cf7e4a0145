import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { readTagged } from "../../session/tagged-query.ts";
import { useVersionedChange } from "../../session/use-versioned-change.ts";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { usersChanged, type User } from "./user-queries.ts";

const fields = ["displayName", "email"] as const;
const labels = { displayName: "Name", email: "E-mail" } as const;

export function EditUserDialog({
  user,
  onClose,
}: {
  readonly user: User;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues({
    displayName: user.displayName,
    email: user.email ?? "",
  });
  const done = async (): Promise<void> => {
    await usersChanged(queryClient);
    onClose();
  };
  const change = useVersionedChange({
    current: user,
    read: (client) => readTagged(client, "GET /users/:userId", { params: { userId: user.id } }),
    call: (client, values: typeof form.values, ifMatch, on) =>
      client.call("PATCH /users/:userId", {
        params: { userId: user.id },
        headers: { "if-match": ifMatch },
        body: {
          displayName: values.displayName.trim(),
          // An address is a way in: to send the same would ask for the password all the same.
          ...(values.email.trim() !== (on.email ?? "") && { email: values.email.trim() || null }),
        },
      }),
    check: ({ displayName }) =>
      displayName.trim() === ""
        ? { fields: { displayName: "Enter a name." }, message: null }
        : null,
    words: {
      fields,
      codes: { name_taken: { field: "email", text: "Somebody else has this address." } },
    },
    onDone: async () => {
      await done();
      showToast("The profile is saved.");
    },
  });
  const { conflict } = change;
  if (conflict)
    return (
      <ConflictDialog
        what={user.displayName}
        differences={fields
          .filter((name) => (conflict.theirs[name] ?? "") !== conflict.input[name])
          .map((name) => ({
            label: labels[name],
            mine: conflict.input[name] || "None",
            theirs: conflict.theirs[name] ?? "None",
          }))}
        pending={change.pending}
        failure={change.failure}
        onOverwrite={change.overwrite}
        onTakeTheirs={() => void done()}
        onClose={change.settle}
      />
    );
  const errors = change.failure?.fields ?? {};
  return (
    <FormDialog
      title={`Edit ${isolated(user.displayName)}`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      isOutdated={change.isOutdated}
      failure={change.failure}
      onSubmit={() => change.run(form.values)}
      onClose={onClose}
    >
      <TextField
        {...form.field("displayName")}
        label={labels.displayName}
        data-autofocus
        autoComplete="off"
        maxLength={100}
        error={errors.displayName}
      />
      <TextField
        {...form.field("email")}
        label="E-mail address (optional)"
        type="email"
        autoComplete="off"
        maxLength={254}
        error={errors.email}
      />
    </FormDialog>
  );
}
