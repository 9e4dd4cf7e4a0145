import { IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useSyncExternalStore, type ReactNode } from "react";
import { useAppSession } from "../../session/app-session-context.ts";
import { formatDuration } from "../../ui/formats.ts";
import classes from "./toolbar.module.css";

/**
 * How old the numbers are, and asking for new ones: by hand, and by themselves. A page in the background does not ask
 * on time; see `Updates` for when no page asks.
 * @param everySeconds how often, or null where the server tells what changes
 * @param updatedAt null while the numbers are still those of another range
 */
export function RefreshControl({
  everySeconds,
  updatedAt,
  isRefreshing,
  onRefresh,
}: {
  readonly everySeconds: number | null;
  readonly updatedAt: number | null;
  readonly isRefreshing: boolean;
  readonly onRefresh: () => void;
}): ReactNode {
  const { updates } = useAppSession();
  const paused = useSyncExternalStore(updates.subscribe, updates.isPaused);
  const refresh = useEffectEvent(onRefresh);
  // What was missed while no page asked.
  useEffect(() => updates.subscribe(() => updates.mayAsk() && refresh()), [updates]);
  useEffect(() => {
    if (everySeconds === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && updates.mayAsk()) refresh();
    }, everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds, updates]);

  const time = new Intl.DateTimeFormat(undefined, {
    timeStyle: everySeconds !== null && everySeconds < 60 ? "medium" : "short",
  });
  return (
    <div className={classes.refresh} role="group" aria-label="Updates">
      <span className={classes.updated}>
        {updatedAt === null ? "Updating…" : `Updated ${time.format(updatedAt)}`}
        {paused
          ? " · paused"
          : everySeconds === null
            ? " · live"
            : ` · every ${formatDuration(everySeconds)}`}
      </span>
      <button type="button" className={classes.button} onClick={() => updates.pause(!paused)}>
        {paused ? (
          <IconPlayerPlay size={16} stroke={1.75} aria-hidden="true" />
        ) : (
          <IconPlayerPause size={16} stroke={1.75} aria-hidden="true" />
        )}
        {paused ? "Resume" : "Pause"}
      </button>
      <button
        type="button"
        className={classes.button}
        aria-label="Update now"
        aria-disabled={isRefreshing}
        onClick={() => !isRefreshing && onRefresh()}
      >
        <IconRefresh
          size={17}
          stroke={1.75}
          aria-hidden="true"
          className={classes.turning}
          data-turning={isRefreshing}
        />
      </button>
    </div>
  );
}
