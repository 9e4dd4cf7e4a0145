import type { AdminList } from "../../contract/admin-lists.ts";
import type { SectionVisibility } from "../access/decide-access.ts";
import type { SessionState } from "../sessions/session-store.ts";
import type { Awaitable } from "../awaitable.ts";

/** What a section looks like from outside: two that are equal need not be read again. */
export interface SectionMark {
  readonly id: string;
  readonly slug: string;
  readonly visibility: SectionVisibility;
  /** Differs when what a list says of it differs. */
  readonly listed: string;
  /** Differs when its panels, or the data of one of them, differ. */
  readonly content: string;
  /** When that was written last, as those say who wrote it. */
  readonly changedAt: number;
}

/** What a list of the admin side looks like from outside. */
export interface ListMark {
  readonly list: AdminList;
  /** Differs when anything has changed that the list tells. It may differ for less. */
  readonly version: number | string;
  /** When that was, as far as it is known. */
  readonly changedAt: number;
}

/** What open pages have to be told of. */
export interface ChangeStore {
  /**
   * Of grants that end without anything being written: whose have ended since `after`, up to
   * `upTo`, and when the next one ends, of whomever.
   */
  readEnds(
    after: number,
    upTo: number,
  ): Awaitable<{ readonly userIds: ReadonlySet<string>; readonly next: number | null }>;
  /**
   * Differs from before once anything has been committed since, by whatever process or hand; it may
   * differ for less. Whoever reads the state after it reads nothing older. It is asked for every
   * second while anybody listens, so it reads no row: any database knows whether it has committed.
   */
  readMark(): Awaitable<string>;
  /**
   * The states of these sessions, those that exist, and the marks of all sections and lists, of one
   * moment.
   */
  readLiveState(sessionIds: readonly string[]): Awaitable<{
    readonly sessions: ReadonlyMap<string, SessionState>;
    readonly sections: readonly SectionMark[];
    readonly lists: readonly ListMark[];
  }>;
}
