import { useRef, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { isolated } from "../../ui/isolated.ts";
import type { Collected, Collection } from "./collected.ts";
import classes from "./grants-page.module.css";
import { formatCount } from "../../ui/reader.ts";

/** What is collected and not saved: counted, each with its way back. */
export function CollectedBar({
  collected,
  inWords,
  problemOf,
  pending,
  message,
  onUndo,
  onUndoAll,
  onSave,
}: {
  readonly collected: Collection;
  readonly inWords: (one: Collected) => string;
  readonly problemOf: (key: string) => string | null;
  readonly pending: boolean;
  /** Why nothing of it was saved. */
  readonly message: string | null;
  readonly onUndo: (key: string) => void;
  readonly onUndoAll: () => void;
  readonly onSave: () => void;
}): ReactNode {
  const summary = useRef<HTMLElement>(null);
  const count = collected.size;
  const counted = count === 1 ? "1 change" : `${formatCount(count)} changes`;
  return (
    <div className={classes.bar} data-empty={count === 0}>
      <p role="status" className={classes.count}>
        {count > 0 && `${counted}, not saved yet`}
      </p>
      {count > 0 && (
        <>
          <div className={classes.barActions}>
            <Button variant="default" onClick={onUndoAll}>
              Undo all
            </Button>
            <Button loading={pending} onClick={onSave}>
              Save {counted}
            </Button>
          </div>
          <details className={classes.list}>
            <summary ref={summary}>Look at them</summary>
            <ul>
              {[...collected.values()].map((one) => (
                <li key={one.key}>
                  <span>
                    <bdi>{one.row.name}</bdi> · <bdi>{one.column.title}</bdi>: {inWords(one)}
                    {problemOf(one.key) !== null && (
                      <span className={classes.problem}> {problemOf(one.key)}</span>
                    )}
                  </span>
                  <Button
                    size="xs"
                    variant="subtle"
                    aria-label={`Undo: ${isolated(one.row.name)}, ${isolated(one.column.title)}`}
                    onClick={() => {
                      onUndo(one.key);
                      summary.current?.focus();
                    }}
                  >
                    Undo
                  </Button>
                </li>
              ))}
            </ul>
          </details>
        </>
      )}
      <div role="alert" className={classes.refusal}>
        {message !== null && <Callout tone="danger">{message}</Callout>}
      </div>
    </div>
  );
}
