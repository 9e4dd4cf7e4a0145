import { IconArrowsMove, IconPencil } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState, type CSSProperties, type ReactNode } from "react";
import { useMove } from "react-aria/useMove";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import { movePanel, type Draft, type DraftPanel } from "./edit/draft.ts";
import {
  clampWidth,
  dropPlaceAt,
  gridColumns,
  positionOfDrop,
  positionTowards,
  widthOfPixels,
  type Direction,
  type DropPlace,
} from "./edit/grid.ts";
import classes from "./editor.module.css";
import { PanelOnCanvas } from "./panel-on-canvas.tsx";
import { useMoveHandle } from "./use-move-handle.ts";

/**
 * The panels on their grid. Each is moved and widened by its handles, with a pointer, a finger or
 * the arrow keys; what comes of it is said to those who listen.
 */
export function Canvas({
  draft,
  selected,
  troubled,
  onSelect,
  onMove,
  onResize,
}: {
  readonly draft: Draft;
  /** The key of the panel that is being edited. */
  readonly selected: string | null;
  /** The keys of those with which something is wrong. */
  readonly troubled: ReadonlySet<string>;
  readonly onSelect: (key: string) => void;
  readonly onMove: (key: string, to: number) => void;
  readonly onResize: (key: string, width: number) => void;
}): ReactNode {
  const { panels, settings } = draft;
  const grid = useRef<HTMLOListElement>(null);
  const [drop, setDrop] = useState<(DropPlace & { readonly key: string }) | null>(null);
  const [said, setSaid] = useState("");
  const hint = useId();

  const boxes = (): DOMRect[] =>
    [...(grid.current?.children ?? [])].map((item) => item.getBoundingClientRect());
  const place = (key: string, x: number, y: number): void => {
    const found = dropPlaceAt(boxes(), x, y);
    setDrop(found && { ...found, key });
  };
  const moveTo = (key: string, to: number): void => {
    const moved = movePanel(draft, key, to);
    const index = moved.panels.findIndex((one) => one.key === key);
    setSaid(`Place ${index + 1} of ${panels.length}.`);
    if (moved !== draft) onMove(key, index);
  };
  const resize = (key: string, width: number): void => {
    setSaid(`${width} of ${gridColumns} columns.`);
    onResize(key, width);
  };

  return (
    <>
      <p id={hint} hidden>
        The arrow keys move it.
      </p>
      <ol ref={grid} className={classes.grid} aria-label="Panels" data-dragged={drop !== null}>
        {panels.map((item, index) => (
          <CanvasItem
            key={item.key}
            item={item}
            hint={hint}
            isSelected={item.key === selected}
            isTroubled={troubled.has(item.key)}
            isMoved={drop?.key === item.key}
            dropSide={
              drop?.index === index &&
              positionOfDrop(indexOf(panels, drop.key), drop) !== indexOf(panels, drop.key)
                ? drop.side
                : null
            }
            sectionLast={settings.last}
            gridOf={() => grid.current}
            onSelect={() => onSelect(item.key)}
            onStep={(direction) =>
              moveTo(
                item.key,
                positionTowards(
                  panels.map(({ panel }) => panel.width),
                  index,
                  direction,
                ),
              )
            }
            onCarry={(x, y) => place(item.key, x, y)}
            onDrop={() => {
              setDrop(null);
              if (drop) moveTo(item.key, positionOfDrop(index, drop));
            }}
            onResize={(width) => resize(item.key, width)}
          />
        ))}
      </ol>
      <VisuallyHidden>
        <span role="status">{said}</span>
      </VisuallyHidden>
    </>
  );
}

const indexOf = (panels: readonly DraftPanel[], key: string): number =>
  panels.findIndex((one) => one.key === key);

function CanvasItem({
  item: { key, panel },
  hint,
  isSelected,
  isTroubled,
  isMoved,
  dropSide,
  sectionLast,
  gridOf,
  onSelect,
  onStep,
  onCarry,
  onDrop,
  onResize,
}: {
  readonly item: DraftPanel;
  readonly hint: string;
  readonly isSelected: boolean;
  readonly isTroubled: boolean;
  readonly isMoved: boolean;
  readonly dropSide: DropPlace["side"] | null;
  readonly sectionLast: string | undefined;
  readonly gridOf: () => HTMLElement | null;
  readonly onSelect: () => void;
  readonly onStep: (direction: Direction) => void;
  readonly onCarry: (x: number, y: number) => void;
  readonly onDrop: () => void;
  readonly onResize: (width: number) => void;
}): ReactNode {
  const self = useRef<HTMLLIElement>(null);
  const { handle, moveProps } = useMoveHandle({ onStep, onCarry, onDrop });

  // While it is pulled, its width is its own; the section's when it is let go.
  const [pulled, setPulled] = useState<number | null>(null);
  const start = useRef<{ pixels: number; grid: number; gap: number } | null>(null);
  const width = pulled ?? panel.width;
  const { moveProps: widenProps } = useMove({
    onMoveStart: ({ pointerType }) => {
      const [own, grid] = [self.current, gridOf()];
      if (pointerType === "keyboard" || !own || !grid) return;
      start.current = {
        pixels: own.getBoundingClientRect().width,
        grid: grid.clientWidth,
        gap: Number.parseFloat(getComputedStyle(grid).columnGap) || 0,
      };
    },
    onMove: ({ pointerType, deltaX, deltaY }) => {
      if (pointerType === "keyboard")
        return onResize(clampWidth(panel.width + (deltaX > 0 || deltaY < 0 ? 1 : -1)));
      if (!start.current) return;
      start.current.pixels += deltaX;
      const { pixels, grid, gap } = start.current;
      setPulled(widthOfPixels(pixels, grid, gap));
    },
    onMoveEnd: () => {
      if (start.current && pulled !== null && pulled !== panel.width) onResize(pulled);
      start.current = null;
      setPulled(null);
    },
  });

  // What has just been added may lie outside of what is looked at.
  useEffect(() => {
    if (isSelected) self.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);

  return (
    <li
      ref={self}
      className={classes.cell}
      data-panel={key}
      data-selected={isSelected}
      data-troubled={isTroubled}
      data-moved={isMoved}
      data-drop={dropSide}
      style={{ "--columns": width } as CSSProperties}
    >
      <div className={classes.handles}>
        <button
          ref={handle}
          type="button"
          {...moveProps}
          className={classes.handle}
          aria-label={`Move: ${panel.title}`}
          aria-describedby={hint}
          title="Drag it, or press an arrow key"
        >
          <IconArrowsMove size={17} aria-hidden="true" />
        </button>
        <button
          type="button"
          className={classes.icon}
          aria-label={`Edit: ${panel.title}`}
          aria-pressed={isSelected}
          title="Edit"
          onClick={onSelect}
        >
          <IconPencil size={17} aria-hidden="true" />
        </button>
      </div>
      {/* For pointers alone: the pencil does the same for everybody. */}
      <div
        className={classes.press}
        role="presentation"
        onClick={isSelected ? undefined : onSelect}
      >
        <PanelOnCanvas panel={{ ...panel, width }} sectionLast={sectionLast} isLive={isSelected} />
      </div>
      <div
        {...widenProps}
        className={classes.widen}
        role="slider"
        tabIndex={0}
        aria-label={`Width: ${panel.title}`}
        aria-valuemin={1}
        aria-valuemax={gridColumns}
        aria-valuenow={width}
        aria-valuetext={`${width} of ${gridColumns} columns`}
        title="Drag it, or press an arrow key"
      />
    </li>
  );
}
