import { adminListNames, type AdminList } from "../../contract/admin-lists.ts";
import type { ChangeStore, ListMark, SectionMark } from "../../core/core.ts";
import type { MockSection, MockState } from "../state.ts";
import { grantsTo } from "../world.ts";
import type { Parts } from "./parts.ts";
import { sessionStateOf } from "./sessions.ts";

const markOf = (
  state: MockState,
  { id, definition, panelIds, changedAt }: MockSection,
): SectionMark => {
  const { slug, visibility, title, icon, position, panels, ...rest } = definition;
  const read = panels.map((panel) =>
    state.datasets.find(({ name }) => "query" in panel && name === panel.query.dataset),
  );
  return {
    id,
    slug,
    visibility,
    listed: JSON.stringify([title, icon, position]),
    content: JSON.stringify([
      rest,
      changedAt,
      panelIds,
      read.map((dataset) => dataset && [dataset.id, dataset.version]),
    ]),
    changedAt: Math.max(changedAt, ...read.map((dataset) => dataset?.updatedAt ?? 0)),
  };
};

/** What each list tells, as text, and when it changed last, where that is known. */
const listMarksOf = (state: MockState, sections: readonly SectionMark[]): ListMark[] => {
  const latest = (times: readonly number[]): number => Math.max(0, ...times);
  const lists: Readonly<Record<AdminList, readonly [of: unknown, changedAt: number]>> = {
    users: [state.users.map((user) => ({ ...user, epoch: 0 })), 0],
    roles: [state.roles, 0],
    grants: [state.grants, 0],
    accessRequests: [state.accessRequests, 0],
    displayLinks: [state.displayLinks.map((link) => ({ ...link, lastSeenAt: null })), 0],
    sections: [sections, latest(sections.map(({ changedAt }) => changedAt))],
    datasets: [
      state.datasets.map((dataset) => ({ ...dataset, rows: null })),
      latest(state.datasets.map(({ updatedAt }) => updatedAt)),
    ],
    sessions: [
      state.sessions.map(({ id, endedAt }) => [id, endedAt]),
      latest(state.sessions.map(({ createdAt }) => createdAt)),
    ],
    audit: [state.audit.at(-1)?.id, latest(state.audit.map(({ at }) => at))],
  };
  return adminListNames.map((list) => {
    const [of, changedAt] = lists[list];
    return { list, version: JSON.stringify(of) ?? "", changedAt };
  });
};

/** @param countChanges how often something may have changed so far */
export const createChangeStore = (
  { state }: Pick<Parts, "state">,
  countChanges: () => number,
): ChangeStore => ({
  readEnds: (after, upTo) => {
    const found = state();
    const ended = found.grants.filter(
      ({ expiresAt }) => expiresAt !== null && expiresAt > after && expiresAt <= upTo,
    );
    const users = found.users.filter((user) => grantsTo(ended, user).length > 0);
    const ends = found.grants.flatMap(({ expiresAt }) =>
      expiresAt !== null && expiresAt > upTo ? [expiresAt] : [],
    );
    return {
      userIds: new Set(users.map(({ id }) => id)),
      next: ends.length === 0 ? null : Math.min(...ends),
    };
  },
  readMark: () => String(countChanges()),
  readLiveState: (sessionIds) => {
    const found = state();
    const sections = found.sections.map((section) => markOf(found, section));
    return {
      sessions: new Map(
        found.sessions.flatMap((session) => {
          const sessionState = sessionStateOf(found, session);
          return sessionState && sessionIds.includes(session.id)
            ? [[session.id, sessionState] as const]
            : [];
        }),
      ),
      sections,
      lists: listMarksOf(found, sections),
    };
  },
});
