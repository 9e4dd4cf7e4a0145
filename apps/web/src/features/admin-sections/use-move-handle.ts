import { useRef, type RefObject } from "react";
import { useMove } from "react-aria/useMove";
import type { Direction } from "./edit/grid.ts";

/** How near to an edge of the window something is carried before the page moves along. */
const edgePixels = 56;
const scrollPixels = 14;

const scrollAlong = (y: number): void => {
  const { clientHeight } = document.documentElement;
  // The header and the bar stand over the page.
  if (y < edgePixels * 2) window.scrollBy(0, -scrollPixels);
  else if (y > clientHeight - edgePixels) window.scrollBy(0, scrollPixels);
};

/**
 * A handle by which something is moved: in steps by the arrow keys, and carried by a pointer or a
 * finger, which tells where it is and when it is let go.
 */
export const useMoveHandle = ({
  onStep,
  onCarry,
  onDrop,
}: {
  readonly onStep: (direction: Direction) => void;
  /** In pixels of the window. */
  readonly onCarry: (x: number, y: number) => void;
  readonly onDrop: () => void;
}): {
  readonly handle: RefObject<HTMLButtonElement | null>;
  readonly moveProps: ReturnType<typeof useMove>["moveProps"];
} => {
  const handle = useRef<HTMLButtonElement>(null);
  const point = useRef<{ x: number; y: number } | null>(null);
  const { moveProps } = useMove({
    onMoveStart: ({ pointerType }) => {
      const box = handle.current?.getBoundingClientRect();
      if (pointerType === "keyboard" || !box) return;
      point.current = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    },
    onMove: ({ pointerType, deltaX, deltaY }) => {
      if (pointerType === "keyboard")
        return onStep(deltaX < 0 ? "left" : deltaX > 0 ? "right" : deltaY < 0 ? "up" : "down");
      if (!point.current) return;
      point.current.x += deltaX;
      point.current.y += deltaY;
      onCarry(point.current.x, point.current.y);
      scrollAlong(point.current.y);
    },
    onMoveEnd: () => {
      if (point.current) onDrop();
      point.current = null;
    },
  });
  return { handle, moveProps };
};
