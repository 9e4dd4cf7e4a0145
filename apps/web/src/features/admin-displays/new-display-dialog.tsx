import { useSession } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { Failure } from "../../session/failures.ts";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { OneTimeLink } from "../../ui/one-time-link.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";

const fields = ["name", "section", "expiresAt"] as const;
type Field = (typeof fields)[number];

interface Values {
  readonly name: string;
  readonly section: string;
  /** The last day, as the browser lets one choose it. */
  readonly day: string;
}

const pad = (part: number): string => String(part).padStart(2, "0");
/** The day of this place in so many days. */
const dayIn = (days: number): string => {
  const time = new Date();
  time.setDate(time.getDate() + days);
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
};

/** The midnight of this place that ends the day; null for what is no day. */
const endOf = (day: string): string | null => {
  const end = new Date(`${day}T00:00`);
  end.setDate(end.getDate() + 1);
  return Number.isNaN(end.getTime()) ? null : end.toISOString().replace(/\.\d+Z$/, "Z");
};

const checkValues = ({ name, section, day }: Values): Failure<Field> | null => {
  const wrong: Partial<Record<Field, string>> = {
    ...(name.trim() === "" && { name: "Say where the screen hangs." }),
    ...(section === "" && { section: "Choose a section." }),
    ...(endOf(day) === null && { expiresAt: "Choose a day." }),
  };
  return Object.keys(wrong).length === 0 ? null : { fields: wrong, message: null };
};

/** Makes a link for a wall screen, and shows it once. */
export function NewDisplayDialog({
  section,
  onClose,
}: {
  readonly section: string | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const session = useSession();
  const queryClient = useQueryClient();
  const [made, setMade] = useState<{ readonly name: string; readonly link: string } | null>(null);
  const form = useFormValues<Values>({ name: "", section: section ?? "", day: dayIn(90) });
  const add = useChange({
    call: (client, { name, section: slug, day }: Values) =>
      client.call("POST /display-links", {
        body: { name: name.trim(), section: slug, expiresAt: endOf(day) ?? "" },
      }),
    check: checkValues,
    words: { fields },
    onDone: async (link) => {
      await queryClient.invalidateQueries({ queryKey: ["GET /display-links"] });
      setMade(link);
    },
  });
  if (made)
    return (
      <Dialog title={`The display link ${isolated(made.name)}`} wide onClose={onClose}>
        <p>
          Open this link on the screen: it shows the section full-screen, and renews itself. Whoever
          has the link sees the section, so hand it to nobody else. It is not shown again.
        </p>
        <OneTimeLink label="Display link" link={made.link} />
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </Dialog>
    );
  const errors = add.failure?.fields ?? {};
  // One that is asked for by its address is offered also where this person sees it by no grant.
  const own = session?.sections ?? [];
  const choices = own.some(({ slug }) => slug === section) || section === undefined;
  return (
    <FormDialog
      title="New display link"
      submitLabel="Make the link"
      isChanged={form.isChanged}
      pending={add.pending}
      failure={add.failure}
      onSubmit={() => add.run(form.values)}
      onClose={onClose}
    >
      <TextField
        data-autofocus
        label="Where the screen hangs"
        autoComplete="off"
        maxLength={64}
        value={form.values.name}
        error={errors.name}
        onChange={(event) => form.set("name", event.currentTarget.value)}
      />
      <SelectField
        label="Section"
        value={form.values.section}
        error={errors.section}
        options={[
          { value: "", title: "Choose…" },
          ...(choices ? [] : [{ value: section, title: section }]),
          ...own.map(({ slug, title }) => ({ value: slug, title })),
        ]}
        onChange={(event) => form.set("section", event.currentTarget.value)}
      />
      <TextField
        type="date"
        label="Last day"
        description="At the end of that day the screen goes dark. Within a year."
        min={dayIn(0)}
        max={dayIn(364)}
        value={form.values.day}
        error={errors.expiresAt}
        onChange={(event) => form.set("day", event.currentTarget.value)}
      />
    </FormDialog>
  );
}
