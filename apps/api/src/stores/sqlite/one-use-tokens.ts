import { and, eq, gt, inArray, isNull, lt } from "drizzle-orm";
import type { OneUseToken, OneUseTokenStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { prepareNotices } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { oneUseTokens } from "./schema.ts";

/** A token that may still be used for that. Inside a transaction it can be used up by the same. */
export const findOneUseToken = (
  { orm }: Pick<Parts, "orm">,
  purposes: readonly OneUseToken["purpose"][],
  tokenHash: Uint8Array,
  at: number,
): Pick<OneUseToken, "purpose" | "userId" | "madeBy" | "expiresAt"> | null =>
  orm
    .select({
      purpose: oneUseTokens.purpose,
      userId: oneUseTokens.userId,
      madeBy: oneUseTokens.madeBy,
      expiresAt: oneUseTokens.expiresAt,
    })
    .from(oneUseTokens)
    .where(
      and(
        eq(oneUseTokens.tokenHash, tokenHash),
        inArray(oneUseTokens.purpose, [...purposes]),
        isNull(oneUseTokens.usedAt),
        gt(oneUseTokens.expiresAt, at),
      ),
    )
    .get() ?? null;

/** On which a user chooses a password. */
export const passwordPurposes = ["password", "passwordReset"] as const;

/** To be called inside a transaction. No link of before works any more. */
export const removeOneUseTokens = (
  { orm }: Pick<Parts, "orm">,
  userId: string,
  purposes: readonly OneUseToken["purpose"][],
): void =>
  void orm
    .delete(oneUseTokens)
    .where(and(eq(oneUseTokens.userId, userId), inArray(oneUseTokens.purpose, [...purposes])))
    .run();

/** To be called inside a transaction. Forgets what has expired by then, too. */
export const insertOneUseToken = ({ orm }: Pick<Parts, "orm">, token: OneUseToken): void => {
  orm.delete(oneUseTokens).where(lt(oneUseTokens.expiresAt, token.createdAt)).run();
  orm.insert(oneUseTokens).values(token).run();
};

export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => {
  const insertNotice = prepareNotices(parts);
  return {
    isUsable: (tokenHash, at) => findOneUseToken(parts, ["setup"], tokenHash, at) !== null,
    findPasswordLink: (tokenHash, at) => {
      const found = findOneUseToken(parts, passwordPurposes, tokenHash, at);
      if (!found?.userId) return null;
      const { purpose, userId, madeBy, expiresAt } = found;
      return { userId, madeBy, expiresAt, isMailed: purpose === "passwordReset" };
    },
    findEmailVerification: (tokenHash, at) => {
      const found = findOneUseToken(parts, ["emailVerification"], tokenHash, at);
      return found?.userId ? { userId: found.userId } : null;
    },
    replacePasswordLink: (link, expected, audit, notice) =>
      parts.writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        removeOneUseTokens(parts, link.userId, passwordPurposes);
        insertOneUseToken(parts, link);
        insertNotice(notice);
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    add: (token) => parts.writer.write(() => insertOneUseToken(parts, token)),
  };
};
