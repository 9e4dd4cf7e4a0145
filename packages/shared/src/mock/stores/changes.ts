import type { ChangeStore, SectionMark } from "../../core/core.ts";
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
    return {
      sessions: new Map(
        found.sessions.flatMap((session) => {
          const sessionState = sessionStateOf(found, session);
          return sessionState && sessionIds.includes(session.id)
            ? [[session.id, sessionState] as const]
            : [];
        }),
      ),
      sections: found.sections.map((section) => markOf(found, section)),
    };
  },
});
