import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { ConflictDialog } from "../ui/conflict-dialog.tsx";
import { DateField } from "../ui/date-field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { isolated } from "../ui/isolated.ts";
import { formatDateTime } from "../ui/times.ts";
import { showToast } from "../ui/toasts.tsx";
import { useFormValues } from "../ui/use-form-values.ts";
import { endOfDay, lastDayOf } from "./grant-end.ts";
import { grantsChanged } from "./grants-changed.ts";
import { everySection, readGrant, type Grant } from "./grants-of.ts";
import { useChange } from "./use-change.ts";
import { useVersionedChange } from "./use-versioned-change.ts";

const gone = "This grant is not there any more: it was taken, or it has ended.";

/** "Finance for Mike". */
const nameOf = ({ user, role, section, title }: Grant): string =>
  `${section === everySection ? "Every section" : isolated(title ?? section)} for ${isolated(user?.displayName ?? role?.name ?? "")}`;

const endInWords = (expiresAt: string | null): string =>
  expiresAt === null ? "No end" : formatDateTime(new Date(expiresAt));

export function ChangeEndDialog({
  grant,
  onClose,
}: {
  readonly grant: Grant;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues({ day: lastDayOf(grant.expiresAt) });
  const endOf = (day: string): string | null => (day === "" ? null : endOfDay(day, new Date()));
  const done = async (): Promise<void> => {
    await grantsChanged(queryClient);
    onClose();
  };
  const change = useVersionedChange({
    current: grant,
    read: async (client) => {
      const found = await readGrant(client, grant);
      if (!found) throw new Error(gone);
      return found;
    },
    call: (client, day: string, ifMatch) =>
      client.call("PATCH /grants/:grantId", {
        params: { grantId: grant.id },
        headers: { "if-match": ifMatch },
        body: { expiresAt: endOf(day) },
      }),
    check: (day) =>
      day !== "" && endOf(day) === null
        ? { fields: {}, message: "Choose a day from today on, or none for good." }
        : null,
    words: { codes: { not_found: gone } },
    onDone: async () => {
      await done();
      showToast("The end is saved.");
    },
  });
  const { conflict } = change;
  if (conflict) {
    const theirs = endInWords(conflict.theirs.expiresAt);
    const mine = endInWords(endOf(conflict.input));
    return (
      <ConflictDialog
        what={nameOf(grant)}
        differences={mine === theirs ? [] : [{ label: "End", mine, theirs }]}
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
      title={`End of ${nameOf(grant)}`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      isOutdated={change.isOutdated}
      failure={change.failure}
      onSubmit={() => change.run(form.values.day)}
      onClose={onClose}
    >
      <DateField
        label="Last day"
        value={form.values.day}
        onChange={(day) => form.set("day", day)}
      />
      <p>At the end of that day it is gone, for open pages too. Without a day it has no end.</p>
    </FormDialog>
  );
}

export function TakeGrantDialog({
  grant,
  onClose,
}: {
  readonly grant: Grant;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const take = useChange({
    call: (client) =>
      client.call("DELETE /grants/:grantId", {
        params: { grantId: grant.id },
        headers: { "if-match": grant.etag },
      }),
    words: { codes: { not_found: gone } },
    onDone: async () => {
      await grantsChanged(queryClient);
      onClose();
      showToast("The grant is taken.");
    },
    onFailed: () => void grantsChanged(queryClient),
  });
  const holder = grant.user?.displayName ?? grant.role?.name ?? "";
  return (
    <ConfirmDialog
      title={`Take ${nameOf(grant)}?`}
      confirmLabel="Take it"
      pending={take.pending}
      failure={take.failure}
      onConfirm={() => take.run()}
      onClose={onClose}
    >
      <p>
        {grant.role
          ? `Whoever has the role ${holder} and no other grant of it sees it no longer`
          : `Unless a role of theirs gives it too, ${holder} sees it no longer`}
        , on open pages neither.
      </p>
    </ConfirmDialog>
  );
}
