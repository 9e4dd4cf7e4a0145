import { everySection, permissions as everyPermission } from "../../contract/permissions.ts";
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
import { changeRights, findUser, grantsOf, hasAdmin, permissionsOf, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import { isOneUseTokenUsable } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { namesOf } from "./roles.ts";

const asUser = (user: MockUser): User => {
  const { id, username, displayName, email, password, active, epoch } = user;
  return { id, username, displayName, email, passwordHash: password, active, epoch };
};

const isTaken = ({ users }: MockState, added: NewUser): boolean =>
  users.some(
    ({ username, email }) =>
      usernameKey(username) === added.usernameKey || emailKey(email) === added.emailKey,
  );

/** Nobody is in a role or has a grant by somebody who was not there before. */
const push = ({ users }: MockState, added: NewUser, roles: readonly string[]): void => {
  const { id, username, displayName, email, passwordHash, active } = added;
  users.push({
    id,
    username,
    displayName,
    email,
    password: passwordHash ?? "",
    roles,
    active,
    epoch: 1,
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
    changeRights({ state, now: parts.now }, () => {
      state.roles = [
        ...state.roles.filter(({ name }) => name !== adminRole.name),
        {
          ...(state.roles.find(({ name }) => name === adminRole.name) ?? {
            ...adminRole,
            id: parts.newId("rol"),
            version: 1,
          }),
          permissions: everyPermission,
        },
      ];
      state.grants = [...state.grants, { to: { username: added.username }, section: everySection }];
    });
    push(state, added, [adminRole.name]);
    addEvent(parts, audit);
    return "added";
  },
});
