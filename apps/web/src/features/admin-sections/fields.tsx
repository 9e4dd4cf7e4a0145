/** Fields of the editor: each knows the pointer of its member, and shows what is wrong there. */
import { useId, useState, type ComponentProps, type ReactNode } from "react";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import text from "../../ui/text-field.module.css";
import { durationUnits, readDuration, writeDuration, type DurationUnit } from "./edit/durations.ts";
import classes from "./editor.module.css";
import { useIssue } from "./issues-in-view.tsx";
import { formatCount } from "../../ui/reader.ts";

interface Member {
  readonly label: string;
  /** From the panel, or from the section's settings. */
  readonly pointer: string;
}

/** A text; an empty one is none where it may be left out. */
export function TextMember({
  label,
  pointer,
  value,
  onChange,
  ...input
}: Member & {
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
} & Omit<ComponentProps<typeof TextField>, "value" | "onChange" | "label" | "error">): ReactNode {
  return (
    <TextField
      autoComplete="off"
      {...input}
      label={label}
      data-pointer={pointer}
      value={value ?? ""}
      error={useIssue(pointer)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A text of several lines. */
export function LongTextMember({
  label,
  pointer,
  description,
  value,
  rows,
  maxLength,
  onChange,
}: Member & {
  readonly description?: string;
  readonly value: string;
  readonly rows: number;
  readonly maxLength: number;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  const issue = useIssue(pointer);
  return (
    <div>
      <label className={text.label} htmlFor={id}>
        {label}
      </label>
      {description !== undefined && (
        <p className={text.description} id={`${id}-description`}>
          {description}
        </p>
      )}
      <textarea
        id={id}
        className={`${text.input} ${classes.longText}`}
        rows={rows}
        maxLength={maxLength}
        value={value}
        data-pointer={pointer}
        aria-invalid={issue !== undefined}
        aria-describedby={`${id}-description ${id}-error`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p className={text.error} id={`${id}-error`}>
        {issue}
      </p>
    </div>
  );
}

/** A number, or none. What is no number of the range stays in the field, and is said there. */
export function NumberMember({
  label,
  pointer,
  value,
  least,
  most,
  isWhole = true,
  isRequired = false,
  placeholder,
  onChange,
}: Member & {
  readonly value: number | undefined;
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  readonly onChange: (value: number | undefined) => void;
}): ReactNode {
  const issue = useIssue(pointer);
  const [typed, setTyped] = useState<string | null>(null);
  const read = (written: string): number | undefined | null => {
    if (written.trim() === "") return isRequired ? null : undefined;
    const number = Number(written);
    const fits = number >= least && number <= most && (!isWhole || Number.isInteger(number));
    return fits ? number : null;
  };
  const isWrong = typed !== null && read(typed) === null;
  return (
    <TextField
      label={label}
      inputMode={isWhole ? "numeric" : "decimal"}
      autoComplete="off"
      placeholder={placeholder}
      data-pointer={pointer}
      value={typed ?? (value === undefined ? "" : String(value))}
      error={
        isWrong
          ? `This must be a ${isWhole ? "whole " : ""}number from ${formatCount(least)} to ${formatCount(most)}.`
          : issue
      }
      onChange={(event) => {
        const written = event.currentTarget.value;
        const number = read(written);
        // What is typed is shown as it is typed, and the member is what it means.
        setTyped(written);
        if (number !== null) onChange(number);
      }}
      onBlur={() => !isWrong && setTyped(null)}
    />
  );
}

export function SelectMember<Value extends string>({
  label,
  pointer,
  value,
  options,
  onChange,
}: Member & {
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  readonly onChange: (value: Value) => void;
}): ReactNode {
  const issue = useIssue(pointer);
  // A value that is no longer offered, such as a column that is gone, is shown as it is.
  const shown = options.some((option) => option.value === value)
    ? options
    : [{ value, title: value === "" ? "Choose…" : `${value} (no longer offered)` }, ...options];
  return (
    <SelectField
      label={label}
      options={shown}
      value={value}
      data-pointer={pointer}
      error={issue}
      onChange={(event) => onChange(event.currentTarget.value as Value)}
    />
  );
}

/** A choice that may be left out: then it has this title. */
export function OptionalMember<Value extends string>({
  none,
  value,
  options,
  onChange,
  ...member
}: Member & {
  readonly none: string;
  readonly value: Value | undefined;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  readonly onChange: (value: Value | undefined) => void;
}): ReactNode {
  return (
    <SelectMember<Value | "">
      {...member}
      value={value ?? ""}
      options={[{ value: "", title: none }, ...options]}
      onChange={(next) => onChange(next === "" ? undefined : next)}
    />
  );
}

export function CheckMember({
  label,
  pointer,
  checked,
  onChange,
}: Member & {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}): ReactNode {
  const issue = useIssue(pointer);
  const id = useId();
  return (
    <div>
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={checked}
          data-pointer={pointer}
          aria-invalid={issue !== undefined}
          aria-describedby={issue === undefined ? undefined : id}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      {issue !== undefined && (
        <p className={text.error} id={id}>
          {issue}
        </p>
      )}
    </div>
  );
}

const units = Object.entries(durationUnits).map(([unit, [, many]]) => ({
  value: unit as DurationUnit,
  title: many,
}));

/** A length of time: how many of what. Without a number there is none. */
export function DurationMember({
  label,
  pointer,
  value,
  isRequired = false,
  onChange,
}: Member & {
  readonly value: string | undefined;
  readonly isRequired?: boolean;
  readonly onChange: (value: string | undefined) => void;
}): ReactNode {
  const read = readDuration(value);
  const [chosen, setChosen] = useState<DurationUnit>("D");
  const unit = read?.unit ?? chosen;
  return (
    <div className={classes.pair}>
      <NumberMember
        label={label}
        pointer={pointer}
        value={read?.count}
        least={1}
        most={9_999}
        isRequired={isRequired}
        placeholder={isRequired ? "" : "All time"}
        onChange={(count) =>
          onChange(count === undefined ? undefined : writeDuration({ count, unit }))
        }
      />
      <SelectField
        label="Unit"
        aria-label={`${label}: unit`}
        options={units}
        value={unit}
        onChange={(event) => {
          const next = event.currentTarget.value as DurationUnit;
          setChosen(next);
          if (read) onChange(writeDuration({ count: read.count, unit: next }));
        }}
      />
    </div>
  );
}

/** Members that are seldom needed, folded away unless there are some. */
export function Part({
  title,
  isOpen,
  children,
}: {
  readonly title: string;
  /** At first: afterwards whoever looks at it decides. */
  readonly isOpen: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const [wasOpen] = useState(isOpen);
  return (
    <details className={classes.part} open={wasOpen}>
      <summary>{title}</summary>
      <div className={classes.members}>{children}</div>
    </details>
  );
}
