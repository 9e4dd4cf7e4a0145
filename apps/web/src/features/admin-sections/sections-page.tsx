import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { Link, useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useListAddress } from "../../session/list-address.ts";
import { listOf } from "../../session/list-of.ts";
import { useChange } from "../../session/use-change.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import type { TableColumn } from "../../ui/data-table.tsx";
import { isolated } from "../../ui/isolated.ts";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { ListView } from "../../ui/list-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { SectionFromFile } from "./section-from-file.tsx";
import { useDatasets } from "./use-datasets.ts";

type Section = ResponseBody<Contract["GET /sections"]>["items"][number];

const columnsFor = (mayWrite: boolean, mayReadGrants: boolean): readonly TableColumn<Section>[] => [
  {
    id: "title",
    title: "Title",
    isRowHeader: true,
    sort: "title",
    cell: ({ slug, title }) =>
      mayWrite ? <RowLink to={paths.adminSectionEdit(slug)}>{title}</RowLink> : title,
  },
  { id: "slug", title: "Slug", sort: "slug", cell: ({ slug }) => <code>{slug}</code> },
  {
    id: "visibility",
    title: "Who may see it",
    cell: ({ slug, visibility }) => {
      const who = visibility === "public" ? "Everybody" : "By grant";
      return mayReadGrants ? <RowLink to={paths.adminSectionAccess(slug)}>{who}</RowLink> : who;
    },
  },
  { id: "panels", title: "Panels", align: "end", cell: ({ panelCount }) => panelCount ?? "" },
  { id: "grants", title: "Grants", align: "end", cell: ({ grantCount }) => grantCount ?? "" },
  {
    id: "updated",
    title: "Changed",
    sort: "updatedAt",
    cell: ({ updatedAt }) => updatedAt !== undefined && <Moment at={updatedAt} />,
  },
  ...(mayReadGrants
    ? [
        {
          id: "displays",
          title: "Screens",
          cell: ({ slug }: Section) => (
            <RowLink to={paths.adminDisplays({ section: slug })}>Display links</RowLink>
          ),
        },
      ]
    : []),
];

/** Which sections there are, who may see them, and how they are doing. */
export function SectionsPage(): ReactNode {
  const client = useClient();
  const mayWrite = useCan({ permission: "sections:write" });
  const mayReadGrants = useCan({ permission: "grants:read" });
  const [isNew, setNew] = useState<"empty" | "file" | null>(null);
  const address = useListAddress({
    sorts: ["position", "title", "slug", "updatedAt"],
    filters: { visibility: ["restricted", "public"] },
  });
  const { q, sort, cursor } = address;
  const { visibility } = address.filters;
  const found = useQuery({
    ...apiQuery(client, "GET /sections", {
      query: {
        scope: "all",
        limit: 50,
        sort,
        ...(q !== "" && { q }),
        ...(visibility !== undefined && { visibility }),
        ...(cursor !== undefined && { cursor }),
      },
    }),
    placeholderData: keepPreviousData,
  });
  // With fewer there is no order; of a list that is narrowed nobody knows how many there are.
  const hasOrder =
    address.isNarrowed || found.isPlaceholderData || !found.data || (found.data.total ?? 2) > 1;
  const create = mayWrite && (
    <>
      <Button onClick={() => setNew("empty")}>New section…</Button>{" "}
      <Button variant="default" onClick={() => setNew("file")}>
        From a file…
      </Button>
    </>
  );
  return (
    <>
      <PageHead
        title="Sections"
        lead="Pages of the dashboard, each with its panels. Grants say who may see them."
        actions={
          <>
            {create}
            {hasOrder && (
              <Link to={paths.adminSectionOrder()} {...buttonLook({ variant: "default" })}>
                {mayWrite ? "Change the order" : "Their order"}
              </Link>
            )}
          </>
        }
      />
      <ListView
        words={["section", "sections"]}
        address={address}
        list={listOf(found)}
        columns={columnsFor(mayWrite, mayReadGrants)}
        idOf={({ id }) => id}
        searchLabel="Search by title or slug"
        filters={
          <SelectField
            compact
            label="Who may see it"
            value={visibility ?? ""}
            options={[
              { value: "", title: "All" },
              { value: "restricted", title: "By grant" },
              { value: "public", title: "Everybody" },
            ]}
            onChange={(event) =>
              address.filter("visibility", event.currentTarget.value || undefined)
            }
          />
        }
        empty={<p>There are no sections yet.</p>}
      />
      {isNew === "empty" && <NewSectionDialog onClose={() => setNew(null)} />}
      {isNew === "file" && <SectionFromFile onClose={() => setNew(null)} />}
    </>
  );
}

function NewSectionDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const datasets = useDatasets();
  const form = useFormValues({ title: "", slug: "", dataset: "" });
  const create = useChange({
    call: (client, { title, slug, dataset }: typeof form.values) =>
      client.call("POST /sections", {
        body: {
          title: title.trim(),
          ...(slug.trim() !== "" && { slug: slug.trim() }),
          ...(dataset !== "" && { dataset }),
        },
      }),
    check: ({ title }) =>
      title.trim() === "" ? { fields: { title: "Enter a title." }, message: null } : null,
    words: {
      fields: ["title", "slug", "dataset"],
      codes: {
        section_slug_taken: { field: "slug", text: "Another section has this slug already." },
      },
    },
    onDone: async ({ slug }) => {
      // Before the page is left: a form that is open is one that is not saved.
      flushSync(onClose);
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
      await navigate(paths.adminSectionEdit(slug));
    },
  });
  return (
    <FormDialog
      title="New section"
      submitLabel="Create it"
      isChanged={form.isChanged}
      pending={create.pending}
      failure={create.failure}
      onSubmit={() => create.run(form.values)}
      onClose={onClose}
    >
      <TextField
        {...form.field("title")}
        label="Title"
        data-autofocus
        maxLength={100}
        error={create.failure?.fields.title}
      />
      <TextField
        {...form.field("slug")}
        label="Slug"
        description="What its address ends with. Made from the title where you leave it empty."
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        error={create.failure?.fields.slug}
      />
      {datasets !== null && datasets.length > 0 && (
        <SelectField
          {...form.field("dataset")}
          label="Begin with"
          options={[
            { value: "", title: "No panels" },
            ...datasets.map(({ name, title }) => ({
              value: name,
              title: `Panels of ${isolated(title)}`,
            })),
          ]}
          error={create.failure?.fields.dataset}
        />
      )}
    </FormDialog>
  );
}
