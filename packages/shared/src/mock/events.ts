/** The stream of events, by the server's own code: it looks at the mock's state as it does at a database. */
import { createLiveChanges, type LiveChanges, type SectionMark } from "../rules/rules.ts";
import { tellDeveloper } from "./tell-developer.ts";
import { grantsOf, userOf, type World } from "./world.ts";

const markOf = (
  { state }: World,
  { id, definition, panelIds, changedAt }: World["state"]["sections"][number],
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

export interface MockEvents {
  readonly handlers: LiveChanges["handlers"];
  /** Looks what has changed, and tells those who listen. */
  look(): void;
  close(): void;
}

/** @param every runs something again and again, as timers do; returns how to stop */
export const createEvents = (
  world: World,
  every: (milliseconds: number, run: () => void) => () => void,
): MockEvents => {
  const looks = new Set<() => void>();
  let changes = 0;
  const live = createLiveChanges({
    store: {
      readChangeMark: () => String(changes),
      readLiveState: (sessionIds) => ({
        sessions: new Map(
          world.state.sessions.flatMap((session) => {
            const user = userOf(world.state, session.userId);
            return user && sessionIds.includes(session.id)
              ? [[session.id, { ...session, active: user.active, epoch: user.epoch }]]
              : [];
          }),
        ),
        sections: world.state.sections.map((section) => markOf(world, section)),
      }),
      readUserRights: (userId) => {
        const user = userOf(world.state, userId);
        return user ? { sections: grantsOf(world.state, user) } : null;
      },
    },
    clock: {
      now: world.now,
      every: (milliseconds, run) => {
        looks.add(run);
        const stop = every(milliseconds, run);
        return () => {
          looks.delete(run);
          stop();
        };
      },
    },
    reportFault: (error) => tellDeveloper("it failed to look what has changed.", error),
  });
  return {
    handlers: live.handlers,
    look: () => {
      changes += 1;
      for (const run of looks) run();
    },
    close: live.close,
  };
};
