import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { isolated } from "./isolated.ts";
import classes from "./conflict-dialog.module.css";

/** One thing that two people have changed. */
export interface Difference {
  readonly label: string;
  readonly mine: ReactNode;
  readonly theirs: ReactNode;
}

/**
 * Somebody else has changed it since it was read: shows both, and nothing is decided by whoever
 * pressed last.
 */
export function ConflictDialog({
  what,
  differences,
  pending,
  failure,
  onOverwrite,
  onTakeTheirs,
  onClose,
}: {
  /** The name of what was changed. */
  readonly what: string;
  readonly differences: readonly Difference[];
  readonly pending: boolean;
  readonly failure: { readonly message: string | null } | null;
  /** Mine goes over theirs. */
  readonly onOverwrite: () => void;
  /** Theirs stays, and mine is given up. */
  readonly onTakeTheirs: () => void;
  /** Back to the form, with mine in it; nothing is saved. */
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Dialog
      title={`“${isolated(what)}” was changed meanwhile`}
      role="alertdialog"
      wide
      onClose={onClose}
    >
      <p>
        Somebody else has saved it since you opened it. Nothing of yours is saved yet: choose what
        it shall be.
      </p>
      {differences.length > 0 ? (
        <table className={classes.both}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">As it is now</th>
              <th scope="col">As you want it</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ label, mine, theirs }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td data-title="As it is now">{theirs}</td>
                <td data-title="As you want it">{mine}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p>It is by now as you want it, or something else about it was changed.</p>
      )}
      <div role="alert">
        {failure !== null && failure.message !== null && (
          <Callout tone="danger">{failure.message}</Callout>
        )}
      </div>
      <DialogActions>
        <Button data-autofocus variant="default" onClick={onClose}>
          Back to the form
        </Button>
        <Button variant="default" onClick={onTakeTheirs}>
          Keep it as it is now
        </Button>
        <Button loading={pending} onClick={onOverwrite}>
          Save mine
        </Button>
      </DialogActions>
    </Dialog>
  );
}
