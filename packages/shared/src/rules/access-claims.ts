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
