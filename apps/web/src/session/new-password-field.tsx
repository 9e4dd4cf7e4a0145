import { useEffect, useState, type ReactNode } from "react";
import { fetchCode } from "../ui/late-code.ts";
import { PasswordField } from "../ui/password-field.tsx";
import type { TextFieldProps } from "../ui/text-field.tsx";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import type { PasswordWords } from "./new-password.ts";
import { shortestPassword } from "./shortest-password.ts";
import classes from "./new-password-field.module.css";

type InWords = (password: string, about: readonly string[]) => PasswordWords | null;

/**
 * A password that is chosen, wherever one is: what it is worth is told below it while it is typed.
 * The rules come late, and nobody waits for them.
 */
export function NewPasswordField({
  notMadeOf,
  value,
  ...field
}: Omit<TextFieldProps, "description" | "value" | "autoComplete" | "maxLength"> & {
  /** What it must not be made of: the names and the address of its user. */
  readonly notMadeOf: readonly string[];
  readonly value: string;
}): ReactNode {
  const [inWords, setInWords] = useState<InWords | null>(null);
  useEffect(() => {
    let isGone = false;
    fetchCode(() => import("./new-password.ts")).then(
      ({ passwordInWords }) => {
        if (!isGone) setInWords(() => passwordInWords);
      },
      // Without them the server says it.
      () => undefined,
    );
    return () => void (isGone = true);
  }, []);
  const words = inWords?.(value, notMadeOf) ?? null;
  return (
    <div>
      <PasswordField
        {...field}
        value={value}
        description={`At least ${shortestPassword} characters. A few unrelated words are easy to remember and hard to guess.`}
        autoComplete="new-password"
        maxLength={128}
      />
      {words !== null && (
        <p className={classes.words} data-is={words.is} aria-hidden="true">
          {words.text}
        </p>
      )}
      {/* How many are missing is not said with every letter. */}
      <div role="status">
        <VisuallyHidden>{words === null || words.is === "short" ? "" : words.text}</VisuallyHidden>
      </div>
    </div>
  );
}
