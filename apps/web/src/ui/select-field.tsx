import { useId, type ComponentProps, type ReactNode } from "react";
import field from "./text-field.module.css";
import classes from "./select-field.module.css";

/** One of a few, with its label above it, or within it where `compact`. */
export function SelectField({
  label,
  options,
  compact = false,
  error,
  ...select
}: Omit<ComponentProps<"select">, "children"> & {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly compact?: boolean;
  readonly error?: string | undefined;
}): ReactNode {
  const id = useId();
  return (
    <div className={compact ? classes.compact : undefined}>
      <label className={compact ? classes.label : field.label} htmlFor={id}>
        {label}
      </label>
      <select
        {...select}
        id={id}
        className={classes.select}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      >
        {options.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      {error !== undefined && (
        <p className={field.error} id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
