/**
 * How often a session may refresh. Only what it gains is charged to it: whoever is refused pays for
 * that with the network they come from, so that an old token in other hands does not use up its
 * owner's allowance.
 */
import type { AppError } from "../answering/errors.ts";
import { refusalOf, type WindowLimit } from "../answering/rate-limit.ts";
import { after, type Awaitable } from "../awaitable.ts";
import type { LimitStore } from "./limit-store.ts";

/** What was taken for a refresh, for whoever gives it back. */
export interface Charge {
  readonly sessionId: string;
  readonly resetsAt: number;
}

export interface RefreshLimits {
  /** Of the session, for a rotation or a replay. @returns the refusal, or what was taken */
  charge(sessionId: string, now: number): Awaitable<AppError | Charge>;
  /** The rotation could not be stored, or has not happened. */
  giveBack(charge: Charge): Awaitable<void>;
  /**
   * Of the network, for a refusal. @returns what the caller is told: the refusal, or that there are
   * too many of them
   */
  refuse(refusal: AppError, network: string, now: number): Awaitable<AppError>;
}

const windowSeconds = 60;
/** Sessions, and networks. */
const mostKeys = 100_000;

/**
 * An office behind one address is refused now and then; nobody there is kept from refreshing by it.
 */
const refusalsPerMinute = 300;

/** @param perMinute how often a session may refresh in a minute */
export const refreshLimitOf = (perMinute: number): WindowLimit => ({
  name: "refresh",
  limit: perMinute,
  windowSeconds,
  mostKeys,
});
const refusalLimit: WindowLimit = {
  name: "refusal",
  limit: refusalsPerMinute,
  windowSeconds,
  mostKeys,
};

export const createRefreshLimits = (limits: LimitStore, perMinute: number): RefreshLimits => {
  const refreshLimit = refreshLimitOf(perMinute);
  return {
    charge: (sessionId, now) =>
      after(limits.take(refreshLimit, sessionId, now), (taken) =>
        taken.isAllowed
          ? { sessionId, resetsAt: taken.resetsAt }
          : refusalOf(refreshLimit, taken, now),
      ),
    giveBack: ({ sessionId, resetsAt }) => limits.giveBack(refreshLimit, sessionId, resetsAt),
    refuse: (refusal, network, now) =>
      after(limits.take(refusalLimit, network, now), (taken) =>
        taken.isAllowed ? refusal : refusalOf(refusalLimit, taken, now),
      ),
  };
};
