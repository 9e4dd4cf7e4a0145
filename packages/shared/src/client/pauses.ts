/** The waiting between two tries. */
import type { ClientEnvironment } from "./environment.ts";
import type { SessionState } from "./session-state.ts";

const longestBackoffMs = 30_000;

/**
 * Waits as long as the server has named, and with every try that has failed for longer.
 * Ends early when it is over anyway, or, unless the server has named the time, when the page wakes.
 * @param tries those that a fault has ended before; null where there is none
 * @param isOver asked whenever the session changes
 */
export type Pause = (
  waitMs: number | undefined,
  tries: number | null,
  isOver: () => boolean,
) => Promise<void>;

export const createPause =
  (environment: ClientEnvironment, state: SessionState, disposed: AbortSignal): Pause =>
  (waitMs, tries, isOver) =>
    new Promise((resolve) => {
      const done = (): void => {
        environment.clearTimer(timer);
        unsubscribe();
        stopWaking?.();
        disposed.removeEventListener("abort", done);
        resolve();
      };
      const backoffMs =
        tries === null
          ? 0
          : Math.min(longestBackoffMs, 1000 * 2 ** tries) * (0.5 + environment.random() / 2);
      const timer = environment.setTimer(done, Math.max(backoffMs, waitMs ?? 0));
      const unsubscribe = state.subscribe(() => {
        if (isOver()) done();
      });
      const stopWaking = waitMs === undefined ? environment.onWake(done) : null;
      disposed.addEventListener("abort", done);
    });
