import { useState, type ReactNode } from "react";
import { Card } from "../../ui/card.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useFormValues } from "../../ui/use-form-values.ts";
import { datasetNameOf, titleOf } from "./rows-file.ts";
import type { NewImport } from "./use-import.ts";
import classes from "./import-page.module.css";
import { formatCount } from "../../ui/reader.ts";

type Mode = NewImport["mode"];

/** What the rows are for: a dataset of its own, or one that there is. */
export const useTarget = (file: File, into: string | null) => {
  const title = titleOf(file.name);
  const form = useFormValues({
    title,
    name: into ?? datasetNameOf(title),
    attribution: "",
  });
  const [mode, setMode] = useState<Mode>(into === null ? "create" : "append");
  const [errors, setErrors] = useState<{ title?: string; name?: string }>({});
  return {
    ...form,
    mode,
    setMode,
    errors,
    check: (): boolean => {
      const found = {
        ...(mode === "create" && form.values.title.trim() === "" && { title: "Enter a title." }),
        ...(mode === "create" &&
          !/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/.test(form.values.name.trim()) && {
            name: "Lower-case letters and digits, with single hyphens between them.",
          }),
      };
      setErrors(found);
      return Object.keys(found).length === 0;
    },
  };
};

const modes = [
  {
    mode: "append",
    title: "Add the rows",
    words: "to those that it has. Its columns stay as they are.",
  },
  {
    mode: "replace",
    title: "Replace all rows",
    words:
      "by those of the file, in one moment. Columns may be others then, as long as every panel fits them that reads the dataset.",
  },
] as const;

export function TargetForm({
  target,
  existing,
}: {
  readonly target: ReturnType<typeof useTarget>;
  readonly existing: { readonly title: string; readonly rowCount: number } | null;
}): ReactNode {
  if (existing !== null)
    return (
      <Card title="What becomes of them">
        <p>
          The dataset “<bdi>{existing.title}</bdi>” has {formatCount(existing.rowCount)}{" "}
          {existing.rowCount === 1 ? "row" : "rows"}.
        </p>
        <fieldset className={classes.modes}>
          <legend className={classes.legend}>The rows of the file</legend>
          {modes.map(({ mode, title, words }) => (
            <label key={mode} className={classes.mode}>
              <input
                type="radio"
                name="mode"
                checked={target.mode === mode}
                onChange={() => target.setMode(mode)}
              />
              <span>
                <strong>{title}</strong> {words}
              </span>
            </label>
          ))}
        </fieldset>
      </Card>
    );
  return (
    <Card title="The new dataset">
      <div className={classes.fields}>
        <TextField
          {...target.field("title")}
          label="Title"
          maxLength={100}
          error={target.errors.title}
        />
        <TextField
          {...target.field("name")}
          label="Name in queries"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          error={target.errors.name}
        />
        <TextField
          {...target.field("attribution")}
          label="Source, if there is one"
          maxLength={500}
        />
      </div>
    </Card>
  );
}
