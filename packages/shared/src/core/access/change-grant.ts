import type { AuditEvent } from "../audit/audit-store.ts";
import type { RoleStore } from "../users/role-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { GrantStore } from "./grant-store.ts";

/**
 * Gives or takes away a grant, whose holder and section are called by their names.
 * @param change.subject the user's `usernameKey`, or the role's name
 * @param change.section a slug, or the wildcard
 * @param by who or what asked for it, in words
 * @throws AppError `busy`
 */
export const changeGrant = async (
  {
    stores: { users, roles, grants },
    now,
  }: {
    readonly stores: {
      readonly users: Pick<UserStore, "find">;
      readonly roles: Pick<RoleStore, "list">;
      readonly grants: GrantStore;
    };
    readonly now: () => number;
  },
  change: {
    readonly add: boolean;
    readonly subject: { readonly username: string } | { readonly role: string };
    readonly section: string;
  },
  by: string,
): Promise<"changed" | "unchanged" | "noHolder" | "noSection"> => {
  const { add, subject, section } = change;
  const isUser = "username" in subject;
  const found = isUser
    ? await users.find(subject.username)
    : (await roles.list()).find(({ name }) => name === subject.role);
  if (!found) return "noHolder";
  const audit: AuditEvent = {
    at: now(),
    action: add ? "grant.add" : "grant.remove",
    result: "success",
    subjectType: isUser ? "user" : "role",
    subjectId: found.id,
    detail: { section, by },
  };
  const holder = isUser ? { userId: found.id } : { roleId: found.id };
  return grants.change({ add, holder, section }, audit);
};
