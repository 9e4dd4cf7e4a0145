import type { Session } from "@sallyport/shared/client";
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { idleSecondsAtReceipt } from "../../session/idle.ts";
import { formatDuration } from "../../ui/formats.ts";
import { mayPoll } from "./polling.ts";
import classes from "./toolbar.module.css";

/** When the person last did something, as the client counts it. Opening the page is something. */
const useLastInput = (): { readonly current: number } => {
  const lastInput = useRef(0);
  useEffect(() => {
    const note = (): void => void (lastInput.current = Date.now());
    note();
    const types = ["pointerdown", "keydown", "wheel", "touchstart"];
    for (const type of types) window.addEventListener(type, note, { capture: true, passive: true });
    return () => {
      for (const type of types) window.removeEventListener(type, note, { capture: true });
    };
  }, []);
  return lastInput;
};

/**
 * How old the numbers are, and asking for new ones: by hand, and by itself where the section says how often. A page in
 * the background does not ask, nor one that nobody has touched for long.
 */
export function RefreshControl({
  everySeconds,
  updatedAt,
  session,
  isRefreshing,
  onRefresh,
}: {
  readonly everySeconds: number | null;
  readonly updatedAt: number;
  readonly session: Session | null;
  readonly isRefreshing: boolean;
  readonly onRefresh: () => void;
}): ReactNode {
  const [paused, setPaused] = useState(false);
  const lastInput = useLastInput();
  const refresh = useRef(onRefresh);
  useEffect(() => {
    refresh.current = onRefresh;
  }, [onRefresh]);
  const idleSeconds = session && idleSecondsAtReceipt(session);
  useEffect(() => {
    if (everySeconds === null || paused) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && mayPoll({ now: Date.now(), lastInputAt: lastInput.current, idleSeconds })) refresh.current();
    }, everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds, paused, idleSeconds, lastInput]);

  const time = new Intl.DateTimeFormat(undefined, { timeStyle: everySeconds !== null && everySeconds < 60 ? "medium" : "short" }).format(updatedAt);
  return (
    <div className={classes.refresh} role="group" aria-label="Updates">
      <span className={classes.updated}>
        Updated {time}
        {everySeconds !== null && (paused ? " · paused" : ` · every ${formatDuration(everySeconds)}`)}
      </span>
      {everySeconds !== null && (
        <button type="button" className={classes.button} onClick={() => setPaused(!paused)}>
          {paused ? <IconPlayerPlay size={16} stroke={1.75} aria-hidden="true" /> : <IconPlayerPause size={16} stroke={1.75} aria-hidden="true" />}
          {paused ? "Resume" : "Pause"}
        </button>
      )}
      <button type="button" className={classes.button} aria-label="Update now" aria-disabled={isRefreshing} onClick={() => !isRefreshing && onRefresh()}>
        <IconRefresh size={17} stroke={1.75} aria-hidden="true" className={classes.turning} data-turning={isRefreshing} />
      </button>
    </div>
  );
}
