import { everySection } from "../../contract/permissions.ts";
import {
  expiryOf,
  isInForce,
  type GrantHolder,
  type GrantStore,
  type NamedGrant,
} from "../../core/core.ts";
import type { MockGrant, MockState } from "../state.ts";
import { changeRights, userOf } from "../world.ts";
import { answerRequest } from "./access-requests.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";

/** Null where its holder or its section has gone. */
const namedOf = (state: MockState, grant: MockGrant): NamedGrant | null => {
  const { id, to, section, expiresAt, createdAt } = grant;
  const title =
    state.sections.find(({ definition }) => definition.slug === section)?.definition.title ?? null;
  if (title === null && section !== everySection) return null;
  const about = { id, section, title, expiresAt, createdAt };
  if ("role" in to) {
    const role = state.roles.find(({ name }) => name === to.role);
    const { id: roleId, name } = role ?? {};
    return roleId === undefined || name === undefined
      ? null
      : { ...about, holder: { roleId }, user: null, role: { name } };
  }
  const user = state.users.find(({ username }) => username === to.username);
  if (!user) return null;
  const { id: userId, username, displayName } = user;
  return { ...about, holder: { userId }, user: { username, displayName }, role: null };
};

const callOf = (state: MockState, holder: GrantHolder): MockGrant["to"] =>
  "userId" in holder
    ? { username: userOf(state, holder.userId)?.username ?? "" }
    : { role: state.roles.find(({ id }) => id === holder.roleId)?.name ?? "" };

export const createGrantStore = (parts: Parts): GrantStore => {
  const named = (): NamedGrant[] => {
    const state = parts.state();
    return state.grants.flatMap((grant) => namedOf(state, grant) ?? []);
  };
  const isOf = (
    { holder }: NamedGrant,
    {
      userIds,
      roleIds,
    }: { readonly userIds: readonly string[]; readonly roleIds: readonly string[] },
  ): boolean =>
    "userId" in holder ? userIds.includes(holder.userId) : roleIds.includes(holder.roleId);

  return {
    list: ({ holders, sections }, after, limit) =>
      named()
        .filter(
          (grant) =>
            isInForce(grant, parts.now()) &&
            (holders === null || isOf(grant, holders)) &&
            (sections === null || sections.includes(grant.section)),
        )
        .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1))
        .filter(
          ({ createdAt, id }) =>
            after === null || createdAt < after[0] || (createdAt === after[0] && id < after[1]),
        )
        .slice(0, limit),
    find: ({ ids, sections, ...holders }) => ({
      grants: named().filter(
        (grant) =>
          ids.includes(grant.id) || (isOf(grant, holders) && sections.includes(grant.section)),
      ),
      titles: new Map(
        parts
          .state()
          .sections.map(({ definition }) => [definition.slug, definition.title] as const)
          .filter(([slug]) => sections.includes(slug)),
      ),
    }),
    apply: async (expected, { remove, change, add, audit, answer }) => {
      const state = parts.state();
      const isThere = (slug: string): boolean =>
        slug === everySection || state.sections.some(({ definition }) => definition.slug === slug);
      if (!areAsRead(state, expected) || !add.every(({ section }) => isThere(section)))
        return "changed";
      if (answer && !answerRequest(state, answer)) return "changed";
      changeRights({ state, now: parts.now }, () => {
        const ends = new Map(change.map(({ id, expiresAt }) => [id, expiresAt]));
        state.grants = [
          ...state.grants
            .filter(({ id }) => !remove.includes(id))
            .map((grant) => {
              const end = ends.get(grant.id);
              return end === undefined ? grant : { ...grant, expiresAt: end };
            }),
          ...add.map(({ id, holder, section, expiresAt, createdAt }) => {
            const to = callOf(state, holder);
            return { id, to, section, expiresAt, createdAt };
          }),
        ];
      });
      for (const event of audit) addEvent(parts, event);
      return "applied";
    },
    purge: async (endedBy) => {
      const state = parts.state();
      const ended = named().filter(({ expiresAt }) => !isInForce({ expiresAt }, endedBy));
      if (ended.length === 0) return 0;
      changeRights({ state, now: parts.now }, () => {
        state.grants = state.grants.filter(({ id }) => !ended.some((one) => one.id === id));
      });
      for (const grant of ended) addEvent(parts, expiryOf(grant, endedBy));
      return ended.length;
    },
  };
};
