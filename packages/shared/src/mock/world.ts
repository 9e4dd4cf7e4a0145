/**
 * The mock's world: its state, and what the people in it may do. Every change of rights raises the
 * user's epoch, as the server's triggers do.
 */
import { everySection, permissions as everyPermission } from "../contract/permissions.ts";
import type { SessionEndReason } from "../contract/contract.ts";
import {
  adminRole,
  sectionsInForce,
  usernameKey,
  type IdPrefix,
  type SectionsInForce,
  type TokenCookies,
} from "../core/core.ts";
import { sampleEmailOf, samplePasswordOf, samplePeople, sampleRoles } from "../sample/sample.ts";
import { createContent } from "./content.ts";
import { shortDigest } from "./digest.ts";
import { createSignInFailures } from "./limits.ts";
import {
  stateVersion,
  type MockGrant,
  type MockRole,
  type MockSession,
  type MockState,
  type MockUser,
} from "./state.ts";

/** What stays as it is while the state changes. */
export interface World {
  state: MockState;
  readonly publicUrl: string;
  readonly cookies: TokenCookies;
  readonly now: () => number;
}

export const newId = (state: MockState, prefix: IdPrefix): string =>
  `${prefix}_${shortDigest(state.seed, "id", (state.made += 1))}`;

/** @param at in milliseconds since 1970 */
export const createState = (seed: number, at: number): MockState => {
  const state: MockState = {
    version: stateVersion,
    seed,
    made: 0,
    drawn: 0,
    clockOffset: 0,
    users: [],
    roles: [],
    retiredNames: [],
    grants: [],
    accessRequests: [],
    displayLinks: [],
    sections: [],
    datasets: [],
    imports: [],
    sessions: [],
    notices: [],
    outbox: [],
    sendsMail: true,
    devices: [],
    oneUseTokens: [],
    keyUses: [],
    audit: [],
    limits: {},
    signInFailures: createSignInFailures(),
    jar: [],
    scenario: "normal",
    armed: false,
    aside: null,
    latency: [0, 0],
    errorRate: 0,
    failures: {},
    queriesTakeTooLong: false,
    rowsChangedMeanwhile: false,
    asked: {},
  };
  state.users = samplePeople.map(({ username, displayName, active, roles }) => ({
    id: newId(state, "usr"),
    username,
    displayName,
    email: sampleEmailOf(username),
    emailVerified: true,
    password: samplePasswordOf(username),
    roles: [...roles],
    active,
    epoch: 1,
    version: 1,
    preferences: {},
    createdAt: at,
  }));
  Object.assign(
    state,
    createContent((prefix) => newId(state, prefix), at),
  );
  state.roles = sampleRoles.map(({ name, description, permissions }) => ({
    id: newId(state, "rol"),
    name,
    description,
    permissions,
    builtIn: name === adminRole.name,
    epoch: 1,
    version: 1,
  }));
  for (const { name, sections } of sampleRoles)
    for (const section of sections) addGrant(state, { role: name }, section, at);
  for (const { username, sections } of samplePeople)
    for (const section of sections) addGrant(state, { username }, section, at);
  return state;
};

/** For good. */
export const addGrant = (
  state: MockState,
  to: MockGrant["to"],
  section: string,
  at: number,
): void =>
  void state.grants.push({ id: newId(state, "grt"), to, section, expiresAt: null, createdAt: at });

export const findUser = (state: MockState, username: string): MockUser | undefined =>
  state.users.find((user) => usernameKey(user.username) === usernameKey(username));
export const userOf = (state: MockState, userId: string): MockUser | undefined =>
  state.users.find(({ id }) => id === userId);

export const permissionsOf = (
  state: Pick<MockState, "roles">,
  user: MockUser,
): readonly string[] => {
  const isIn = state.roles.filter(({ name }) => user.roles.includes(name));
  const given = new Set(
    isIn.some(({ builtIn }) => builtIn)
      ? everyPermission
      : isIn.flatMap(({ permissions }) => permissions),
  );
  return everyPermission.filter((permission) => given.has(permission));
};

export const grantsTo = (grants: readonly MockGrant[], user: MockUser): readonly MockGrant[] =>
  grants.filter(({ to }) =>
    "role" in to ? user.roles.includes(to.role) : to.username === user.username,
  );

/** Of these grants, those in force then: the sections that there are, or the wildcard alone. */
export const sectionsOf = (
  state: MockState,
  grants: readonly MockGrant[],
  at: number,
): SectionsInForce =>
  sectionsInForce(
    grants.filter(
      ({ section }) =>
        section === everySection ||
        state.sections.some(({ definition }) => definition.slug === section),
    ),
    at,
  );
export const grantsOf = (state: MockState, user: MockUser, at: number): SectionsInForce =>
  sectionsOf(state, grantsTo(state.grants, user), at);

export const hasAdmin = (state: Pick<MockState, "users" | "roles">): boolean =>
  state.users.some(
    ({ active, password, roles }) =>
      active &&
      password !== null &&
      state.roles.some(({ builtIn, name }) => builtIn && roles.includes(name)),
  );

/**
 * Changes what people may do, and outdates the access tokens of those whose grants, roles, password
 * or activity have changed by it: also where that makes no difference, as the server has it. Who is
 * deactivated by it has no session any more, also once they are active again; of who is gone none
 * is known. Epochs of roles and versions of users rise as well.
 */
export const changeRights = (
  { state, now }: Pick<World, "state" | "now">,
  change: () => void,
): void => {
  const rightsOf = (user: MockUser): string =>
    JSON.stringify([
      user.active,
      user.roles,
      permissionsOf(state, user),
      grantsTo(state.grants, user),
      grantsOf(state, user, now()),
      user.password,
    ]);
  const editOf = ({ username, displayName, email, active, roles }: MockUser): string =>
    JSON.stringify([username, displayName, email, active, roles.toSorted()]);
  const giftOf = ({ name, permissions, builtIn }: MockRole): string =>
    JSON.stringify([
      permissions,
      builtIn,
      state.grants
        .filter(({ to }) => "role" in to && to.role === name)
        .map(({ section, expiresAt }) => `${section} ${expiresAt}`)
        .toSorted(),
    ]);
  const before = new Map(
    state.users.map((user) => [user.id, { ...user, rights: rightsOf(user), edit: editOf(user) }]),
  );
  const gifts = new Map(state.roles.map((role) => [role.id, { ...role, gift: giftOf(role) }]));
  change();
  state.roles = state.roles.map((role) => {
    const known = gifts.get(role.id);
    return known
      ? {
          ...role,
          epoch: Math.max(role.epoch, known.epoch) + (known.gift === giftOf(role) ? 0 : 1),
        }
      : role;
  });
  for (const user of state.users) {
    const known = before.get(user.id);
    // Also where somebody has been put back who was as they are now: what was given out meanwhile
    // is not good any more.
    if (known)
      user.epoch = Math.max(user.epoch, known.epoch) + (known.rights === rightsOf(user) ? 0 : 1);
    if (known)
      user.version = Math.max(user.version, known.version) + (known.edit === editOf(user) ? 0 : 1);
  }
  state.sessions = state.sessions.filter(({ userId }) => userOf(state, userId));
  state.devices = state.devices.filter(
    ({ userId }) => userOf(state, userId)?.password === before.get(userId)?.password,
  );
  const deactivated = new Set(
    state.users.filter(({ id, active }) => !active && before.get(id)?.active).map(({ id }) => id),
  );
  endSessions(state, ({ userId }) => deactivated.has(userId), "deactivated", now());
};

export const endSessions = (
  state: MockState,
  which: (session: MockSession) => boolean,
  reason: SessionEndReason,
  at: number,
): void => {
  for (const session of state.sessions)
    if (session.endedAt === null && which(session)) {
      session.endedAt = at;
      session.endReason = reason;
    }
};
