import { useLayoutEffect, useId, useRef, type ReactNode } from "react";
import classes from "./dialog.module.css";
import { catchLostFocus } from "./lost-focus.ts";

/**
 * A dialog over the page. The element itself keeps the focus inside and gives it back afterwards;
 * at first it goes to the control that is marked `data-autofocus`. Without `onClose` it cannot be
 * dismissed.
 */
export function Dialog({
  title,
  children,
  onClose,
  role = "dialog",
  wide = false,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose?: () => void;
  readonly role?: "dialog" | "alertdialog";
  readonly wide?: boolean;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The element would choose its first control.
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    // While the element is still in the document: only then does it give the focus back.
    return () => {
      element?.close();
      // What it was opened from may have been deleted in it.
      catchLostFocus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      role={role}
      className={classes.dialog}
      data-wide={wide}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // A file that was not chosen is another cancel, which comes up from its input.
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose?.();
      }}
      onKeyDown={(event) => {
        // Chromium closes a dialog on the second Escape whatever `cancel` says.
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={titleId} className={classes.title}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

export const DialogActions = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <div className={classes.actions}>{children}</div>
);
