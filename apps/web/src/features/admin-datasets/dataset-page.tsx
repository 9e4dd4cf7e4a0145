import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { Record } from "../../session/record.tsx";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Cards, Facts } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import classes from "./dataset-page.module.css";

type Dataset = ResponseBody<Contract["GET /datasets/:name"]>;

const back = { to: paths.adminDatasets(), title: "Datasets" };

/** What a dataset is, and what can be done with it as a whole. */
export function DatasetPage(): ReactNode {
  const client = useClient();
  const name = useParams()["name"] ?? "";
  const found = useQuery(apiQuery(client, "GET /datasets/:name", { params: { name } }));
  return (
    <Record what="dataset" back={back} result={found}>
      {(dataset) => <DatasetView dataset={dataset} />}
    </Record>
  );
}

const types: { readonly [Type in Dataset["columns"][number]["type"]]: string } = {
  text: "Text",
  integer: "Whole number",
  decimal: "Number",
  boolean: "Yes or no",
  date: "Date",
  timestamp: "Point in time",
};

function DatasetView({ dataset }: { readonly dataset: Dataset }): ReactNode {
  const mayWrite = useCan({ permission: "datasets:write" });
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHead
        title={dataset.title}
        back={back}
        actions={
          mayWrite && (
            <>
              <Button variant="default" onClick={() => setOpen("edit")}>
                Edit…
              </Button>
              <Button variant="default" onClick={() => setOpen("delete")}>
                Delete…
              </Button>
            </>
          )
        }
      />
      <Cards>
        <Card title="What it is">
          <Facts
            facts={[
              ["Name", <code key="name">{dataset.name}</code>],
              ["Rows", dataset.rowCount.toLocaleString()],
              ["Last changed", <Moment key="at" at={dataset.updatedAt} />],
              ["Source", dataset.attribution ?? "None given"],
            ]}
          />
        </Card>
        <Card title="Columns">
          <ScrollRegion label="Table of the columns">
            <table className={classes.columns}>
              <thead>
                <tr>
                  <th scope="col">Label</th>
                  <th scope="col">Name</th>
                  <th scope="col">Type</th>
                  <th scope="col">Unit</th>
                </tr>
              </thead>
              <tbody>
                {dataset.columns.map((column) => (
                  <tr key={column.name}>
                    <th scope="row">{column.label}</th>
                    <td>
                      <code>{column.name}</code>
                    </td>
                    <td>{types[column.type]}</td>
                    <td>{column.unit ?? ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </Card>
      </Cards>
      {open === "edit" && <EditDialog dataset={dataset} onClose={close} />}
      {open === "delete" && <DeleteDialog dataset={dataset} onClose={close} />}
    </>
  );
}

const fields = ["title", "attribution"] as const;

function EditDialog({
  dataset,
  onClose,
}: {
  readonly dataset: Dataset;
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const form = useFormValues({ title: dataset.title, attribution: dataset.attribution ?? "" });
  const change = useChange({
    call: (client, { title, attribution }: typeof form.values) =>
      client.call("PATCH /datasets/:name", {
        params: { name: dataset.name },
        body: { title, attribution: attribution.trim() || null },
      }),
    check: ({ title }) =>
      title.trim() === "" ? { fields: { title: "Enter a title." }, message: null } : null,
    words: { fields },
    onDone: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["GET /datasets/:name"] }),
        queryClient.invalidateQueries({ queryKey: ["GET /datasets"] }),
      ]);
      onClose();
      showToast("The dataset is changed.");
    },
  });
  return (
    <FormDialog
      title={`Edit “${dataset.title}”`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      failure={change.failure}
      onSubmit={() => change.run(form.values)}
      onClose={onClose}
    >
      <TextField
        {...form.field("title")}
        label="Title"
        data-autofocus
        maxLength={100}
        error={change.failure?.fields.title}
      />
      <TextField
        {...form.field("attribution")}
        label="Source"
        description="Where the rows come from; shown with what panels make of them."
        maxLength={500}
        error={change.failure?.fields.attribution}
      />
    </FormDialog>
  );
}

function DeleteDialog({
  dataset,
  onClose,
}: {
  readonly dataset: Dataset;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = useChange({
    call: (client) => client.call("DELETE /datasets/:name", { params: { name: dataset.name } }),
    onDone: async () => {
      await navigate(back.to, { replace: true });
      queryClient.removeQueries({ queryKey: ["GET /datasets/:name"] });
      showToast(`The dataset “${dataset.title}” is deleted.`);
      await queryClient.invalidateQueries({ queryKey: ["GET /datasets"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete “${dataset.title}”?`}
      confirmLabel="Delete the dataset"
      typed={dataset.name}
      pending={remove.pending}
      failure={remove.failure}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p>
        Its {dataset.rowCount.toLocaleString()} {dataset.rowCount === 1 ? "row goes" : "rows go"}{" "}
        with it, and cannot be brought back. It is refused while a panel reads them.
      </p>
    </ConfirmDialog>
  );
}
