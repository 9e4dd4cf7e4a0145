import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useState, type ReactNode } from "react";
import classes from "./password-field.module.css";

/** A password with a button to show it, which the keyboard reaches and which says what it will do. */
export function PasswordField(props: PasswordInputProps): ReactNode {
  const [visible, setVisible] = useState(false);
  return (
    <PasswordInput
      size="md"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      classNames={{ visibilityToggle: classes.toggle ?? "" }}
      {...props}
      visible={visible}
      onVisibilityChange={setVisible}
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ "aria-label": visible ? "Hide password" : "Show password" }}
    />
  );
}
