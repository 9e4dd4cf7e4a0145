import { useId, useState, type ReactNode } from "react";
import classes from "./select-field.module.css";

/** A day, as the browser lets one choose it; what is only half written is no choice yet. */
export function DateField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  /** `2026-01-31`, or empty for none. */
  readonly value: string;
  readonly onChange: (day: string) => void;
}): ReactNode {
  const id = useId();
  const [text, setText] = useState(value);
  // Another day was chosen elsewhere: what was half written is no longer about it.
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  return (
    <div className={classes.compact}>
      <label className={classes.label} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="date"
        className={classes.select}
        max="9999-12-31"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => text !== value && onChange(text)}
        onKeyDown={(event) => event.key === "Enter" && text !== value && onChange(text)}
      />
    </div>
  );
}
