import { useQueryClient } from "@tanstack/react-query";
import { IconChevronDown } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useChange } from "../../session/use-change.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";
import { Popover, PopoverItem } from "../../ui/popover.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import classes from "./editor.module.css";
import type { OpenedSection } from "./opened-section.ts";

interface DialogProps {
  readonly opened: OpenedSection;
  readonly onClose: () => void;
}

/** What can be done with a section as a whole: with what is saved of it, and nothing else. */
export function SectionActions({
  opened,
  isChanged,
  onDownload,
}: {
  readonly opened: OpenedSection;
  /** Hands out what is on the screen, saved or not. */
  readonly onDownload: () => void;
  readonly isChanged: boolean;
}): ReactNode {
  const [open, setOpen] = useState<"slug" | "duplicate" | "delete" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Popover
        label="More about the section"
        button={
          <>
            More <IconChevronDown size={15} aria-hidden="true" />
          </>
        }
        buttonClassName={classes.add}
      >
        <PopoverItem onClick={onDownload}>Download as a file</PopoverItem>
        <PopoverItem disabled={isChanged} onClick={() => setOpen("slug")}>
          Change its slug…
        </PopoverItem>
        <PopoverItem disabled={isChanged} onClick={() => setOpen("duplicate")}>
          Duplicate it…
        </PopoverItem>
        <PopoverItem disabled={isChanged} onClick={() => setOpen("delete")}>
          Delete it…
        </PopoverItem>
        {isChanged && (
          <p className={classes.note}>
            For all but the file, save first, or undo what you have changed.
          </p>
        )}
      </Popover>
      {open === "slug" && <SlugDialog opened={opened} onClose={close} />}
      {open === "duplicate" && <DuplicateDialog opened={opened} onClose={close} />}
      {open === "delete" && <DeleteDialog opened={opened} onClose={close} />}
    </>
  );
}

const slugTaken = {
  field: "slug",
  text: "Another section has this slug already.",
} as const;

function SlugDialog({ opened: { definition, etag }, onClose }: DialogProps): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useFormValues({ slug: definition.slug });
  const change = useChange({
    call: (client, slug: string) =>
      client.call("PATCH /sections/:slug", {
        params: { slug: definition.slug },
        headers: { "if-match": etag },
        body: { slug: slug.trim() },
      }),
    words: { fields: ["slug"], codes: { section_slug_taken: slugTaken } },
    onDone: async ({ slug }) => {
      // Before it is left: a form that is open is one that is not saved.
      flushSync(onClose);
      await navigate(paths.adminSectionEdit(slug), { replace: true });
      showToast("The section has its new address.");
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
    },
  });
  return (
    <FormDialog
      title={`Slug of “${isolated(definition.title)}”`}
      submitLabel="Change it"
      isChanged={form.isChanged}
      pending={change.pending}
      failure={change.failure}
      onSubmit={() => change.run(form.values.slug)}
      onClose={onClose}
    >
      <TextField
        {...form.field("slug")}
        label="Slug"
        description="What its address ends with. Links with the one of before lead to it, until another section takes that."
        data-autofocus
        maxLength={64}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={change.failure?.fields.slug}
      />
    </FormDialog>
  );
}

function DuplicateDialog({ opened: { definition }, onClose }: DialogProps): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useFormValues({ title: `${definition.title} (copy)`.slice(0, 100), slug: "" });
  const duplicate = useChange({
    call: (client, { title, slug }: typeof form.values) =>
      client.call("POST /sections/:slug/duplicate", {
        params: { slug: definition.slug },
        body: { title: title.trim(), ...(slug.trim() !== "" && { slug: slug.trim() }) },
      }),
    check: ({ title }) =>
      title.trim() === "" ? { fields: { title: "Enter a title." }, message: null } : null,
    words: { fields: ["title", "slug"], codes: { section_slug_taken: slugTaken } },
    onDone: async ({ slug, title }) => {
      // Before it is left: a form that is open is one that is not saved.
      flushSync(onClose);
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
      await navigate(paths.adminSectionEdit(slug));
      showToast(`“${isolated(title)}” is there, granted to nobody yet.`);
    },
  });
  return (
    <FormDialog
      title={`Duplicate “${isolated(definition.title)}”`}
      submitLabel="Duplicate it"
      isChanged={form.isChanged}
      pending={duplicate.pending}
      failure={duplicate.failure}
      onSubmit={() => duplicate.run(form.values)}
      onClose={onClose}
    >
      <TextField
        {...form.field("title")}
        label="Title of the copy"
        data-autofocus
        maxLength={100}
        error={duplicate.failure?.fields.title}
      />
      <TextField
        {...form.field("slug")}
        label="Slug"
        description="Made from the title where you leave it empty."
        maxLength={64}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={duplicate.failure?.fields.slug}
      />
    </FormDialog>
  );
}

function DeleteDialog({ opened: { definition, etag }, onClose }: DialogProps): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { slug, title, panels } = definition;
  const remove = useChange({
    call: (client) =>
      client.call("DELETE /sections/:slug", { params: { slug }, headers: { "if-match": etag } }),
    onDone: async () => {
      // Before it is left: a form that is open is one that is not saved.
      flushSync(onClose);
      await navigate(paths.adminSections(), { replace: true });
      showToast(`The section “${isolated(title)}” is deleted.`);
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete “${isolated(title)}”?`}
      confirmLabel="Delete the section"
      typed={slug}
      pending={remove.pending}
      failure={remove.failure}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p>
        {panels.length === 0
          ? "The grants to it go with it."
          : `Its ${panels.length === 1 ? "panel goes" : `${panels.length} panels go`} with it, and the grants to it.`}{" "}
        The datasets stay. It cannot be brought back.
      </p>
    </ConfirmDialog>
  );
}
