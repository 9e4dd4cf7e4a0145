import type { Aggregate, Query, Selection, TimeUnit } from "@sallyport/shared/contract";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { withMember } from "./edit/draft.ts";
import {
  isAggregated,
  isNumber,
  isTime,
  type DatasetColumn,
  type KnownDataset,
} from "./edit/result-columns.ts";
import { freeName, nameOf, withColumn } from "./edit/selections.ts";
import classes from "./editor.module.css";
import { NumberMember, OptionalMember, SelectMember, TextMember } from "./fields.tsx";
import { GroupIssue } from "./issues-in-view.tsx";

const aggregateTitles: Readonly<Record<Aggregate, string>> = {
  sum: "Sum",
  average: "Average",
  count: "Count",
  distinct: "Count of different values",
  minimum: "Smallest",
  maximum: "Largest",
  median: "Median",
  percentile: "Percentile",
};

const bucketTitles: Readonly<Record<TimeUnit, string>> = {
  minute: "By minute",
  hour: "By hour",
  day: "By day",
  week: "By week",
  month: "By month",
  quarter: "By quarter",
  year: "By year",
};

type Way = "column" | `bucket:${TimeUnit}` | `aggregate:${Aggregate}`;

const wayOf = (selection: Selection): Way =>
  "aggregate" in selection
    ? `aggregate:${selection.aggregate}`
    : "bucket" in selection
      ? `bucket:${selection.bucket}`
      : "column";

const waysFor = (
  column: DatasetColumn | undefined,
  chosen: Way,
): readonly { readonly value: Way; readonly title: string }[] => {
  const isAmount = column !== undefined && isNumber(column);
  const aggregates: readonly Aggregate[] =
    column === undefined
      ? ["count"]
      : column.type === "boolean"
        ? ["count", "distinct"]
        : isAmount
          ? ["sum", "average", "minimum", "maximum", "median", "percentile", "count", "distinct"]
          : ["count", "distinct", "minimum", "maximum"];
  const buckets: readonly TimeUnit[] =
    column?.type === "timestamp"
      ? ["minute", "hour", "day", "week", "month", "quarter", "year"]
      : column?.type === "date"
        ? ["day", "week", "month", "quarter", "year"]
        : [];
  const offered = [
    ...(column === undefined ? [] : [{ value: "column" as Way, title: "As it is" }]),
    ...buckets.map((unit) => ({ value: `bucket:${unit}` as Way, title: bucketTitles[unit] })),
    ...aggregates.map((one) => ({
      value: `aggregate:${one}` as Way,
      title: aggregateTitles[one],
    })),
  ];
  if (offered.some(({ value }) => value === chosen)) return offered;
  const [kind, name = ""] = chosen.split(":");
  const title =
    kind === "aggregate"
      ? aggregateTitles[name as Aggregate]
      : kind === "bucket"
        ? bucketTitles[name as TimeUnit]
        : "As it is";
  return [{ value: chosen, title }, ...offered];
};

const withWay = (selection: Selection, way: Way, others: readonly string[]): Selection => {
  const [kind, name = ""] = way.split(":");
  const { column, label } = selection;
  const labelled = label !== undefined && { label };
  if (kind === "aggregate") {
    const aggregate = name as Aggregate;
    const before = "aggregate" in selection ? selection : null;
    const kept = before ?? {
      ...(column !== undefined && { column }),
      ...labelled,
      name: freeName(
        column === undefined
          ? aggregate
          : others.includes(column)
            ? `${column} ${aggregate}`
            : column,
        others,
      ),
    };
    return withMember<Extract<Selection, { aggregate: Aggregate }>, "percentile">(
      { ...kept, aggregate },
      "percentile",
      aggregate === "percentile" ? (before?.percentile ?? 90) : undefined,
    );
  }
  if (column === undefined) return selection;
  const own = "bucket" in selection && selection.name !== undefined ? { name: selection.name } : {};
  return kind === "bucket"
    ? { bucket: name as TimeUnit, column, ...own, ...labelled }
    : {
        column,
        ...labelled,
        ...("format" in selection &&
          selection.format !== undefined && { format: selection.format }),
      };
};

const noColumn = "";

/** One column of the result: a column of the dataset as it is, by time, or what is made of it. */
function SelectionForm({
  selection,
  others,
  dataset,
  pointer,
  role,
  onChange,
}: {
  readonly selection: Selection;
  /** The names of the other columns of the result. */
  readonly others: readonly string[];
  readonly dataset: KnownDataset;
  readonly pointer: string;
  readonly role: string | null;
  readonly onChange: (selection: Selection, what: string | null) => void;
}): ReactNode {
  const column = dataset.columns.find(({ name }) => name === selection.column);
  const isCount = "aggregate" in selection && selection.aggregate === "count";
  const isOfNumbers = "aggregate" in selection || (column !== undefined && isNumber(column));
  const format = "bucket" in selection ? undefined : selection.format;
  const chooseColumn = (name: string): void => {
    if (name === noColumn) {
      if ("aggregate" in selection) onChange(withMember(selection, "column", undefined), null);
      return;
    }
    const next = dataset.columns.find((one) => one.name === name);
    const moved = withColumn(selection, name, dataset, others);
    // A bucket of what is no time, or a sum of texts, becomes something that fits.
    const fits = waysFor(next, "column").some(({ value }) => value === wayOf(moved));
    onChange(fits ? moved : withWay(moved, "column", others), null);
  };
  return (
    <div className={classes.members}>
      <div className={classes.pair}>
        <SelectMember
          label="Column"
          pointer={`${pointer}/column`}
          value={selection.column ?? noColumn}
          options={[
            ...(isCount ? [{ value: noColumn, title: "Rows" }] : []),
            ...dataset.columns.map(({ name, label }) => ({ value: name, title: label })),
          ]}
          onChange={chooseColumn}
        />
        <SelectMember
          label="Shown as"
          pointer={
            "aggregate" in selection
              ? `${pointer}/aggregate`
              : "bucket" in selection
                ? `${pointer}/bucket`
                : `${pointer}/way`
          }
          value={wayOf(selection)}
          options={waysFor(column, wayOf(selection))}
          onChange={(way) => onChange(withWay(selection, way, others), null)}
        />
      </div>
      {role !== null && <p className={classes.hint}>{role}</p>}
      {"aggregate" in selection && selection.aggregate === "percentile" && (
        <NumberMember
          label="Percentile"
          pointer={`${pointer}/percentile`}
          value={selection.percentile}
          least={0}
          most={100}
          isWhole={false}
          isRequired
          onChange={(percentile) =>
            onChange(withMember(selection, "percentile", percentile), "percentile")
          }
        />
      )}
      <details className={classes.more}>
        <summary>Label and format</summary>
        <div className={classes.members}>
          <TextMember
            label="Label"
            pointer={`${pointer}/label`}
            maxLength={100}
            placeholder={column?.label}
            value={selection.label}
            onChange={(label) =>
              onChange(withMember(selection, "label", label === "" ? undefined : label), "label")
            }
          />
          {"column" in selection && !("name" in selection) && !("bucket" in selection) ? null : (
            <TextMember
              label="Name in the result"
              pointer={`${pointer}/name`}
              maxLength={100}
              placeholder={"bucket" in selection ? selection.column : undefined}
              value={"name" in selection ? selection.name : undefined}
              onChange={(name) => {
                if ("aggregate" in selection) onChange({ ...selection, name }, "name");
                else if ("bucket" in selection)
                  onChange(withMember(selection, "name", name === "" ? undefined : name), "name");
              }}
            />
          )}
          {isOfNumbers && !("bucket" in selection) && (
            <>
              {"aggregate" in selection && (
                <TextMember
                  label="Unit"
                  pointer={`${pointer}/unit`}
                  maxLength={20}
                  placeholder={column?.unit}
                  value={selection.unit}
                  onChange={(unit) =>
                    onChange(withMember(selection, "unit", unit === "" ? undefined : unit), "unit")
                  }
                />
              )}
              <div className={classes.pair}>
                <OptionalMember
                  label="Numbers"
                  pointer={`${pointer}/format/style`}
                  none="As the dataset says"
                  value={format?.style}
                  options={[
                    { value: "plain", title: "Plain: 12,345" },
                    { value: "compact", title: "Compact: 12K" },
                    { value: "percent", title: "Percent: 12%" },
                    { value: "code", title: "Code: 12345" },
                  ]}
                  onChange={(style) => {
                    const next = withMember(format ?? {}, "style", style);
                    // Names have no digits after the point.
                    const fitting = style === "code" ? withMember(next, "digits", undefined) : next;
                    onChange(
                      withMember(
                        selection,
                        "format",
                        Object.keys(fitting).length === 0 ? undefined : fitting,
                      ),
                      null,
                    );
                  }}
                />
                <NumberMember
                  label="Decimals"
                  pointer={`${pointer}/format/digits`}
                  value={format?.digits}
                  least={0}
                  most={6}
                  placeholder="Any"
                  onChange={(digits) => {
                    const next = withMember(format ?? {}, "digits", digits);
                    onChange(
                      withMember(
                        selection,
                        "format",
                        Object.keys(next).length === 0 ? undefined : next,
                      ),
                      "digits",
                    );
                  }}
                />
              </div>
              <GroupIssue pointer={`${pointer}/format`} />
            </>
          )}
        </div>
      </details>
      <GroupIssue pointer={pointer} />
    </div>
  );
}

const mostSelections = 50;

/** Everything that the result has, in its order. */
export function SelectionList({
  query,
  dataset,
  pointer,
  onChange,
}: {
  readonly query: Query;
  readonly dataset: KnownDataset;
  readonly pointer: string;
  readonly onChange: (select: readonly Selection[], what: string | null) => void;
}): ReactNode {
  const { select } = query;
  const grouped = isAggregated(query);
  const names = select.map(nameOf);
  const replace = (index: number, selection: Selection, what: string | null): void =>
    onChange(select.with(index, selection), what === null ? null : `${pointer}/${index}/${what}`);
  const add = (): void => {
    const unused = dataset.columns.find(({ name }) => !names.includes(name));
    onChange(
      [
        ...select,
        unused && !(grouped && isNumber(unused))
          ? { column: unused.name }
          : unused
            ? { aggregate: "sum", column: unused.name, name: unused.name, label: unused.label }
            : { aggregate: "count", name: freeName("rows", names), label: "Rows" },
      ],
      null,
    );
  };
  return (
    <fieldset className={classes.group}>
      <legend>What it shows</legend>
      <ol className={classes.items}>
        {select.map((selection, index) => {
          const column = dataset.columns.find(({ name }) => name === selection.column);
          // What is made of a column may stand beside it, and is told from it by its name.
          const title =
            selection.label ??
            ("aggregate" in selection ? nameOf(selection) : (column?.label ?? nameOf(selection)));
          const swap = (to: number): void =>
            onChange(select.toSpliced(index, 1).toSpliced(to, 0, selection), null);
          return (
            <li key={index} className={classes.item}>
              <div className={classes.itemHead}>
                <span className={classes.itemTitle}>
                  {index + 1}. {title}
                </span>
                <IconAction
                  label={`Earlier: ${title}`}
                  isOff={index === 0}
                  onClick={() => swap(index - 1)}
                >
                  <IconArrowUp size={16} aria-hidden="true" />
                </IconAction>
                <IconAction
                  label={`Later: ${title}`}
                  isOff={index === select.length - 1}
                  onClick={() => swap(index + 1)}
                >
                  <IconArrowDown size={16} aria-hidden="true" />
                </IconAction>
                <IconAction
                  label={`Remove: ${title}`}
                  isOff={select.length === 1}
                  onClick={() => onChange(select.toSpliced(index, 1), null)}
                >
                  <IconTrash size={16} aria-hidden="true" />
                </IconAction>
              </div>
              <SelectionForm
                selection={selection}
                others={names.toSpliced(index, 1)}
                dataset={dataset}
                pointer={`${pointer}/${index}`}
                role={grouped && !("aggregate" in selection) ? "The rows are grouped by it." : null}
                onChange={(next, what) => replace(index, next, what)}
              />
            </li>
          );
        })}
      </ol>
      <GroupIssue pointer={pointer} />
      {select.length < mostSelections && (
        <Button size="xs" variant="default" data-pointer={pointer} onClick={add}>
          <IconPlus size={15} aria-hidden="true" /> Add a column
        </Button>
      )}
    </fieldset>
  );
}

/** A small button that is an icon; at its end it does nothing, and keeps the focus. */
export const IconAction = ({
  label,
  isOff = false,
  onClick,
  children,
}: {
  readonly label: string;
  readonly isOff?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}): ReactNode => (
  <button
    type="button"
    className={classes.icon}
    aria-label={label}
    title={label}
    aria-disabled={isOff}
    onClick={() => !isOff && onClick()}
  >
    {children}
  </button>
);

export const timesOf = (
  dataset: KnownDataset,
): readonly { readonly value: string; readonly title: string }[] =>
  dataset.columns.filter(isTime).map(({ name, label }) => ({ value: name, title: label }));
