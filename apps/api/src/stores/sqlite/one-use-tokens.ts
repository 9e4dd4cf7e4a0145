import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { OneUseTokenStore } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { oneUseTokens } from "./schema.ts";

/** May this token still be used for that? Inside a transaction it can be used up by the same. */
export const isOneUseTokenUsable = (
  { orm }: Pick<Parts, "orm">,
  purpose: (typeof oneUseTokens.$inferSelect)["purpose"],
  tokenHash: Uint8Array,
  at: number,
): boolean =>
  orm
    .select({ at: oneUseTokens.createdAt })
    .from(oneUseTokens)
    .where(
      and(
        eq(oneUseTokens.tokenHash, tokenHash),
        eq(oneUseTokens.purpose, purpose),
        isNull(oneUseTokens.usedAt),
        gt(oneUseTokens.expiresAt, at),
      ),
    )
    .get() !== undefined;

export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => ({
  isUsable: (tokenHash, at) => isOneUseTokenUsable(parts, "setup", tokenHash, at),
  add: (token) =>
    parts.writer.write(() => {
      parts.orm
        .delete(oneUseTokens)
        .where(sql`${oneUseTokens.expiresAt} < ${token.createdAt}`)
        .run();
      parts.orm.insert(oneUseTokens).values(token).run();
    }),
});
