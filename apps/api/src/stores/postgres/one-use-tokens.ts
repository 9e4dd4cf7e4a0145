import { and, eq, gt, inArray, isNull, lt } from "drizzle-orm";
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
  purposes: readonly OneUseToken["purpose"][],
  tokenHash: Uint8Array,
  at: number,
): Promise<Pick<OneUseToken, "purpose" | "userId" | "madeBy" | "expiresAt"> | null> => {
  const [found] = await orm
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
    );
  return found ?? null;
};

/** On which a user chooses a password. */
export const passwordPurposes = ["password", "passwordReset"] as const;

/** No link of before works any more. */
export const removeOneUseTokens = async (
  { orm }: Pick<Transaction, "orm">,
  userId: string,
  purposes: readonly OneUseToken["purpose"][],
): Promise<void> => {
  await orm
    .delete(oneUseTokens)
    .where(and(eq(oneUseTokens.userId, userId), inArray(oneUseTokens.purpose, [...purposes])));
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
    (await findOneUseToken(parts, ["setup"], tokenHash, at)) !== null,
  findPasswordLink: async (tokenHash, at) => {
    const found = await findOneUseToken(parts, passwordPurposes, tokenHash, at);
    if (!found?.userId) return null;
    const { purpose, userId, madeBy, expiresAt } = found;
    return { userId, madeBy, expiresAt, isMailed: purpose === "passwordReset" };
  },
  findEmailVerification: async (tokenHash, at) => {
    const found = await findOneUseToken(parts, ["emailVerification"], tokenHash, at);
    return found?.userId ? { userId: found.userId } : null;
  },
  replacePasswordLink: (link, expected, audit, notice) =>
    parts.writer.write(async (transaction) => {
      if (!(await areAsRead(transaction, expected))) return "changed";
      await removeOneUseTokens(transaction, link.userId, passwordPurposes);
      await insertOneUseToken(transaction, link);
      await insertNotice(transaction, notice);
      await insertAuditEvent(transaction, audit);
      return "applied";
    }),
  add: (token) => parts.writer.write((transaction) => insertOneUseToken(transaction, token)),
});
