import { everySection } from "../../contract/permissions.ts";
import type { RoleStore } from "../users/role-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { AppError } from "../answering/errors.ts";
import { changeGrants, type GrantDependencies, type GrantWish } from "./change-grants.ts";
import { everyRight } from "./decide-rights-change.ts";
import { isInForce } from "./grants-in-force.ts";

/**
 * Gives or takes away a grant, whose holder and section are called by their names, as somebody with
 * every right.
 * @param change.subject the user's `usernameKey`, or the role's name
 * @param change.section a slug, or the wildcard
 * @param change.expiresAt in milliseconds since 1970; null or left out for good
 * @param by who or what asked for it, in words
 * @throws AppError `busy`, `validation_failed` for an end that is over
 */
export const changeGrant = async (
  dependencies: Omit<GrantDependencies, "stores"> & {
    readonly stores: GrantDependencies["stores"] & {
      readonly users: Pick<UserStore, "find" | "readRights">;
      readonly roles: Pick<RoleStore, "list" | "readRights">;
    };
  },
  change: {
    readonly add: boolean;
    readonly subject: { readonly username: string } | { readonly role: string };
    readonly section: string;
    readonly expiresAt?: number | null;
  },
  by: string,
): Promise<"changed" | "unchanged" | "noHolder" | "noSection"> => {
  const { users, roles, grants } = dependencies.stores;
  const { add, subject, section, expiresAt = null } = change;
  const isUser = "username" in subject;
  const holder = isUser
    ? await users.find(subject.username)
    : (await roles.list()).find(({ name }) => name === subject.role);
  if (!holder) return "noHolder";
  const ids = isUser
    ? { userIds: [holder.id], roleIds: [] }
    : { userIds: [], roleIds: [holder.id] };
  const found = await grants.find({ ids: [], ...ids, sections: [section] });
  if (section !== everySection && !found.titles.has(section)) return "noSection";
  const given = found.grants.find((grant) => isInForce(grant, dependencies.now()));
  if (!add && !given) return "unchanged";
  const wish: GrantWish =
    add || !given
      ? {
          kind: "give",
          holder: isUser ? { userId: holder.id } : { roleId: holder.id },
          section,
          expiresAt,
          pointer: "",
          other: "replace",
        }
      : { kind: "take", grantId: given.id };
  try {
    const acting = { ...everyRight, expected: [] };
    const { writes } = await changeGrants(dependencies, [wish], () => acting, { detail: { by } });
    return writes.audit.length === 0 ? "unchanged" : "changed";
  } catch (error) {
    // Gone since it was looked for.
    if (error instanceof AppError && error.members.errors?.[0]?.code === "unknown_section")
      return "noSection";
    throw error;
  }
};
