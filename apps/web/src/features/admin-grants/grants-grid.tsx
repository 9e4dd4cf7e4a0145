import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from "react";
import type { Column, Row } from "./cells.ts";
import classes from "./grants-grid.module.css";

/** A cell, or with -1 the head of a row or of a column. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** How a cell looks. What it looks like is said in words too. */
export interface Mark {
  /** There is a grant in this cell; a right that comes from elsewhere; nothing; not known yet. */
  readonly right: "own" | "other" | "none" | "unknown";
  readonly ends: boolean;
  /** What becomes of it when what is collected is saved. */
  readonly change: "give" | "take" | "end" | null;
  readonly isInDoubt: boolean;
  /** Somebody else has changed it, and it has not been looked at since. */
  readonly isNews: boolean;
}

const rowHeight = 40;
const columnWidth = 44;
const headHeight = 152;
const headWidth = { narrow: 132, wide: 240 } as const;
const narrowBelow = 560;
/** Of rows on one press of Page Down. */
const pageOfRows = 10;

const symbols = { own: "●", other: "○", none: "", unknown: "" } as const;
const changes = { give: "+", take: "−", end: "◷" } as const;

/**
 * People and roles against sections, of which only what is in view is drawn. One cell takes the
 * focus; the arrow keys go on from it, to the heads too.
 */
export function GrantsGrid({
  label,
  rows,
  columns,
  place,
  onPlace,
  onPoint,
  onToggle,
  onDetails,
  onOpen,
  onLook,
  markOf,
  wordsOf,
  isBusy,
  focus,
}: {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
  /** What the pointer is over; null once it is over none. */
  readonly onPoint: (place: Place | null) => void;
  readonly onToggle: (place: Place) => void;
  /** Where more can be done with the cell than to toggle it. */
  readonly onDetails: () => void;
  /** The page of a row's or a column's head. */
  readonly onOpen: (place: Place) => void;
  /** Which columns are in view. */
  readonly onLook: (first: number, last: number) => void;
  readonly markOf: (row: Row, column: Column) => Mark;
  readonly wordsOf: (row: Row, column: Column) => string;
  readonly isBusy: boolean;
  /** Gives the focus back to the cell. */
  readonly focus: Ref<{ readonly toCell: () => void }>;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setNarrow(element.clientWidth < narrowBelow));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const nameWidth = isNarrow ? headWidth.narrow : headWidth.wide;
  const withPlace = (index: number) => (range: Range) => {
    const shown = defaultRangeExtractor(range);
    // What has the focus stays in the document, wherever the table is scrolled to.
    return index < 0 || index >= range.count || shown.includes(index)
      ? shown
      : [...shown, index].sort((one, other) => one - other);
  };
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoised by a compiler
  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
    overscan: 4,
    rangeExtractor: withPlace(place.row),
    useFlushSync: false,
  });
  const horizontal = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => box.current,
    estimateSize: () => columnWidth,
    paddingStart: nameWidth,
    scrollPaddingStart: nameWidth,
    overscan: 4,
    rangeExtractor: withPlace(place.column),
    useFlushSync: false,
  });
  useLayoutEffect(() => horizontal.measure(), [horizontal, nameWidth]);
  const first = horizontal.range?.startIndex ?? 0;
  const last = horizontal.range?.endIndex ?? 0;
  useEffect(() => onLook(first, last), [onLook, first, last]);

  const focusPlace = useCallback((): void => {
    box.current
      ?.querySelector<HTMLElement>('[data-row][tabindex="0"]')
      ?.focus({ preventScroll: true });
  }, []);
  const wantsFocus = useRef(false);
  const hasFocus = useRef(false);
  useLayoutEffect(() => {
    // A cell that was in focus and is drawn no more leaves it to the document.
    const isLost = hasFocus.current && document.activeElement === document.body;
    if (!wantsFocus.current && !isLost) return;
    wantsFocus.current = false;
    focusPlace();
  });
  useImperativeHandle(focus, () => ({ toCell: focusPlace }), [focusPlace]);

  const goTo = (row: number, column: number): void => {
    const next = {
      row: Math.max(-1, Math.min(rows.length - 1, row)),
      column: Math.max(-1, Math.min(columns.length - 1, column)),
    };
    // The corner is about nothing.
    if (next.row === -1 && next.column === -1) return;
    if (next.row === place.row && next.column === place.column) return;
    wantsFocus.current = true;
    onPlace(next);
    if (next.row >= 0) vertical.scrollToIndex(next.row);
    if (next.column >= 0) horizontal.scrollToIndex(next.column);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const { row, column } = place;
    const control = event.ctrlKey;
    const steps: Readonly<Record<string, () => void>> = {
      ArrowUp: () => goTo(control ? 0 : row - 1, column),
      ArrowDown: () => goTo(control ? rows.length - 1 : row + 1, column),
      ArrowLeft: () => goTo(row, control ? 0 : column - 1),
      ArrowRight: () => goTo(row, control ? columns.length - 1 : column + 1),
      PageUp: () => goTo(Math.max(0, row - pageOfRows), column),
      PageDown: () => goTo(row + pageOfRows, column),
      Home: () => goTo(control ? 0 : row, 0),
      End: () => goTo(control ? rows.length - 1 : row, columns.length - 1),
      " ": () => row >= 0 && column >= 0 && onToggle(place),
      Enter: () => (row >= 0 && column >= 0 ? onDetails() : onOpen(place)),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  /** Of the cell that an element stands in. */
  const placeOf = (target: EventTarget): Place | null => {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
    return cell
      ? { row: Number(cell.dataset["row"]), column: Number(cell.dataset["column"]) }
      : null;
  };
  const cellProps = (row: number, column: number) => ({
    "data-row": row,
    "data-column": column,
    "aria-colindex": column + 2,
    tabIndex: place.row === row && place.column === column ? 0 : -1,
  });
  const shownColumns = horizontal.getVirtualItems();
  return (
    <div
      ref={box}
      role="grid"
      tabIndex={-1}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable={false}
      aria-busy={isBusy}
      className={classes.grid}
      data-narrow={isNarrow}
      onKeyDown={press}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null) hasFocus.current = false;
      }}
      onFocus={({ target }) => {
        hasFocus.current = true;
        const at = placeOf(target);
        if (at && (at.row !== place.row || at.column !== place.column)) onPlace(at);
      }}
      onClick={({ target }) => {
        const at = placeOf(target);
        // The press has given it the focus.
        if (at && at.row >= 0 && at.column >= 0) onToggle(at);
      }}
      // Not when the table moves below a pointer that stays where it is.
      onPointerMove={({ target, pointerType, movementX, movementY }) => {
        if (pointerType === "mouse" && (movementX !== 0 || movementY !== 0))
          onPoint(placeOf(target));
      }}
      onPointerLeave={() => onPoint(null)}
    >
      <div
        className={classes.canvas}
        role="presentation"
        style={{ width: horizontal.getTotalSize(), height: vertical.getTotalSize() }}
      >
        <div role="rowgroup" className={classes.heads}>
          <div role="row" aria-rowindex={1} style={{ height: headHeight }}>
            <div
              role="columnheader"
              aria-colindex={1}
              className={classes.corner}
              style={{ width: nameWidth }}
            >
              Who
            </div>
            {shownColumns.map(({ index, start }) => {
              const column = columns[index];
              return (
                column && (
                  <div
                    key={column.section}
                    role="columnheader"
                    {...cellProps(-1, index)}
                    className={classes.columnHead}
                    style={{ left: start, width: columnWidth }}
                  >
                    <bdi className={classes.columnTitle}>{column.title}</bdi>
                  </div>
                )
              );
            })}
          </div>
        </div>
        <div role="rowgroup">
          {vertical.getVirtualItems().map(({ index: at, start: top }) => {
            const row = rows[at];
            return (
              row && (
                <div
                  key={row.id}
                  role="row"
                  aria-rowindex={at + 2}
                  className={classes.row}
                  style={{ top, height: rowHeight }}
                >
                  <div
                    role="rowheader"
                    {...cellProps(at, -1)}
                    className={classes.rowHead}
                    style={{ width: nameWidth }}
                  >
                    <bdi className={classes.name}>{row.name}</bdi>{" "}
                    <span className={classes.note}>
                      {row.kind === "role" ? "Role" : <bdi>{row.note}</bdi>}
                    </span>
                  </div>
                  {shownColumns.map(({ index, start }) => {
                    const column = columns[index];
                    if (!column) return null;
                    const { right, ends, change, isInDoubt, isNews } = markOf(row, column);
                    return (
                      <div
                        key={column.section}
                        role="gridcell"
                        {...cellProps(at, index)}
                        aria-label={wordsOf(row, column)}
                        className={classes.cell}
                        data-right={right}
                        data-change={change}
                        data-doubt={isInDoubt}
                        data-news={isNews}
                        style={{ left: start, width: columnWidth }}
                      >
                        <span aria-hidden="true" className={classes.mark}>
                          {change === null ? symbols[right] : changes[change]}
                          {ends && change === null && <span className={classes.ends}>◷</span>}
                          {isInDoubt && <span className={classes.doubt}>!</span>}
                        </span>
                      </div>
                    );
                  })}
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
