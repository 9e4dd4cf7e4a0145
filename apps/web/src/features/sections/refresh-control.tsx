import { useClientState, useFollowing } from "@sallyport/shared/react";
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState, useSyncExternalStore, type ReactNode } from "react";
import { useAppSession } from "../../session/app-session-context.ts";
import { onWindowInput } from "../../session/updates.ts";
import { formatDuration, formatTime } from "../../ui/times.ts";
import classes from "./toolbar.module.css";
import { updateStateOf } from "./update-state.ts";

/** A stream that is opened again at once is not worth a word. */
const silenceMilliseconds = 5000;

/**
 * Since when nothing is heard of changes, once that has lasted. A stream that ended may be opened
 * by nobody: where the access token has run out and nobody is there, it is not renewed for it. A
 * touch asks again, and the time begins anew.
 */
const useSilence = (isSilent: boolean, onTouch: () => void): number | null => {
  const [since, setSince] = useState<number | null>(null);
  const [touches, setTouches] = useState(0);
  const touch = useEffectEvent(onTouch);
  useEffect(() => {
    if (!isSilent) return;
    const began = Date.now();
    let stopListening = (): void => undefined;
    const timer = setTimeout(() => {
      setSince(began);
      stopListening = onWindowInput(() => {
        touch();
        setTouches((count) => count + 1);
      });
    }, silenceMilliseconds);
    return () => {
      clearTimeout(timer);
      stopListening();
      setSince(null);
    };
  }, [isSilent, touches]);
  return since;
};

/**
 * How old the numbers are, and asking for new ones: by hand, and by themselves. A page in the
 * background does not ask on time; see `Updates` for when no page asks.
 * @param everySeconds how often, or null where the server tells what changes
 * @param updatedAt null while the numbers are still those of another range
 * @param failed the last question got no answer
 */
export function RefreshControl({
  everySeconds,
  updatedAt,
  isRefreshing,
  failed,
  onRefresh,
}: {
  readonly everySeconds: number | null;
  readonly updatedAt: number | null;
  readonly isRefreshing: boolean;
  readonly failed: boolean;
  readonly onRefresh: () => void;
}): ReactNode {
  const { updates } = useAppSession();
  const { status, connection } = useClientState();
  const hearsChanges = useFollowing();
  const paused = useSyncExternalStore(updates.subscribe, updates.isPaused);
  const stoppedAt = useSyncExternalStore(updates.subscribe, updates.stoppedAt);
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

  const silentSince = useSilence(
    !hearsChanges && everySeconds === null && !paused,
    () => updates.mayAsk() && onRefresh(),
  );

  const state = updateStateOf({
    paused,
    stoppedAt,
    failed: failed || connection !== "online" || status === "expired",
    everySeconds,
    hearsChanges,
    silentSince,
  });
  const withSeconds = everySeconds !== null && everySeconds < 60;
  return (
    <div className={classes.refresh} role="group" aria-label="Updates">
      <span className={classes.updated}>
        {updatedAt === null ? "Updating…" : `Updated ${formatTime(updatedAt, {}, withSeconds)}`}
        <span
          className={classes.state}
          data-tone={["stopped", "silent", "failed"].includes(state.is) ? "warning" : "plain"}
          role="status"
        >
          {state.is === "paused" && " · paused"}
          {state.is === "stopped" &&
            ` · not followed since ${formatTime(state.at)}, as nobody was here; any key or touch goes on`}
          {state.is === "silent" &&
            ` · not followed since ${formatTime(state.at)}; any key or touch asks again`}
          {state.is === "failed" && " · not up to date: no answer"}
          {state.is === "live" && " · live"}
          {state.is === "timed" && ` · every ${formatDuration(state.seconds)}`}
        </span>
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
