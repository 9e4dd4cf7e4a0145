import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import { after, type Applied, type Awaitable } from "../awaitable.ts";
import type { Charge } from "./refresh-limits.ts";
import { decideRotation, type Presented, type Rotation } from "./rotate.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { FoundSession } from "./session-store.ts";

/**
 * Decides on a session as it is, charges for what it would gain, has that carried out, and decides
 * again where the session has become another one meanwhile. What changes nothing is told from the
 * read alone. The result throws `rate_limited`, `busy`, and `invalid_credentials` where the
 * password is no longer the one that was to be changed; after each nothing has happened.
 */
export const createRotations = ({
  stores: { sessions },
  digests,
  refreshTokens,
  refreshLimits,
  now,
  idleMilliseconds,
}: Pick<
  SessionDependencies,
  "digests" | "idleMilliseconds" | "now" | "refreshLimits" | "refreshTokens"
> & {
  readonly stores: Pick<SessionDependencies["stores"], "sessions">;
}): ((presented: Presented) => Promise<Rotation>) => {
  /** What each session has under way: asked to be charged, or being written. */
  const underWay = new Map<string, Set<Promise<unknown>>>();

  /** Others come to know of it, until it has ended. */
  const announce = <T>(sessionId: string, running: Awaitable<T>): Awaitable<T> => {
    if (!(running instanceof Promise)) return running;
    const all = underWay.get(sessionId) ?? new Set();
    underWay.set(sessionId, all.add(running));
    const end = (): void => {
      all.delete(running);
      if (all.size === 0 && underWay.get(sessionId) === all) underWay.delete(sessionId);
    };
    return running.finally(end);
  };

  return async (presented) => {
    const { sessionId } = presented.token;
    // Once, however often it has to be decided.
    let charged: Charge | undefined;
    const charge = (): Awaitable<AppError | null> =>
      charged
        ? null
        : after(refreshLimits.charge(sessionId, now()), (answer) => {
            if (answer instanceof AppError) return answer;
            charged = answer;
            return null;
          });
    const giveBack = async (): Promise<void> => {
      try {
        if (charged) await refreshLimits.giveBack(charged);
      } catch {
        // The next minute gives it back. What is told of the refresh is more important.
      }
    };

    let hasWaited = false;
    let wasCurrent = false;

    const decide = (found: FoundSession | null): Rotation => {
      const decision = decideRotation(found, presented, {
        digests,
        refreshTokens,
        now: now(),
        idleMilliseconds,
        wasCurrent,
      });
      // Whoever is overtaken while a disk or a limit is slow has not come late.
      wasCurrent ||= decision.outcome === "rotated";
      return decision;
    };

    const carryOut = (
      found: FoundSession | null,
      { writes }: Rotation,
    ): Awaitable<Applied | "otherPassword"> =>
      found && writes ? sessions.apply(found.row, found.version, writes) : "applied";

    try {
      const decided = await applyDecision(
        () => sessions.read(sessionId),
        decide,
        async (found, decision) => {
          const applied = await announce(
            sessionId,
            decision.outcome === "refused"
              ? carryOut(found, decision)
              : after<AppError | null, AppError | Applied | "otherPassword">(
                  charge(),
                  (refusal) => refusal ?? carryOut(found, decision),
                ),
          );
          if (applied === "otherPassword") throw new AppError("invalid_credentials");
          if (!(applied instanceof AppError)) return applied;
          // Others may have been charged for the same. Once they are done, this may be no rotation
          // any more.
          const others = underWay.get(sessionId);
          if (others === undefined || hasWaited) throw applied;
          hasWaited = true;
          await Promise.allSettled(others);
          return "changed";
        },
      );
      // Tried again, it may have found another session: what was charged for has not happened.
      if (decided.outcome === "refused") await giveBack();
      return decided;
    } catch (error) {
      await giveBack();
      throw error;
    }
  };
};
