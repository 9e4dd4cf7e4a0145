import { everySection } from "../../contract/permissions.ts";
import {
  adminRole,
  encodeBase64Url,
  usernameKey,
  emailKey,
  type NewUser,
  type User,
  type UserStore,
} from "../../core/core.ts";
import type { MockState, MockUser } from "../state.ts";
import { findUser, grantsOf, hasAdmin, permissionsOf, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import { isOneUseTokenUsable } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { namesOf } from "./roles.ts";

const asUser = (user: MockUser): User => {
  const { id, username, displayName, email, password, active, epoch, version } = user;
  return { id, username, displayName, email, passwordHash: password, active, epoch, version };
};

const isTaken = ({ users, retiredNames }: MockState, added: NewUser): boolean =>
  retiredNames.includes(added.usernameKey) ||
  users.some(
    ({ username, email }) =>
      usernameKey(username) === added.usernameKey ||
      (email !== null && emailKey(email) === added.emailKey),
  );

/** Nobody is in a role or has a grant by somebody who was not there before. */
const push = ({ users }: MockState, added: NewUser, roles: readonly string[]): void => {
  const { id, username, displayName, email, passwordHash, active, createdAt } = added;
  users.push({
    id,
    username,
    displayName,
    email,
    password: passwordHash,
    roles,
    active,
    epoch: 1,
    version: 1,
    createdAt,
  });
};

export const createUserStore = (parts: Parts): UserStore => ({
  find: (key) => {
    const user = findUser(parts.state(), key);
    return user ? asUser(user) : null;
  },
  readRights: (userId) => {
    const state = parts.state();
    const user = userOf(state, userId);
    return user
      ? {
          user: asUser(user),
          roles: user.roles.toSorted(),
          permissions: permissionsOf(state, user),
          sections: grantsOf(state, user),
        }
      : null;
  },
  isKnownDevice: (key, deviceHash) => {
    const { users, devices } = parts.state();
    const user = users.find(({ username }) => usernameKey(username) === key);
    return devices.some(
      ({ userId, device }) => userId === user?.id && device === encodeBase64Url(deviceHash),
    );
  },
  replacePasswordHash: async (userId, from, to) => {
    const state = parts.state();
    state.users = state.users.map((user) =>
      user.id === userId && user.password === from ? { ...user, password: to } : user,
    );
  },
  hasAdmin: () => hasAdmin(parts.state()),
  add: async (added, given, audit) => {
    const state = parts.state();
    if (isTaken(state, added)) return "nameTaken";
    const roles = namesOf(state.roles, given);
    if (!roles) return "changed";
    push(state, added, roles);
    addEvent(parts, audit);
    return "added";
  },
  addAdmin: async (added, tokenHash, audit) => {
    const state = parts.state();
    if (tokenHash !== null) {
      if (hasAdmin(state)) return "adminExists";
      if (!isOneUseTokenUsable(state, tokenHash, audit.at)) return "tokenInvalid";
    }
    if (isTaken(state, added)) return "nameTaken";
    if (tokenHash !== null) state.oneUseTokens = [];
    let role = state.roles.find(({ builtIn }) => builtIn);
    if (!role) {
      role = {
        ...(state.roles.find(({ name }) => name === adminRole.name) ?? {
          ...adminRole,
          id: parts.newId("rol"),
          permissions: [],
          epoch: 1,
          version: 1,
        }),
        builtIn: true,
      };
      const { id } = role;
      state.roles = [...state.roles.filter((one) => one.id !== id), role];
    }
    state.grants = [...state.grants, { to: { username: added.username }, section: everySection }];
    push(state, added, [role.name]);
    addEvent(parts, audit);
    return "added";
  },
});
