/**
 * What the audit trail keeps of sign-ins that come to nothing. Most reach nobody's password: they
 * are refused by a limit, or under a name that nobody has. Whoever sends them chooses how many
 * there are, so they are counted and not stored: of each account and network the first is stored at
 * once, and every quarter of an hour how many more there were. Where there are more than are kept
 * apart, the rest count as one. Names that nobody has count together, as one account beside those
 * that there are: whoever makes up names hides nothing by them.
 */
import { AppError } from "../answering/errors.ts";
import type { AuditEvent } from "../audit/audit-store.ts";

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
   * Stores one that did reach somebody's password, of which the limits let few through. Nobody
   * waits for it: the answer would come later, or not at all from a database that is busy, where
   * there is such a user. What a busy database does not take is kept until it does, a thousand
   * events at most.
   */
  store(event: AuditEvent): void;
  /**
   * Stores what has been counted for a quarter of an hour, and tries what could not be written
   * again.
   * @param isEnd all that has been counted, and for the last time
   */
  flush(isEnd?: boolean): void;
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
/**
 * Of the networks of one account, and of names that nobody has; the rest of its networks count as
 * one.
 */
const mostNetworksOfOne = 20;
/**
 * Kept apart by network, of all accounts; beyond it by account, of which there are as many as there
 * are users.
 */
const mostByNetwork = 200;
/** Kept apart by account; beyond it, not at all. */
const mostByAccount = 200;
/** Kept for a database that takes nothing for longer than the writer waits. */
const mostUnwritten = 1_000;

export const createRefusedSignIns = (dependencies: {
  readonly now: () => number;
  readonly store: (event: AuditEvent) => Promise<void>;
  /** Of an event that is lost. */
  readonly reportFault: (error: unknown, requestId: string) => void;
}): RefusedSignIns => {
  const { now, reportFault } = dependencies;
  const counts = new Map<string, Count>();
  let unwritten: AuditEvent[] = [];
  let hasEnded = false;

  const store = (event: AuditEvent): void =>
    void dependencies.store(event).then(storeUnwritten, (error: unknown) => {
      const passes = error instanceof AppError && error.code === "busy";
      if (passes && !hasEnded && unwritten.length < mostUnwritten) unwritten.push(event);
      else reportFault(error, event.requestId ?? "");
    });
  const storeUnwritten = (): void => {
    const again = unwritten;
    unwritten = [];
    for (const event of again) store(event);
  };

  const countPlaces = (which: (one: Count) => boolean): number => {
    let count = 0;
    for (const one of counts.values()) if (which(one)) count += 1;
    return count;
  };
  const hasRoomByNetwork = ({ reason, userId }: RefusedSignIn): boolean =>
    countPlaces((one) => one.network !== null && one.userId === userId && one.reason === reason) <
      mostNetworksOfOne &&
    (userId === null ||
      countPlaces((one) => one.network !== null && one.userId !== null) < mostByNetwork);
  const hasRoomByAccount = ({ userId }: RefusedSignIn): boolean =>
    userId === null ||
    countPlaces((one) => one.network === null && one.userId !== null) < mostByAccount;

  /** The most precise place that there is, or that there is room for. */
  const placeOf = (refused: RefusedSignIn): Pick<Count, "reason" | "userId" | "network"> => {
    const { reason, userId, network } = refused;
    const byNetwork = { reason, userId, network };
    if (counts.has(keyOf(byNetwork)) || hasRoomByNetwork(refused)) return byNetwork;
    const byAccount = { reason, userId, network: null };
    if (counts.has(keyOf(byAccount)) || hasRoomByAccount(refused)) return byAccount;
    return { reason, userId: null, network: null };
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
    flush: (isEnd = false) => {
      hasEnded ||= isEnd;
      storeUnwritten();
      const at = now();
      for (const [key, one] of counts) {
        if (!isEnd && at - one.since < intervalMilliseconds) continue;
        counts.delete(key);
        if (one.count > 0) store(eventOf(one, one.lastAt, one.since));
      }
    },
    store,
    size: () => counts.size,
  };
};
