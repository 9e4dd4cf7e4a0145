/** Sessions begin here, and here a session is put into the words of the contract. */
import type { Session } from "../../contract/contract.ts";
import { recogniseDevice } from "../../contract/recognise-device.ts";
import { after, type Awaitable } from "../awaitable.ts";
import { signedIn, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { encodeBase64Url } from "../answering/base64url.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";
import { accessTokenUseOf } from "../tokens/access-uses.ts";
import type { UserRights } from "../users/user-store.ts";
import { describeSession } from "./describe-session.ts";
import { idleLifeOf } from "./idle-life.ts";
import { hashDevice } from "./known-devices.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { SessionRow } from "./session-store.ts";

type Lives = Pick<SessionRow, "id" | "idleExpiresAt" | "absoluteExpiresAt" | "remembered">;

/** The Session of the contract, without tokens. */
const readSession = (
  { stores, csrfTokens, now }: SessionDependencies,
  rights: UserRights,
  session: Lives,
  accessExpiresAt: number,
): Awaitable<Session> =>
  after(stores.notices.listOpen(rights.user.id), (notices) =>
    after(stores.sections.listLinks(rights.sections), (links) =>
      describeSession({
        ...rights,
        links,
        session,
        accessExpiresAt,
        csrfToken: csrfTokens.of(session.id),
        notices,
        now: now(),
      }),
    ),
  );

/**
 * The session of whoever asks, as it is now: what `GET /session` answers, and every change that
 * alters what the session tells.
 */
export const readSessionOfCaller = (
  dependencies: SessionDependencies,
  context: RequestContext,
): Awaitable<Session> => {
  const { userId, sessionId, accessExpiresAt } = signedIn(context);
  const { users, sessions } = dependencies.stores;
  return after(users.readRights(userId), (rights) =>
    after(sessions.readState(sessionId), (state) => {
      if (!rights || !state) throw new AppError("session_ended");
      return readSession(dependencies, rights, { ...state, id: sessionId }, accessExpiresAt);
    }),
  );
};

/**
 * What a sign-in or a refresh answers: the Session, and the Set-Cookie values of cookie delivery.
 */
export interface Delivered {
  readonly body: Session;
  readonly cookies: readonly string[];
}

/**
 * A fresh access token for a session, together with its refresh token, the way the session receives
 * them.
 * @returns null when the user is gone
 */
export const deliverTokens = async (
  dependencies: SessionDependencies,
  session: Lives & Pick<SessionRow, "userId" | "delivery" | "amr" | "authTime">,
  refreshToken: string,
): Promise<Delivered | null> => {
  const { stores, tokens, cookies, now } = dependencies;
  const rights = await stores.users.readRights(session.userId);
  if (!rights) return null;
  const { token, expiresAt } = await tokens.issue(
    accessTokenUseOf(session.delivery),
    {
      sub: session.userId,
      sid: session.id,
      epoch: rights.user.epoch,
      sections: rights.sections,
      amr: session.amr,
      auth_time: Math.floor(session.authTime / 1000),
    },
    now(),
    rights.sectionsEndAt,
  );
  const body = await readSession(dependencies, rights, session, expiresAt);
  if (session.delivery === "body")
    return {
      body: { ...body, tokenType: "Bearer", accessToken: token, refreshToken },
      cookies: [],
    };
  const until = session.remembered ? session.absoluteExpiresAt : null;
  return { body, cookies: cookies.set(token, refreshToken, until, now()) };
};

/**
 * Starts a session for a user whose factors have been verified, and ends the one that it replaces
 * on that device.
 * @param options.replaced the session whose refresh token, tag verified, came along
 * @param options.device the value of the device's cookie that came along, where one can be used
 * @returns null when the user has been deactivated or deleted meanwhile
 */
export const startSession = async (
  dependencies: SessionDependencies,
  options: {
    readonly userId: string;
    readonly delivery: "cookie" | "body";
    readonly amr: readonly string[];
    readonly remembered: boolean;
    readonly replaced: string | null;
    readonly device: string | null;
    readonly context: RequestContext;
    readonly action: AuditAction;
  },
): Promise<Delivered | null> => {
  const { stores, chance, digests, refreshTokens, cookies, now } = dependencies;
  const { userId, delivery, amr, remembered, replaced, context, action } = options;
  // A client that keeps its tokens itself has no jar for it.
  const devices =
    delivery === "cookie"
      ? { presented: options.device, fresh: encodeBase64Url(chance.secret()) }
      : null;
  const at = now();
  const id = chance.newId("ses");
  const first = { sessionId: id, generation: 1, secret: chance.secret() };
  const absoluteExpiresAt = at + dependencies.absoluteMilliseconds;
  const session = {
    id,
    userId,
    delivery,
    amr,
    remembered,
    authTime: at,
    idleExpiresAt: Math.min(
      at + idleLifeOf({ remembered }, dependencies.idleMilliseconds),
      absoluteExpiresAt,
    ),
    absoluteExpiresAt,
  };
  const { browser, system } = recogniseDevice(context.userAgent);
  const added = await stores.sessions.add(
    {
      ...session,
      generation: first.generation,
      secretHash: digests.hash(first.secret),
      salt: chance.secret(),
      masterSecretId: refreshTokens.masterSecretId,
      rotatedAt: at,
      userAgent: context.userAgent,
      address: context.address,
      createdAt: at,
      lastUsedAt: at,
    },
    replaced,
    devices && {
      presented: devices.presented === null ? null : hashDevice(digests, devices.presented),
      fresh: hashDevice(digests, devices.fresh),
    },
    {
      at,
      action,
      result: "success",
      actorUserId: userId,
      subjectType: "session",
      subjectId: id,
      sessionId: id,
      address: context.address,
      userAgent: context.userAgent,
      requestId: context.requestId,
      detail: { amr, delivery },
    },
    {
      userId,
      kind: "signedInOnNewDevice",
      at,
      data: {
        address: context.address,
        userAgent: context.userAgent,
        ...(browser !== null && { browser }),
        ...(system !== null && { system }),
        sessionId: id,
      },
    },
  );
  if (!added) return null;
  const delivered = await deliverTokens(
    dependencies,
    session,
    refreshTokens.write(first, refreshTokens.masterSecretId),
  );
  const device = devices && added.device && devices[added.device];
  return delivered && device !== null
    ? { ...delivered, cookies: [...delivered.cookies, cookies.setDevice(device)] }
    : delivered;
};
