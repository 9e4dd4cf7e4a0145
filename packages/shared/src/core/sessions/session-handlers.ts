import type { sessionEndpoints } from "../../contract/session.ts";
import { after } from "../awaitable.ts";
import { readBearerToken, readCredentials, readTokenCookie } from "../answering/credentials.ts";
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { networkOf } from "../answering/networks.ts";
import { requireUseOfSession, type AccessTokenUse } from "../tokens/access-uses.ts";
import { refusalOfRefresh } from "../tokens/rotation.ts";
import { createRotations } from "./apply-rotation.ts";
import { readDevice } from "./known-devices.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { FoundSession } from "./session-store.ts";
import { verifyCredentials } from "./sign-in.ts";
import { deliverTokens, readSessionOfCaller, startSession } from "./start-session.ts";

export const createSessionHandlers = (
  dependencies: SessionDependencies,
): Pick<Handlers, Exclude<keyof typeof sessionEndpoints, "GET /setup" | "POST /setup">> => {
  const { stores, tokens, refreshTokens, digests, cookies, now, refreshLimits, origins } =
    dependencies;

  const requireOriginForCookies = ({ origin, header }: RequestContext): void =>
    origins.requireForCookies(origin, header("sec-fetch-site"));

  /**
   * The session that a sign-in on this device replaces: the one whose refresh cookie came along.
   */
  const replacedSession = (context: RequestContext): string | null => {
    const cookie = readTokenCookie(context.header, cookies, "refresh");
    return cookie === undefined ? null : (refreshTokens.read(cookie)?.sessionId ?? null);
  };

  const rotate = createRotations(dependencies);

  /**
   * @returns null where the token names none, or has come a way on which none of its session's does
   */
  const sessionOfAccessToken = async (
    use: AccessTokenUse,
    token: string,
  ): Promise<FoundSession | null> => {
    try {
      const { sid } = await tokens.verify(use, token, now(), { expiredToo: true });
      const found = await stores.sessions.read(sid);
      if (found) requireUseOfSession(use, found.row.delivery);
      return found;
    } catch (error) {
      if (error instanceof AppError && error.code === "token_invalid") return null;
      throw error;
    }
  };

  return {
    "POST /login": async ({ headers, body, context, ok }) => {
      const delivery = body?.delivery ?? "cookie";
      if (delivery === "cookie") requireOriginForCookies(context);
      const { username, password } = readCredentials(headers.authorization, body);
      const replaced = delivery === "cookie" ? replacedSession(context) : null;
      const device = delivery === "cookie" ? readDevice(context.header, cookies) : null;
      const user = await verifyCredentials(dependencies, { username, password, device }, context);
      const delivered = await startSession(dependencies, {
        userId: user.id,
        delivery,
        amr: ["pwd"],
        replaced,
        device,
        context,
        action: "session.signIn",
      });
      if (!delivered) throw new AppError("invalid_credentials");
      return ok(200, delivered.body, { cookies: delivered.cookies });
    },

    "POST /refresh": async ({ headers, body, context, ok }) => {
      const key = headers["idempotency-key"];
      const delivery = body?.refreshToken === undefined ? "cookie" : "body";
      // With an Authorization header a request is judged by that alone, and no refresh token
      // travels there.
      const text =
        body?.refreshToken ??
        (context.header("authorization") === undefined
          ? readTokenCookie(context.header, cookies, "refresh")
          : undefined);
      if (text === undefined) throw new AppError("refresh_missing");
      if (delivery === "cookie") requireOriginForCookies(context);
      const token = refreshTokens.read(text);
      if (!token) throw new AppError("refresh_invalid");
      const { address, userAgent, requestId } = context;
      const rotation = await rotate({
        token,
        delivery,
        idempotencyKeyHash: key === undefined ? null : digests.hash(key),
        address,
        userAgent,
        requestId,
      });
      // What it ends is on disk by now. Only now may the request fail.
      if (rotation.outcome === "refused")
        throw await refreshLimits.refuse(
          refusalOfRefresh(rotation.refusal, delivery),
          networkOf(address),
          now(),
        );
      const delivered = await deliverTokens(dependencies, rotation.row, rotation.refreshToken);
      if (!delivered) throw new AppError("refresh_invalid");
      return ok(200, delivered.body, {
        cookies: delivered.cookies,
        ...(rotation.outcome === "replayed" && { headers: { "Idempotency-Replayed": "true" } }),
      });
    },

    "POST /logout": async ({ body, context, ok }) => {
      const bearer = readBearerToken(context.header);
      const byCookie = bearer === undefined && body?.refreshToken === undefined;
      let refreshToken = body?.refreshToken;
      let accessToken = bearer ?? undefined;
      if (byCookie) {
        refreshToken = readTokenCookie(context.header, cookies, "refresh");
        accessToken = readTokenCookie(context.header, cookies, "access");
        if (refreshToken !== undefined || accessToken !== undefined)
          requireOriginForCookies(context);
      }
      const named =
        refreshToken === undefined ? undefined : refreshTokens.read(refreshToken)?.sessionId;
      const found =
        named === undefined
          ? accessToken === undefined
            ? null
            : await sessionOfAccessToken(bearer === undefined ? "cookie" : "bearer", accessToken)
          : await stores.sessions.read(named);
      if (found)
        await stores.sessions.end(found.row.id, "signedOut", {
          ...recordOf(context),
          at: now(),
          action: "session.signOut",
          result: "success",
          actorUserId: found.row.userId,
          subjectType: "session",
          subjectId: found.row.id,
          sessionId: found.row.id,
        });
      return ok(204, null, byCookie ? { cookies: cookies.cleared } : {});
    },

    "GET /session": ({ context, ok }) =>
      after(readSessionOfCaller(dependencies, context), (session) => ok(200, session)),

    "GET /cookie-check": ({ context, ok }) =>
      ok(200, {
        access: readTokenCookie(context.header, cookies, "access") !== undefined,
        refresh: readTokenCookie(context.header, cookies, "refresh") !== undefined,
        mode: cookies.mode,
      }),

    "DELETE /account/sessions": async ({ context, ok }) => {
      const caller = signedIn(context);
      await stores.sessions.endOfUser(caller.userId, "signedOutEverywhere", {
        ...recordOf(context),
        at: now(),
        action: "session.signOutEverywhere",
        result: "success",
        subjectType: "session",
        subjectId: caller.sessionId,
      });
      return ok(204, null, caller.via === "cookie" ? { cookies: cookies.cleared } : {});
    },

    "DELETE /account/notices/:noticeId": async ({ params, context, ok }) => {
      await stores.notices.dismiss(signedIn(context).userId, params.noticeId, now());
      return ok(204, null);
    },
  };
};
