import { use, useLayoutEffect, type ReactNode } from "react";
import { ScrollRestoration, UNSAFE_DataRouterStateContext, useLocation } from "react-router";

/**
 * What a person scrolls with. A scrollbar tells nothing of itself everywhere, but it moves the
 * page.
 */
const gestures = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

/**
 * Goes to a place of the page as soon as the page is tall enough for it, and gives it up once
 * somebody scrolls. Returns how to stop.
 */
const goTo = (place: number): (() => void) => {
  const { documentElement: root } = document;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  let reached = window.scrollY;
  const growth = new ResizeObserver(() => {
    // Moved by somebody, and not because the page has become shorter.
    const end = root.scrollHeight - root.clientHeight;
    if (Math.abs(window.scrollY - Math.min(reached, end)) > 1) return stop();
    window.scrollTo(0, place);
    reached = window.scrollY;
    if (Math.abs(reached - place) <= 1) stop();
  });
  stopped.signal.addEventListener("abort", () => growth.disconnect());
  for (const type of gestures)
    window.addEventListener(type, stop, {
      capture: true,
      passive: true,
      signal: stopped.signal,
    });
  growth.observe(document.body);
  return stop;
};

/**
 * Keeps the place of each page in the history, and goes back to it. The router goes there once,
 * when the page's frame is drawn: its content comes later, in pieces, and until then the page may
 * be too short.
 */
export function Place(): ReactNode {
  const { key } = useLocation();
  // Where the router has just gone to; it tells nobody else.
  const place = use(UNSAFE_DataRouterStateContext)?.restoreScrollPosition;
  useLayoutEffect(
    () => (typeof place === "number" && place > 0 ? goTo(place) : undefined),
    [key, place],
  );
  return <ScrollRestoration />;
}
