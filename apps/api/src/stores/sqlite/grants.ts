import { and, eq, isNull } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import type { GrantStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { grants, roles, sections, users } from "./schema.ts";

export const createGrantStore = (parts: Parts): GrantStore => {
  const { orm, writer } = parts;
  return {
    change: ({ add, subject, section, at }) =>
      writer.write(() => {
        const subjectId =
          "username" in subject
            ? orm
                .select({ id: users.id })
                .from(users)
                .where(eq(users.usernameKey, subject.username))
                .get()?.id
            : orm.select({ id: roles.id }).from(roles).where(eq(roles.name, subject.role)).get()
                ?.id;
        if (subjectId === undefined) return "noSubject";
        const sectionId =
          section === everySection
            ? null
            : orm.select({ id: sections.id }).from(sections).where(eq(sections.slug, section)).get()
                ?.id;
        if (sectionId === undefined) return "noSection";
        const holder = "username" in subject ? { userId: subjectId } : { roleId: subjectId };
        const { changes } = add
          ? orm
              .insert(grants)
              .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
              .onConflictDoNothing()
              .run()
          : orm
              .delete(grants)
              .where(
                and(
                  "userId" in holder
                    ? eq(grants.userId, holder.userId)
                    : eq(grants.roleId, holder.roleId),
                  sectionId === null ? isNull(grants.sectionId) : eq(grants.sectionId, sectionId),
                ),
              )
              .run();
        if (changes === 0) return "unchanged";
        insertAuditEvent(parts, {
          at,
          action: add ? "grant.add" : "grant.remove",
          result: "success",
          subjectType: "username" in subject ? "user" : "role",
          subjectId,
          detail: { section, by: "command line" },
        });
        return "changed";
      }),
  };
};
