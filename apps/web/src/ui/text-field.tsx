import { useId, type ComponentProps, type ReactNode } from "react";
import classes from "./text-field.module.css";

export interface TextFieldProps extends ComponentProps<"input"> {
  readonly label: string;
  readonly description?: string;
  /** What is wrong with it, or merely that something is. */
  readonly error?: string | boolean | undefined;
  readonly "data-autofocus"?: boolean;
}

/**
 * One line of text, with its label above it. What describes it and what is wrong with it are said
 * with it.
 */
export function TextField({
  label,
  description,
  error = false,
  id: ownId,
  children,
  ...input
}: TextFieldProps & {
  /** What stands in the field beside the text. */
  readonly children?: ReactNode;
}): ReactNode {
  const someId = useId();
  const id = ownId ?? someId;
  const describedBy = [
    ...(typeof error === "string" && error !== "" ? [`${id}-error`] : []),
    ...(description === undefined ? [] : [`${id}-description`]),
  ].join(" ");
  return (
    <div>
      <label className={classes.label} htmlFor={id}>
        {label}
      </label>
      {description !== undefined && (
        <p className={classes.description} id={`${id}-description`}>
          {description}
        </p>
      )}
      <div className={classes.box}>
        <input
          type="text"
          {...input}
          id={id}
          className={`${classes.input} ${input.className ?? ""}`}
          aria-invalid={error !== false && error !== ""}
          aria-describedby={describedBy === "" ? undefined : describedBy}
        />
        {children}
      </div>
      {typeof error === "string" && error !== "" && (
        <p className={classes.error} id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
