/**
 * Refreshes shortly before the access token dies, so that no request has to wait for it, for as
 * long as somebody uses the page.
 */
import type { ClientEnvironment } from "./environment.ts";
import type { SessionState } from "./session-state.ts";

/** Timers may fire a moment early by another clock, and then nothing would follow. */
const timerSlackMs = 20;
/** Answers about one access token differ by as much as their requests took on the way. */
const expirySlackMs = 500;
const longestLeadMs = 30_000;

export const scheduleRefreshes = (
  environment: ClientEnvironment,
  state: SessionState,
  refresh: () => void,
) => {
  let inputSinceRefresh = false;
  let expirySeen = -Infinity;
  let lastAhead = -Infinity;
  let versionSeen = state.version();
  let timer: unknown;
  const leadMs = (): number => Math.min(longestLeadMs, state.life().whole / 10);

  /** Idle means idle: a page that nobody touches lets its session run out. */
  const refreshAhead = (): void => {
    const { left, whole } = state.life();
    const now = environment.elapsed();
    if (
      !inputSinceRefresh ||
      state.current().status !== "signedIn" ||
      state.hasExpired() ||
      left > leadMs() ||
      now - lastAhead < whole / 2
    )
      return;
    lastAhead = now;
    refresh();
  };
  state.subscribe(() => {
    if (state.version() === versionSeen) return;
    versionSeen = state.version();
    environment.clearTimer(timer);
    const { left } = state.life();
    const expiry = Number.isFinite(left) ? environment.elapsed() + left : -Infinity;
    // What only confirms the session brings no new access token, and forgets no input.
    if (expiry === -Infinity || expiry > expirySeen + expirySlackMs) {
      inputSinceRefresh = false;
      expirySeen = expiry;
    }
    if (Number.isFinite(left))
      timer = environment.setTimer(refreshAhead, Math.max(0, left - leadMs()) + timerSlackMs);
  });

  return {
    noteUserInput: (): void => {
      inputSinceRefresh = true;
      refreshAhead();
    },
    /** The user has done something since the last refresh. */
    hasInput: (): boolean => inputSinceRefresh,
    dispose: (): void => environment.clearTimer(timer),
  };
};
