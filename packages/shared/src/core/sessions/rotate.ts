/**
 * What POST /refresh does to a session, and whatever else rotates it: secrets, what is recorded of
 * it, and what the user is told. Pure.
 */
import type { AuditAction } from "../../contract/audit-actions.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Digests, RefreshToken, RefreshTokens } from "../ports.ts";
import { decideRefresh, rotationsToRemember, type RefreshRefusal } from "../tokens/rotation.ts";
import { idleLifeOf } from "./idle-life.ts";
import type { FoundSession, SessionRow, SessionWrites } from "./session-store.ts";

export interface Presented {
  /** Its tag has been verified. */
  readonly token: RefreshToken;
  readonly delivery: "cookie" | "body";
  readonly idempotencyKeyHash: Uint8Array | null;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** By the password, beside the token, who it is has been proved: what follows from that. */
  readonly proved?: Pick<SessionWrites, "password" | "audit" | "notice"> & {
    /** Was the token the session's current one when the password came? */
    readonly wasCurrent: boolean;
  };
}

export type Rotation =
  | {
      readonly outcome: "rotated" | "replayed";
      readonly refreshToken: string;
      /** The session as it is to be. */
      readonly row: SessionRow;
      readonly writes?: SessionWrites;
    }
  | {
      readonly outcome: "refused";
      readonly refusal: RefreshRefusal;
      readonly writes?: SessionWrites;
    };

/**
 * The database was put back from a backup, or a master secret was dropped: whoever runs this has to
 * know.
 */
const recordedCauses: Partial<
  Record<Extract<RefreshRefusal, { outcome: "refuse" }>["because"], AuditAction>
> = {
  newer: "session.refresh.newerThanDatabase",
  otherLine: "session.refresh.otherLine",
};

/** Takes as long wherever they differ. */
const equal = (one: Uint8Array | null, other: Uint8Array | null): boolean => {
  if (one === null || other === null || one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index += 1)
    difference |= (one[index] as number) ^ (other[index] as number);
  return difference === 0;
};

export const decideRotation = (
  found: FoundSession | null,
  presented: Presented,
  {
    digests,
    refreshTokens,
    now,
    idleMilliseconds,
    wasCurrent,
  }: {
    readonly digests: Digests;
    readonly refreshTokens: RefreshTokens;
    readonly now: number;
    readonly idleMilliseconds: number;
    /** Has an earlier look, for the same request, found the token to be the current one? */
    readonly wasCurrent: boolean;
  },
): Rotation => {
  const { token, idempotencyKeyHash, address, userAgent, requestId } = presented;
  const { generation } = token;
  const row = found?.row ?? null;
  const { proved } = presented;
  const { wasCurrent: _, ...follows } = proved ?? { wasCurrent: false };
  const authenticated = proved && { authTime: now };
  const decision = decideRefresh(
    row,
    found?.userIsActive === true,
    {
      generation,
      delivery: presented.delivery,
      hasKey: idempotencyKeyHash !== null,
      isCurrentSecret: () => row !== null && equal(digests.hash(token.secret), row.secretHash),
      isLastKey: () => equal(idempotencyKeyHash, row?.idempotencyKeyHash ?? null),
      leadsToCurrentSecret: () => {
        const next = row && refreshTokens.next(token, row.salt, row.masterSecretId);
        return next != null && equal(digests.hash(next.secret), row?.secretHash ?? null);
      },
      wasCurrent: wasCurrent || proved?.wasCurrent === true,
    },
    now,
  );
  if (row === null) return { outcome: "refused", refusal: decision as RefreshRefusal };

  /**
   * With the address and the browser of whoever presents the token, and of whoever refreshed last.
   */
  const audit = (action: AuditAction): AuditEvent => ({
    at: now,
    action,
    result: "failure",
    actorUserId: row.userId,
    subjectType: "session",
    subjectId: row.id,
    sessionId: row.id,
    address,
    userAgent,
    requestId,
    detail: {
      presented: generation,
      stored: row.generation,
      delivery: presented.delivery,
      lastAddress: row.address,
      lastUserAgent: row.userAgent,
    },
  });
  const successor = (masterSecretId: string): RefreshToken => {
    const next = refreshTokens.next(token, row.salt, masterSecretId);
    if (next === null) throw new Error("A rotation was decided on without the secret for it");
    return next;
  };

  switch (decision.outcome) {
    case "rotate": {
      const { masterSecretId } = refreshTokens;
      const next = successor(masterSecretId);
      const rotation = {
        generation: next.generation,
        secretHash: digests.hash(next.secret),
        masterSecretId,
        idempotencyKeyHash,
        rotatedAt: now,
        earlierRotations: rotationsToRemember(row, now),
        idleExpiresAt: Math.min(now + idleLifeOf(row, idleMilliseconds), row.absoluteExpiresAt),
        lastUsedAt: now,
        userAgent,
        address,
      };
      return {
        outcome: "rotated",
        row: { ...row, ...rotation, ...authenticated },
        refreshToken: refreshTokens.write(next, masterSecretId),
        writes: { rotation, ...authenticated, ...follows },
      };
    }
    case "replay":
      return {
        outcome: "replayed",
        row: { ...row, ...authenticated },
        refreshToken: refreshTokens.write(successor(row.masterSecretId), row.masterSecretId),
        ...(authenticated && { writes: { ...authenticated, ...follows } }),
      };
    case "reuse":
      return {
        outcome: "refused",
        refusal: decision,
        writes: {
          end: { at: now, reason: "reuse" },
          audit: audit("session.refresh.reuse"),
          notice: {
            userId: row.userId,
            kind: "refreshTokenReused",
            at: now,
            data: {
              address,
              userAgent,
              sessionStartedAt: new Date(row.createdAt).toISOString(),
              sessionAddress: row.address,
              sessionUserAgent: row.userAgent,
            },
          },
        },
      };
    case "refuse": {
      const cause = recordedCauses[decision.because];
      return {
        outcome: "refused",
        refusal: decision,
        ...(cause !== undefined && { writes: { auditOnce: audit(cause) } }),
      };
    }
    default:
      return { outcome: "refused", refusal: decision };
  }
};
