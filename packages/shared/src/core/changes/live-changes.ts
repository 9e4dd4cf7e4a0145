/**
 * What changes for open pages, told as it happens. While anybody listens, the whole process takes
 * one look at the database a second, and reads only where something has been committed since, by
 * whatever process or hand. Invariant: whoever reads slowly costs no more than the others. What a
 * stream has still to say is kept as what has changed, never as a list of events.
 */
import { adminLists, type AdminList } from "../../contract/admin-lists.ts";
import type { Contract } from "../../contract/contract.ts";
import type { SentEvent } from "../../contract/endpoint.ts";
import type { SessionEndReason } from "../../contract/error-codes.ts";
import type { ChangeStore, ListMark, SectionMark } from "./change-store.ts";
import type { SessionState } from "../sessions/session-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { maySeeSection } from "../access/decide-access.ts";
import type { Displays } from "../access/displays.ts";
import type { Caller, Display } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { endOfSession } from "../tokens/rotation.ts";

type LiveEvent = SentEvent<Contract["GET /session/events"]["responses"][200]>;

export interface LiveStores {
  readonly changes: ChangeStore;
  readonly users: Pick<UserStore, "readRights">;
}

export interface LiveChanges {
  /**
   * Begins a stream.
   * @param since what has changed from then on is told at once, in milliseconds since 1970
   * @throws AppError `rate_limited`, `busy`
   */
  open(caller: Caller | Display, since: number): Promise<AsyncIterable<LiveEvent | null>>;
  /** How many streams are open. */
  listeners(): number;
  /** Ends every stream, and lets no other begin. */
  close(): void;
}

const lookEveryMilliseconds = 1_000;
const heartbeatMilliseconds = 20_000;
const streamsOfOneSession = 8;

interface Stream {
  /** Empty for a wall screen, which nobody is signed in on. */
  readonly userId: string;
  /** Of a wall screen, the id of its link. */
  readonly sessionId: string;
  /** When the link of a wall screen ends; null for a session. */
  readonly displayEndsAt: number | null;
  epoch: number;
  /** The granted sections at that epoch; null until somebody has to know. */
  sections: readonly string[] | null;
  /** What the user may do at that epoch; null until somebody has to know. */
  allowed: readonly string[] | null;
  state: SessionState | null;
  /** Still to be told. */
  permissions: boolean;
  readonly slugs: Set<string>;
  list: boolean;
  readonly lists: Set<AdminList>;
  beat: boolean;
  ended: { readonly reason?: SessionEndReason } | null;
  over: boolean;
  toldAt: number;
  /** The reader waits: call it when there is something to tell. */
  wake: (() => void) | null;
}

const hasNews = (stream: Stream): boolean =>
  stream.permissions ||
  stream.list ||
  stream.slugs.size > 0 ||
  stream.lists.size > 0 ||
  stream.ended !== null ||
  stream.beat;
const dropNews = (stream: Stream): void => {
  stream.permissions = stream.list = stream.beat = false;
  stream.ended = null;
  stream.slugs.clear();
  stream.lists.clear();
};

/** The next thing to tell, null for a comment; undefined when there is nothing. */
const take = (stream: Stream, now: number): LiveEvent | null | undefined => {
  if (!hasNews(stream)) return undefined;
  stream.toldAt = now;
  stream.beat = false;
  if (stream.ended) {
    const data = stream.ended;
    // Nothing else matters any more.
    dropNews(stream);
    return { event: "ended", data };
  }
  if (stream.permissions) {
    stream.permissions = false;
    return { event: "permissions", data: {} };
  }
  if (stream.lists.size > 0) {
    const data = { lists: [...stream.lists].sort() };
    stream.lists.clear();
    return { event: "lists", data };
  }
  if (!stream.list && stream.slugs.size === 0) return null;
  const data = { slugs: [...stream.slugs].sort(), list: stream.list };
  stream.list = false;
  stream.slugs.clear();
  return { event: "sections", data };
};

interface SectionChange {
  readonly before: SectionMark | undefined;
  readonly after: SectionMark | undefined;
  readonly list: boolean;
}

const compareSections = (
  before: ReadonlyMap<string, SectionMark>,
  after: ReadonlyMap<string, SectionMark>,
): SectionChange[] => {
  const changes: SectionChange[] = [];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(id), after.get(id)];
    const list =
      was?.slug !== is?.slug || was?.visibility !== is?.visibility || was?.listed !== is?.listed;
    if (list || was?.content !== is?.content) changes.push({ before: was, after: is, list });
  }
  return changes;
};

const marksById = (marks: readonly SectionMark[]): ReadonlyMap<string, SectionMark> =>
  new Map(marks.map((mark) => [mark.id, mark]));

export const createLiveChanges = (dependencies: {
  readonly stores: LiveStores;
  readonly displays: Pick<Displays, "read">;
  readonly clock: { now(): number; every(milliseconds: number, run: () => void): () => void };
  /** A look failed; the next one follows. */
  readonly reportFault: (error: unknown) => void;
}): LiveChanges => {
  const { stores, displays, clock, reportFault } = dependencies;
  const streams = new Set<Stream>();
  /** As they were at the last look; null while nobody listens. */
  let known: {
    readonly sections: ReadonlyMap<string, SectionMark>;
    readonly lists: readonly ListMark[];
  } | null = null;
  let seenMark: string | null = null;
  /** Up to when the ends of grants have been told, and when there is another. */
  let endsToldTo = 0;
  let nextEnd: number | null = null;
  let looking = false;
  let failing = false;
  let closed = false;
  let stop: (() => void) | null = null;

  const leave = (stream: Stream): void => {
    stream.over = true;
    streams.delete(stream);
    stream.wake?.();
    if (streams.size > 0) return;
    stop?.();
    stop = null;
    known = null;
    seenMark = null;
  };

  const finish = (stream: Stream, end: { readonly reason?: SessionEndReason }): void => {
    stream.ended = end;
    leave(stream);
  };

  const read = (stream: Stream): AsyncIterableIterator<LiveEvent | null> => ({
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (!hasNews(stream) && !stream.over)
        await new Promise<void>((resolve) => (stream.wake = resolve));
      stream.wake = null;
      const value = take(stream, clock.now());
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    return: () => {
      dropNews(stream);
      leave(stream);
      return Promise.resolve({ done: true, value: undefined });
    },
  });

  const tellOfSections = async (
    stream: Stream,
    changes: readonly SectionChange[],
  ): Promise<void> => {
    const granted = (stream.sections ??=
      (await stores.users.readRights(stream.userId))?.sections ?? []);
    const sees = (mark: SectionMark | undefined): mark is SectionMark =>
      mark !== undefined && maySeeSection(granted, mark.slug, mark.visibility);
    for (const { before, after, list } of changes) {
      if (!sees(before) && !sees(after)) continue;
      if (sees(after)) stream.slugs.add(after.slug);
      // Gone, renamed or no longer public: who was permitted to see it is told under the name it
      // had.
      if (sees(before) && (!sees(after) || before.slug !== after.slug))
        stream.slugs.add(before.slug);
      stream.list ||= list;
    }
  };

  /** A grant that ends writes nothing, so that no mark tells of it. */
  const tellOfEnds = async (): Promise<void> => {
    const now = clock.now();
    const { userIds, next } = await stores.changes.readEnds(endsToldTo, now);
    endsToldTo = now;
    nextEnd = next;
    for (const stream of streams)
      if (userIds.has(stream.userId)) {
        stream.sections = null;
        stream.permissions = true;
      }
  };

  const tellOfLists = async (stream: Stream, lists: readonly AdminList[]): Promise<void> => {
    const allowed = (stream.allowed ??=
      (await stores.users.readRights(stream.userId))?.permissions ?? []);
    for (const list of lists) if (allowed.includes(adminLists[list])) stream.lists.add(list);
  };

  const readChanges = async (): Promise<void> => {
    // The mark first: what is committed from here on is looked at next time, at worst for the
    // second time.
    const mark = await stores.changes.readMark();
    if (mark !== seenMark || (nextEnd !== null && nextEnd <= clock.now())) await tellOfEnds();
    if (mark === seenMark) return;
    const listening = [...streams];
    seenMark = mark;
    const { sessions, sections, lists } = await stores.changes.readLiveState([
      ...new Set(listening.map(({ sessionId }) => sessionId)),
    ]);
    const marks = marksById(sections);
    const before = known;
    const changes = before === null ? [] : compareSections(before.sections, marks);
    const changedLists =
      before === null
        ? []
        : lists
            .filter(({ list, version }) =>
              before.lists.every((was) => was.list !== list || was.version !== version),
            )
            .map(({ list }) => list);
    if (streams.size > 0) known = { sections: marks, lists };
    for (const stream of listening) {
      if (stream.displayEndsAt !== null) {
        const display = await displays.read(stream.sessionId);
        if (display === null) {
          finish(stream, {});
          continue;
        }
        stream.sections = [display.section];
        if (changes.length > 0) await tellOfSections(stream, changes);
        continue;
      }
      const state = sessions.get(stream.sessionId) ?? null;
      if (state === null || state.userId !== stream.userId) {
        finish(stream, {});
        continue;
      }
      stream.state = state;
      if (state.epoch !== stream.epoch) {
        stream.epoch = state.epoch;
        stream.sections = stream.allowed = null;
        stream.permissions = true;
      }
      if (changes.length > 0) await tellOfSections(stream, changes);
      if (changedLists.length > 0) await tellOfLists(stream, changedLists);
    }
  };

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await readChanges();
      failing = false;
    } catch (error) {
      seenMark = null;
      // Once, and not every second for as long as it lasts.
      if (!failing) reportFault(error);
      failing = true;
    }
    looking = false;
    const now = clock.now();
    for (const stream of streams) {
      const isOver = stream.displayEndsAt !== null && stream.displayEndsAt <= now;
      const end = isOver
        ? {}
        : stream.state && endOfSession(stream.state, stream.state.active, now);
      if (end) finish(stream, end);
      // Either way: a clock that has been set back is no reason for silence.
      else if (Math.abs(now - stream.toldAt) >= heartbeatMilliseconds) stream.beat = true;
      if (hasNews(stream)) stream.wake?.();
    }
  };

  const open: LiveChanges["open"] = async (caller, since) => {
    const [userId, sessionId, displayEndsAt] =
      "displayLinkId" in caller
        ? ["", caller.displayLinkId, caller.expiresAt]
        : [caller.userId, caller.sessionId, null];
    if (closed)
      throw new AppError("busy", { detail: "The server is stopping.", retryAfterSeconds: 5 });
    if (
      [...streams].filter((stream) => stream.sessionId === sessionId).length >= streamsOfOneSession
    )
      throw new AppError("rate_limited", {
        detail: `A session, or a display link, may have ${streamsOfOneSession} streams open at once.`,
        retryAfterSeconds: heartbeatMilliseconds / 1000,
      });
    const stream: Stream = {
      userId,
      sessionId,
      displayEndsAt,
      epoch: "epoch" in caller ? caller.epoch : 0,
      sections: "sections" in caller ? caller.sections : [caller.section],
      allowed: null,
      state: null,
      permissions: false,
      slugs: new Set(),
      list: false,
      lists: new Set(),
      // Proxies hand nothing on before the first byte.
      beat: true,
      ended: null,
      over: false,
      toldAt: clock.now(),
      wake: null,
    };
    streams.add(stream);
    stop ??= clock.every(lookEveryMilliseconds, () => void look());
    // What to compare with, for the first one; and what has changed since the caller was
    // identified.
    seenMark = null;
    if (known === null) endsToldTo = clock.now();
    if (known === null) await look();
    // A page asks for its section first and listens then.
    const isMissed = ({ changedAt }: { readonly changedAt: number }): boolean => changedAt >= since;
    const missed = [...(known?.sections.values() ?? [])].filter(isMissed);
    if (missed.length > 0)
      await tellOfSections(
        stream,
        missed.map((mark) => ({ before: mark, after: mark, list: false })),
      );
    const missedLists = known?.lists.filter(isMissed) ?? [];
    if (missedLists.length > 0 && displayEndsAt === null)
      await tellOfLists(
        stream,
        missedLists.map(({ list }) => list),
      );
    return read(stream);
  };

  return {
    open,
    listeners: () => streams.size,
    close: () => {
      closed = true;
      for (const stream of streams) leave(stream);
    },
  };
};
