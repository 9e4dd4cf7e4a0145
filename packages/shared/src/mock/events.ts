/**
 * The stream of events, by the server's own code: it looks at the mock's state as it does at a
 * database.
 */
import { createDisplays, createLiveChanges, type LiveChanges, type Stores } from "../core/core.ts";
import { tellDeveloper } from "./tell-developer.ts";
import { digests } from "./tokens.ts";

export interface MockEvents {
  readonly liveChanges: LiveChanges;
  /** Looks what has changed, and tells those who listen. */
  look(): void;
}

/** @param clock.every runs something again and again, as timers do; returns how to stop */
export const createEvents = (
  stores: Pick<Stores, "changes" | "displayLinks" | "users">,
  clock: {
    now(): number;
    every(milliseconds: number, run: () => void): () => void;
  },
): MockEvents => {
  const looks = new Set<() => void>();
  return {
    liveChanges: createLiveChanges({
      stores,
      displays: createDisplays({ stores, digests, now: clock.now }),
      clock: {
        now: clock.now,
        every: (milliseconds, run) => {
          looks.add(run);
          const stop = clock.every(milliseconds, run);
          return () => {
            looks.delete(run);
            stop();
          };
        },
      },
      reportFault: (error) => tellDeveloper("it failed to look what has changed.", error),
    }),
    look: () => {
      for (const run of looks) run();
    },
  };
};
