import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import classes from "./form-dialog.module.css";
import { useLeaveWarning } from "./use-leave-warning.ts";

/**
 * A form over the page. What has been typed is not lost by a slip: closing it then asks first. What
 * the server says of a field stands at the field, which gets the focus.
 */
export function FormDialog({
  title,
  submitLabel,
  isChanged,
  pending,
  failure,
  onSubmit,
  onClose,
  wide = false,
  isOutdated = false,
  children,
}: {
  readonly title: string;
  readonly submitLabel: string;
  readonly isChanged: boolean;
  readonly pending: boolean;
  /** As `useChange` has it. The fields show theirs themselves. */
  readonly failure: { readonly message: string | null } | null;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly wide?: boolean;
  /** Somebody else has changed the same thing since the form was opened. */
  readonly isOutdated?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const [asks, setAsks] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // What is on its way may lead on by itself once it has arrived.
  useLeaveWarning(isChanged && !pending);
  useEffect(() => {
    if (failure !== null)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);
  const close = (): void => {
    if (isChanged && !asks) setAsks(true);
    else onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!pending) onSubmit();
  };
  return (
    <Dialog title={title} wide={wide} onClose={() => (asks ? setAsks(false) : close())}>
      <form ref={form} className={classes.form} noValidate onSubmit={submit}>
        {children}
        <div role="status">
          {isOutdated && (
            <Callout tone="info">
              Somebody else has changed this meanwhile. When you save, you are shown both.
            </Callout>
          )}
        </div>
        <div role="alert">
          {failure !== null && failure.message !== null && (
            <Callout tone="danger">{failure.message}</Callout>
          )}
        </div>
        {asks ? (
          <Callout
            tone="warning"
            role="alert"
            title="What you have entered is not saved."
            actions={
              <>
                <Button autoFocus size="xs" variant="default" onClick={() => setAsks(false)}>
                  Go on editing
                </Button>
                <Button size="xs" variant="danger" onClick={onClose}>
                  Discard it
                </Button>
              </>
            }
          >
            Discard it, or go on editing?
          </Callout>
        ) : (
          <DialogActions>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {submitLabel}
            </Button>
          </DialogActions>
        )}
      </form>
    </Dialog>
  );
}
