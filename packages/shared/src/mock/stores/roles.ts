import { permissions as everyPermission } from "../../contract/permissions.ts";
import type { FoundRole, RoleStore } from "../../core/core.ts";
import type { MockRole } from "../state.ts";
import { changeRights, hasAdmin, sectionsOf } from "../world.ts";
import { areAsRead } from "./as-read.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";

const found = (role: MockRole): FoundRole => ({
  ...role,
  permissions: (role.builtIn ? everyPermission : role.permissions).toSorted(),
});

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
    readRights: (roleIds) =>
      parts
        .state()
        .roles.filter(({ id }) => roleIds.includes(id))
        .map((role) => {
          const { id, name, epoch, permissions } = found(role);
          const granted = parts
            .state()
            .grants.filter(({ to }) => "role" in to && to.role === role.name);
          const { sections, grants } = sectionsOf(parts.state(), granted, parts.now());
          return { id, name, epoch, permissions, sections, grants };
        }),
    readMembers: (roleId) => {
      const state = parts.state();
      const name = state.roles.find(({ id }) => id === roleId)?.name ?? "";
      const members = state.users.filter(({ roles }) => roles.includes(name));
      const isIn = new Set(members.flatMap(({ roles }) => roles));
      const own = state.grants.filter(
        ({ to }) => "username" in to && members.some(({ username }) => username === to.username),
      );
      return {
        roleIds: state.roles.filter((role) => isIn.has(role.name)).map(({ id }) => id),
        grants: sectionsOf(state, own, parts.now()).grants,
      };
    },
    countUsers: (roleIds) => {
      const { roles, users } = parts.state();
      return new Map(
        roles
          .filter(({ id }) => roleIds.includes(id))
          .map(({ id, name }) => [id, users.filter((user) => user.roles.includes(name)).length]),
      );
    },
    add: async (role, expected, audit) => {
      if (!areAsRead(parts.state(), expected)) return "changed";
      if (isTaken(role.name, role.id)) return "nameTaken";
      const { roles } = parts.state();
      replace({ roles: [...roles, { ...role, builtIn: false, epoch: 1, version: 1 }] }, audit);
      return "added";
    },
    apply: async ({ id: roleId, version }, expected, writes, audit) => {
      if (!areAsRead(parts.state(), expected)) return "changed";
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
    remove: async ({ id: roleId, version }, expected, audit) => {
      if (!areAsRead(parts.state(), expected)) return "changed";
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
  };
};
