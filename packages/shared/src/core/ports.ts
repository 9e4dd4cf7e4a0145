/**
 * What the core asks of its surroundings, beside the stores: time, chance, tokens, passwords and
 * mail.
 */
import type { AccessClaims } from "./tokens/access-claims.ts";
import type { AccessTokenUse } from "./tokens/access-uses.ts";
import type { QueueCaller } from "./answering/queue-callers.ts";
import type { Awaitable } from "./awaitable.ts";

export type IdPrefix =
  | "usr"
  | "rol"
  | "grt"
  | "acr"
  | "dsp"
  | "sec"
  | "pan"
  | "dat"
  | "imp"
  | "ses"
  | "evt"
  | "ntc"
  | "mai";

export interface Chance {
  /** A new id: the prefix and 128 bits in base64url. */
  newId(prefix: IdPrefix): string;
  /** 256 bits. */
  secret(): Uint8Array;
  /** A name for a request that nobody can have known before. */
  requestId(): string;
}

/** What is drawn once for all time about something, and never kept. */
export interface Lots {
  /**
   * 256 bits: the same ones for a text whenever they are asked for, and known to nobody who does
   * not have the master secret.
   */
  of(text: string): Uint8Array;
}

export interface Digests {
  /**
   * 256 bits of a secret, of a text, of a name: who has the digest does not have what it was made
   * from.
   */
  hash(value: Uint8Array | string): Uint8Array;
  /** The same, of a text, in base64url. */
  tag(text: string): string;
  /** As `hash`, of bytes that come in pieces, of which none is held. */
  pieces(): { add(piece: Uint8Array): void; end(): Uint8Array };
}

/**
 * Hides what is kept for a while and may hold secrets, such as links in answers: whoever steals the
 * database reads nothing of it.
 */
export interface Sealing {
  /** @param place what the text is bound to: it opens nowhere else */
  seal(text: string, place: Uint8Array): string;
  /** Null for what was not sealed here, or under a master secret that is no longer listed. */
  open(sealed: string, place: Uint8Array): string | null;
}

/** What an access token is to say; who issued it, for whom and until when follows. */
export type AccessGrant = Pick<
  AccessClaims,
  "sub" | "sid" | "epoch" | "amr" | "auth_time" | "sections"
>;

/** What a token is used for is told by the way on which it comes, and never by the token. */
export interface AccessTokens {
  /**
   * @param rightsEndAt when what the claims say stops being so, in milliseconds since 1970: no
   * token outlives that, and one that ends by it is not given the tolerance of clocks
   * @returns the token, and when it expires in milliseconds since 1970
   */
  issue(
    use: AccessTokenUse,
    claims: AccessGrant,
    now: number,
    rightsEndAt?: number | null,
  ): Awaitable<{ readonly token: string; readonly expiresAt: number }>;
  /**
   * Checks shape, signature, type, issuer, audience and expiry, in that order. The caller still has
   * to check the session, whose delivery has to be that of the use, and the epoch.
   * @param use the way on which the token came
   * @throws AppError `token_invalid`, `token_expired` (in the promise, where there is one)
   */
  verify(
    use: AccessTokenUse,
    token: string,
    now: number,
    options?: { readonly expiredToo?: boolean },
  ): Awaitable<AccessClaims>;
  /**
   * As `verify` for a token that has been verified before; null when it has not, then `verify` has
   * to.
   * @throws AppError `token_invalid`, `token_expired`
   */
  verifyKnown(use: AccessTokenUse, token: string, now: number): AccessClaims | null;
}

/** A refresh token that we once issued. Whether it is live is for its session to tell. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly secret: Uint8Array;
}

/**
 * The secret of each generation follows from the one before it, by a master secret that has a name.
 */
export interface RefreshTokens {
  /** Which master secret derives now. */
  readonly masterSecretId: string;
  /** @returns null for anything malformed, non-canonical or wrongly tagged */
  read(text: string): RefreshToken | null;
  /** @param masterSecretId a listed one */
  write(token: RefreshToken, masterSecretId: string): string;
  /** The next generation; null where that master secret is no longer listed. */
  next(parent: RefreshToken, salt: Uint8Array, masterSecretId: string): RefreshToken | null;
}

export interface CsrfTokens {
  of(sessionId: string): string;
  /** Under any listed master secret. */
  isOf(sessionId: string, token: string | undefined): boolean;
}

export interface Passwords {
  /** @throws AppError `busy` when too many hashes wait already */
  hash(password: string, caller?: QueueCaller): Promise<string>;
  /**
   * Is this the password of the hash? Takes as long for a user who does not exist.
   * @param passwordHash null for an unknown user or one without a password
   * @param caller whose turn it takes
   * @throws AppError `busy`
   */
  verify(passwordHash: string | null, password: string, caller?: QueueCaller): Promise<boolean>;
  /** Was the hash made in a way that is not today's? */
  isOutdated(passwordHash: string): boolean;
  /** Is this text, in lower case, among the passwords that are tried first? */
  loadCommon(): Awaitable<(text: string) => boolean>;
}

export interface Mail {
  /** The same however often it is sent, and nobody else's. */
  readonly messageId: string;
  /** In milliseconds since 1970. */
  readonly date: number;
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /**
   * Resolves within five minutes, and never fails otherwise than by what it resolves with. A reason
   * is in words for whoever looks after the installation; after a final one it makes no sense to
   * try again.
   */
  send(
    mail: Mail,
  ): Promise<
    | { readonly isSent: true }
    | { readonly isSent: false; readonly reason: string; readonly isFinal: boolean }
  >;
}
