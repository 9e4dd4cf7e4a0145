/** How long requests for access are open to whoever asks, and kept, if nobody answers. */
import type { AccessRequest } from "./access-request-store.ts";

const day = 24 * 60 * 60_000;
/**
 * For so long somebody is told that they wait. Whoever looks after the section may answer later,
 * too; but what is open for longer than any request of nothing would be known to be of something.
 */
export const longestWaitMilliseconds = 7 * day;

/**
 * Nobody is told of a refusal sooner than after so long: what is answered while somebody looks at
 * it is of something.
 */
export const soonestToldMilliseconds = 10 * 60_000;

const keptAnswered = 30 * day;
export const keptRequestsMilliseconds = {
  answered: keptAnswered,
  /** Those that nobody has answered go with those of nothing that were over as late as they. */
  asked: longestWaitMilliseconds + keptAnswered,
} as const;

/** When whoever asks is told that a request is over. */
export const overAt = ({
  askedAt,
  answeredAt,
}: Pick<AccessRequest, "askedAt" | "answeredAt">): number =>
  Math.min(
    Math.max(answeredAt ?? Number.POSITIVE_INFINITY, askedAt + soonestToldMilliseconds),
    askedAt + longestWaitMilliseconds,
  );

/**
 * A request whose section is gone. It stays with whoever made it: that it vanishes would tell what
 * there was.
 */
export const askedOfNothing = (request: AccessRequest): AccessRequest => ({
  ...request,
  sectionId: null,
  answeredAt: request.answeredAt ?? request.askedAt + longestWaitMilliseconds,
});
