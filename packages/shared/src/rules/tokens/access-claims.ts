/** Longer ones are not looked at. */
export const largestTokenBytes = 8_192;
/** Of a token with its sections; they are left out of one that would be longer, which no cookie holds. */
export const largestIssuedTokenBytes = 2_048;

/** What an access token says (RFC 9068). No name and no address stands in it. */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly jti: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  readonly epoch: number;
  /** Slugs, or the wildcard alone; absent when they would not fit. */
  readonly sections?: readonly string[];
  readonly amr: readonly string[];
  readonly auth_time: number;
}
