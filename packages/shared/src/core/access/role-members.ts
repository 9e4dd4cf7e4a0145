import type { ExpectedRights, RoleStore } from "../users/role-store.ts";
import type { Rights } from "./decide-rights-change.ts";

export interface RoleMembers {
  /** What those who are in the role may do, by whatever. */
  readonly rights: readonly Rights[];
  /** Their other roles, so that a change of those is noticed. */
  readonly expected: ExpectedRights["roles"];
}

export const nobody: RoleMembers = { rights: [], expected: [] };

/** Of everybody who is in it: whoever takes something from a role takes it from them. */
export const readRoleMembers = async (
  roles: Pick<RoleStore, "readMembers" | "readRights">,
  roleId: string,
): Promise<RoleMembers> => {
  const members = await roles.readMembers(roleId);
  const isIn = await roles.readRights(members.roleIds);
  return {
    rights: [...isIn, { permissions: [], grants: members.grants }],
    expected: isIn.filter(({ id }) => id !== roleId).map(({ id, epoch }) => ({ id, epoch })),
  };
};
