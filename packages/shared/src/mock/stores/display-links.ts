import { encodeBase64Url, type DisplayLink, type DisplayLinkStore } from "../../core/core.ts";
import type { MockDisplayLink, MockState } from "../state.ts";
import { userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";
import { findSection } from "./sections.ts";

/** Null where its section or its maker has gone. */
const namedOf = (
  state: MockState,
  { id: linkId, name, sectionId, madeBy, createdAt, expiresAt, lastSeenAt }: MockDisplayLink,
): DisplayLink | null => {
  const section = state.sections.find(({ id }) => id === sectionId)?.definition;
  const maker = userOf(state, madeBy);
  if (!section || !maker) return null;
  const { id, username, displayName } = maker;
  return {
    id: linkId,
    name,
    createdAt,
    expiresAt,
    lastSeenAt,
    sectionId,
    section: section.slug,
    title: section.title,
    madeBy: { id, username, displayName },
  };
};

export const createDisplayLinkStore = (parts: Parts): DisplayLinkStore => {
  const named = (): DisplayLink[] => {
    const state = parts.state();
    return state.displayLinks.flatMap((link) => namedOf(state, link) ?? []);
  };
  return {
    list: (section, after, limit) =>
      named()
        .filter((link) => section === null || link.section === section)
        .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1))
        .filter(
          ({ createdAt, id }) =>
            after === null || createdAt < after[0] || (createdAt === after[0] && id < after[1]),
        )
        .slice(0, limit),
    read: (wanted) => named().find(({ id }) => id === wanted) ?? null,
    findByToken: (tokenHash) => {
      const state = parts.state();
      const hash = encodeBase64Url(tokenHash);
      const found = state.displayLinks.find((link) => link.tokenHash === hash);
      return found ? namedOf(state, found) : null;
    },
    add: async ({ section: slug, tokenHash, ...link }, expected, audit) => {
      const state = parts.state();
      const section = findSection(state, slug);
      if (!areAsRead(state, expected) || !section) return "changed";
      state.displayLinks = [
        ...state.displayLinks,
        {
          ...link,
          sectionId: section.id,
          tokenHash: encodeBase64Url(tokenHash),
          lastSeenAt: null,
        },
      ];
      addEvent(parts, audit);
      return "applied";
    },
    remove: async (removed, expected, audit) => {
      const state = parts.state();
      const kept = state.displayLinks.filter(({ id }) => id !== removed);
      if (!areAsRead(state, expected) || kept.length === state.displayLinks.length)
        return "changed";
      state.displayLinks = kept;
      addEvent(parts, audit);
      return "applied";
    },
    noteSeen: async (seen, at) => {
      const state = parts.state();
      state.displayLinks = state.displayLinks.map((link) =>
        link.id === seen ? { ...link, lastSeenAt: at } : link,
      );
    },
    purge: async (endedBefore) => {
      const state = parts.state();
      const kept = state.displayLinks.filter(({ expiresAt }) => expiresAt >= endedBefore);
      const purged = state.displayLinks.length - kept.length;
      state.displayLinks = kept;
      return purged;
    },
  };
};
