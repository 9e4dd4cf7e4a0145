import type { Awaitable } from "../awaitable.ts";

/** What a user has to be told. Times are milliseconds since 1970. */
export interface NewNotice {
  readonly userId: string;
  readonly kind:
    | "refreshTokenReused"
    | "passwordLinkMade"
    | "passwordChanged"
    | "signedInOnNewDevice"
    | "emailChanged";
  readonly at: number;
  readonly data: Readonly<Record<string, string>>;
}

export interface Notice extends NewNotice {
  readonly id: string;
}

/**
 * Of each user, the last ones are kept, as many as the core says. They are added with the change
 * that they tell of.
 */
export interface NoticeStore {
  /** The notices that the user has not dismissed, oldest first. */
  listOpen(userId: string): Awaitable<readonly Notice[]>;
  /** Somebody else's notice stays as it is. */
  dismiss(userId: string, noticeId: string, at: number): Promise<void>;
}
