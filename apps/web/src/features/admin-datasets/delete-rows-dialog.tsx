import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useChange } from "../../session/use-change.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { formatCount } from "../../ui/reader.ts";

type Dataset = ResponseBody<Contract["GET /datasets/:name"]>;

const hints = {
  date: "For example 2026-01-31",
  timestamp: "For example 2026-01-31T09:30:00Z",
  integer: "A whole number",
  decimal: "A number",
  text: "A text, as it is sorted",
  boolean: "",
} as const satisfies Record<Dataset["columns"][number]["type"], string>;

const inWords = (count: number): string => `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;

/** The rows of a range: they are counted first, and deleted once that has been looked at. */
export function DeleteRowsDialog({
  dataset,
  columns,
  onClose,
}: {
  readonly dataset: Dataset;
  readonly columns: Dataset["columns"];
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const preferred = columns.find(({ type }) => type === "date" || type === "timestamp");
  const form = useFormValues({
    column: (preferred ?? columns[0])?.name ?? "",
    from: "",
    to: "",
  });
  const [counted, setCounted] = useState<number | null>(null);
  const column = columns.find(({ name }) => name === form.values.column);
  const queryOf = ({ column: name, from, to }: typeof form.values) => ({
    column: name,
    ...(from.trim() !== "" && { from: from.trim() }),
    ...(to.trim() !== "" && { to: to.trim() }),
  });
  const words = { fields: ["query/from", "query/to"] } as const;
  const count = useChange({
    call: (client, values: typeof form.values) =>
      client.call("DELETE /datasets/:name/rows", {
        params: { name: dataset.name },
        query: { ...queryOf(values), dryRun: "true" },
      }),
    check: ({ from, to }) =>
      from.trim() === "" && to.trim() === ""
        ? {
            fields: { "query/from": "Enter where it begins, where it ends, or both." },
            message: null,
          }
        : null,
    words,
    onDone: ({ deleted }) => setCounted(deleted),
  });
  const remove = useChange({
    call: (client, values: typeof form.values) =>
      client.call("DELETE /datasets/:name/rows", {
        params: { name: dataset.name },
        query: queryOf(values),
      }),
    onDone: async ({ deleted }) => {
      await Promise.all(
        ["GET /datasets", "GET /datasets/:name", "GET /datasets/:name/rows"].map((key) =>
          queryClient.invalidateQueries({ queryKey: [key] }),
        ),
      );
      onClose();
      showToast(`${inWords(deleted)} ${deleted === 1 ? "is" : "are"} deleted.`);
    },
  });
  if (counted !== null && counted > 0)
    return (
      <ConfirmDialog
        title={`Delete ${inWords(counted)} of “${isolated(dataset.title)}”?`}
        confirmLabel={`Delete ${inWords(counted)}`}
        pending={remove.pending}
        failure={remove.failure}
        onConfirm={() => remove.run(form.values)}
        onClose={() => setCounted(null)}
      >
        <p>
          It has {inWords(dataset.rowCount)}. What is deleted cannot be brought back, and panels
          show the rest at once. Rows without a value in <bdi>{column?.label}</bdi> stay.
        </p>
      </ConfirmDialog>
    );
  return (
    <FormDialog
      title={`Delete rows of “${isolated(dataset.title)}”`}
      submitLabel="Count them"
      isChanged={false}
      pending={count.pending}
      failure={
        counted === 0 && count.failure === null
          ? { message: "No row is in this range." }
          : count.failure
      }
      onSubmit={() => {
        setCounted(null);
        count.run(form.values);
      }}
      onClose={onClose}
    >
      <SelectField
        {...form.field("column")}
        label="By the column"
        options={columns.map(({ name, label }) => ({ value: name, title: isolated(label) }))}
      />
      <TextField
        {...form.field("from")}
        label="From"
        description={`${column ? hints[column.type] : ""}. Empty for the first there is.`}
        data-autofocus
        error={count.failure?.fields["query/from"]}
      />
      <TextField
        {...form.field("to")}
        label="Up to, and without"
        description="Empty for the last there is."
        error={count.failure?.fields["query/to"]}
      />
    </FormDialog>
  );
}
