import {
  encodeBase64Url,
  usernameKey,
  emailKey,
  type User,
  type UserStore,
} from "../../core/core.ts";
import type { MockUser } from "../state.ts";
import { changeRights, findUser, grantsOf, hasAdmin, permissionsOf, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import { isOneUseTokenUsable } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";

const asUser = (user: MockUser): User => {
  const { id, username, displayName, email, password, active, epoch } = user;
  return { id, username, displayName, email, passwordHash: password, active, epoch };
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
  addAdmin: async (added, tokenHash, audit) => {
    const state = parts.state();
    if (tokenHash !== null) {
      if (hasAdmin(state)) return "adminExists";
      if (!isOneUseTokenUsable(state, tokenHash, audit.at)) return "tokenInvalid";
    }
    const isTaken = state.users.some(
      ({ username, email }) =>
        usernameKey(username) === added.usernameKey || emailKey(email) === added.emailKey,
    );
    if (isTaken) return "nameTaken";
    if (tokenHash !== null) state.oneUseTokens = [];
    const { id, username, displayName, email, passwordHash } = added;
    changeRights({ state, now: parts.now }, () => {
      state.users.push({
        id,
        username,
        displayName,
        email,
        password: passwordHash ?? "",
        roles: ["admin"],
        active: true,
        epoch: 1,
      });
    });
    addEvent(parts, audit);
    return "added";
  },
});
