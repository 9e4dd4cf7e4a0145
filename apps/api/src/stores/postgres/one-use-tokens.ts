import { and, eq, gt, isNull, lt } from "drizzle-orm";
import type { OneUseTokenStore } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { oneUseTokens } from "./schema.ts";

/** May this token still be used for that? */
export const isOneUseTokenUsable = async (
  { orm }: Pick<Parts, "orm">,
  purpose: (typeof oneUseTokens.$inferSelect)["purpose"],
  tokenHash: Uint8Array,
  at: number,
): Promise<boolean> => {
  const found = await orm
    .select({ at: oneUseTokens.createdAt })
    .from(oneUseTokens)
    .where(
      and(
        eq(oneUseTokens.tokenHash, tokenHash),
        eq(oneUseTokens.purpose, purpose),
        isNull(oneUseTokens.usedAt),
        gt(oneUseTokens.expiresAt, at),
      ),
    );
  return found.length > 0;
};

export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => ({
  isUsable: (tokenHash, at) => isOneUseTokenUsable(parts, "setup", tokenHash, at),
  add: (token) =>
    parts.writer.write(async ({ orm }) => {
      await orm.delete(oneUseTokens).where(lt(oneUseTokens.expiresAt, token.createdAt));
      await orm.insert(oneUseTokens).values(token);
    }),
});
