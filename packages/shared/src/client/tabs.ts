/**
 * The other tabs of this origin: one lock for whatever changes the session, and a channel to tell
 * what has changed.
 */
import type { AdminList } from "../contract/admin-lists.ts";
import type { Session, SessionEndReason } from "../contract/contract.ts";
import type { ClientEnvironment, Locks } from "./environment.ts";

export type TabMessage = {
  /** This device's clock when it happened, so that a message that comes late is recognised. */
  readonly at: number;
} & (
  | {
      readonly type: "refreshed" | "signedIn";
      readonly session: Session;
      readonly expiresAt: number;
    }
  | {
      readonly type: "ended";
      readonly sessionId: string | null;
      readonly reason?: SessionEndReason;
    }
  | { readonly type: "signedOut" }
  /**
   * From the tab that follows the server's events: these sections have changed, `null` for any;
   * with `list`, the list of them too.
   */
  | { readonly type: "sections"; readonly slugs: readonly string[] | null; readonly list: boolean }
  /** From the same tab: these lists of the admin side have changed, `null` for any. */
  | { readonly type: "lists"; readonly lists: readonly AdminList[] | null }
  /** From the same tab: it hears the server just now, or no longer. */
  | { readonly type: "following"; readonly on: boolean }
  /**
   * A tab is about to change the session: a refresh in flight would only overwrite the cookies it
   * gets.
   */
  | { readonly type: "changing" }
);

export interface Tabs {
  /** The lock keeps other tabs out, not only other work in this one. */
  readonly excludesOthers: () => boolean;
  /**
   * Runs `work` while nothing else in any tab changes the session. Its place in the queue is taken
   * before this returns. The signal given to `work` aborts when another tab has taken the lock
   * away.
   */
  exclusively<T>(work: (robbed: AbortSignal) => Promise<T>, cancel: AbortSignal): Promise<T>;
  tell(message: TabMessage): void;
  /**
   * Runs `work` in one tab of all that ask for it; in the next one when that tab is gone. Where
   * nothing keeps tabs from doing the same, none does it. `waited`: another tab was at it before.
   * Resolves when it is done or refused.
   */
  asOne(work: (waited: boolean) => Promise<void>, cancel: AbortSignal): Promise<void>;
  close(): void;
}

const stealAfterMs = 10_000;

/** @param name is unique to the API; `null` where the session belongs to this tab alone. */
export const openTabs = (
  name: string | null,
  environment: ClientEnvironment,
  onMessage: (message: TabMessage) => void,
): Tabs => {
  let locks: Locks | null = name === null ? null : environment.locks;
  let tail: Promise<unknown> = Promise.resolve();

  const channel = (() => {
    try {
      return name === null ? null : (environment.openChannel?.(name) ?? null);
    } catch {
      return null;
    }
  })();
  channel?.addEventListener("message", (event) => onMessage(event.data as TabMessage));

  const inThisTab = <T>(
    work: (robbed: AbortSignal) => Promise<T>,
    cancel: AbortSignal,
  ): Promise<T> => {
    const turn = tail.then(() => {
      cancel.throwIfAborted();
      return work(new AbortController().signal);
    });
    tail = turn.catch(() => undefined);
    return turn;
  };

  /**
   * Settles with `work`, or rejects as soon as the wait for the lock is cancelled or the lock is
   * stolen.
   */
  const hold = <T>(
    manager: Locks,
    options: { signal: AbortSignal } | { steal: true },
    work: (robbed: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const robbed = new AbortController();
      manager
        .request(name as string, options, () => work(robbed.signal).then(resolve, reject))
        .catch((error: unknown) => {
          robbed.abort(error);
          reject(error);
        });
    });

  const holderOf = async (manager: Locks): Promise<string | undefined> =>
    (await manager.query?.().catch(() => undefined))?.held?.find((lock) => lock.name === name)
      ?.clientId;

  const acrossTabs = async <T>(
    manager: Locks,
    work: (robbed: AbortSignal) => Promise<T>,
    cancel: AbortSignal,
  ): Promise<T> => {
    for (;;) {
      const waiting = new AbortController();
      const stop = (): void => waiting.abort();
      // Spread, so that of several tabs that woke together one steals and the others see a new
      // holder.
      const timer = environment.setTimer(stop, stealAfterMs + environment.random() * 500);
      const noLongerWaiting = (): void => {
        environment.clearTimer(timer);
        cancel.removeEventListener("abort", stop);
      };
      cancel.addEventListener("abort", stop);
      let granted = false;
      const held = hold(manager, { signal: waiting.signal }, (robbed) => {
        granted = true;
        noLongerWaiting();
        return work(robbed);
      });
      const holder = holderOf(manager);
      try {
        return await held;
      } catch (error) {
        if (granted || cancel.aborted) throw error;
        if (!waiting.signal.aborted) {
          // Locks exist but are refused, as in an opaque origin; the idempotency key keeps the tabs
          // in step.
          locks = null;
          return await inThisTab(work, cancel);
        }
      } finally {
        noLongerWaiting();
      }
      // Whoever holds it now may have got it a moment ago, and two tabs must not rob each other in
      // turn.
      if ((await holder) === (await holderOf(manager)))
        return await hold(manager, { steal: true }, work);
    }
  };

  return {
    excludesOthers: () => name === null || locks !== null,
    exclusively: (work, cancel) =>
      locks ? acrossTabs(locks, work, cancel) : inThisTab(work, cancel),
    asOne: async (work, cancel) => {
      if (name === null) return work(false);
      if (!locks) return;
      let waited = false;
      const granted = locks.request(`${name} events`, { signal: cancel }, () => work(waited));
      // A free lock is granted at once, or nearly.
      const timer = environment.setTimer(() => (waited = true), 500);
      await granted.catch(() => undefined);
      environment.clearTimer(timer);
    },
    tell: (message) => {
      try {
        channel?.postMessage(message);
      } catch {
        // A channel that is closed, or that cannot carry the message, leaves the other tabs to find
        // out by a 401.
      }
    },
    close: () => channel?.close(),
  };
};
