import { everySection, permissions as everyPermission } from "../../contract/permissions.ts";
import {
  adminRole,
  displayNameKey,
  usernameKey,
  emailKey,
  isInForce,
  type AuditEvent,
  type DescribedUser,
  type NamedRole,
  type NewUser,
  type User,
  type UserPlace,
  type UserStore,
} from "../../core/core.ts";
import type { MockRole, MockState, MockUser } from "../state.ts";
import {
  addGrant,
  changeRights,
  endSessions,
  grantsOf,
  grantsTo,
  hasAdmin,
  permissionsOf,
  userOf,
} from "../world.ts";
import { addEvent } from "./audit.ts";
import { addMail, addNotice } from "./notices.ts";
import {
  findOneUseToken,
  passwordPurposes,
  pushOneUseToken,
  removeOneUseTokens,
} from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";
import { asUser, type createUserStore } from "./users.ts";

const isTaken = ({ users, retiredNames }: MockState, added: NewUser): boolean =>
  retiredNames.includes(added.usernameKey) ||
  users.some(
    ({ username, email }) =>
      usernameKey(username) === added.usernameKey ||
      (email !== null && emailKey(email) === added.emailKey),
  );

/** Nobody is in a role or has a grant by somebody who was not there before. */
const push = ({ users }: MockState, added: NewUser, roles: readonly string[]): void => {
  const { id, username, displayName, email, emailVerified, passwordHash, active, createdAt } =
    added;
  users.push({
    id,
    username,
    displayName,
    email,
    emailVerified,
    password: passwordHash,
    roles,
    active,
    epoch: 1,
    version: 1,
    preferences: {},
    createdAt,
  });
};

const isAsRead = (state: MockState, { id, version }: Pick<User, "id" | "version">): boolean =>
  userOf(state, id)?.version === version;

const namesOf = ({ roles }: MockState, roleIds: readonly string[]): readonly string[] =>
  roles.filter(({ id }) => roleIds.includes(id)).map(({ name }) => name);

/** By name. */
const rolesOf = ({ roles }: MockState, user: MockUser): readonly MockRole[] =>
  roles
    .filter(({ name }) => user.roles.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));

const named = (role: MockRole | undefined): NamedRole | null =>
  role ? { id: role.id, name: role.name } : null;

const keys = {
  username: ({ username }: MockUser): string => usernameKey(username),
  displayName: ({ displayName }: MockUser): string => displayNameKey(displayName),
} as const;

const describe = (state: MockState, user: MockUser): DescribedUser => {
  const uses = state.sessions
    .filter(({ userId }) => userId === user.id)
    .map(({ lastUsedAt }) => lastUsedAt);
  return {
    user: asUser(user),
    isIn: rolesOf(state, user).map(({ id, name }) => ({ id, name })),
    createdAt: user.createdAt,
    lastSeenAt: uses.length === 0 ? null : Math.max(...uses),
  };
};

/** Puts these in the place of everybody, where that leaves an admin, or where there was none. */
const replaceUsers = (
  parts: Parts,
  users: MockUser[],
  audit: AuditEvent,
): "applied" | "lastAdmin" => {
  const state = parts.state();
  if (hasAdmin(state) && !hasAdmin({ ...state, users })) return "lastAdmin";
  changeRights({ state, now: parts.now }, () => {
    state.users = users;
  });
  addEvent(parts, audit);
  return "applied";
};

/** Users as those see and change them who look after them. */
export const createAdministeredUserStore = (
  parts: Parts,
): Omit<UserStore, keyof ReturnType<typeof createUserStore>> => ({
  read: (userId) => {
    const state = parts.state();
    const user = userOf(state, userId);
    return user
      ? {
          ...describe(state, user),
          permissions: permissionsOf(state, user),
          ...grantsOf(state, user, parts.now()),
        }
      : null;
  },
  list: ({ text, roleId, active }, { by, descending }, after, limit) => {
    const state = parts.state();
    const [role] = roleId === null ? [null] : namesOf(state, [roleId]);
    const placeOf = (user: MockUser): UserPlace => [
      by === "createdAt" ? user.createdAt : keys[by](user),
      user.id,
    ];
    const compare = (one: UserPlace, other: UserPlace): number =>
      one[0] === other[0] ? (one[1] < other[1] ? -1 : 1) : one[0] < other[0] ? -1 : 1;
    const found = state.users
      .filter(
        (user) =>
          (text === null ||
            [keys.username(user), keys.displayName(user), emailKey(user.email ?? "")].some((key) =>
              key.includes(text),
            )) &&
          (roleId === null || (role !== undefined && user.roles.includes(role ?? ""))) &&
          (active === null || user.active === active),
      )
      .map((user) => ({ ...describe(state, user), place: placeOf(user) }))
      .sort((one, other) => compare(one.place, other.place) * (descending ? -1 : 1));
    return {
      items: found
        .filter(({ place }) => !after || compare(place, after) * (descending ? -1 : 1) > 0)
        .filter(({ place }) => !after || place[0] !== after[0] || place[1] !== after[1])
        .slice(0, limit),
      total: found.length,
    };
  },
  readReasons: (userId) => {
    const state = parts.state();
    const user = userOf(state, userId);
    const isIn = user ? rolesOf(state, user) : [];
    return {
      permissions: isIn.flatMap(({ id, name, builtIn, permissions }) =>
        (builtIn ? everyPermission : permissions).map((permission) => ({
          permission,
          role: { id, name },
        })),
      ),
      grants: (user
        ? grantsTo(state.grants, user).filter((grant) => isInForce(grant, parts.now()))
        : []
      ).map(({ to, section, expiresAt }) => ({
        section,
        expiresAt,
        role: "role" in to ? named(isIn.find(({ name }) => name === to.role)) : null,
      })),
    };
  },
  findTaken: (usernameKeys, emailKeys) => {
    const { users, retiredNames } = parts.state();
    const names = new Set([...users.map(keys.username), ...retiredNames]);
    const addresses = new Set(users.map(({ email }) => emailKey(email ?? "")));
    return {
      usernameKeys: usernameKeys.filter((key) => names.has(key)),
      emailKeys: emailKeys.filter((key) => addresses.has(key)),
    };
  },
  add: async (people, expected) => {
    const state = parts.state();
    if (!areAsRead(state, expected)) return "changed";
    if (people.some(({ user }) => isTaken(state, user))) return "nameTaken";
    for (const { user, roleIds, link, audit } of people) {
      push(state, user, namesOf(state, roleIds));
      if (link) pushOneUseToken(state, link);
      addEvent(parts, audit);
    }
    return "added";
  },
  apply: async (found, expected, { displayName, email, active, roles }, audit, notice = null) => {
    const state = parts.state();
    if (!isAsRead(state, found) || !areAsRead(state, expected)) return "changed";
    const holder = (key: string): MockUser | undefined =>
      state.users.find((user) => user.email !== null && emailKey(user.email) === key);
    if (email && (holder(email.key)?.id ?? found.id) !== found.id) return "nameTaken";
    const add = namesOf(state, roles?.add ?? []);
    const remove = namesOf(state, roles?.remove ?? []);
    // To the address before; the one after is told by the notice.
    const before = state.outbox;
    if (notice) addMail(parts, { ...notice, id: parts.newId("mai"), sealed: null });
    const outcome = replaceUsers(
      parts,
      state.users.map((user) =>
        user.id === found.id
          ? {
              ...user,
              ...(displayName !== undefined && { displayName }),
              ...(email !== undefined && { email: email?.address ?? null, emailVerified: false }),
              ...(active !== undefined && { active }),
              roles: [...new Set([...user.roles.filter((one) => !remove.includes(one)), ...add])],
            }
          : user,
      ),
      audit,
    );
    if (outcome !== "applied") {
      state.outbox = before;
      return outcome;
    }
    if (email !== undefined)
      removeOneUseTokens(state, found.id, ["passwordReset", "emailVerification"]);
    if (notice) addNotice(parts, notice);
    return outcome;
  },
  applyOwn: async ({ user: { id, version }, preferences: before }, writes, audit) => {
    const state = parts.state();
    const user = userOf(state, id);
    if (user?.version !== version || JSON.stringify(user.preferences) !== JSON.stringify(before))
      return "changed";
    const { displayName, preferences } = writes;
    const raised = Number(displayName !== user.displayName);
    state.users = state.users.map((one) =>
      one.id === id ? { ...one, displayName, preferences, version: version + raised } : one,
    );
    addEvent(parts, audit);
    return "applied";
  },
  remove: async (found, expected, audit) => {
    const state = parts.state();
    const user = userOf(state, found.id);
    if (!user || !isAsRead(state, found) || !areAsRead(state, expected)) return "changed";
    const { username } = user;
    const outcome = replaceUsers(
      parts,
      state.users.filter(({ id }) => id !== found.id),
      audit,
    );
    if (outcome === "applied") {
      state.retiredNames.push(usernameKey(username));
      state.grants = state.grants.filter(({ to }) => "role" in to || to.username !== username);
      state.displayLinks = state.displayLinks.filter(({ madeBy }) => madeBy !== found.id);
      state.accessRequests = state.accessRequests.filter(({ userId }) => userId !== found.id);
      state.oneUseTokens = state.oneUseTokens.filter(({ userId }) => userId !== found.id);
      state.outbox = state.outbox.filter(({ userId }) => userId !== found.id);
    }
    return outcome;
  },
  choosePassword: async ({ userId, tokenHash, passwordHash }, expected, audit, notice) => {
    const state = parts.state();
    if (!areAsRead(state, expected)) return "changed";
    const link = findOneUseToken(state, passwordPurposes, tokenHash, audit.at);
    if (link?.userId !== userId || userOf(state, userId)?.active !== true) return "tokenInvalid";
    changeRights({ state, now: parts.now }, () => {
      state.users = state.users.map((user) =>
        user.id === userId ? { ...user, password: passwordHash } : user,
      );
    });
    endSessions(state, (session) => session.userId === userId, "passwordChanged", audit.at);
    removeOneUseTokens(state, userId, passwordPurposes);
    if (notice) addNotice(parts, notice);
    addEvent(parts, audit);
    return "applied";
  },
  findByVerifiedEmail: (key) => {
    const user = parts
      .state()
      .users.find(
        ({ email, emailVerified }) => email !== null && emailVerified && emailKey(email) === key,
      );
    return user ? asUser(user) : null;
  },
  verifyEmail: async ({ userId, tokenHash }, audit) => {
    const state = parts.state();
    const link = findOneUseToken(state, ["emailVerification"], tokenHash, audit.at);
    if (link?.userId !== userId) return "tokenInvalid";
    state.users = state.users.map((user) =>
      user.id === userId ? { ...user, emailVerified: true } : user,
    );
    removeOneUseTokens(state, userId, ["emailVerification"]);
    addEvent(parts, audit);
    return "applied";
  },
  addAdmin: async (added, tokenHash, audit) => {
    const state = parts.state();
    if (tokenHash !== null) {
      if (hasAdmin(state)) return "adminExists";
      if (!findOneUseToken(state, ["setup"], tokenHash, audit.at)) return "tokenInvalid";
    }
    if (isTaken(state, added)) return "nameTaken";
    if (tokenHash !== null)
      state.oneUseTokens = state.oneUseTokens.filter(({ purpose }) => purpose !== "setup");
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
    const { name } = role;
    if (state.users.length === 0) addGrant(state, { role: name }, everySection, audit.at);
    const givesEverySection = state.grants.some(
      ({ to, section, expiresAt }) =>
        "role" in to && to.role === name && section === everySection && expiresAt === null,
    );
    if (!givesEverySection) addGrant(state, { username: added.username }, everySection, audit.at);
    push(state, added, [name]);
    addEvent(parts, audit);
    return "added";
  },
});
