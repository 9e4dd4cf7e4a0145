import { eq, sql } from "drizzle-orm";
import { keptNotices, type WaitingMail } from "@sallyport/shared/core";
import { outbox, users } from "./schema.ts";
import { storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/**
 * A mail to the address that the user has now, where they have one, and the oldest ones of theirs
 * go.
 */
export const insertMail = async (
  { orm }: Pick<Transaction, "orm">,
  {
    id,
    userId,
    kind,
    data,
    sealed,
    at,
  }: Omit<WaitingMail, "to" | "attempts"> & {
    readonly userId: string;
  },
): Promise<void> => {
  const [user] = await orm.select({ address: users.email }).from(users).where(eq(users.id, userId));
  if (!user || user.address === null) return;
  await orm.insert(outbox).values({
    id,
    userId,
    address: user.address,
    kind,
    data: storable(data),
    sealed,
    at,
    dueAt: at,
  });
  await orm
    .delete(outbox)
    .where(
      sql`${outbox.userId} = ${userId} and ${outbox.id} not in (select id from ${outbox} where user_id = ${userId} order by at desc, place desc limit ${keptNotices})`,
    );
};
