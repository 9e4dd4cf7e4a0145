/**
 * Who says that they have forgotten their password is answered at once, and the same whoever they
 * are. Whether there is such a user, and whether they get a mail, is looked at afterwards, by the
 * clock: so nobody learns it from an answer, nor from how long it takes.
 */
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { User, UserStore } from "../users/user-store.ts";
import { emailKey, usernameKey } from "../users/usernames.ts";
import { sendLink, type MailedLinkDependencies } from "./mailed-links.ts";

/** What asks more than is looked at in time is dropped, the newest first. */
const mostWaiting = 1_000;

interface Asked {
  readonly usernameOrEmail: string;
  readonly audit: Pick<AuditEvent, "address" | "userAgent" | "requestId">;
}

export interface ForgottenPasswords {
  ask(asked: Asked): Awaitable<void>;
  /** Looks at those who have asked so far, once at a time. */
  run(): Promise<void>;
}

export const createForgottenPasswords = (
  dependencies: Omit<MailedLinkDependencies, "stores"> & {
    readonly stores: MailedLinkDependencies["stores"] & {
      readonly users: Pick<UserStore, "find" | "findByVerifiedEmail">;
    };
  },
): ForgottenPasswords => {
  const { users } = dependencies.stores;
  const waiting: Asked[] = [];
  let running: Promise<void> | null = null;

  const find = async (text: string): Promise<User | null> =>
    (await users.find(usernameKey(text))) ?? (await users.findByVerifiedEmail(emailKey(text)));

  const answer = async ({ usernameOrEmail, audit }: Asked): Promise<void> => {
    const user = await find(usernameOrEmail);
    if (!user?.active || user.email === null || !user.emailVerified) return;
    await sendLink(dependencies, "passwordReset", { id: user.id, email: user.email }, audit);
  };

  const answerAll = async (): Promise<void> => {
    // Where the database is busy, whoever comes first stays first.
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      await answer(next);
      waiting.shift();
    }
  };

  return {
    ask: (asked) => {
      if (waiting.length < mostWaiting) waiting.push(asked);
    },
    run: () =>
      (running ??= answerAll().finally(() => {
        running = null;
      })),
  };
};
