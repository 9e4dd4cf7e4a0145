import { permissions as everyPermission } from "../../contract/permissions.ts";
import type { ExpectedRights, FoundRole, RoleStore, RoleToGive } from "../../core/core.ts";
import type { MockRole, MockState } from "../state.ts";
import { changeRights, hasAdmin, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";

const found = (role: MockRole): FoundRole => ({
  ...role,
  permissions: (role.builtIn ? everyPermission : role.permissions).toSorted(),
});

/** Their names, in that order, where each is as it was read; otherwise null. */
export const namesOf = (
  roles: readonly MockRole[],
  expected: readonly RoleToGive[],
): readonly string[] | null => {
  const names = expected.flatMap(
    (one) => roles.find(({ id, epoch }) => id === one.id && epoch === one.epoch)?.name ?? [],
  );
  return names.length === expected.length ? names : null;
};

/** May each of these users do what they could when it was decided, and does each role give it? */
export const areAsRead = (state: MockState, { users, roles }: ExpectedRights): boolean =>
  users.every(({ id, epoch }) => userOf(state, id)?.epoch === epoch) &&
  namesOf(state.roles, roles) !== null;

export const createRoleStore = (parts: Parts): RoleStore => {
  const isTaken = (name: string, roleId: string): boolean =>
    parts.state().roles.some((role) => role.name === name && role.id !== roleId);

  /**
   * Puts these in the place of those that there are, where that leaves an admin, or where there was
   * none before.
   */
  const replace = (
    now: Partial<Pick<ReturnType<Parts["state"]>, "roles" | "users" | "grants">>,
    audit: Parameters<typeof addEvent>[1],
  ): "applied" | "lastAdmin" => {
    const state = parts.state();
    if (hasAdmin(state) && !hasAdmin({ ...state, ...now })) return "lastAdmin";
    changeRights({ state, now: parts.now }, () => void Object.assign(state, now));
    addEvent(parts, audit);
    return "applied";
  };

  return {
    list: () =>
      parts
        .state()
        .roles.map(found)
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    read: (roleId) => {
      const role = parts.state().roles.find(({ id }) => id === roleId);
      return role ? found(role) : null;
    },
    add: async (role, audit) => {
      if (isTaken(role.name, role.id)) return "nameTaken";
      const { roles } = parts.state();
      replace({ roles: [...roles, { ...role, builtIn: false, epoch: 1, version: 1 }] }, audit);
      return "added";
    },
    apply: async (roleId, version, writes, audit) => {
      const { roles, users, grants } = parts.state();
      const before = roles.find((role) => role.id === roleId && role.version === version)?.name;
      if (before === undefined) return "changed";
      const { name = before } = writes;
      if (isTaken(name, roleId)) return "nameTaken";
      // Users and grants call a role by its name here.
      return replace(
        {
          roles: roles.map((role) =>
            role.id === roleId ? { ...role, ...writes, version: version + 1 } : role,
          ),
          users: users.map((user) => ({
            ...user,
            roles: user.roles.map((one) => (one === before ? name : one)),
          })),
          grants: grants.map((grant) =>
            "role" in grant.to && grant.to.role === before
              ? { ...grant, to: { role: name } }
              : grant,
          ),
        },
        audit,
      );
    },
    remove: async (roleId, version, audit) => {
      const { roles, users, grants } = parts.state();
      const name = roles.find((role) => role.id === roleId && role.version === version)?.name;
      if (name === undefined) return "changed";
      return replace(
        {
          roles: roles.filter(({ id }) => id !== roleId),
          users: users.map((user) => ({
            ...user,
            roles: user.roles.filter((one) => one !== name),
          })),
          grants: grants.filter(({ to }) => !("role" in to && to.role === name)),
        },
        audit,
      );
    },
    applyToUser: async (userId, expectedEpoch, { add, remove }, audit) => {
      const state = parts.state();
      const added = namesOf(state.roles, add);
      if (userOf(state, userId)?.epoch !== expectedEpoch || !added) return "changed";
      const removed = state.roles.filter(({ id }) => remove.includes(id)).map(({ name }) => name);
      return replace(
        {
          users: state.users.map((user) =>
            user.id === userId
              ? {
                  ...user,
                  roles: [
                    ...new Set([...user.roles.filter((one) => !removed.includes(one)), ...added]),
                  ],
                }
              : user,
          ),
        },
        audit,
      );
    },
  };
};
