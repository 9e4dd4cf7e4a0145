import type { TokenCookies } from "../answering/cookies.ts";
import { readBearerToken, readTokenCookie } from "../answering/credentials.ts";
import { isDisplayToken, type Displays } from "../access/displays.ts";
import type { Caller, Display } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import type { AccessTokens } from "../ports.ts";
import type { AccessClaims } from "../tokens/access-claims.ts";
import { requireUseOfSession } from "../tokens/access-uses.ts";
import { endOfSession } from "../tokens/rotation.ts";
import type { Awaitable } from "../awaitable.ts";
import type { UserStore } from "../users/user-store.ts";
import type { SessionState, SessionStore } from "./session-store.ts";

type Header = (name: string) => string | undefined;

/**
 * Finds out who calls. Every check of the access token runs on every request, cached signature or
 * not. The result throws `token_missing`, `token_invalid`, `token_expired`, `token_stale`,
 * `session_ended` or `duplicate_cookie` for an identity that is presented but dead, and gives null
 * for none.
 */
export const createIdentify = (dependencies: {
  readonly stores: {
    readonly sessions: Pick<SessionStore, "readState">;
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly tokens: AccessTokens;
  readonly cookies: TokenCookies;
  readonly displays: Pick<Displays, "identify">;
  readonly now: () => number;
}): ((header: Header) => Awaitable<Caller | Display | null>) => {
  const { stores, tokens, cookies, displays, now } = dependencies;

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
      authTime: state.authTime,
      accessExpiresAt: claims.exp * 1000,
    };
  };

  const finish = async (
    claims: AccessClaims,
    state: Awaitable<SessionState | null>,
    via: Caller["via"],
  ): Promise<Caller> => {
    const caller = check(claims, await state, via);
    if (claims.sections) return caller;
    // The token was too long to carry them. The epoch has just been checked, so these are the same
    // rights.
    return { ...caller, sections: (await stores.users.readRights(claims.sub))?.sections ?? [] };
  };

  const verify = async (token: string, via: Caller["via"]): Promise<Caller> => {
    const claims = await tokens.verify(via, token, now());
    return finish(claims, stores.sessions.readState(claims.sid), via);
  };

  return (header) => {
    const bearer = readBearerToken(header);
    if (bearer === null)
      throw new AppError("token_invalid", {
        detail:
          "The header must read `Authorization: Bearer` and, after a space, one access token.",
      });
    // Whose it is stands in the token itself, and not in the header.
    if (bearer !== undefined && isDisplayToken(bearer)) return displays.identify(bearer);
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
    if (known === null) return verify(token, via);
    const state = stores.sessions.readState(known.sid);
    return state instanceof Promise || !known.sections
      ? finish(known, state, via)
      : check(known, state, via);
  };
};
