import { useCan } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import type { Failure } from "../../session/failures.ts";
import { useChange } from "../../session/use-change.ts";
import { ChoiceList } from "../../ui/choice-list.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { TextField } from "../../ui/text-field.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { PasswordLinkDialog } from "./password-link-dialog.tsx";
import { usersChanged, type RoleInList } from "./user-queries.ts";

const fields = ["displayName", "username", "email", "roleIds"] as const;

interface Values {
  readonly displayName: string;
  readonly username: string;
  readonly email: string;
  readonly roleIds: readonly string[];
}

/** What can be said without asking the server. */
const checkValues = ({ displayName, username, email }: Values) => {
  const found = {
    ...(displayName.trim() === "" && { displayName: "Enter a name." }),
    ...(username.trim() === "" && { username: "Enter a user name." }),
    ...(email.trim() !== "" &&
      !/^\S+@\S+$/.test(email.trim()) && { email: "Enter an e-mail address, or none." }),
  };
  return Object.keys(found).length > 0
    ? ({ fields: found, message: null } satisfies Failure<(typeof fields)[number]>)
    : null;
};

/** A new account, and then the link on which its person chooses a password. */
export function AddUserDialog({
  roles,
  onClose,
}: {
  readonly roles: readonly RoleInList[];
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues<Values>({
    displayName: "",
    username: "",
    email: "",
    roleIds: [],
  });
  const mayGrant = useCan({ permission: "grants:write" });
  const [made, setMade] = useState<{
    link: string;
    id: string;
    displayName: string;
    username: string;
  } | null>(null);
  const add = useChange({
    call: (client, { displayName, username, email, roleIds }: Values) =>
      client.call("POST /users", {
        body: {
          displayName: displayName.trim(),
          username: username.trim(),
          ...(email.trim() !== "" && { email: email.trim() }),
          roleIds: [...roleIds],
        },
      }),
    check: checkValues,
    words: {
      fields,
      codes: { name_taken: { field: "username", text: "This name is taken. Choose another." } },
    },
    onDone: async (user) => {
      setMade(user);
      await usersChanged(queryClient);
    },
  });
  if (made)
    return (
      <PasswordLinkDialog
        title={`${isolated(made.displayName)} is added`}
        displayName={made.displayName}
        username={made.username}
        link={made.link}
        onClose={onClose}
      >
        <p>
          What they may see and do{mayGrant && ", and how they are granted a section,"} is on{" "}
          <Link to={paths.adminUser(made.id)}>their page</Link>.
        </p>
      </PasswordLinkDialog>
    );
  const errors = add.failure?.fields ?? {};
  return (
    <FormDialog
      title="Add a person"
      submitLabel="Add"
      isChanged={form.isChanged}
      pending={add.pending}
      failure={add.failure}
      onSubmit={() => add.run(form.values)}
      onClose={onClose}
    >
      <TextField
        {...form.field("displayName")}
        label="Name"
        data-autofocus
        autoComplete="off"
        maxLength={100}
        error={errors.displayName}
      />
      <TextField
        {...form.field("username")}
        label="User name"
        description="What they sign in with. Letters, digits, dot, underscore and hyphen; it is never given to anybody else."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        error={errors.username}
      />
      <TextField
        {...form.field("email")}
        label="E-mail address (optional)"
        type="email"
        autoComplete="off"
        maxLength={254}
        error={errors.email}
      />
      <ChoiceList
        legend="Roles"
        choices={roles.map(({ id, name, description }) => ({
          id,
          title: name,
          note: description,
        }))}
        chosen={form.values.roleIds}
        onChange={(roleIds) => form.set("roleIds", roleIds)}
        error={errors.roleIds}
      />
    </FormDialog>
  );
}
