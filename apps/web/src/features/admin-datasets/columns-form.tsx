import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { useId, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { isolated } from "../../ui/isolated.ts";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { columnTypes, typeTitles, type ColumnType } from "./column-types.ts";
import type { NewImport } from "./use-import.ts";
import classes from "./import-page.module.css";
import { formatCount } from "../../ui/reader.ts";

type Detection = ResponseBody<Contract["POST /dataset-detections"]>;
type Dataset = ResponseBody<Contract["GET /datasets/:name"]>;
type Column = NonNullable<NewImport["columns"]>[number];

interface ColumnEdit {
  readonly name?: string;
  readonly label?: string;
  readonly type?: ColumnType;
  readonly unit?: string;
}
/**
 * What has been corrected, by what the file calls the column; where rows are added, by the
 * dataset's column: what the file calls it.
 */
export type ColumnEdits = Readonly<Record<string, ColumnEdit>>;

const sourceOf = ({ name, source }: Detection["columns"][number]): string => source ?? name;

/** Which column of the file a column of the dataset is filled from. */
const filledFrom = (name: string, detection: Detection, edits: ColumnEdits): string | undefined => {
  const chosen = edits[`into:${name}`]?.name;
  if (chosen !== undefined) return chosen === "" ? undefined : chosen;
  return detection.columns.map(sourceOf).find((source) => source === name);
};

/** Do the columns of the file stand in the dataset's order, since nothing names them? */
const isByPlace = ({ format, header }: Detection): boolean =>
  format === "csv" && header !== "names";

/** Where rows are replaced, a column of a name that is known is taken for that one. */
const asKnown = (
  column: Detection["columns"][number],
  existing: Dataset | null,
): Detection["columns"][number] => {
  const known = existing?.columns.find(({ name }) => name === column.name);
  return known === undefined ? column : { ...known, source: sourceOf(column) };
};

const asEdited = (column: Detection["columns"][number], edit: ColumnEdit = {}): Column => {
  const { source, format, ...rest } = column;
  const type = edit.type ?? column.type;
  const unit = (edit.unit ?? column.unit ?? "").trim();
  const { unit: _, ...without } = rest;
  return {
    ...without,
    name: edit.name?.trim() || column.name,
    label: edit.label?.trim() || column.label,
    type,
    ...(unit !== "" && { unit }),
    // What was detected of another type says nothing of this one.
    ...(format && type === column.type && { format }),
    source: source ?? column.name,
  };
};

/** The columns as an import names them. */
export const importedColumnsOf = (
  detection: Detection,
  edits: ColumnEdits,
  mode: NewImport["mode"],
  existing: Dataset | null,
): Column[] =>
  mode === "append" && existing !== null
    ? existing.columns.map((column) => {
        const source = filledFrom(column.name, detection, edits);
        return { ...column, ...(source !== undefined && { source }) };
      })
    : detection.columns.map((column) =>
        asEdited(asKnown(column, existing), edits[sourceOf(column)]),
      );

const shownValues = 3;

/** What is found in a file, and what it is to be in the dataset. */
export function ColumnsForm({
  detection,
  edits,
  mode,
  existing,
  onChange,
}: {
  readonly detection: Detection;
  readonly edits: ColumnEdits;
  readonly mode: NewImport["mode"];
  readonly existing: Dataset | null;
  readonly onChange: (edits: ColumnEdits) => void;
}): ReactNode {
  const edit = (key: string, change: ColumnEdit): void =>
    onChange({ ...edits, [key]: { ...edits[key], ...change } });
  const valuesOf = (source: string | undefined): readonly string[] => {
    const position = detection.columns.findIndex((column) => sourceOf(column) === source);
    return detection.rows.slice(0, shownValues).map((row) => row[position] ?? "");
  };
  if (mode === "append" && existing !== null) {
    const byPlace = isByPlace(detection);
    const sources = detection.columns.map(sourceOf);
    const used = existing.columns.map(({ name }) => filledFrom(name, detection, edits));
    const unused = byPlace ? [] : sources.filter((source) => !used.includes(source));
    return (
      <>
        {byPlace && (
          <p>The file does not name its columns: they have to stand in the order of the dataset.</p>
        )}
        {unused.length > 0 && (
          <Callout tone="warning" title="Some columns of the file have no place in the dataset">
            <p>
              <bdi>{unused.join(", ")}</bdi>. Choose them below, or take them out of the file: rows
              with them are refused.
            </p>
          </Callout>
        )}
        <div className={classes.columns}>
          {existing.columns.map((column, index) => {
            const source = byPlace ? sources[index] : used[index];
            return (
              <ColumnGroup
                key={column.name}
                title={column.label}
                values={valuesOf(source)}
                what={typeTitles[column.type]}
              >
                {!byPlace && (
                  <SelectField
                    label="Filled from"
                    value={source ?? ""}
                    options={[
                      { value: "", title: "Nothing in the file" },
                      ...sources.map((value) => ({ value, title: isolated(value) })),
                    ]}
                    onChange={(event) =>
                      edit(`into:${column.name}`, { name: event.currentTarget.value })
                    }
                  />
                )}
              </ColumnGroup>
            );
          })}
        </div>
      </>
    );
  }
  return (
    <>
      <p>
        Types are those that every value has in{" "}
        {detection.rowsSeen === 1
          ? "the first row"
          : `the first ${formatCount(detection.rowsSeen)} rows`}
        . Correct them where you know better.
      </p>
      <div className={classes.columns}>
        {detection.columns.map((column) => {
          const source = sourceOf(column);
          const now = edits[source] ?? {};
          const begun = asKnown(column, existing);
          const type = now.type ?? begun.type;
          const stray = detection.strays.find((one) => one.column === column.name);
          return (
            <ColumnGroup
              key={source}
              title={source}
              values={valuesOf(source)}
              doubt={
                stray &&
                (type === "text" || type === stray.type) && (
                  <Stray
                    stray={stray}
                    isTaken={type === stray.type}
                    onTake={() => edit(source, { type: stray.type })}
                  />
                )
              }
            >
              <TextField
                label="Name"
                value={now.name ?? begun.name}
                maxLength={100}
                spellCheck={false}
                onChange={(event) => edit(source, { name: event.currentTarget.value })}
              />
              <TextField
                label="Label"
                value={now.label ?? begun.label}
                maxLength={100}
                onChange={(event) => edit(source, { label: event.currentTarget.value })}
              />
              <SelectField
                label="Type"
                value={type}
                options={columnTypes.map((value) => ({ value, title: typeTitles[value] }))}
                onChange={(event) =>
                  edit(source, { type: event.currentTarget.value as ColumnType })
                }
              />
              <TextField
                label="Unit"
                value={now.unit ?? begun.unit ?? ""}
                maxLength={20}
                onChange={(event) => edit(source, { unit: event.currentTarget.value })}
              />
            </ColumnGroup>
          );
        })}
      </div>
    </>
  );
}

/** A mistake in a cell or two makes a text of a column of numbers: nobody would see why. */
function Stray({
  stray: { type, count, line, text },
  isTaken,
  onTake,
}: {
  readonly stray: Detection["strays"][number];
  readonly isTaken: boolean;
  readonly onTake: () => void;
}): ReactNode {
  const cells = count === 1 ? "one cell is" : `${formatCount(count)} cells are`;
  return (
    <div className={classes.doubt} role="status">
      <p>
        All but {count === 1 ? "one" : formatCount(count)} of the cells fit the type “
        {typeTitles[type]}”: on line {formatCount(line)} there is “<bdi>{text}</bdi>”.
        {isTaken && ` Nothing is stored while ${cells} of another type: mend the file first.`}
      </p>
      {!isTaken && (
        <Button
          size="xs"
          variant="default"
          onClick={({ currentTarget }) => {
            // To what has been changed: the button goes.
            currentTarget.closest("[role=group]")?.querySelector("select")?.focus();
            onTake();
          }}
        >
          Take “{typeTitles[type]}”
        </Button>
      )}
    </div>
  );
}

function ColumnGroup({
  title,
  what,
  values,
  doubt,
  children,
}: {
  readonly title: string;
  readonly what?: string;
  readonly values: readonly string[];
  readonly doubt?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className={classes.column} role="group" aria-labelledby={id}>
      <div>
        <h3 id={id} className={classes.columnTitle}>
          <bdi>{title}</bdi>
        </h3>
        <p className={classes.values}>
          {what !== undefined && `${what}: `}
          {values.map((value) => (value === "" ? "—" : isolated(value))).join(" · ")}
        </p>
      </div>
      <div className={classes.fields}>{children}</div>
      {doubt}
    </div>
  );
}
