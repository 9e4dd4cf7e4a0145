import { useId, type ReactNode } from "react";
import text from "./text-field.module.css";

/** A few lines of text, with their label above them. */
export function NoteField({
  label,
  description,
  error,
  value,
  maxLength,
  onChange,
}: {
  readonly label: string;
  readonly description: string;
  readonly error: string | undefined;
  readonly value: string;
  readonly maxLength: number;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  return (
    <div>
      <label className={text.label} htmlFor={id}>
        {label}
      </label>
      <p className={text.description} id={`${id}-description`}>
        {description}
      </p>
      <textarea
        id={id}
        className={`${text.input} ${text.lines}`}
        rows={3}
        dir="auto"
        maxLength={maxLength}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-description ${id}-error`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p className={text.error} id={`${id}-error`}>
        {error}
      </p>
    </div>
  );
}
