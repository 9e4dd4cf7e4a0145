/**
 * The decision of POST /refresh, and when a session is over. It sees the session as it was read;
 * what it decides is carried out only on a session that is still the same. Invariant: at most one
 * generation of a session is live, and only its holder can get the next.
 */
import { sessionEndReasons, type SessionEndReason } from "../../contract/error-codes.ts";
import { AppError } from "../answering/errors.ts";

/**
 * A generation that stopped being the current one less than this ago is a slow tab's, not a
 * thief's.
 */
export const conflictWindowMilliseconds = 10_000;

interface Lifetime {
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
}

/**
 * What is known of a session whose refresh token is presented. Times are in milliseconds since
 * 1970.
 */
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
  /** Did an idempotency key come along? */
  readonly hasKey: boolean;
  /** Is its secret the session's current one? */
  isCurrentSecret(): boolean;
  /** Was the last rotation asked for under the idempotency key that came along? */
  isLastKey(): boolean;
  /** Does its secret lead to the session's current one? */
  leadsToCurrentSecret(): boolean;
  /**
   * Was it found to be the session's current one, since this request came? Then it was replaced
   * meanwhile, however long that has taken.
   */
  readonly wasCurrent: boolean;
}

export type RefreshDecision =
  /** Make the next generation of it. */
  | { readonly outcome: "rotate" }
  /** Give it the generation there is: its holder has not received that. */
  | { readonly outcome: "replay" }
  /** It was replaced a moment ago, by a refresh under another key. */
  | { readonly outcome: "conflict" }
  | { readonly outcome: "keyRequired" }
  /** A program that refreshes under one key again and again: replays would hide a thief. */
  | { readonly outcome: "keyReused" }
  /** End the session, and tell the user: the token is in two hands. */
  | { readonly outcome: "reuse" }
  | {
      readonly outcome: "refuse";
      readonly because: "unknown" | "ended" | "newer" | "otherLine";
      readonly reason?: SessionEndReason;
    };

/** What a refresh is refused with; nothing that it changes is in it. */
export type RefreshRefusal = Exclude<
  RefreshDecision,
  { readonly outcome: "rotate" } | { readonly outcome: "replay" }
>;

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

/**
 * What the clock says happened in the future is as recent as can be: it has been set back, and that
 * accuses nobody.
 */
const isWithinWindow = (at: number, now: number): boolean => now - at < conflictWindowMilliseconds;

/**
 * When a generation stopped being the current one; null when that is longer ago than the session
 * remembers.
 */
const supersededAt = (session: Rotating, generation: number): number | null => {
  const back = session.generation - generation;
  return (back === 1 ? session.rotatedAt : session.earlierRotations[back - 2]) ?? null;
};

/**
 * What to remember as `earlierRotations` once it has been rotated. A time that is yet to come
 * counts from now on.
 */
export const rotationsToRemember = (session: Rotating, now: number): number[] =>
  [session.rotatedAt, ...session.earlierRotations]
    .filter((at) => isWithinWindow(at, now))
    .map((at) => Math.min(at, now));

/**
 * The rows of the protocol's table, in their order: the first that fits counts.
 * @param session null when there is none of that id
 */
export const decideRefresh = (
  session: Rotating | null,
  userIsActive: boolean,
  presented: PresentedToken,
  now: number,
): RefreshDecision => {
  const { generation, delivery } = presented;
  if (session === null) return { outcome: "refuse", because: "unknown" };
  const end = endOfSession(session, userIsActive, now);
  if (end) return { outcome: "refuse", because: "ended", ...end };
  // Out of a cookie jar a token gets into a body only by theft, and the other way round. Whatever
  // else the thief forgets.
  if (delivery !== session.delivery) return { outcome: "reuse" };
  if (generation === session.generation) {
    // A tag that is right over another secret: the session went on from a backup. Nothing to accuse
    // anybody of.
    if (!presented.isCurrentSecret()) return { outcome: "refuse", because: "otherLine" };
    // With cookies the honest client can come here: their successor has arrived, and the body with
    // the news has not.
    if (delivery === "cookie") return { outcome: "rotate" };
    if (!presented.hasKey) return { outcome: "keyRequired" };
    return presented.isLastKey() ? { outcome: "keyReused" } : { outcome: "rotate" };
  }
  if (generation > session.generation) return { outcome: "refuse", because: "newer" };
  // What derived the successor may have been dropped, or the parent is of another line than the
  // session.
  if (generation === session.generation - 1 && presented.isLastKey())
    return presented.leadsToCurrentSecret()
      ? { outcome: "replay" }
      : { outcome: "refuse", because: "otherLine" };
  const superseded = supersededAt(session, generation);
  if (presented.wasCurrent || (superseded !== null && isWithinWindow(superseded, now)))
    return { outcome: "conflict" };
  // RFC 9700, 4.14.2: an old token in use means that it is in two hands, and nobody can tell whose
  // are the right ones.
  return { outcome: "reuse" };
};

/**
 * What the caller is told of a refusal. Whoever has a cookie jar has the successor in it by now, or
 * soon. A program that carries its tokens itself has stored it, or it is in other hands; to such a
 * one, repeating is no help.
 */
export const refusalOfRefresh = (
  refusal: RefreshRefusal,
  delivery: "cookie" | "body",
): AppError => {
  switch (refusal.outcome) {
    case "keyRequired":
      return new AppError("idempotency_key_required");
    case "keyReused":
      return new AppError("idempotency_key_reused");
    case "conflict":
      return delivery === "cookie"
        ? new AppError("refresh_conflict", {
            detail:
              "Another refresh came first, and its cookies are on their way. Wait as long as `Retry-After` says and go on with them; refresh again only if they are refused. To repeat a refresh whose answer was lost, send its own `Idempotency-Key`.",
            retryAfterSeconds: 1,
          })
        : new AppError("refresh_conflict", {
            detail:
              "This refresh token has been replaced. Use the successor that you stored. If you have none, do not send this token to `POST /refresh` again: send it to `POST /logout`, which also ends the session of whoever has refreshed with it, and sign in again.",
          });
    case "reuse":
      return new AppError("refresh_invalid", { reason: "reuse" });
    case "refuse":
      return new AppError("refresh_invalid", refusal.reason ? { reason: refusal.reason } : {});
  }
};
