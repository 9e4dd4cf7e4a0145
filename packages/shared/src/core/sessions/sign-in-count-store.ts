/**
 * Where failed attempts to sign in are counted, and those under way, which may fail yet. A decision
 * reads all that an attempt is counted under, with its version, and has it written only where it is
 * still the same; so what processes let in at once they let in one after the other.
 *
 * Its room is bounded, whatever names and addresses are tried, and nobody can choose whose place
 * another key gets. Nothing need outlast the process: whoever is counted anew may try a little more
 * often, and nobody less.
 */
import type { Applied, Awaitable } from "../awaitable.ts";

/** What is known of one key. Times are in milliseconds since 1970. */
export interface FailureCount {
  readonly count: number;
  readonly resetsAt: number;
  readonly blockedUntil: number;
  /**
   * When the last failure was, or a turn was given; kept beyond the window, where there is room.
   */
  readonly lastAt: number;
  /** Failures, and turns that were given and have not been taken: what decides who goes first. */
  readonly failed: number;
}

/** The next place of an account is kept for somebody. */
export interface Turn {
  readonly until: number;
  /** What they had failed when they were given the turn. */
  readonly failed: number;
  readonly lastAt: number;
}

/**
 * What an attempt is counted under.
 */
export interface CountedAttempt {
  /**
   * The count of an account is the last word on how often it can be guessed at, so it must never be
   * forgotten early; of it only `blockedUntil` need be kept. Others may be, when more is counted
   * than there is room for. At most one is of an account.
   */
  readonly gates: readonly { readonly kind: "account" | "failures"; readonly key: string }[];
  /** Whose turn it may be at the account: these are told apart. */
  readonly party: string;
}

/** As an attempt finds it, all of one moment. */
export interface FoundCounts {
  /** Another one when any of it has changed since. */
  readonly version: string;
  /** Of each gate, in their order. */
  readonly counts: readonly FailureCount[];
  /** How many attempts that are under way have passed each gate. */
  readonly underWay: readonly number[];
  /** At the account; null where nobody has one. `isOwn` where it is this party's. */
  readonly turn: (Turn & { readonly isOwn: boolean }) | null;
}

/** Whatever is left out stays as it is. */
export interface CountWrites {
  /** Of each gate, in their order; null where it stays as it is. */
  readonly counts?: readonly (FailureCount | null)[];
  /** The turn becomes this party's, or nobody's. */
  readonly turn?: Turn | null;
  /**
   * An attempt is under way, and holds a place at each gate. Where nobody ever ends it, since its
   * process has died, it does so until then.
   */
  readonly begins?: { readonly id: string; readonly until: number };
  /** One is under way no longer. */
  readonly ends?: string;
}

export interface SignInCountStore {
  read(attempt: CountedAttempt, now: number): Awaitable<FoundCounts>;
  /** Writes all of it, or nothing where what was found is no longer so. */
  apply(attempt: CountedAttempt, expectedVersion: string, writes: CountWrites): Awaitable<Applied>;
}
