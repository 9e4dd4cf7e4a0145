/**
 * While there is an admin, somebody in the built-in role who is active and can sign in, nothing
 * that the core has changed takes the last one away.
 */
import { and, eq, isNotNull } from "drizzle-orm";
import type { Parts } from "./parts.ts";
import { roles, userRoles, users } from "./schema.ts";

/** @returns a statement that is true to what the transaction has written so far */
export const prepareHasAdmin = ({ orm }: Pick<Parts, "orm">): (() => boolean) => {
  const anAdmin = orm
    .select({ userId: users.id })
    .from(roles)
    .innerJoin(userRoles, eq(userRoles.roleId, roles.id))
    .innerJoin(users, eq(users.id, userRoles.userId))
    .where(and(eq(roles.builtIn, true), eq(users.active, true), isNotNull(users.passwordHash)))
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
