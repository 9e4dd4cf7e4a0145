import type {
  AccessRequest,
  AccessRequestStore,
  AskedSoFar,
  NamedAccessRequest,
  RequestAnswer,
} from "../../core/core.ts";
import type { MockState } from "../state.ts";
import { grantsOf, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";
import { locateSection } from "./sections.ts";

const inOrder = (one: AccessRequest, other: AccessRequest): number =>
  one.askedAt - other.askedAt || (one.id < other.id ? -1 : 1);

/** Null where its user or its section has gone. */
const namedOf = (
  state: MockState,
  { id, userId, sectionId, note, askedAt, answeredAt }: AccessRequest,
): NamedAccessRequest | null => {
  const user = userOf(state, userId);
  const section = state.sections.find((one) => one.id === sectionId);
  if (!user || !section) return null;
  const { username, displayName } = user;
  const { slug, title } = section.definition;
  return {
    id,
    note,
    askedAt,
    answeredAt,
    user: { id: userId, username, displayName },
    section: slug,
    title,
  };
};

/** @returns whether it was open: all that this person has asked for of the section is answered */
export const answerRequest = (state: MockState, { requestId, at }: RequestAnswer): boolean => {
  const open = state.accessRequests.find(
    ({ id, answeredAt }) => id === requestId && answeredAt === null,
  );
  if (!open) return false;
  state.accessRequests = state.accessRequests.map((one) =>
    one.userId === open.userId && one.sectionId === open.sectionId && one.answeredAt === null
      ? { ...one, answeredAt: at }
      : one,
  );
  return true;
};

export const createAccessRequestStore = (parts: Parts): AccessRequestStore => {
  const readOf = (userId: string): AccessRequest[] =>
    parts
      .state()
      .accessRequests.filter((one) => one.userId === userId)
      .sort(inOrder);
  const find = (userId: string, slug: string): AskedSoFar => {
    const section = locateSection(parts.state(), slug);
    const requests = readOf(userId);
    return {
      version: JSON.stringify([requests, section?.id]),
      requests,
      section: section
        ? {
            id: section.id,
            slug: section.definition.slug,
            visibility: section.definition.visibility,
          }
        : null,
    };
  };
  const isWaiting = ({ userId, sectionId, answeredAt }: AccessRequest): boolean => {
    const state = parts.state();
    const user = userOf(state, userId);
    const section = state.sections.find(({ id }) => id === sectionId)?.definition;
    if (answeredAt !== null || !user?.active || section?.visibility !== "restricted") return false;
    const { grants } = grantsOf(state, user, parts.now());
    return !grants.some((held) => held.section === section.slug || held.section === "_all_");
  };

  return {
    readOf,
    find,
    ask: async (userId, slug, expectedVersion, { remove, add, note, audit }) => {
      const state = parts.state();
      if (!userOf(state, userId) || find(userId, slug).version !== expectedVersion)
        return "changed";
      state.accessRequests = [
        ...state.accessRequests
          .filter(({ id }) => !remove.includes(id))
          .map((one) => (one.id === note?.id ? { ...one, note: note.note } : one)),
        ...(add ? [add] : []),
      ];
      addEvent(parts, audit);
      return "applied";
    },
    list: ({ sections, isDescending, after, limit }) => {
      const state = parts.state();
      const waiting = state.accessRequests.filter(isWaiting).sort(inOrder);
      const first = waiting.filter(
        ({ userId, sectionId }, index) =>
          waiting.findIndex((one) => one.userId === userId && one.sectionId === sectionId) ===
          index,
      );
      const all = first
        .flatMap((one) => namedOf(state, one) ?? [])
        .filter(({ section }) => sections === null || sections.includes(section));
      const ordered = isDescending ? all.toReversed() : all;
      const isBehind = ({ askedAt, id }: NamedAccessRequest): boolean => {
        if (after === null) return true;
        const [at, place] = after;
        const isLater = askedAt > at || (askedAt === at && id > place);
        return isDescending ? !isLater && id !== place : isLater;
      };
      return { requests: ordered.filter(isBehind).slice(0, limit), total: all.length };
    },
    read: (requestId) => {
      const state = parts.state();
      const found = state.accessRequests.find(({ id }) => id === requestId);
      return found ? namedOf(state, found) : null;
    },
    answer: async (expected, answer, audit) => {
      const state = parts.state();
      if (!areAsRead(state, expected) || !answerRequest(state, answer)) return "changed";
      addEvent(parts, audit);
      return "applied";
    },
    purge: async ({ answered, asked }) => {
      const state = parts.state();
      const kept = state.accessRequests.filter(
        ({ askedAt, answeredAt }) =>
          askedAt >= asked && (answeredAt === null || answeredAt >= answered),
      );
      const purged = state.accessRequests.length - kept.length;
      state.accessRequests = kept;
      return purged;
    },
  };
};
