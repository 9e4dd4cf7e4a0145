import { ApiError } from "@sallyport/shared/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { FileDrop } from "../../ui/file-drop.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { faultOf, placeOf, type PlaceInFile } from "./edit/places-in-file.ts";
import classes from "./editor.module.css";
import { PublicQuestion } from "./public-question.tsx";

interface SectionFile {
  readonly name: string;
  readonly text: string;
  readonly definition: Readonly<Record<string, unknown>>;
}
interface Trouble {
  readonly pointer?: string;
  readonly detail: string;
  readonly place: PlaceInFile | null;
}

/** As the server takes them. */
const mostBytes = 512 * 1024;

const readSectionFile = async (file: File): Promise<SectionFile | Trouble> => {
  if (file.size > mostBytes)
    return { detail: "It is too large for a section: at most 512 KiB.", place: null };
  const text = await file.text();
  try {
    const definition: unknown = JSON.parse(text);
    return typeof definition === "object" && definition !== null && !Array.isArray(definition)
      ? { name: file.name, text, definition: definition as Record<string, unknown> }
      : { detail: "It is no section: a section is one object.", place: null };
  } catch (error) {
    return { detail: "This is no JSON.", place: faultOf(text, error as Error) };
  }
};

/** A section from a file, as `docs/sections.md` describes it. */
export function SectionFromFile({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [file, setFile] = useState<SectionFile | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const read = async (chosen: File): Promise<void> => {
    const found = await readSectionFile(chosen);
    const isTrouble = "detail" in found;
    setTrouble(isTrouble ? found : null);
    setFile(isTrouble ? null : found);
  };
  if (file !== null)
    return <FileForm file={file} onAnother={() => setFile(null)} onClose={onClose} />;
  return (
    <FormDialog
      wide
      title="A section from a file"
      submitLabel="Create it"
      isChanged={false}
      pending={false}
      failure={null}
      onSubmit={() => setTrouble({ detail: "Choose a file first.", place: null })}
      onClose={onClose}
    >
      <FileDrop
        label="Choose a file…"
        accept=".json,application/json"
        onFile={(chosen) => void read(chosen)}
      >
        A section as one JSON file, as an editor's “Download as a file” or the tool gives it. Or
        drop it here.
      </FileDrop>
      <div role="alert">
        {trouble && (
          <Callout tone="danger">
            <Excerpt {...trouble} />
          </Callout>
        )}
      </div>
    </FormDialog>
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function FileForm({
  file: { name, text, definition },
  onAnother,
  onClose,
}: {
  readonly file: SectionFile;
  readonly onAnother: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [troubles, setTroubles] = useState<readonly Trouble[]>([]);
  const [isAsking, setAsking] = useState(false);
  const form = useFormValues({ slug: textOf(definition["slug"]) });
  const create = useChange({
    call: (client, slug: string) =>
      client.call("PUT /sections/:slug/definition", {
        params: { slug },
        headers: { "if-none-match": "*" },
        // The server says what does not fit, and where.
        body: { ...definition, slug } as never,
      }),
    check: (slug) => (slug === "" ? { fields: { slug: "Enter a slug." }, message: null } : null),
    words: {
      fields: ["slug"],
      codes: {
        precondition_failed: {
          field: "slug",
          text: "Another section has this slug already. Give this one another.",
        },
      },
    },
    onDone: async ({ slug }) => {
      // Before the page is left: a form that is open is one that is not saved.
      flushSync(onClose);
      await queryClient.invalidateQueries({ queryKey: ["GET /sections"] });
      await navigate(paths.adminSectionEdit(slug));
    },
    onFailed: (error) => {
      setAsking(false);
      const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
      setTroubles(
        errors.flatMap(({ pointer, detail }) =>
          pointer.startsWith("/params") || pointer === "/slug"
            ? []
            : [{ pointer, detail, place: placeOf(text, pointer) }],
        ),
      );
    },
  });
  const slug = form.values.slug.trim();
  if (isAsking)
    return (
      <PublicQuestion
        title={textOf(definition["title"])}
        pending={create.pending}
        failure={create.failure}
        onConfirm={() => create.run(slug)}
        onClose={() => setAsking(false)}
      />
    );
  return (
    <FormDialog
      wide
      title="A section from a file"
      submitLabel="Create it"
      isChanged={false}
      pending={create.pending}
      failure={troubles.length > 0 ? null : create.failure}
      onSubmit={() => {
        if (definition["visibility"] === "public") setAsking(true);
        else create.run(slug);
      }}
      onClose={onClose}
    >
      <p>
        <bdi>{name}</bdi>{" "}
        <Button size="xs" variant="default" onClick={onAnother}>
          Choose another file
        </Button>
      </p>
      <TextField
        {...form.field("slug")}
        label="Slug"
        description="What its address ends with."
        data-autofocus
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        error={create.failure?.fields.slug}
      />
      <div role="alert">
        {troubles.length > 0 && (
          <Callout tone="danger" title="Nothing was saved: the file does not fit">
            <ul className={classes.excerpts}>
              {troubles.map((trouble) => (
                <li key={`${trouble.pointer} ${trouble.detail}`}>
                  <Excerpt {...trouble} />
                </li>
              ))}
            </ul>
          </Callout>
        )}
      </div>
    </FormDialog>
  );
}

/** What is wrong, and the lines of the file that it is about. */
const Excerpt = ({ detail, place }: Trouble): ReactNode => (
  <>
    <p>
      {place !== null && <strong>Line {place.line}: </strong>}
      <bdi>{detail}</bdi>
    </p>
    {place !== null && (
      <pre className={classes.excerpt}>
        {place.lines.map(({ number, text }) => (
          <span key={number} data-meant={number === place.line}>
            <span className={classes.lineNumber}>{number}</span>
            <bdi>{text}</bdi>
            {"\n"}
          </span>
        ))}
      </pre>
    )}
  </>
);
