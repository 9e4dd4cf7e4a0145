import { and, eq, gt, isNull, lt } from "drizzle-orm";
import type { OneUseToken, OneUseTokenStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { insertNotice } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { oneUseTokens } from "./schema.ts";
import type { Transaction } from "./writer.ts";

/** A token that may still be used for that. */
export const findOneUseToken = async (
  { orm }: Pick<Parts, "orm">,
  purpose: OneUseToken["purpose"],
  tokenHash: Uint8Array,
  at: number,
): Promise<Pick<OneUseToken, "userId" | "madeBy" | "expiresAt"> | null> => {
  const [found] = await orm
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
    );
  return found ?? null;
};

/** No link of before works any more. */
export const removePasswordLinks = async (
  { orm }: Pick<Transaction, "orm">,
  userId: string,
): Promise<void> => {
  await orm
    .delete(oneUseTokens)
    .where(and(eq(oneUseTokens.userId, userId), eq(oneUseTokens.purpose, "password")));
};

/** Forgets what has expired by then, too. */
export const insertOneUseToken = async (
  { orm }: Pick<Transaction, "orm">,
  token: OneUseToken,
): Promise<void> => {
  await orm.delete(oneUseTokens).where(lt(oneUseTokens.expiresAt, token.createdAt));
  await orm.insert(oneUseTokens).values(token);
};

export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => ({
  isUsable: async (tokenHash, at) =>
    (await findOneUseToken(parts, "setup", tokenHash, at)) !== null,
  findPasswordLink: async (tokenHash, at) => {
    const found = await findOneUseToken(parts, "password", tokenHash, at);
    return found?.userId ? { ...found, userId: found.userId } : null;
  },
  replacePasswordLink: (link, expected, audit, notice) =>
    parts.writer.write(async (transaction) => {
      if (!(await areAsRead(transaction, expected))) return "changed";
      await removePasswordLinks(transaction, link.userId);
      await insertOneUseToken(transaction, link);
      await insertNotice(transaction, notice);
      await insertAuditEvent(transaction, audit);
      return "applied";
    }),
  add: (token) => parts.writer.write((transaction) => insertOneUseToken(transaction, token)),
});
