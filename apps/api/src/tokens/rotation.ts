/**
 * The decision of POST /refresh. Pure: it sees the family's row while nobody else can change it, and says what
 * happens. Invariant: at most one generation of a family is live, and only its holder can get the next.
 */
import { timingSafeEqual } from "node:crypto";
import { sessionEndReasons, type SessionEndReason } from "@sallyport/shared/contract";
import type { FamilyChange, SessionRow } from "../database/store.ts";
import type { MasterSecrets } from "./master-secret.ts";
import { deriveNext, hashSecret, writeRefreshToken, type RefreshToken } from "./refresh-token.ts";

/** A generation that stopped being the current one less than this ago is a slow tab's, not a thief's. */
export const conflictWindowMilliseconds = 10_000;

export interface Presented {
  /** Its tag has been verified. */
  readonly token: RefreshToken;
  readonly delivery: "cookie" | "body";
  readonly idempotencyKeyHash: Buffer | null;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export type Rotation =
  | { readonly outcome: "rotated" | "replayed"; readonly refreshToken: string; readonly userId: string; readonly change?: FamilyChange }
  | { readonly outcome: "conflict"; readonly change?: never }
  | { readonly outcome: "refused"; readonly reason?: SessionEndReason; readonly change?: FamilyChange };

/** When and why a session is over; null while it lives. */
export const endOfSession = (
  session: { readonly endedAt: number | null; readonly endReason: string | null; readonly idleExpiresAt: number; readonly absoluteExpiresAt: number },
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
const isWithinWindow = (at: number, now: number): boolean => Math.abs(now - at) < conflictWindowMilliseconds;

const equal = (a: Buffer | null, b: Buffer | null): boolean => a !== null && b !== null && a.length === b.length && timingSafeEqual(a, b);

/** When a generation stopped being the current one; null when that is longer ago than the row remembers. */
const supersededAt = (row: SessionRow, generation: number): number | null => {
  const back = row.generation - generation;
  return (back === 1 ? row.rotatedAt : row.earlierRotations[back - 2]) ?? null;
};

export const decideRotation = (
  row: SessionRow | null,
  userIsActive: boolean,
  presented: Presented,
  { secrets, now, idleMilliseconds }: { readonly secrets: MasterSecrets; readonly now: number; readonly idleMilliseconds: number },
): Rotation => {
  const { token, idempotencyKeyHash, address, userAgent, requestId } = presented;
  if (row === null) return { outcome: "refused" };

  const audit = (action: string, detail: Record<string, unknown>) =>
    ({ at: now, action, result: "failure", actorUserId: row.userId, subjectType: "session", subjectId: row.id, sessionId: row.id, address, userAgent, requestId, detail }) as const;

  if (presented.delivery !== row.delivery) return { outcome: "refused", change: { audit: audit("session.refresh.otherDelivery", { delivery: presented.delivery }) } };
  const end = endOfSession(row, userIsActive, now);
  if (end) return { outcome: "refused", ...end };
  if (token.generation > row.generation)
    return { outcome: "refused", change: { audit: audit("session.refresh.newerThanDatabase", { presented: token.generation, stored: row.generation }) } };

  if (token.generation === row.generation) {
    // A tag that is right over another secret: the family went on from a backup. Nothing to accuse anybody of.
    if (!equal(hashSecret(token.secret), row.secretHash)) return { outcome: "refused" };
    const next = deriveNext(secrets.current, token, row.salt);
    return {
      outcome: "rotated",
      userId: row.userId,
      refreshToken: writeRefreshToken(secrets.current, next),
      change: {
        update: {
          generation: next.generation,
          secretHash: hashSecret(next.secret),
          masterSecretId: secrets.current.id,
          idempotencyKeyHash,
          rotatedAt: now,
          earlierRotations: [row.rotatedAt, ...row.earlierRotations].filter((at) => isWithinWindow(at, now)),
          idleExpiresAt: Math.min(now + idleMilliseconds, row.absoluteExpiresAt),
          lastUsedAt: now,
          userAgent,
          address,
        },
      },
    };
  }

  if (token.generation === row.generation - 1 && equal(idempotencyKeyHash, row.idempotencyKeyHash)) {
    const master = secrets.all.find((secret) => secret.id === row.masterSecretId);
    const successor = master && deriveNext(master, token, row.salt);
    // The secret that derived the successor has been dropped, or the parent is of another line than the row.
    if (!master || !successor || !equal(hashSecret(successor.secret), row.secretHash)) return { outcome: "refused" };
    return { outcome: "replayed", userId: row.userId, refreshToken: writeRefreshToken(master, successor) };
  }

  const superseded = supersededAt(row, token.generation);
  if (superseded !== null && isWithinWindow(superseded, now)) return { outcome: "conflict" };

  // RFC 9700, 4.14.2: an old token in use means that it is in two hands, and nobody can tell whose are the right ones.
  return {
    outcome: "refused",
    reason: "reuse",
    change: {
      update: { endedAt: now, endReason: "reuse" },
      audit: audit("session.refresh.reuse", { presented: token.generation, stored: row.generation, lastAddress: row.address, lastUserAgent: row.userAgent }),
      notice: {
        userId: row.userId,
        kind: "refreshTokenReused",
        at: now,
        data: { address, userAgent, sessionStartedAt: new Date(row.createdAt).toISOString(), sessionAddress: row.address, sessionUserAgent: row.userAgent },
      },
    },
  };
};
