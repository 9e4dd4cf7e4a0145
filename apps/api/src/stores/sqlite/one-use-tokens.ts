import { and, eq, gt, isNull, lt } from "drizzle-orm";
import type { OneUseToken, OneUseTokenStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { prepareNotices } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { oneUseTokens } from "./schema.ts";

/** A token that may still be used for that. Inside a transaction it can be used up by the same. */
export const findOneUseToken = (
  { orm }: Pick<Parts, "orm">,
  purpose: OneUseToken["purpose"],
  tokenHash: Uint8Array,
  at: number,
): Pick<OneUseToken, "userId" | "madeBy" | "expiresAt"> | null =>
  orm
    .select({
      userId: oneUseTokens.userId,
      madeBy: oneUseTokens.madeBy,
      expiresAt: oneUseTokens.expiresAt,
    })
    .from(oneUseTokens)
    .where(
      and(
        eq(oneUseTokens.tokenHash, tokenHash),
        eq(oneUseTokens.purpose, purpose),
        isNull(oneUseTokens.usedAt),
        gt(oneUseTokens.expiresAt, at),
      ),
    )
    .get() ?? null;

/** To be called inside a transaction. No link of before works any more. */
export const removePasswordLinks = ({ orm }: Pick<Parts, "orm">, userId: string): void =>
  void orm
    .delete(oneUseTokens)
    .where(and(eq(oneUseTokens.userId, userId), eq(oneUseTokens.purpose, "password")))
    .run();

/** To be called inside a transaction. Forgets what has expired by then, too. */
export const insertOneUseToken = ({ orm }: Pick<Parts, "orm">, token: OneUseToken): void => {
  orm.delete(oneUseTokens).where(lt(oneUseTokens.expiresAt, token.createdAt)).run();
  orm.insert(oneUseTokens).values(token).run();
};

export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => {
  const insertNotice = prepareNotices(parts);
  return {
    isUsable: (tokenHash, at) => findOneUseToken(parts, "setup", tokenHash, at) !== null,
    findPasswordLink: (tokenHash, at) => {
      const found = findOneUseToken(parts, "password", tokenHash, at);
      return found?.userId ? { ...found, userId: found.userId } : null;
    },
    replacePasswordLink: (link, expected, audit, notice) =>
      parts.writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        removePasswordLinks(parts, link.userId);
        insertOneUseToken(parts, link);
        insertNotice(notice);
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    add: (token) => parts.writer.write(() => insertOneUseToken(parts, token)),
  };
};
