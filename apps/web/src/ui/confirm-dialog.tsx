import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import classes from "./form-dialog.module.css";
import { TextField } from "./text-field.tsx";

/**
 * Asks before something is done that others feel. The title names the object, the content says what
 * follows. What cannot be taken back is confirmed by typing `typed`, the object's own name.
 */
export function ConfirmDialog({
  title,
  confirmLabel,
  cancelLabel = "Cancel",
  typed,
  tone = "danger",
  pending,
  failure,
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  readonly typed?: string;
  readonly tone?: "danger" | "filled";
  readonly pending: boolean;
  readonly failure: { readonly message: string | null } | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const confirm = (event: FormEvent): void => {
    event.preventDefault();
    if (pending) return;
    const isRight = typed === undefined || text.trim().normalize() === typed.normalize();
    setWrong(!isRight);
    if (isRight) onConfirm();
    else field.current?.focus();
  };
  return (
    <Dialog title={title} role="alertdialog" onClose={onClose}>
      <form className={classes.form} noValidate onSubmit={confirm}>
        <div>{children}</div>
        {typed !== undefined && (
          <TextField
            ref={field}
            label={`Type ${typed} to confirm`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={text}
            error={isWrong && `This is not ${typed}.`}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
          />
        )}
        <div role="alert">
          {failure !== null && failure.message !== null && (
            <Callout tone="danger">{failure.message}</Callout>
          )}
        </div>
        <DialogActions>
          <Button data-autofocus variant="default" onClick={onClose}>
            {cancelLabel}
          </Button>
          <Button type="submit" variant={tone} loading={pending}>
            {confirmLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
