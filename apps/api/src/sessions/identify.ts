import { createHash, timingSafeEqual } from "node:crypto";
import {
  AppError,
  type Caller,
  endOfSession,
  readBearerToken,
  readTokenCookie,
  requireUseOfSession,
  type SessionState,
  type TokenCookies,
  type AccessClaims,
} from "@sallyport/shared/rules";
import type { Store } from "../database/store.ts";
import type { AccessTokens } from "../tokens/access-token.ts";
import { hmac, type MasterSecrets } from "../tokens/master-secret.ts";

/** Those that were computed last: each answer about a session tells its own again. */
const csrfTokens = new WeakMap<MasterSecrets, Map<string, string>>();
const mostCsrfTokens = 10_000;

/** The CSRF token of a session: HMAC(K_csrf, sid). */
export const csrfTokenOf = (secrets: MasterSecrets, sessionId: string): string => {
  const kept = csrfTokens.get(secrets) ?? new Map<string, string>();
  const known = kept.get(sessionId);
  if (known !== undefined) return known;
  csrfTokens.set(secrets, kept);
  if (kept.size >= mostCsrfTokens) kept.delete(kept.keys().next().value as string);
  const token = hmac(secrets.current.macKey.csrf, sessionId).toString("base64url");
  kept.set(sessionId, token);
  return token;
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Is this the session's CSRF token, under any listed master secret? */
export const isCsrfTokenOf = (
  secrets: MasterSecrets,
  sessionId: string,
  token: string | undefined,
): boolean =>
  token !== undefined &&
  secrets.all.some((secret) =>
    timingSafeEqual(
      digest(hmac(secret.macKey.csrf, sessionId).toString("base64url")),
      digest(token),
    ),
  );

/**
 * Finds out who calls. Every check of the access token runs on every request, cached signature or not.
 * The result throws `token_missing`, `token_invalid`, `token_expired`, `token_stale`, `session_ended`
 * or `duplicate_cookie` for an identity that is presented but dead, and gives null for none.
 */
export const createIdentify = (dependencies: {
  readonly store: Store;
  readonly tokens: AccessTokens;
  readonly cookies: TokenCookies;
  readonly now: () => number;
}): ((header: (name: string) => string | undefined) => Caller | null | Promise<Caller | null>) => {
  const { store, tokens, cookies, now } = dependencies;

  const check = (claims: AccessClaims, state: SessionState | null, via: Caller["via"]): Caller => {
    if (state === null || state.userId !== claims.sub) throw new AppError("session_ended");
    requireUseOfSession(via, state.delivery);
    const end = endOfSession(state, state.active, now());
    if (end) throw new AppError("session_ended", end);
    if (claims.epoch !== state.epoch) throw new AppError("token_stale");
    return {
      userId: claims.sub,
      sessionId: claims.sid,
      sections: claims.sections ?? [],
      epoch: state.epoch,
      via,
      accessExpiresAt: claims.exp * 1000,
    };
  };

  const finish = async (
    claims: AccessClaims,
    state: Promise<SessionState | null> | SessionState | null,
    via: Caller["via"],
  ): Promise<Caller> => {
    const caller = check(claims, await state, via);
    if (claims.sections) return caller;
    // The token was too long to carry them. The epoch has just been checked, so these are the same rights.
    return { ...caller, sections: (await store.readUserRights(claims.sub))?.sections ?? [] };
  };

  return (header) => {
    const bearer = readBearerToken(header);
    if (bearer === null)
      throw new AppError("token_invalid", { detail: "Only the scheme Bearer is accepted here." });
    let token: string;
    let via: Caller["via"];
    if (bearer !== undefined) [token, via] = [bearer, "bearer"];
    else {
      const access = readTokenCookie(header, cookies, "access");
      const refresh = readTokenCookie(header, cookies, "refresh");
      if (access === undefined) {
        // Somebody who is signed in must not be shown what a visitor sees.
        if (refresh !== undefined) throw new AppError("token_missing");
        return null;
      }
      [token, via] = [access, "cookie"];
    }
    const known = tokens.verifyKnown(via, token, now());
    if (known === null)
      return tokens
        .verify(via, token, now())
        .then((claims) => finish(claims, store.readSessionState(claims.sid), via));
    const state = store.readSessionState(known.sid);
    return state instanceof Promise || !known.sections
      ? finish(known, state, via)
      : check(known, state, via);
  };
};
