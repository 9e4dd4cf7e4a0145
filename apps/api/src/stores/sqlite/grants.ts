import { and, eq, isNull } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import type { GrantHolder, GrantStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { grants, roles, sections, users } from "./schema.ts";

/**
 * To be called inside a transaction.
 * @param sectionId null for every one
 * @returns false where there is such a grant already
 */
export const insertGrant = (
  { orm }: Pick<Parts, "orm">,
  holder: GrantHolder,
  sectionId: string | null,
  at: number,
): boolean =>
  orm
    .insert(grants)
    .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
    .onConflictDoNothing()
    .run().changes > 0;

/** The granted sections in order, or the wildcard alone: a grant without a section is of all. */
export const slugsOf = (granted: readonly { readonly slug: string | null }[]): string[] =>
  granted.some(({ slug }) => slug === null)
    ? [everySection]
    : [...new Set(granted.flatMap(({ slug }) => slug ?? []))].sort();

export const createGrantStore = (parts: Parts): GrantStore => {
  const { orm, writer } = parts;
  const isThere = (holder: GrantHolder): boolean =>
    ("userId" in holder
      ? orm.select({ id: users.id }).from(users).where(eq(users.id, holder.userId)).get()
      : orm.select({ id: roles.id }).from(roles).where(eq(roles.id, holder.roleId)).get()) !==
    undefined;
  const removeGrant = (holder: GrantHolder, sectionId: string | null): boolean =>
    orm
      .delete(grants)
      .where(
        and(
          "userId" in holder ? eq(grants.userId, holder.userId) : eq(grants.roleId, holder.roleId),
          sectionId === null ? isNull(grants.sectionId) : eq(grants.sectionId, sectionId),
        ),
      )
      .run().changes > 0;

  return {
    change: ({ add, holder, section }, audit) =>
      writer.write(() => {
        if (!isThere(holder)) return "noHolder";
        const sectionId =
          section === everySection
            ? null
            : orm.select({ id: sections.id }).from(sections).where(eq(sections.slug, section)).get()
                ?.id;
        if (sectionId === undefined) return "noSection";
        const hasChanged = add
          ? insertGrant(parts, holder, sectionId, audit.at)
          : removeGrant(holder, sectionId);
        if (!hasChanged) return "unchanged";
        insertAuditEvent(parts, audit);
        return "changed";
      }),
  };
};
