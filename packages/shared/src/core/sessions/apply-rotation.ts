import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { RefreshLimits } from "./refresh-limits.ts";
import { decideRotation, type Presented, type Rotation } from "./rotate.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { FoundSession, SessionWrites } from "./session-store.ts";

interface Limited {
  readonly outcome: "limited";
  readonly error: AppError;
}

/**
 * Decides on a session as it is, has that carried out, and decides again where the session has become another one
 * meanwhile. What changes nothing is told from the read alone.
 * The result throws `rate_limited`, and `busy`, after which nothing has happened.
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
  /** The last write of each session that is under way. */
  const underWay = new Map<string, Promise<unknown>>();

  const write = async (
    { row, version }: FoundSession,
    writes: SessionWrites,
  ): Promise<"applied" | "changed"> => {
    const writing = sessions.apply(row, version, writes);
    underWay.set(row.id, writing);
    try {
      return await writing;
    } finally {
      if (underWay.get(row.id) === writing) underWay.delete(row.id);
    }
  };

  return async (presented) => {
    const { sessionId } = presented.token;
    // Once, however often it has to be decided.
    let charged: ReturnType<RefreshLimits["charge"]> | undefined;
    const giveBack = (): void => {
      if (typeof charged === "function") charged();
    };

    const decide = (found: FoundSession | null): Rotation | Limited => {
      const decided = decideRotation(found, presented, {
        digests,
        refreshTokens,
        now: now(),
        idleMilliseconds,
      });
      if (decided.outcome === "refused") return decided;
      if (typeof charged !== "function") charged = refreshLimits.charge(sessionId, now());
      return charged instanceof AppError ? { outcome: "limited", error: charged } : decided;
    };

    try {
      const decided = await applyDecision(
        () => sessions.read(sessionId),
        decide,
        async (found, decision) => {
          if (decision.outcome === "limited") {
            // Whoever was first has been charged for it. Once they are done, this may be no rotation any more.
            const first = underWay.get(sessionId);
            if (first === undefined) throw decision.error;
            await first.catch(() => {});
            return "changed";
          }
          return found && decision.writes ? write(found, decision.writes) : "applied";
        },
      );
      if (decided.outcome === "limited") throw decided.error;
      // Tried again, it may have found another session: what was charged for has not happened.
      if (decided.outcome === "refused") giveBack();
      return decided;
    } catch (error) {
      giveBack();
      throw error;
    }
  };
};
