import { and, eq, isNull } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import type { GrantHolder, GrantStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { grants, roles, sections, users } from "./schema.ts";
import { isStorable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/**
 * @param sectionId null for every one
 * @returns false where there is such a grant already
 */
export const insertGrant = async (
  { orm }: Pick<Transaction, "orm">,
  holder: GrantHolder,
  sectionId: string | null,
  at: number,
): Promise<boolean> => {
  const { rowCount } = await orm
    .insert(grants)
    .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
    .onConflictDoNothing();
  return (rowCount ?? 0) > 0;
};

const removeGrant = async (
  { orm }: Pick<Transaction, "orm">,
  holder: GrantHolder,
  sectionId: string | null,
): Promise<boolean> => {
  const { rowCount } = await orm
    .delete(grants)
    .where(
      and(
        "userId" in holder ? eq(grants.userId, holder.userId) : eq(grants.roleId, holder.roleId),
        sectionId === null ? isNull(grants.sectionId) : eq(grants.sectionId, sectionId),
      ),
    );
  return (rowCount ?? 0) > 0;
};

/** Locked, so that neither goes while a grant is given that names it. */
const isThere = async (
  { orm }: Pick<Transaction, "orm">,
  holder: GrantHolder,
): Promise<boolean> => {
  const found =
    "userId" in holder
      ? await orm
          .select({ id: users.id })
          .from(users)
          .where(eq(users.id, holder.userId))
          .for("key share")
      : await orm
          .select({ id: roles.id })
          .from(roles)
          .where(eq(roles.id, holder.roleId))
          .for("key share");
  return found.length > 0;
};

/** The granted sections, or the wildcard alone: a grant without a section is of all. */
export const slugsOf = (granted: readonly (string | null)[]): string[] =>
  granted.includes(null) ? [everySection] : granted.flatMap((slug) => slug ?? []);

export const createGrantStore = ({ writer }: Parts): GrantStore => ({
  change: ({ add, holder, section }, audit) =>
    writer.write(async (transaction) => {
      if (!(await isThere(transaction, holder))) return "noHolder";
      let sectionId: string | null = null;
      if (section !== everySection) {
        const [found] = isStorable(section)
          ? await transaction.orm
              .select({ id: sections.id })
              .from(sections)
              .where(eq(sections.slug, section))
              .for("key share")
          : [];
        if (found === undefined) return "noSection";
        sectionId = found.id;
      }
      const hasChanged = add
        ? await insertGrant(transaction, holder, sectionId, audit.at)
        : await removeGrant(transaction, holder, sectionId);
      if (!hasChanged) return "unchanged";
      await insertAuditEvent(transaction, audit);
      return "changed";
    }),
});
