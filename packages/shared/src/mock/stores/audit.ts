import type { AuditEvent, AuditStore, WrittenAuditEvent } from "../../core/core.ts";
import { shortDigest } from "../digest.ts";
import type { MockState } from "../state.ts";
import type { Parts } from "./parts.ts";

const keptEvents = 200;
/**
 * As text. All of the state is kept after each request, in a storage that takes a few megabytes.
 */
const longestDetail = 1_000;

/** What they are called now, unless the event says. */
const namesOf = (
  state: MockState,
  { actorUserId, actorName, subjectType, subjectId, subjectName }: AuditEvent,
): Pick<WrittenAuditEvent, "actorName" | "subjectName"> => {
  const nameOfUser = (id: string | null | undefined): string | undefined =>
    state.users.find((user) => user.id === id)?.username;
  const nameOf = {
    user: () => nameOfUser(subjectId),
    role: () => state.roles.find(({ id }) => id === subjectId)?.name,
    section: () => state.sections.find(({ id }) => id === subjectId)?.definition.title,
    dataset: () => state.datasets.find(({ id }) => id === subjectId)?.name,
    session: () => nameOfUser(state.sessions.find(({ id }) => id === subjectId)?.userId),
    "signing key": () => undefined,
  };
  return {
    actorName: actorName === undefined ? (nameOfUser(actorUserId) ?? null) : actorName,
    subjectName:
      subjectName === undefined
        ? ((subjectType == null ? undefined : nameOf[subjectType]()) ?? null)
        : subjectName,
  };
};

/** As the other stores have it: nothing is left out. */
const written = ({
  id,
  at,
  action,
  result,
  actorUserId = null,
  actorName = null,
  subjectType = null,
  subjectId = null,
  subjectName = null,
  sessionId = null,
  address = null,
  userAgent = null,
  requestId = null,
  detail = {},
}: MockState["audit"][number]): WrittenAuditEvent => ({
  id,
  at,
  action,
  result,
  actorUserId,
  actorName,
  subjectType,
  subjectId,
  subjectName,
  sessionId,
  address,
  userAgent,
  requestId,
  detail,
});

/**
 * Written with what it tells of. Of very many events the oldest go, and of a long one its detail,
 * such as whole sections.
 */
export const addEvent = (
  { state }: Pick<Parts, "state">,
  { detail, ...told }: AuditEvent,
): void => {
  const found = state();
  const event = { ...told, ...namesOf(found, told) };
  const isShort = detail !== undefined && JSON.stringify(detail).length <= longestDetail;
  const kept = { ...event, ...(isShort && { detail }) };
  // Not counted with the other ids: those must not hang on what is recorded once a minute only.
  const last = found.audit.at(-1)?.id ?? "";
  const added = { ...kept, id: `evt_${shortDigest(found.seed, last, JSON.stringify(kept))}` };
  found.audit = [...found.audit, added].slice(-keptEvents);
};

export const createAuditStore = (parts: Parts): AuditStore => ({
  add: async (event) => addEvent(parts, event),
  read: ({ actorUserId, action, subjectId, from = -Infinity, to = Infinity }, after, limit) => {
    const { audit } = parts.state();
    // Of one moment, what was written last comes first.
    const events = audit
      .map((event, index) => ({ event: written(event), index }))
      .sort((one, other) => other.event.at - one.event.at || other.index - one.index);
    const last = events.findIndex(({ event }) => event.id === after?.id);
    const fitting = events
      .slice(last + 1)
      .map(({ event }) => event)
      .filter(
        (event) =>
          (actorUserId === undefined || event.actorUserId === actorUserId) &&
          (action === undefined || event.action === action) &&
          (subjectId === undefined || event.subjectId === subjectId) &&
          event.at >= from &&
          event.at < to &&
          // Of an event that has gone meanwhile, the moment is left.
          (after === null || last >= 0 || event.at < after.at),
      );
    const page = fitting.slice(0, limit);
    const end = fitting.length > limit ? page.at(-1) : undefined;
    return { events: page, next: end ? { at: end.at, id: end.id } : null };
  },
  purge: (before) => {
    const state = parts.state();
    const kept = state.audit.filter(({ at }) => at >= before);
    const purged = state.audit.length - kept.length;
    state.audit = kept;
    return purged;
  },
});
