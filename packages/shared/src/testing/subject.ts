/** What the behaviours ask of an API: the real server in one test, the mock in another. */
import type { ContractKey, Permission, Session } from "../contract/contract.ts";

/** The people of the sample. Everybody's password is `sample-NAME-passphrase`. */
export type Person = "mica" | "mike" | "frida" | "nora" | "dan";

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /**
   * `include`, which goes without saying: with the cookies of the browser, and what answers set is
   * kept. `omit`: neither.
   */
  readonly credentials?: "include" | "omit";
  /**
   * The page's own, which is allowed, goes without saying. Null for none, as tools send. A script
   * in a page cannot choose it.
   */
  readonly origin?: string | null;
}

/** What no endpoint can bring about. It holds until the next `reset`. */
export type Condition =
  | {
      readonly kind: "grantGiven" | "grantTaken";
      readonly person: Person;
      readonly section: string;
    }
  | {
      readonly kind: "permissionGiven";
      readonly person: Person;
      readonly permission: Permission;
    }
  | { readonly kind: "personDeactivated"; readonly person: Person }
  /** Every session of the person ends. */
  | {
      readonly kind: "sessionsEnded";
      readonly person: Person;
      readonly reason: "endedByAdmin" | "passwordChanged";
    }
  /**
   * Whatever this endpoint needs to answer is taken: the database by somebody else's write, or the
   * server, which is about to stop.
   */
  | { readonly kind: "busy"; readonly endpoint: ContractKey }
  | { readonly kind: "handlerFails"; readonly endpoint: ContractKey }
  | { readonly kind: "queriesTakeTooLong" }
  /** The panel's query names a column that its dataset has not. */
  | { readonly kind: "panelBroken"; readonly panelId: string }
  /** Whoever changes a dataset's rows finds that somebody else has changed them meanwhile. */
  | { readonly kind: "rowsChangedMeanwhile" }
  /** There is no mail server. */
  | { readonly kind: "noMail" }
  /** The last mail to this person was refused for good. */
  | { readonly kind: "mailRefused"; readonly person: Person; readonly reason: string }
  /**
   * The process died when all changes so far had been made, and before anybody had noted the
   * answers to those under a key.
   */
  | { readonly kind: "killedBeforeAnswering" }
  /** The browser sends one of its two cookies twice, with different values. */
  | { readonly kind: "cookieTwice"; readonly which: "access" | "refresh" };

/**
 * An installation with the sample's people, roles, grants and sections, and `settings` beside the
 * defaults.
 */
export interface Subject {
  /** As a page of an allowed origin does, from the one address that the subject has. */
  fetch(path: string, sent?: Sent): Promise<Response>;
  /** Signs in by `POST /login`: in the browser, or as a client that keeps its tokens itself. */
  signInAs(person: Person, options: { readonly delivery: "cookie" | "body" }): Promise<Session>;
  /** Resolves when what was due in that time has been done. */
  advanceClock(milliseconds: number): Promise<void>;
  /**
   * Everything is as it was in the beginning: the browser without cookies, every limit untouched.
   */
  reset(): Promise<void>;
  arrange(condition: Condition): Promise<void>;
  /** What has been sent to this address so far, or would have been; the newest first. */
  readMails(
    address: string,
  ): Promise<readonly { readonly subject: string; readonly text: string }[]>;
  /** What a thief finds in the browser's cookie jar. */
  readCookie(which: "access" | "refresh"): Promise<string>;
  /**
   * Answers that came out of order, or a thief, have left this token in the browser's cookie jar.
   */
  writeCookie(which: "access" | "refresh", token: string): Promise<void>;
  /** Nobody is an admin any more, and a setup link has been made. @returns its token */
  createSetupLink(): Promise<string>;
}

/** The settings that behaviours rely on. */
export const settings = { uploadLimitMebibytes: 1, bodyLimitBytes: 64 * 1024 } as const;

export const passwordOf = (person: Person): string => `sample-${person}-passphrase`;
