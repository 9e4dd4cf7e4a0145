import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import type { Failure } from "../../session/failures.ts";
import { useChange } from "../../session/use-change.ts";
import { readTagged } from "../../session/tagged-query.ts";
import { useVersionedChange } from "../../session/use-versioned-change.ts";
import { ChoiceList } from "../../ui/choice-list.tsx";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { permissionWords, rolesChanged, type Permission, type Role } from "./role-queries.ts";

const fields = ["name", "description", "permissions"] as const;
type Field = (typeof fields)[number];

interface Values {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

const allPermissions = Object.keys(permissionWords) as Permission[];
const words = {
  fields,
  codes: {
    role_name_taken: { field: "name", text: "There is a role of this name. Choose another." },
  },
} as const;
const checkValues = ({ name }: Values): Failure<Field> | null =>
  name.trim() === "" ? { fields: { name: "Enter a name." }, message: null } : null;
const bodyOf = ({ name, description, permissions }: Values) => ({
  name: name.trim(),
  description: description.trim(),
  permissions: [...permissions],
});

const RoleFields = ({
  form,
  errors,
}: {
  readonly form: ReturnType<typeof useFormValues<Values>>;
  readonly errors: Partial<Record<Field, string>>;
}): ReactNode => (
  <>
    <TextField
      {...form.field("name")}
      label="Name"
      data-autofocus
      autoComplete="off"
      maxLength={64}
      error={errors.name}
    />
    <TextField
      {...form.field("description")}
      label="Description (optional)"
      autoComplete="off"
      maxLength={500}
      error={errors.description}
    />
    <ChoiceList
      legend="Permissions"
      description="What its people may do in the administration. Sections take none of these: they are granted to the role once it is there."
      choices={allPermissions.map((id) => ({
        id,
        title: permissionWords[id][0],
        note: permissionWords[id][1],
      }))}
      chosen={form.values.permissions}
      onChange={(permissions) => form.set("permissions", permissions as readonly Permission[])}
      error={errors.permissions}
    />
  </>
);

export function AddRoleDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useFormValues<Values>({ name: "", description: "", permissions: [] });
  const add = useChange({
    call: (client, values: Values) => client.call("POST /roles", { body: bodyOf(values) }),
    check: checkValues,
    words,
    onDone: async ({ id, name }) => {
      await rolesChanged(queryClient);
      onClose();
      showToast(`The role ${isolated(name)} is made.`);
      await navigate(paths.adminRole(id));
    },
  });
  return (
    <FormDialog
      title="Add a role"
      submitLabel="Add"
      isChanged={form.isChanged}
      pending={add.pending}
      failure={add.failure}
      onSubmit={() => add.run(form.values)}
      onClose={onClose}
    >
      <RoleFields form={form} errors={add.failure?.fields ?? {}} />
    </FormDialog>
  );
}

const inWords = (permissions: readonly Permission[]): string =>
  allPermissions
    .filter((one) => permissions.includes(one))
    .map((one) => permissionWords[one][0])
    .join(", ") || "None";

export function EditRoleDialog({
  role,
  onClose,
}: {
  readonly role: Role;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues<Values>({
    name: role.name,
    description: role.description,
    permissions: role.permissions,
  });
  const done = async (): Promise<void> => {
    await rolesChanged(queryClient);
    onClose();
  };
  const change = useVersionedChange({
    current: role,
    read: (client) => readTagged(client, "GET /roles/:roleId", { params: { roleId: role.id } }),
    call: (client, values: Values, ifMatch, on) => {
      const { permissions, ...named } = bodyOf(values);
      // To send the same permissions would ask for the password all the same.
      const isSame = inWords(permissions) === inWords(on.permissions);
      return client.call("PATCH /roles/:roleId", {
        params: { roleId: role.id },
        headers: { "if-match": ifMatch },
        body: isSame ? named : { ...named, permissions },
      });
    },
    check: checkValues,
    words,
    onDone: async () => {
      await done();
      showToast("The role is saved.");
    },
  });
  const { conflict } = change;
  if (conflict) {
    const { theirs, input } = conflict;
    const rows = [
      { label: "Name", mine: input.name, theirs: theirs.name },
      { label: "Description", mine: input.description, theirs: theirs.description },
      {
        label: "Permissions",
        mine: inWords(input.permissions),
        theirs: inWords(theirs.permissions),
      },
    ];
    return (
      <ConflictDialog
        what={role.name}
        differences={rows.filter((row) => row.mine !== row.theirs)}
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
      title={`Edit the role ${isolated(role.name)}`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      isOutdated={change.isOutdated}
      failure={change.failure}
      onSubmit={() => change.run(form.values)}
      onClose={onClose}
    >
      <RoleFields form={form} errors={change.failure?.fields ?? {}} />
    </FormDialog>
  );
}
