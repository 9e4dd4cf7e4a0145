/**
 * While there is an admin, an active user with every permission, nothing that the core has changed
 * takes the last one away.
 */
import { eq, sql } from "drizzle-orm";
import { permissions as everyPermission } from "@sallyport/shared/contract";
import type { Parts } from "./parts.ts";
import { rolePermissions, userRoles, users } from "./schema.ts";
import type { Transaction } from "./writer.ts";

export const hasAdmin = async ({ orm }: Pick<Parts, "orm">): Promise<boolean> => {
  const found = await orm
    .select({ userId: users.id })
    .from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(eq(users.active, true))
    .groupBy(users.id)
    .having(sql`count(distinct ${rolePermissions.permission}) >= ${everyPermission.length}`)
    .limit(1);
  return found.length > 0;
};

/** The number is ours alone. */
const adminsLock = 0x5a11_0002;

/** From here to its end, no other transaction goes by who is an admin, or changes it. */
export const lockAdmins = async ({ orm }: Transaction): Promise<void> => {
  await orm.execute(sql`SELECT pg_advisory_xact_lock(${adminsLock})`);
};

/** Thrown, so that what was written is rolled back. */
class NobodyLeft extends Error {}

/** Has the change written where it leaves an admin, or where there was none before. */
export const keepAnAdmin = async <T>(
  { writer }: Pick<Parts, "writer">,
  change: (transaction: Transaction) => Promise<T>,
): Promise<T | "lastAdmin"> => {
  try {
    return await writer.write(async (transaction) => {
      await lockAdmins(transaction);
      const hadAdmin = await hasAdmin(transaction);
      const outcome = await change(transaction);
      if (hadAdmin && !(await hasAdmin(transaction))) throw new NobodyLeft();
      return outcome;
    });
  } catch (error) {
    if (error instanceof NobodyLeft) return "lastAdmin";
    throw error;
  }
};
