/** Asks for the server until it answers, so that `lost` ends without anyone making a request. */
import { NetworkError } from "./errors.ts";
import type { Pause } from "./pauses.ts";
import { requestTimeoutMs, type Send } from "./search-session.ts";
import type { SessionState } from "./session-state.ts";

/** @param isSettling a refresh is under way: those ask on their own */
export const createProbe = (
  state: SessionState,
  send: Send,
  pause: Pause,
  isSettling: () => boolean,
  disposed: AbortSignal,
): (() => Promise<void>) => {
  let probing = false;
  return async () => {
    if (probing) return;
    probing = true;
    for (let tries = 0; state.hasFault("request") && !disposed.aborted; tries++) {
      await pause(undefined, tries, () => false);
      if (isSettling()) continue;
      try {
        await send("GET /healthz", {}, { signal: disposed, timeoutMs: requestTimeoutMs });
        state.setFault("request", null);
      } catch (error) {
        state.setFault("request", error instanceof NetworkError ? error : null);
      }
    }
    probing = false;
  };
};
