import { useId, type ReactNode } from "react";
import type { ColorScheme } from "./color-scheme.ts";
import { chooseColorScheme, useChosenColorScheme } from "./chosen-color-scheme.ts";
import classes from "./color-scheme-control.module.css";

const schemes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "System" },
] as const;

export function ColorSchemeControl({
  onChoose,
}: {
  /** Told of a choice that the page shows already. */
  readonly onChoose?: (chosen: ColorScheme) => void;
}): ReactNode {
  const chosen = useChosenColorScheme();
  const name = useId();
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>Appearance</legend>
      <div className={classes.options}>
        {schemes.map(({ value, label }) => (
          <label key={value} className={classes.option}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={chosen === value}
              onChange={() => {
                chooseColorScheme(value);
                onChoose?.(value);
              }}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
