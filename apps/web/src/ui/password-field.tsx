import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import classes from "./password-field.module.css";
import { TextField, type TextFieldProps } from "./text-field.tsx";

/**
 * A password with a button to show it, which the keyboard reaches and which says what it will do.
 */
export function PasswordField(props: TextFieldProps): ReactNode {
  const [visible, setVisible] = useState(false);
  const Eye = visible ? IconEyeOff : IconEye;
  return (
    <TextField
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...props}
      type={visible ? "text" : "password"}
      className={classes.password ?? ""}
    >
      <button
        type="button"
        className={classes.toggle}
        aria-label={visible ? "Hide password" : "Show password"}
        // Whoever is writing goes on writing.
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => setVisible(!visible)}
      >
        <Eye size={22} stroke={1.6} aria-hidden="true" />
      </button>
    </TextField>
  );
}
