import { encodeBase64Url, usernameKey, type User, type UserStore } from "../../core/core.ts";
import type { MockUser } from "../state.ts";
import { findUser, grantsOf, hasAdmin, permissionsOf, userOf } from "../world.ts";
import type { Parts } from "./parts.ts";

export const asUser = (user: MockUser): User => {
  const { id, username, displayName, email, emailVerified, active, epoch, version } = user;
  return {
    id,
    username,
    displayName,
    email,
    emailVerified,
    passwordHash: user.password,
    active,
    epoch,
    version,
  };
};

/** Who signs in, and what they may. What is done to them is in `administered-users.ts`. */
export const createUserStore = (
  parts: Parts,
): Pick<
  UserStore,
  "find" | "readRights" | "isKnownDevice" | "replacePasswordHash" | "hasAdmin"
> => ({
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
          preferences: user.preferences,
          roles: user.roles.toSorted(),
          permissions: permissionsOf(state, user),
          ...grantsOf(state, user, parts.now()),
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
});
