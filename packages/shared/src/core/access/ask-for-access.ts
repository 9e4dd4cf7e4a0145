/**
 * Somebody asks for a section. Invariants: who asks cannot tell from anything whether there is one;
 * at most so many requests of one person are kept, however often they ask. Pure: everything it
 * decides on is handed in.
 */
import { refusalOf } from "../answering/rate-limit.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { AccessRequest, AskedSoFar, AskingWrites } from "./access-request-store.ts";
import { longestWaitMilliseconds, overAt, soonestToldMilliseconds } from "./waiting-in-vain.ts";

/** Beyond it, somebody has to answer first. */
export const mostOpenRequests = 20;
/** When one of them is answered is not known; to look once an hour is enough. */
const openLimit = { name: "open", limit: mostOpenRequests, windowSeconds: 3_600 } as const;
/** Of those that are answered the oldest are forgotten. */
const mostAnsweredRequests = 20;

/** From 0 up to 1. */
const shareOf = (bytes: Uint8Array, from: number): number => {
  const [a = 0, b = 0, c = 0] = bytes.subarray(from);
  return (a * 65_536 + b * 256 + c) / 2 ** 24;
};

/**
 * A request that nobody is shown counts as refused some time later, as a person might have refused
 * it, or waits in vain, as if nobody had looked. Otherwise whoever is refused, or waits in vain,
 * would know that there was something to refuse.
 *
 * How often an address is answered is its lot. So of all that is ever asked for there, by whomever,
 * any number of answers is as likely as any other, from none at all to every one: those who count
 * them learn no more than that. A person answers within minutes or within days, and so is it here:
 * a wait of ten minutes to an hour is about as likely as one of a day to six.
 */
const answerOfNobody = (at: number, lot: Uint8Array, chance: Uint8Array): number => {
  if (shareOf(chance, 0) >= shareOf(lot, 0)) return at + longestWaitMilliseconds;
  const spread = longestWaitMilliseconds / soonestToldMilliseconds;
  return at + Math.floor(soonestToldMilliseconds * spread ** shareOf(chance, 3));
};

/**
 * @param asked.lot 256 bits, those of the address
 * @param asked.chance 256 bits, new ones
 * @param asked.maySee whether they may see it already, so that there is nothing to ask for
 * @returns the request as whoever asks is told of it, and what is to be written, if anything
 * @throws AppError `rate_limited`
 */
export const decideAsking = (
  { requests, section }: AskedSoFar,
  asked: {
    readonly id: string;
    readonly lot: Uint8Array;
    readonly chance: Uint8Array;
    readonly userId: string;
    readonly slug: string;
    readonly note: string;
    readonly at: number;
    readonly maySee: boolean;
    readonly record: Pick<
      AuditEvent,
      "actorUserId" | "sessionId" | "address" | "userAgent" | "requestId"
    >;
  },
): { readonly request: AccessRequest; readonly writes: AskingWrites | null } => {
  const { id, userId, slug, note, at, maySee, record } = asked;
  const sectionId = section?.id ?? null;
  const isOpen = (one: AccessRequest): boolean => overAt(one) > at;
  // By the address alone: who has asked for one section by two addresses is told of both.
  const known = requests.find(({ askedFor }) => askedFor === slug);
  const standing = known && isOpen(known) ? known : null;
  const made: AccessRequest = {
    id,
    userId,
    askedFor: slug,
    sectionId,
    note,
    askedAt: standing?.askedAt ?? at,
    answeredAt: sectionId === null ? answerOfNobody(at, asked.lot, asked.chance) : null,
  };
  if (maySee) return { request: made, writes: null };
  const audit: AuditEvent = {
    ...record,
    at,
    action: "accessRequest.make",
    result: "success",
    detail: { section: slug, note },
  };
  // One that was answered, and is not told of yet, is asked anew.
  const waits = sectionId === null || standing?.answeredAt === null;
  if (standing?.sectionId === sectionId && waits)
    return {
      request: { ...standing, note },
      writes: { remove: [], add: null, note: { id: standing.id, note }, audit },
    };
  const others = requests.filter((one) => one !== known);
  if (others.filter(isOpen).length >= mostOpenRequests)
    throw refusalOf(
      openLimit,
      { resetsAt: at + openLimit.windowSeconds * 1_000 },
      at,
      `You have asked for ${mostOpenRequests} sections that nobody has answered yet.`,
    );
  const answered = others.filter((one) => !isOpen(one));
  const remove = [
    ...(known ? [known] : []),
    ...answered.slice(0, Math.max(0, answered.length - mostAnsweredRequests)),
  ].map((one) => one.id);
  return { request: made, writes: { remove, add: made, note: null, audit } };
};
