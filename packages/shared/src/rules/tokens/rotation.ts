/**
 * The decision of POST /refresh, and when a session is over. It sees the session while nobody else can change it.
 * Invariant: at most one generation of a family is live, and only its holder can get the next.
 */
import { sessionEndReasons, type SessionEndReason } from "../../contract/error-codes.ts";

/** A generation that stopped being the current one less than this ago is a slow tab's, not a thief's. */
export const conflictWindowMilliseconds = 10_000;

interface Lifetime {
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
}

/** What is known of a session whose refresh token is presented. Times are in milliseconds since 1970. */
export interface Rotating extends Lifetime {
  readonly generation: number;
  readonly delivery: "cookie" | "body";
  readonly rotatedAt: number;
  /** When the rotations before the last one happened, newest first. */
  readonly earlierRotations: readonly number[];
}

/** A refresh token whose tag has been verified, and what it is worth beside the session. */
export interface PresentedToken {
  readonly generation: number;
  readonly delivery: "cookie" | "body";
  /** Is its secret the session's current one? */
  isCurrentSecret(): boolean;
  /** Was the last rotation asked for under the idempotency key that came along? */
  isLastKey(): boolean;
  /** Does its secret lead to the session's current one? */
  leadsToCurrentSecret(): boolean;
}

export type RefreshDecision =
  /** Make the next generation of it. */
  | { readonly outcome: "rotate" }
  /** Give it the generation there is: its holder has not received that. */
  | { readonly outcome: "replay" }
  | { readonly outcome: "conflict" }
  /** End the session, and tell the user: the token is in two hands. */
  | { readonly outcome: "reuse" }
  | {
      readonly outcome: "refuse";
      readonly because: "unknown" | "otherDelivery" | "ended" | "newer" | "otherLine";
      readonly reason?: SessionEndReason;
    };

/** When and why a session is over; null while it lives. */
export const endOfSession = (
  session: Lifetime,
  userIsActive: boolean,
  now: number,
): { readonly reason?: SessionEndReason } | null => {
  if (session.endedAt !== null) {
    const reason = sessionEndReasons.find((known) => known === session.endReason);
    return reason ? { reason } : {};
  }
  if (!userIsActive) return { reason: "deactivated" };
  if (session.absoluteExpiresAt <= now) return { reason: "absolute" };
  if (session.idleExpiresAt <= now) return { reason: "idle" };
  return null;
};

/** Either way: when the clock has been set back, what happened in the future is no more recent for it. */
const isWithinWindow = (at: number, now: number): boolean =>
  Math.abs(now - at) < conflictWindowMilliseconds;

/** When a generation stopped being the current one; null when that is longer ago than the session remembers. */
const supersededAt = (session: Rotating, generation: number): number | null => {
  const back = session.generation - generation;
  return (back === 1 ? session.rotatedAt : session.earlierRotations[back - 2]) ?? null;
};

/** What to remember as `earlierRotations` once it has been rotated. */
export const rotationsToRemember = (session: Rotating, now: number): number[] =>
  [session.rotatedAt, ...session.earlierRotations].filter((at) => isWithinWindow(at, now));

/** @param session null when there is none of that id */
export const decideRefresh = (
  session: Rotating | null,
  userIsActive: boolean,
  presented: PresentedToken,
  now: number,
): RefreshDecision => {
  if (session === null) return { outcome: "refuse", because: "unknown" };
  if (presented.delivery !== session.delivery)
    return { outcome: "refuse", because: "otherDelivery" };
  const end = endOfSession(session, userIsActive, now);
  if (end) return { outcome: "refuse", because: "ended", ...end };
  if (presented.generation > session.generation) return { outcome: "refuse", because: "newer" };
  // A tag that is right over another secret: the family went on from a backup. Nothing to accuse anybody of.
  if (presented.generation === session.generation)
    return presented.isCurrentSecret()
      ? { outcome: "rotate" }
      : { outcome: "refuse", because: "otherLine" };
  // What derived the successor may have been dropped, or the parent is of another line than the session.
  if (presented.generation === session.generation - 1 && presented.isLastKey())
    return presented.leadsToCurrentSecret()
      ? { outcome: "replay" }
      : { outcome: "refuse", because: "otherLine" };
  const superseded = supersededAt(session, presented.generation);
  if (superseded !== null && isWithinWindow(superseded, now)) return { outcome: "conflict" };
  // RFC 9700, 4.14.2: an old token in use means that it is in two hands, and nobody can tell whose are the right ones.
  return { outcome: "reuse" };
};
