import type { sessionEndpoints } from "../../contract/session.ts";
import { after } from "../awaitable.ts";
import { readBearerToken, readCredentials, readTokenCookie } from "../answering/credentials.ts";
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { requireUseOfSession, type AccessTokenUse } from "../tokens/access-uses.ts";
import { readDevice } from "./known-devices.ts";
import { createRequestedRotations } from "./requested-rotations.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { FoundSession } from "./session-store.ts";
import { verifyCredentials } from "./sign-in.ts";
import { readSessionOfCaller, startSession } from "./start-session.ts";

export const createSessionHandlers = (
  dependencies: SessionDependencies,
): Pick<
  Handlers,
  Exclude<
    keyof typeof sessionEndpoints,
    "GET /setup" | "POST /setup" | "POST /step-up" | "PUT /account/password"
  >
> => {
  const { stores, tokens, refreshTokens, cookies, now, origins } = dependencies;

  const requireOriginForCookies = ({ origin, header }: RequestContext): void =>
    origins.requireForCookies(origin, header("sec-fetch-site"));

  /**
   * The session that a sign-in on this device replaces: the one whose refresh cookie came along.
   */
  const replacedSession = (context: RequestContext): string | null => {
    const cookie = readTokenCookie(context.header, cookies, "refresh");
    return cookie === undefined ? null : (refreshTokens.read(cookie)?.sessionId ?? null);
  };

  const rotations = createRequestedRotations(dependencies);

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
      const { user } = await verifyCredentials(
        dependencies,
        { username, password, device },
        context,
      );
      const delivered = await startSession(dependencies, {
        userId: user.id,
        delivery,
        amr: ["pwd"],
        remembered: body?.remember ?? true,
        replaced,
        device,
        context,
        action: "session.signIn",
      });
      if (!delivered) throw new AppError("invalid_credentials");
      return ok(200, delivered.body, { cookies: delivered.cookies });
    },

    "POST /refresh": async ({ headers, body, context, ok }) => {
      const presented = rotations.read(headers["idempotency-key"], body?.refreshToken, context);
      const { session, extras } = await rotations.rotate(presented);
      return ok(200, session, extras);
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

    "DELETE /account/sessions": async ({ query, context, ok }) => {
      const caller = signedIn(context);
      const isKept = query.except === "current";
      await stores.sessions.endOfUser(
        caller.userId,
        isKept ? "endedByUser" : "signedOutEverywhere",
        {
          ...recordOf(context),
          at: now(),
          action: isKept ? "session.endOthers" : "session.signOutEverywhere",
          result: "success",
          subjectType: "session",
          subjectId: caller.sessionId,
        },
        ...(isKept ? [caller.sessionId] : []),
      );
      const clears = !isKept && caller.via === "cookie";
      return ok(204, null, clears ? { cookies: cookies.cleared } : {});
    },

    "DELETE /account/notices/:noticeId": async ({ params, context, ok }) => {
      await stores.notices.dismiss(signedIn(context).userId, params.noticeId, now());
      return ok(204, null);
    },
  };
};
