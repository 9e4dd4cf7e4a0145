import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { RecordPage } from "../../session/record-page.tsx";
import { readTagged, taggedQuery, type Tagged } from "../../session/tagged-query.ts";
import { useChange } from "../../session/use-change.ts";
import { useVersionedChange } from "../../session/use-versioned-change.ts";
import { formatBytes } from "../../ui/byte-size.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Card, Cards, Facts } from "../../ui/card.tsx";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { typeTitles } from "./column-types.ts";
import { DeleteRowsDialog } from "./delete-rows-dialog.tsx";
import classes from "./dataset-page.module.css";
import { formatCount } from "../../ui/reader.ts";

type Dataset = Tagged<ResponseBody<Contract["GET /datasets/:name"]>>;

const back = { to: paths.adminDatasets(), title: "Datasets" };

/** What a dataset is, and what can be done with it as a whole. */
export function DatasetPage(): ReactNode {
  const client = useClient();
  const name = useParams()["name"] ?? "";
  const found = useQuery(taggedQuery(client, "GET /datasets/:name", { params: { name } }));
  return (
    <RecordPage what="dataset" back={back} result={found}>
      {(dataset) => <DatasetView dataset={dataset} />}
    </RecordPage>
  );
}

function DatasetView({ dataset }: { readonly dataset: Dataset }): ReactNode {
  const mayWrite = useCan({ permission: "datasets:write" });
  const [open, setOpen] = useState<"edit" | "rows" | "delete" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHead
        title={dataset.title}
        back={back}
        actions={
          mayWrite && (
            <>
              <Link to={paths.adminImport({ dataset: dataset.name })} {...buttonLook()}>
                Import rows
              </Link>
              <Button variant="default" onClick={() => setOpen("edit")}>
                Edit…
              </Button>
              {dataset.rowCount > 0 && ranged(dataset).length > 0 && (
                <Button variant="default" onClick={() => setOpen("rows")}>
                  Delete rows…
                </Button>
              )}
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
              ["Rows", formatCount(dataset.rowCount)],
              ["Size", `About ${formatBytes(dataset.bytes)}`],
              ["Last changed", <Moment key="at" at={dataset.updatedAt} />],
              ["Source", dataset.attribution ?? "None given"],
            ]}
          />
        </Card>
        <Readers name={dataset.name} />
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
                    <td>{typeTitles[column.type]}</td>
                    <td>{column.unit ?? ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </Card>
      </Cards>
      {open === "edit" && <EditDialog dataset={dataset} onClose={close} />}
      {open === "rows" && (
        <DeleteRowsDialog dataset={dataset} columns={ranged(dataset)} onClose={close} />
      )}
      {open === "delete" && <DeleteDialog dataset={dataset} onClose={close} />}
    </>
  );
}

/** Columns that have an order. */
const ranged = ({ columns }: Dataset): Dataset["columns"] =>
  columns.filter(({ type }) => type !== "boolean");

/** Which panels read it: as long as there are any, it cannot be deleted. */
function Readers({ name }: { readonly name: string }): ReactNode {
  const client = useClient();
  const mayMakeSections = useCan({ permission: "sections:write" });
  const { data } = useQuery(apiQuery(client, "GET /datasets/:name/readers", { params: { name } }));
  if (data === undefined) return null;
  return (
    <Card title="Who reads it">
      {!data.isComplete && <p>Panels of sections that you may not know of read it, too.</p>}
      {data.items.length === 0 ? (
        data.isComplete && (
          <p>
            No panel reads it.
            {mayMakeSections && (
              <>
                {" "}
                Panels are added to <Link to={paths.adminSections()}>sections</Link>.
              </>
            )}
          </p>
        )
      ) : (
        <ul className={classes.readers}>
          {data.items.map(({ slug, title, panels }) => (
            <li key={slug}>
              <RowLink to={paths.section(slug)}>{title}</RowLink>:{" "}
              {panels.map((panel, index) => (
                <Fragment key={panel.id}>
                  {index > 0 && ", "}
                  <bdi>{panel.title}</bdi>
                </Fragment>
              ))}
            </li>
          ))}
        </ul>
      )}
    </Card>
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
  const done = async (): Promise<void> => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ["GET /datasets/:name"] }),
      queryClient.invalidateQueries({ queryKey: ["GET /datasets"] }),
    ]);
    onClose();
  };
  const params = { name: dataset.name };
  const change = useVersionedChange({
    current: dataset,
    read: (client) => readTagged(client, "GET /datasets/:name", { params }),
    call: (client, { title, attribution }: typeof form.values, ifMatch) =>
      client.call("PATCH /datasets/:name", {
        params,
        headers: { "if-match": ifMatch },
        body: { title, attribution: attribution.trim() || null },
      }),
    check: ({ title }) =>
      title.trim() === "" ? { fields: { title: "Enter a title." }, message: null } : null,
    words: { fields },
    onDone: async () => {
      await done();
      showToast("The dataset is changed.");
    },
  });
  const { conflict } = change;
  if (conflict) {
    const { theirs, input } = conflict;
    const rows = [
      { label: "Title", mine: input.title, theirs: theirs.title },
      { label: "Source", mine: input.attribution, theirs: theirs.attribution ?? "" },
    ];
    return (
      <ConflictDialog
        what={dataset.title}
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
      title={`Edit “${isolated(dataset.title)}”`}
      submitLabel="Save"
      isChanged={form.isChanged}
      pending={change.pending}
      isOutdated={change.isOutdated}
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
    call: (client) =>
      client.call("DELETE /datasets/:name", {
        params: { name: dataset.name },
        headers: { "if-match": dataset.etag },
      }),
    onDone: async () => {
      await navigate(back.to, { replace: true });
      queryClient.removeQueries({ queryKey: ["GET /datasets/:name"] });
      showToast(`The dataset “${isolated(dataset.title)}” is deleted.`);
      await queryClient.invalidateQueries({ queryKey: ["GET /datasets"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete “${isolated(dataset.title)}”?`}
      confirmLabel="Delete the dataset"
      typed={dataset.name}
      pending={remove.pending}
      failure={remove.failure}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p>
        Its {formatCount(dataset.rowCount)} {dataset.rowCount === 1 ? "row goes" : "rows go"} with
        it, and cannot be brought back. It is refused while a panel reads them.
      </p>
    </ConfirmDialog>
  );
}
