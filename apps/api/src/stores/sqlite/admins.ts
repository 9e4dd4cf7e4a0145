/**
 * While there is an admin, an active user with every permission, nothing that the core has changed
 * takes the last one away.
 */
import { eq, sql } from "drizzle-orm";
import { permissions as everyPermission } from "@sallyport/shared/contract";
import type { Parts } from "./parts.ts";
import { rolePermissions, userRoles, users } from "./schema.ts";

/** @returns a statement that is true to what the transaction has written so far */
export const prepareHasAdmin = ({ orm }: Pick<Parts, "orm">): (() => boolean) => {
  const anAdmin = orm
    .select({ userId: users.id })
    .from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(eq(users.active, true))
    .groupBy(users.id)
    .having(sql`count(distinct ${rolePermissions.permission}) >= ${everyPermission.length}`)
    .limit(1)
    .prepare();
  return () => anAdmin.get() !== undefined;
};

/** Thrown, so that what was written is rolled back. */
class NobodyLeft extends Error {}

/** Has the change written where it leaves an admin, or where there was none before. */
export const createAdminKeeper = (
  parts: Pick<Parts, "orm" | "writer">,
): (<T>(change: () => T) => Promise<T | "lastAdmin">) => {
  const hasAdmin = prepareHasAdmin(parts);
  return async (change) => {
    try {
      return await parts.writer.write(() => {
        const hadAdmin = hasAdmin();
        const outcome = change();
        if (hadAdmin && !hasAdmin()) throw new NobodyLeft();
        return outcome;
      });
    } catch (error) {
      if (error instanceof NobodyLeft) return "lastAdmin";
      throw error;
    }
  };
};
