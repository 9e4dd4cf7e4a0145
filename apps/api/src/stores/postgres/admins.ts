/**
 * While there is an admin, somebody in the built-in role who is active and can sign in, nothing
 * that the core has changed takes the last one away.
 */
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Parts } from "./parts.ts";
import { roles, userRoles, users } from "./schema.ts";
import type { Transaction } from "./writer.ts";

export const hasAdmin = async ({ orm }: Pick<Parts, "orm">): Promise<boolean> => {
  const found = await orm
    .select({ userId: users.id })
    .from(roles)
    .innerJoin(userRoles, eq(userRoles.roleId, roles.id))
    .innerJoin(users, eq(users.id, userRoles.userId))
    .where(and(eq(roles.builtIn, true), eq(users.active, true), isNotNull(users.passwordHash)))
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
