import { errorCatalogue } from "../../contract/error-codes.ts";
import type { UserChange } from "../../contract/users.ts";
import { requireRights } from "../access/decide-rights-change.ts";
import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Adding } from "./add-people.ts";
import {
  changeUser,
  expectedOf,
  unknownUser,
  type ChangeUserDependencies,
  type UserEdit,
} from "./change-user.ts";

export interface ChangeManyDependencies extends ChangeUserDependencies {
  readonly stores: ChangeUserDependencies["stores"] & {
    readonly sessions: Pick<SessionStore, "endAsDecided">;
  };
}

const reasons = ["not_found", "rights_exceeded", "last_admin", "busy"] as const;

export interface ChangeResult {
  readonly userId: string;
  readonly outcome: "changed" | "unchanged" | "failed";
  /** Why nothing was done. */
  readonly problem: {
    readonly code: (typeof reasons)[number];
    readonly title: string;
    readonly detail: string;
  } | null;
}

/** So many at once: their writes share a commit, and others get their turn between. */
const atOnce = 25;

/** @throws whatever is wrong with the request and not with this user */
const failedBy = (userId: string, thrown: unknown): ChangeResult => {
  if (!(thrown instanceof AppError)) throw thrown;
  const code = reasons.find((one) => one === thrown.code);
  if (code === undefined) throw thrown;
  const { title, help } = errorCatalogue[code];
  const problem = { code, title, detail: thrown.members.detail ?? help };
  return { userId, outcome: "failed", problem };
};

/**
 * Each by itself: one who may not be changed, or for whom the database was busy, holds up no other.
 * All of it can be asked for again: who has been changed is then as they are to be.
 * @param readActing who changes them, as they are now
 * @returns what became of each, in the order in which they were named
 * @throws AppError `busy` where nothing else became of anybody, `validation_failed` for a role that
 * there is not, and what `readActing` does
 */
export const changeMany = async (
  dependencies: ChangeManyDependencies,
  userIds: readonly string[],
  { change, roleId }: { readonly change: UserChange; readonly roleId?: string | undefined },
  readActing: () => Awaitable<Adding>,
  audit: Omit<AuditEvent, "at" | "action" | "result">,
): Promise<readonly ChangeResult[]> => {
  const { stores, now } = dependencies;
  const edits: Readonly<Record<Exclude<UserChange, "endSessions">, UserEdit>> = {
    activate: { active: true },
    deactivate: { active: false },
    addRole: { addRole: roleId },
    removeRole: { removeRole: roleId },
  };

  const endSessions = async (userId: string): Promise<boolean> => {
    let ended = 0;
    await applyDecision(
      async () => ({ acting: await readActing(), found: await stores.users.read(userId) }),
      ({ acting, found }) => {
        if (found === null) throw unknownUser();
        requireRights(acting, { actsOn: [found] });
        return { users: expectedOf(acting, found), roles: [] };
      },
      async (_, expected) => {
        const outcome = await stores.sessions.endAsDecided({ userId }, expected, "endedByAdmin", {
          ...audit,
          at: now(),
          action: "user.endSessions",
          result: "success",
          subjectType: "user",
          subjectId: userId,
        });
        if (outcome === "changed") return "changed";
        ended = outcome;
        return "applied";
      },
    );
    return ended > 0;
  };
  const changeOne = async (userId: string): Promise<ChangeResult> => {
    try {
      const hasChanged =
        change === "endSessions"
          ? await endSessions(userId)
          : await changeUser(dependencies, userId, edits[change], readActing, () => {}, audit);
      return { userId, outcome: hasChanged ? "changed" : "unchanged", problem: null };
    } catch (thrown) {
      return failedBy(userId, thrown);
    }
  };

  // Whoever is among them comes last: afterwards they may no longer do it.
  const { id: self } = await readActing();
  const order = [...userIds.filter((id) => id !== self), ...userIds.filter((id) => id === self)];
  const results = new Map<string, ChangeResult>();
  for (let done = 0; done < order.length; done += atOnce) {
    const some = order.slice(done, done + atOnce);
    const isWithSelf = some.includes(self ?? "");
    const others = isWithSelf ? some.slice(0, -1) : some;
    for (const result of await Promise.all(others.map(changeOne)))
      results.set(result.userId, result);
    if (isWithSelf && self !== null) results.set(self, await changeOne(self));
  }
  const found = userIds.flatMap((id) => results.get(id) ?? []);
  // Where the database takes nothing at all, whoever asks is to come again with all of it.
  if (found.every(({ problem }) => problem?.code === "busy"))
    throw new AppError("busy", { retryAfterSeconds: 1 });
  return found;
};
