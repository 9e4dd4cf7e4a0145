import type { Session } from "@sallyport/shared/client";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { readTagged } from "../../session/tagged-query.ts";
import { useVersionedChange } from "../../session/use-versioned-change.ts";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import {
  colorSchemes,
  fields,
  labels,
  languageOptions,
  timeZoneOptions,
  valueInWords,
  type Profile,
} from "./profile.ts";

/** Null is an option of each choice, and a form knows texts. */
const valuesOf = (profile: Profile) => ({
  displayName: profile.displayName,
  language: profile.language ?? "",
  timeZone: profile.timeZone ?? "",
  startPage: profile.startPage ?? "",
  colorScheme: profile.colorScheme ?? "",
});

/** What is one's own to change of one's account. */
export function ProfileDialog({
  profile,
  sections,
  onClose,
}: {
  readonly profile: Profile;
  readonly sections: Session["sections"];
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues(valuesOf(profile));
  const done = async (): Promise<void> => {
    await queryClient.invalidateQueries({ queryKey: ["GET /account"] });
    onClose();
  };
  const change = useVersionedChange({
    current: profile,
    read: (client) => readTagged(client, "GET /account"),
    call: (client, values: typeof form.values, ifMatch) =>
      client.changeSession("PATCH /account", {
        headers: { "if-match": ifMatch },
        body: {
          displayName: values.displayName.trim(),
          language: values.language || null,
          timeZone: values.timeZone || null,
          // One that has been taken away meanwhile is no choice, and may stay.
          ...(values.startPage !== (profile.startPage ?? "") && {
            startPage: values.startPage || null,
          }),
          colorScheme: (values.colorScheme || null) as Profile["colorScheme"],
        },
      }),
    check: ({ displayName }) =>
      displayName.trim() === ""
        ? { fields: { displayName: "Enter a name." }, message: null }
        : null,
    words: { fields },
    onDone: async () => {
      await done();
      showToast("Your profile is saved.");
    },
  });
  const { conflict } = change;
  if (conflict) {
    const theirs = valuesOf(conflict.theirs);
    return (
      <ConflictDialog
        what="your profile"
        differences={fields
          .filter((name) => theirs[name] !== conflict.input[name])
          .map((name) => ({
            label: labels[name],
            mine: valueInWords(name, conflict.input[name], sections),
            theirs: valueInWords(name, theirs[name], sections),
          }))}
        pending={change.pending}
        failure={change.failure}
        onOverwrite={change.overwrite}
        onTakeTheirs={() => void done()}
        onClose={change.settle}
      />
    );
  }
  const errors = change.failure?.fields ?? {};
  const none = (name: keyof typeof labels) => ({
    value: "",
    title: valueInWords(name, "", sections),
  });
  const isLost =
    profile.startPage !== null && !sections.some(({ slug }) => slug === profile.startPage);
  return (
    <FormDialog
      title="Edit your profile"
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
        autoComplete="name"
        maxLength={100}
        error={errors.displayName}
      />
      <SelectField
        {...form.field("language")}
        label={labels.language}
        options={[none("language"), ...languageOptions(profile.language)]}
        error={errors.language}
      />
      <SelectField
        {...form.field("timeZone")}
        label={labels.timeZone}
        options={[none("timeZone"), ...timeZoneOptions(profile.timeZone)]}
        error={errors.timeZone}
      />
      <SelectField
        {...form.field("startPage")}
        label={labels.startPage}
        options={[
          none("startPage"),
          ...sections.map(({ slug, title }) => ({ value: slug, title })),
          ...(isLost && profile.startPage !== null
            ? [
                {
                  value: profile.startPage,
                  title: valueInWords("startPage", profile.startPage, sections),
                },
              ]
            : []),
        ]}
        error={errors.startPage}
      />
      <SelectField
        {...form.field("colorScheme")}
        label={labels.colorScheme}
        options={[none("colorScheme"), ...colorSchemes]}
        error={errors.colorScheme}
      />
    </FormDialog>
  );
}
