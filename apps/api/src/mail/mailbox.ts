import type { Mail, Mailer } from "@sallyport/shared/core";

const kept = 50;

/**
 * What would have been sent, in place of sending it: for trying Sallyport on one's own machine. The
 * mails are in memory, and gone with the process.
 */
export interface Mailbox extends Mailer {
  /** The newest first. */
  list(): readonly Mail[];
}

export const createMailbox = (): Mailbox => {
  let mails: readonly Mail[] = [];
  return {
    list: () => mails,
    send: async (mail) => {
      mails = [mail, ...mails].slice(0, kept);
      return { isSent: true };
    },
  };
};
