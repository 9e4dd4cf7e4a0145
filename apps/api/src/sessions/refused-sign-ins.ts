/**
 * What the audit trail keeps of sign-ins that come to nothing. Most reach nobody's password: they are refused by a limit,
 * or under a name that nobody has. Whoever sends them chooses how many there are, so they are counted and not stored: of each
 * account and network the first is stored at once, and every quarter of an hour how many more there were. Names that
 * nobody has count together. An account is attacked from more networks than are kept apart: then the rest count as one.
 */
import type { AuditEvent } from "../database/store.ts";

export interface RefusedSignIn {
  /** Null for a name that nobody has. */
  readonly userId: string | null;
  readonly reason: "rateLimited" | "unknownUser";
  /** The widest network of the address. */
  readonly network: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export interface RefusedSignIns {
  record(refused: RefusedSignIn): void;
  /**
   * Stores one that did reach somebody's password, of which the limits let few through. Nobody waits for it: the answer
   * would come later, or not at all from a database that is busy, where there is such a user.
   */
  store(event: AuditEvent): void;
  /** Stores what has been counted for a quarter of an hour, or, at the end, all of it. */
  flush(everything?: boolean): void;
  size(): number;
}

interface Count {
  readonly userId: string | null;
  readonly reason: RefusedSignIn["reason"];
  /** Null for many of them. */
  readonly network: string | null;
  /** Since the last one that was stored. */
  since: number;
  count: number;
  lastAt: number;
  lastAddress: string;
}

const keyOf = ({ reason, userId, network }: Pick<Count, "reason" | "userId" | "network">): string =>
  JSON.stringify([reason, userId, network]);

const intervalMilliseconds = 15 * 60 * 1000;
/** Kept apart by network; beyond it by account, of which there are as many as there are users; beyond twice as many, not at all. */
const largestSize = 200;

export const createRefusedSignIns = (dependencies: {
  readonly now: () => number;
  /** Nobody waits for the record. */
  readonly store: (event: AuditEvent) => void;
}): RefusedSignIns => {
  const { now, store } = dependencies;
  const counts = new Map<string, Count>();

  /** The most precise place that there is, or that there is room for. */
  const placeOf = ({
    reason,
    userId,
    network,
  }: RefusedSignIn): Pick<Count, "reason" | "userId" | "network"> => {
    const places = [
      { place: { reason, userId, network }, room: largestSize },
      { place: { reason, userId, network: null }, room: 2 * largestSize },
    ];
    return (
      places.find(({ place, room }) => counts.has(keyOf(place)) || counts.size < room)?.place ?? {
        reason,
        userId: null,
        network: null,
      }
    );
  };

  const eventOf = (one: Omit<Count, "since">, at: number, since: number): AuditEvent => ({
    at,
    action: "session.signIn",
    result: "failure",
    actorUserId: one.userId,
    subjectType: "user",
    subjectId: one.userId,
    address: one.network === null ? null : one.lastAddress,
    detail: {
      factor: "password",
      reason: one.reason,
      network: one.network,
      count: one.count,
      ...(since < at && { since: new Date(since).toISOString() }),
    },
  });

  return {
    record: (refused) => {
      const { address, userAgent, requestId } = refused;
      const at = now();
      const place = placeOf(refused);
      const known = counts.get(keyOf(place));
      if (known) {
        known.count += 1;
        known.lastAt = at;
        known.lastAddress = address;
        return;
      }
      const first: Count = { ...place, since: at, count: 0, lastAt: at, lastAddress: address };
      counts.set(keyOf(place), first);
      store({ ...eventOf({ ...first, count: 1 }, at, at), userAgent, requestId });
    },
    flush: (everything = false) => {
      const at = now();
      for (const [key, one] of counts) {
        if (!everything && at - one.since < intervalMilliseconds) continue;
        counts.delete(key);
        if (one.count > 0) store(eventOf(one, one.lastAt, one.since));
      }
    },
    store,
    size: () => counts.size,
  };
};
