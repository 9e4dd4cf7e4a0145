import { useState, type ReactNode } from "react";
import type { Failure } from "../../session/failures.ts";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { TextField } from "../../ui/text-field.tsx";

const pad = (part: number): string => String(part).padStart(2, "0");
const today = (): string => {
  const now = new Date();
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
};

/** The midnight of this place that ends the day. */
const endOf = (day: string): Date | null => {
  const end = new Date(`${day}T00:00`);
  end.setDate(end.getDate() + 1);
  return Number.isNaN(end.getTime()) ? null : end;
};

/** Grants what is asked for until the end of a day. */
export function UntilDialog({
  request: { user, title },
  pending,
  failure,
  onGrant,
  onClose,
}: {
  readonly request: { readonly user: { readonly displayName: string }; readonly title: string };
  readonly pending: boolean;
  readonly failure: Failure<"expiresAt"> | null;
  readonly onGrant: (end: Date) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [day, setDay] = useState("");
  const [missing, setMissing] = useState(false);
  const submit = (): void => {
    const end = endOf(day);
    setMissing(end === null);
    if (end !== null) onGrant(end);
  };
  return (
    <FormDialog
      title={`Grant ${isolated(title)} until a day`}
      submitLabel="Grant"
      isChanged={day !== ""}
      pending={pending}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        <bdi>{user.displayName}</bdi> may see it until the end of that day. Then it is gone by
        itself, for open pages too.
      </p>
      <TextField
        data-autofocus
        type="date"
        label="Last day"
        min={today()}
        max="9999-12-30"
        value={day}
        error={missing ? "Choose a day." : failure?.fields.expiresAt}
        onChange={(event) => setDay(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
