import { useEffect, useImperativeHandle, useRef, type ReactNode, type Ref } from "react";
import { Link } from "react-router";
import { lastDayOf } from "../../session/grant-end.ts";
import { Button } from "../../ui/button.tsx";
import { DateField } from "../../ui/date-field.tsx";
import type { Wish } from "./collected.ts";
import classes from "./grants-page.module.css";

/** What is known of a cell. */
export interface CellInWords {
  readonly who: string;
  readonly section: string;
  readonly now: string;
  /** What is collected of it, and what stands in its way. */
  readonly next: string | null;
  readonly problem: string | null;
  /** That somebody else has changed it while the table was open. */
  readonly news: string | null;
}

/** The cell in focus, or below the pointer, in words; and what can be done there. */
export function CellDetails({
  words,
  head,
  id,
  what,
  wish,
  isChanged,
  isOutdated,
  hint,
  onToggle,
  onEnd,
  onUndo,
  onInsist,
  onBack,
  ref,
}: {
  readonly words: CellInWords | null;
  /** Of a row or a column, where it is the head that is looked at. */
  readonly head: {
    readonly title: string;
    readonly note: string;
    readonly to: string | null;
  } | null;
  /** Of the cell: what is half written about one is not about the next. */
  readonly id: string;
  /** What the buttons do; null for somebody who may only look. */
  readonly what: "give" | "take" | null;
  /** How the grant shall be, or is. */
  readonly wish: Wish;
  readonly isChanged: boolean;
  readonly isOutdated: boolean;
  /** Why a day could not be taken. */
  readonly hint: string | null;
  readonly onToggle: () => void;
  readonly onEnd: (day: string) => void;
  readonly onUndo: () => void;
  readonly onInsist: () => void;
  /** To the cell. */
  readonly onBack: () => void;
  readonly ref: Ref<{ readonly enter: () => void }>;
}): ReactNode {
  const own = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => ({
    enter: () => own.current?.querySelector<HTMLElement>("input, button, a")?.focus(),
  }));
  useEffect(() => {
    const element = own.current;
    const press = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      onBack();
    };
    element?.addEventListener("keydown", press);
    return () => element?.removeEventListener("keydown", press);
  }, [onBack]);
  return (
    <div ref={own} role="group" aria-label="The cell" className={classes.details}>
      {words ? (
        <>
          <div className={classes.words}>
            <p className={classes.cellName}>
              <bdi>{words.who}</bdi> · <bdi>{words.section}</bdi>
            </p>
            <p>
              {words.now}
              {words.next !== null && <strong> {words.next}</strong>}
            </p>
            {words.news !== null && <p>{words.news}</p>}
            {words.problem !== null && <p className={classes.problem}>{words.problem}</p>}
            {hint !== null && (
              <p className={classes.problem} role="alert">
                {hint}
              </p>
            )}
          </div>
          {what !== null && (
            <div className={classes.cellActions}>
              <DateField
                key={id}
                label="Last day"
                value={wish === "none" ? "" : lastDayOf(wish.expiresAt)}
                onChange={onEnd}
              />
              {isChanged ? (
                <Button size="xs" variant="default" onClick={onUndo}>
                  Undo this
                </Button>
              ) : (
                <Button size="xs" variant="default" onClick={onToggle}>
                  {what === "give" ? "Give it" : "Take it"}
                </Button>
              )}
              {isOutdated && (
                <Button size="xs" variant="default" onClick={onInsist}>
                  Change it all the same
                </Button>
              )}
            </div>
          )}
        </>
      ) : (
        head && (
          <div className={classes.words}>
            <p className={classes.cellName}>
              <bdi>{head.title}</bdi>
            </p>
            <p dir="auto">{head.note}</p>
            {head.to !== null && (
              <p>
                <Link to={head.to}>Open its page</Link>
              </p>
            )}
          </div>
        )
      )}
    </div>
  );
}
