/** Sessions: they begin, are refreshed by the server's own rules, and end. */
import {
  AppError,
  checkPassword,
  decideRefresh,
  defaults,
  keptNotices,
  describeSession,
  emailKey,
  endOfSession,
  mostKnownDevices,
  nameDevice,
  readBearerToken,
  readCredentials,
  readDevice,
  readTokenCookie,
  refusalOfRefresh,
  requireUseOfSession,
  rotationsToRemember,
  usernameKey,
  type Caller,
  type Origins,
  type RefreshRefusal,
} from "../rules/rules.ts";
import type { Session } from "../contract/contract.ts";
import { digest } from "./digest.ts";
import type { MockContext, MockHandlers } from "./endpoint.ts";
import { admitSignIn, refreshLimitsOf } from "./limits.ts";
import type { MockDevice, MockSession, MockUser } from "./state.ts";
import {
  csrfTokenOf,
  issueAccessToken,
  nextSecret,
  readAccessToken,
  readRefreshToken,
  writeRefreshToken,
  type RefreshToken,
} from "./tokens.ts";
import {
  changeRights,
  endSessions,
  findUser,
  grantsOf,
  hasAdmin,
  linksOf,
  newId,
  permissionsOf,
  userOf,
  type World,
} from "./world.ts";

type SessionEndpoint =
  | "POST /login"
  | "POST /refresh"
  | "POST /logout"
  | "GET /session"
  | "GET /cookie-check"
  | "DELETE /account/sessions"
  | "DELETE /account/notices/:noticeId"
  | "POST /setup";

type Header = MockContext["header"];
const keepDeadMilliseconds = 30 * 24 * 60 * 60 * 1000;
/** The mock knows of one client. */
export const clientAddress = "192.0.2.1";

/**
 * Finds out who calls, by the server's checks in the server's order.
 * @throws AppError `token_missing`, `token_invalid`, `token_expired`, `token_stale`, `session_ended`, `duplicate_cookie`
 */
export const identify = (world: World, header: Header): Caller | null => {
  const { state, cookies } = world;
  const bearer = readBearerToken(header);
  if (bearer === null)
    throw new AppError("token_invalid", { detail: "Only the scheme Bearer is accepted here." });
  let token = bearer;
  if (token === undefined) {
    token = readTokenCookie(header, cookies, "access");
    const refresh = readTokenCookie(header, cookies, "refresh");
    if (token === undefined) {
      // Somebody who is signed in must not be shown what a visitor sees.
      if (refresh !== undefined) throw new AppError("token_missing");
      return null;
    }
  }
  const via = bearer === undefined ? "cookie" : "bearer";
  const claims = readAccessToken(world, via, token);
  const session = state.sessions.find(({ id }) => id === claims.sid);
  const user = userOf(state, claims.sub);
  if (!session || !user) throw new AppError("session_ended");
  requireUseOfSession(via, session.delivery);
  const end = endOfSession(session, user.active, world.now());
  if (end) throw new AppError("session_ended", end);
  if (claims.epoch !== user.epoch) throw new AppError("token_stale");
  return {
    userId: user.id,
    sessionId: session.id,
    sections: claims.sections ?? grantsOf(state, user),
    epoch: user.epoch,
    via,
    accessExpiresAt: claims.exp * 1000,
  };
};

const tokenOf = ({ id, generation, secret }: MockSession): RefreshToken => ({
  sessionId: id,
  generation,
  secret,
});

const describe = (
  { state, now }: World,
  user: MockUser,
  session: MockSession,
  accessExpiresAt: number,
): Session =>
  describeSession({
    user,
    roles: user.roles.toSorted(),
    permissions: permissionsOf(state, user),
    links: linksOf(state, grantsOf(state, user)),
    family: session,
    accessExpiresAt,
    csrfToken: csrfTokenOf(state, session.id),
    notices: state.notices.filter((notice) => notice.userId === user.id && !notice.dismissed),
    now: now(),
  });

interface Delivered {
  readonly body: Session;
  readonly cookies: readonly string[];
}

export const deliver = (world: World, session: MockSession): Delivered => {
  const { state, cookies, now } = world;
  const user = userOf(state, session.userId);
  if (!user) throw new AppError("session_ended");
  const { token, expiresAt } = issueAccessToken(world, session);
  const refreshToken = writeRefreshToken(state, tokenOf(session));
  const body = describe(world, user, session, expiresAt);
  if (session.delivery === "body")
    return {
      body: { ...body, tokenType: "Bearer", accessToken: token, refreshToken },
      cookies: [],
    };
  return { body, cookies: cookies.set(token, refreshToken, session.absoluteExpiresAt, now()) };
};

/**
 * @param replaced the session that this sign-in ends on its device
 * @param presentedDevice the value of the device's cookie, where one came that can be used
 */
export const startSession = (
  world: World,
  user: MockUser,
  delivery: "cookie" | "body",
  replaced: string | null,
  presentedDevice: string | null,
  userAgent: string,
): Delivered => {
  const { state, cookies, now } = world;
  const at = now();
  endSessions(state, ({ id }) => id === replaced, "signedOut", at);
  state.sessions = state.sessions.filter(
    ({ endedAt, absoluteExpiresAt }) => (endedAt ?? absoluteExpiresAt) > at - keepDeadMilliseconds,
  );
  const id = newId(state, "ses");
  const absoluteExpiresAt = at + defaults.sessionAbsoluteSeconds * 1000;
  const session: MockSession = {
    id,
    userId: user.id,
    delivery,
    salt: digest(state.seed, "salt", id),
    userAgent,
    address: clientAddress,
    createdAt: at,
    absoluteExpiresAt,
    generation: 1,
    secret: digest(state.seed, "secret", id),
    idempotencyKey: null,
    rotatedAt: at,
    earlierRotations: [],
    idleExpiresAt: Math.min(at + defaults.sessionIdleSeconds * 1000, absoluteExpiresAt),
    endedAt: null,
    endReason: null,
    expiredTokens: [],
    lastToken: null,
  };
  state.sessions.push(session);
  const delivered = deliver(world, session);
  if (delivery === "body") return delivered;
  const { value: device, replaces } = nameDevice(
    { presented: presentedDevice, fresh: digest(state.seed, "device", id) },
    (value) => state.devices.some((kept) => kept.userId === user.id && kept.device === value),
  );
  if (replaces !== null)
    state.devices = state.devices.map((kept) =>
      kept.device === replaces ? { ...kept, device } : kept,
    );
  const isOther = (kept: MockDevice): boolean => kept.userId !== user.id || kept.device !== device;
  const others = state.devices.filter(isOther);
  const ofUser = others.filter(({ userId }) => userId === user.id);
  const forgotten = new Set(ofUser.slice(0, Math.max(0, ofUser.length + 1 - mostKnownDevices)));
  state.devices = [...others.filter((kept) => !forgotten.has(kept)), { userId: user.id, device }];
  return { ...delivered, cookies: [...delivered.cookies, cookies.setDevice(device)] };
};

/** Makes the next generation: from here on, the tokens from before are old. */
export const rotate = (session: MockSession, idempotencyKey: string | null, at: number): void => {
  session.secret = nextSecret(session.salt, tokenOf(session));
  session.earlierRotations = rotationsToRemember(session, at);
  session.generation += 1;
  session.idempotencyKey = idempotencyKey;
  session.rotatedAt = at;
  session.idleExpiresAt = Math.min(
    at + defaults.sessionIdleSeconds * 1000,
    session.absoluteExpiresAt,
  );
};

/** The adapter lets nobody without a live access token reach the endpoints that use this. */
const signedIn = ({ caller }: MockContext): Caller => {
  if (!caller) throw new AppError("token_missing");
  return caller;
};

export const createSessionHandlers = (
  world: World,
  origins: Origins,
): Pick<MockHandlers, SessionEndpoint> => {
  const { cookies, now } = world;
  const requireOriginForCookies = ({ origin, header }: MockContext): void =>
    origins.requireForCookies(origin, header("sec-fetch-site"));
  const cookieOf = (context: MockContext, which: "access" | "refresh"): string | undefined =>
    readTokenCookie(context.header, cookies, which);

  return {
    "POST /login": ({ headers, body, context, ok }) => {
      const { state } = context;
      const delivery = body?.delivery ?? "cookie";
      if (delivery === "cookie") requireOriginForCookies(context);
      const { username, password } = readCredentials(headers.authorization, body);
      const cookie = delivery === "cookie" ? cookieOf(context, "refresh") : undefined;
      const replaced =
        cookie === undefined ? null : (readRefreshToken(state, cookie)?.sessionId ?? null);
      const user = findUser(state, username);
      const device = delivery === "cookie" ? readDevice(context.header, cookies) : null;
      const isKnown = state.devices.some(
        (kept) => kept.userId === user?.id && kept.device === device,
      );
      const countFailure = admitSignIn(
        state,
        {
          account: usernameKey(username),
          address: context.address,
          device: isKnown ? device : null,
        },
        now(),
      );
      if (!user || !user.active || user.password !== password) {
        countFailure();
        throw new AppError("invalid_credentials");
      }
      const delivered = startSession(world, user, delivery, replaced, device, context.userAgent);
      return ok(200, delivered.body, { cookies: delivered.cookies });
    },

    "POST /refresh": ({ headers, body, context, ok }) => {
      const { state } = context;
      const key = headers["idempotency-key"];
      const delivery = body?.refreshToken === undefined ? "cookie" : "body";
      // With an Authorization header a request is judged by that alone, and no refresh token travels there.
      const text =
        body?.refreshToken ??
        (context.header("authorization") === undefined ? cookieOf(context, "refresh") : undefined);
      if (text === undefined) throw new AppError("refresh_missing");
      if (delivery === "cookie") requireOriginForCookies(context);
      const token = readRefreshToken(state, text);
      if (!token) throw new AppError("refresh_invalid");
      const limits = refreshLimitsOf(state);

      const session = state.sessions.find(({ id }) => id === token.sessionId) ?? null;
      const isActive = session !== null && userOf(state, session.userId)?.active === true;
      const decision = decideRefresh(
        session,
        isActive,
        {
          generation: token.generation,
          delivery,
          hasKey: key !== undefined,
          isCurrentSecret: () => token.secret === session?.secret,
          isLastKey: () => key !== undefined && key === session?.idempotencyKey,
          leadsToCurrentSecret: () =>
            session !== null && nextSecret(session.salt, token) === session.secret,
        },
        now(),
      );
      if (decision.outcome === "reuse" && session !== null) {
        endSessions(state, ({ id }) => id === session.id, "reuse", now());
        state.notices.push({
          id: newId(state, "ntc"),
          userId: session.userId,
          kind: "refreshTokenReused",
          at: now(),
          data: {
            address: context.address,
            userAgent: context.userAgent,
            sessionStartedAt: new Date(session.createdAt).toISOString(),
            sessionAddress: session.address,
            sessionUserAgent: session.userAgent,
          },
          dismissed: false,
        });
        const own = state.notices.filter(({ userId }) => userId === session.userId);
        const over = new Set(own.slice(0, Math.max(0, own.length - keptNotices)));
        state.notices = state.notices.filter((notice) => !over.has(notice));
      }
      if (session === null || (decision.outcome !== "rotate" && decision.outcome !== "replay"))
        throw limits.refuse(
          refusalOfRefresh(decision as RefreshRefusal, delivery),
          context.address,
          now(),
        );
      const charged = limits.charge(session.id, now());
      if (charged instanceof AppError) throw charged;
      // A replay gives the generation there is: it was given before, and has not arrived.
      if (decision.outcome === "rotate") rotate(session, key ?? null, now());
      const delivered = deliver(world, session);
      return ok(200, delivered.body, {
        cookies: delivered.cookies,
        ...(decision.outcome === "replay" && { headers: { "Idempotency-Replayed": "true" } }),
      });
    },

    "POST /logout": ({ body, context, ok }) => {
      const { state } = context;
      const bearer = readBearerToken(context.header);
      const byCookie = bearer === undefined && body?.refreshToken === undefined;
      let refreshToken = body?.refreshToken;
      let accessToken = bearer ?? undefined;
      if (byCookie) {
        refreshToken = cookieOf(context, "refresh");
        accessToken = cookieOf(context, "access");
        if (refreshToken !== undefined || accessToken !== undefined)
          requireOriginForCookies(context);
      }
      let sessionId =
        refreshToken === undefined ? undefined : readRefreshToken(state, refreshToken)?.sessionId;
      if (sessionId === undefined && accessToken !== undefined) {
        try {
          const use = bearer === undefined ? "cookie" : "bearer";
          const { sid } = readAccessToken(world, use, accessToken, { expiredToo: true });
          const session = state.sessions.find(({ id }) => id === sid);
          if (session) requireUseOfSession(use, session.delivery);
          sessionId = sid;
        } catch {
          // Then there is nothing to end.
        }
      }
      endSessions(state, ({ id }) => id === sessionId, "signedOut", now());
      return ok(204, null, byCookie ? { cookies: cookies.cleared } : {});
    },

    "GET /session": ({ context, ok }) => {
      const caller = signedIn(context);
      const user = userOf(context.state, caller.userId);
      const session = context.state.sessions.find(({ id }) => id === caller.sessionId);
      if (!user || !session) throw new AppError("session_ended");
      return ok(200, describe(world, user, session, caller.accessExpiresAt));
    },

    "GET /cookie-check": ({ context, ok }) =>
      ok(200, {
        access: cookieOf(context, "access") !== undefined,
        refresh: cookieOf(context, "refresh") !== undefined,
        mode: cookies.mode,
      }),

    "DELETE /account/sessions": ({ context, ok }) => {
      const caller = signedIn(context);
      endSessions(
        context.state,
        ({ userId }) => userId === caller.userId,
        "signedOutEverywhere",
        now(),
      );
      return ok(204, null, caller.via === "cookie" ? { cookies: cookies.cleared } : {});
    },

    "DELETE /account/notices/:noticeId": ({ params, context, ok }) => {
      const { userId } = signedIn(context);
      for (const notice of context.state.notices)
        if (notice.id === params.noticeId && notice.userId === userId) notice.dismissed = true;
      return ok(204, null);
    },

    "POST /setup": ({ body, context, ok }) => {
      const { state } = context;
      const { token, delivery = "cookie", username, displayName, email, password } = body;
      if (delivery === "cookie") requireOriginForCookies(context);
      const countFailure = admitSignIn(
        state,
        { account: null, address: context.address, device: null },
        now(),
      );
      const refuse = (error: AppError): never => {
        countFailure();
        throw error;
      };
      if (token !== state.setupLink?.token || state.setupLink.expiresAt <= now())
        return refuse(new AppError(hasAdmin(state) ? "setup_done" : "one_use_token_invalid"));
      // The list of common passwords is the server's; it is larger than the mock.
      const weakness = checkPassword(password, [username, displayName, email], () => false);
      if (weakness)
        return refuse(
          new AppError("validation_failed", { detail: weakness.detail, errors: [weakness] }),
        );
      if (hasAdmin(state)) return refuse(new AppError("setup_done"));
      if (
        findUser(state, username) ||
        state.users.some((user) => emailKey(user.email) === emailKey(email))
      )
        return refuse(new AppError("name_taken"));
      const user: MockUser = {
        id: newId(state, "usr"),
        username: username.normalize("NFKC").trim(),
        displayName: displayName.trim(),
        email: email.trim(),
        password,
        roles: ["admin"],
        active: true,
        epoch: 1,
      };
      changeRights(world, () => void state.users.push(user));
      state.setupLink = null;
      const device = delivery === "cookie" ? readDevice(context.header, cookies) : null;
      const delivered = startSession(world, user, delivery, null, device, context.userAgent);
      return ok(200, delivered.body, { cookies: delivered.cookies });
    },
  };
};
