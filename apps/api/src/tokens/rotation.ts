/** What POST /refresh does to a family: the decision is the shared rules', the secrets and the records are ours. Pure. */
import { timingSafeEqual } from "node:crypto";
import { decideRefresh, rotationsToRemember, type RefreshRefusal } from "@sallyport/shared/rules";
import type { FamilyChange, SessionRow } from "../database/store.ts";
import type { MasterSecrets } from "./master-secret.ts";
import { deriveNext, hashSecret, writeRefreshToken, type RefreshToken } from "./refresh-token.ts";

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
  | {
      readonly outcome: "rotated" | "replayed";
      readonly refreshToken: string;
      /** The family as it was. */
      readonly row: SessionRow;
      readonly change?: FamilyChange;
    }
  | {
      readonly outcome: "refused";
      readonly refusal: RefreshRefusal;
      readonly change?: FamilyChange;
    };

/** The database was put back from a backup, or a master secret was dropped: whoever runs this has to know. */
const recordedCauses: Partial<
  Record<Extract<RefreshRefusal, { outcome: "refuse" }>["because"], string>
> = { newer: "newerThanDatabase", otherLine: "otherLine" };

const equal = (a: Buffer | null, b: Buffer | null): boolean =>
  a !== null && b !== null && a.length === b.length && timingSafeEqual(a, b);

/** The decision, and what it does to the family's row: new secrets, what is recorded of it, and what the user is told. */
export const decideRotation = (
  row: SessionRow | null,
  userIsActive: boolean,
  presented: Presented,
  {
    secrets,
    now,
    idleMilliseconds,
  }: { readonly secrets: MasterSecrets; readonly now: number; readonly idleMilliseconds: number },
): Rotation => {
  const { token, idempotencyKeyHash, address, userAgent, requestId } = presented;
  const { generation } = token;
  const master = row && secrets.all.find((secret) => secret.id === row.masterSecretId);
  const decision = decideRefresh(
    row,
    userIsActive,
    {
      generation,
      delivery: presented.delivery,
      hasKey: idempotencyKeyHash !== null,
      isCurrentSecret: () => equal(hashSecret(token.secret), row?.secretHash ?? null),
      isLastKey: () => equal(idempotencyKeyHash, row?.idempotencyKeyHash ?? null),
      leadsToCurrentSecret: () =>
        row !== null &&
        master != null &&
        equal(hashSecret(deriveNext(master, token, row.salt).secret), row.secretHash),
    },
    now,
  );
  if (row === null) return { outcome: "refused", refusal: decision as RefreshRefusal };

  /** With the address and the browser of whoever presents the token, and of whoever refreshed last. */
  const audit = (action: string) =>
    ({
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
    }) as const;

  switch (decision.outcome) {
    case "rotate": {
      const next = deriveNext(secrets.current, token, row.salt);
      return {
        outcome: "rotated",
        row,
        refreshToken: writeRefreshToken(secrets.current, next),
        change: {
          update: {
            generation: next.generation,
            secretHash: hashSecret(next.secret),
            masterSecretId: secrets.current.id,
            idempotencyKeyHash,
            rotatedAt: now,
            earlierRotations: rotationsToRemember(row, now),
            idleExpiresAt: Math.min(now + idleMilliseconds, row.absoluteExpiresAt),
            lastUsedAt: now,
            userAgent,
            address,
          },
        },
      };
    }
    case "replay":
      if (!master) throw new Error("A replay was decided on without the secret that derives it");
      return {
        outcome: "replayed",
        row,
        refreshToken: writeRefreshToken(master, deriveNext(master, token, row.salt)),
      };
    case "reuse":
      return {
        outcome: "refused",
        refusal: decision,
        change: {
          update: { endedAt: now, endReason: "reuse" },
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
        ...(cause !== undefined && { change: { auditOnce: audit(`session.refresh.${cause}`) } }),
      };
    }
    default:
      return { outcome: "refused", refusal: decision };
  }
};
