import type { Applied, Awaitable } from "../awaitable.ts";

/** How a job stands. Times are milliseconds since 1970. */
export interface JobState {
  readonly job: string;
  /** Null where it has never been done. */
  readonly doneAt: number | null;
  /** Until then somebody is believed to be at it; null while nobody is. */
  readonly heldUntil: number | null;
}

/**
 * Work that one of all processes does for everybody, by the clock. Of several that want to do a job
 * one gets it, and where that one has died, another gets it once its time is over.
 */
export interface ScheduledWorkStore {
  /** Of every job that has ever been claimed. */
  list(): Awaitable<readonly JobState[]>;
  /** @param found as the job stood; null where it has never been claimed */
  claim(
    claim: { readonly job: string; readonly holder: string; readonly heldUntil: number },
    found: JobState | null,
  ): Promise<Applied>;
  /**
   * Nobody is at it any more; nothing happens where another has it by now. @param doneAt null where
   * it has failed
   */
  finish(job: string, holder: string, doneAt: number | null): Promise<void>;
}
