/**
 * Sends what waits in the outbox. A mail is claimed before it is sent and forgotten after, so that
 * a process that dies in between has it sent again, under the same Message-ID, and none is lost.
 */
import type { Digests, Mailer, Sealing } from "../ports.ts";
import { composeMail } from "./compose-mail.ts";
import type { OutboxStore, WaitingMail } from "./outbox-store.ts";

const minute = 60_000;
const hour = 60 * minute;
/** From the time at which it was written. */
const givenUpAfterMilliseconds = 24 * hour;
/** Longer than a mailer may take for one. */
const heldMilliseconds = 5 * minute;
/** Those that have been given up are shown so long after they were written. */
export const keptMailsMilliseconds = 7 * 24 * hour;
const atOnce = 20;

/** After so many attempts: 1, 2, 4 … minutes, and at most an hour. */
const pauseAfter = (attempts: number): number => Math.min(hour, minute * 2 ** (attempts - 1));

export interface MailSending {
  /** Sends what is due, once at a time, however often it is asked. */
  run(): Promise<void>;
  /** Begins no other mail, and waits for the one that is under way. */
  stop(): Promise<void>;
}

/** @param mailer null where nobody sends any: what is written is forgotten */
export const createMailSending = ({
  outbox,
  mailer,
  sealing,
  digests,
  webUrl,
  now,
  reportFailure,
}: {
  readonly outbox: OutboxStore;
  readonly mailer: Mailer | null;
  readonly sealing: Pick<Sealing, "open">;
  readonly digests: Pick<Digests, "hash">;
  readonly webUrl: string;
  readonly now: () => number;
  readonly reportFailure: (failure: {
    readonly mail: Pick<WaitingMail, "id" | "kind" | "attempts">;
    readonly reason: string;
    readonly isGivenUp: boolean;
  }) => void;
}): MailSending => {
  let isStopped = false;
  let sending: Promise<void> | null = null;

  /** @returns whether it makes sense to try others now */
  const send = async (found: WaitingMail): Promise<boolean> => {
    if ((await outbox.claim(found, now() + heldMilliseconds)) === "changed") return true;
    const token = found.sealed === null ? "" : sealing.open(found.sealed, digests.hash(found.id));
    // A link that was sealed under a master secret which is no longer listed is nobody's any more.
    if (mailer === null || token === null) {
      await outbox.forget(found.id);
      return true;
    }
    const outcome = await mailer.send(composeMail(found, webUrl, token));
    if (outcome.isSent) {
      await outbox.forget(found.id);
      return true;
    }
    const attempts = found.attempts + 1;
    const dueAt = now() + pauseAfter(attempts);
    const isGivenUp = outcome.isFinal || dueAt >= found.at + givenUpAfterMilliseconds;
    await outbox.noteFailure(found.id, outcome.reason, isGivenUp ? null : dueAt);
    const { id, kind } = found;
    reportFailure({ mail: { id, kind, attempts }, reason: outcome.reason, isGivenUp });
    return outcome.isFinal;
  };

  const sendDue = async (): Promise<void> => {
    for (const found of await outbox.listDue(now(), atOnce)) {
      // What keeps one from being sent keeps the next one as well, each as long as it takes to find
      // out. They are due again in a moment.
      if (isStopped || !(await send(found))) return;
    }
  };

  return {
    run: () =>
      (sending ??= sendDue().finally(() => {
        sending = null;
      })),
    stop: async () => {
      isStopped = true;
      // Whoever ran it is told of a failure.
      await sending?.catch(() => {});
    },
  };
};
