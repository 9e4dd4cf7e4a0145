import {
  type AccessTokenUse,
  AppError,
  type Caller,
  endOfSession,
  type Origins,
  readBearerToken,
  readCredentials,
  readTokenCookie,
  networkOf,
  readDevice,
  refusalOfRefresh,
  requireUseOfSession,
  type RefreshLimits,
  type SignInQueue,
} from "@sallyport/shared/rules";
import { after } from "../http/after.ts";
import type { Handlers } from "../http/endpoint.ts";
import type { RequestContext } from "../http/endpoint.ts";
import type { AuditEvent, SessionRow } from "../database/store.ts";
import { hashIdempotencyKey, readRefreshToken } from "../tokens/refresh-token.ts";
import { decideRotation, type Rotation } from "../tokens/rotation.ts";
import type { Passwords } from "../users/passwords.ts";
import type { RefusedSignIns } from "./refused-sign-ins.ts";
import { verifyCredentials } from "./sign-in.ts";
import {
  deliverTokens,
  readSession,
  startSession,
  type SessionDependencies,
} from "./start-session.ts";

type SessionEndpoint =
  | "POST /login"
  | "POST /refresh"
  | "POST /logout"
  | "GET /session"
  | "GET /cookie-check"
  | "DELETE /account/sessions"
  | "DELETE /account/notices/:noticeId";

type Refreshed =
  | Rotation
  | { readonly outcome: "limited"; readonly error: AppError; readonly change?: never };

const auditOf = (
  context: RequestContext,
  at: number,
  action: string,
  subject: { readonly userId: string; readonly sessionId: string },
): AuditEvent => ({
  at,
  action,
  result: "success",
  actorUserId: subject.userId,
  subjectType: "session",
  subjectId: subject.sessionId,
  sessionId: subject.sessionId,
  address: context.address,
  userAgent: context.userAgent,
  requestId: context.requestId,
});

/** The adapter lets nobody without a live access token reach the endpoints that use this. */
const signedIn = (context: RequestContext): Caller => {
  if (!context.caller) throw new AppError("token_missing");
  return context.caller;
};

export const createSessionHandlers = (
  dependencies: SessionDependencies & {
    readonly passwords: Passwords;
    readonly signInQueue: SignInQueue;
    readonly refusedSignIns: RefusedSignIns;
    readonly refreshLimits: RefreshLimits;
    readonly origins: Origins;
  },
): Pick<Handlers, SessionEndpoint> => {
  const { store, tokens, secrets, cookies, now, idleMilliseconds, refreshLimits, origins } =
    dependencies;

  const requireOriginForCookies = ({ origin, header }: RequestContext): void =>
    origins.requireForCookies(origin, header("sec-fetch-site"));

  /** The session that a sign-in on this device replaces: the one whose refresh cookie came along. */
  const replacedSession = (context: RequestContext): string | null => {
    const cookie = readTokenCookie(context.header, cookies, "refresh");
    return cookie === undefined ? null : (readRefreshToken(secrets, cookie)?.sessionId ?? null);
  };

  /** @returns null where the token names none, or has come a way on which none of its session's does */
  const sessionOfAccessToken = async (
    use: AccessTokenUse,
    token: string,
  ): Promise<SessionRow | null> => {
    try {
      const { sid } = await tokens.verify(use, token, now(), { expiredToo: true });
      const session = await store.readSession(sid);
      if (session) requireUseOfSession(use, session.delivery);
      return session;
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
      // With an Authorization header a request is judged by that alone, and no refresh token travels there.
      const text =
        body?.refreshToken ??
        (context.header("authorization") === undefined
          ? readTokenCookie(context.header, cookies, "refresh")
          : undefined);
      if (text === undefined) throw new AppError("refresh_missing");
      if (delivery === "cookie") requireOriginForCookies(context);
      const token = readRefreshToken(secrets, text);
      if (!token) throw new AppError("refresh_invalid");
      const { address, userAgent, requestId } = context;
      const refused = (refusal: AppError): AppError =>
        refreshLimits.refuse(refusal, networkOf(address), now());

      // A session that is over stays so: what is left of its tokens takes no turn from those who write.
      const state = await store.readSessionState(token.sessionId);
      const end = state && endOfSession(state, state.active, now());
      if (!state || end)
        throw refused(
          refusalOfRefresh(
            { outcome: "refuse", because: state ? "ended" : "unknown", ...end },
            delivery,
          ),
        );

      const presented = {
        token,
        delivery,
        idempotencyKeyHash: key === undefined ? null : hashIdempotencyKey(key),
        address,
        userAgent,
        requestId,
      } as const;
      // Once, however often the transaction has to be tried.
      let charged: ReturnType<RefreshLimits["charge"]> | undefined;
      const giveBack = (): void => {
        if (typeof charged === "function") charged();
      };
      const rotation = await store
        .changeFamily(token.sessionId, (row, userIsActive): Refreshed => {
          const decided = decideRotation(row, userIsActive, presented, {
            secrets,
            now: now(),
            idleMilliseconds,
          });
          if (decided.outcome === "refused") return decided;
          charged ??= refreshLimits.charge(token.sessionId, now());
          return charged instanceof AppError ? { outcome: "limited", error: charged } : decided;
        })
        .catch((error: unknown) => {
          giveBack();
          throw error;
        });
      // Committed. Only now may the request fail, or the revocation would be rolled back with it.
      if (rotation.outcome === "limited") throw rotation.error;
      if (rotation.outcome === "refused") {
        // Tried again, it may have found another row: what was charged for has not happened.
        giveBack();
        throw refused(refusalOfRefresh(rotation.refusal, delivery));
      }
      const family = { ...rotation.row, ...rotation.change?.update };
      const delivered = await deliverTokens(dependencies, family, rotation.refreshToken);
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
        refreshToken === undefined ? undefined : readRefreshToken(secrets, refreshToken)?.sessionId;
      const session =
        named === undefined
          ? accessToken === undefined
            ? null
            : await sessionOfAccessToken(bearer === undefined ? "cookie" : "bearer", accessToken)
          : await store.readSession(named);
      if (session)
        await store.endSession(
          session.id,
          "signedOut",
          auditOf(context, now(), "session.signOut", {
            userId: session.userId,
            sessionId: session.id,
          }),
        );
      return ok(204, null, byCookie ? { cookies: cookies.cleared } : {});
    },

    "GET /session": ({ context, ok }) => {
      const caller = signedIn(context);
      return after(store.readUserRights(caller.userId), (rights) =>
        after(store.readSessionState(caller.sessionId), (state) => {
          if (!rights || !state) throw new AppError("session_ended");
          const family = { ...state, id: caller.sessionId };
          return after(
            readSession(dependencies, rights, family, caller.accessExpiresAt),
            (session) => ok(200, session),
          );
        }),
      );
    },

    "GET /cookie-check": ({ context, ok }) =>
      ok(200, {
        access: readTokenCookie(context.header, cookies, "access") !== undefined,
        refresh: readTokenCookie(context.header, cookies, "refresh") !== undefined,
        mode: cookies.mode,
      }),

    "DELETE /account/sessions": async ({ context, ok }) => {
      const caller = signedIn(context);
      await store.endUserSessions(
        caller.userId,
        "signedOutEverywhere",
        auditOf(context, now(), "session.signOutEverywhere", caller),
      );
      return ok(204, null, caller.via === "cookie" ? { cookies: cookies.cleared } : {});
    },

    "DELETE /account/notices/:noticeId": async ({ params, context, ok }) => {
      await store.dismissNotice(signedIn(context).userId, params.noticeId, now());
      return ok(204, null);
    },
  };
};
