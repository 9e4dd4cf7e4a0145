/** Sessions begin here, and here a session is put into the words of the contract. */
import { randomBytes } from "node:crypto";
import type { Session } from "@sallyport/shared/contract";
import { accessTokenUseOf, describeSession, type TokenCookies } from "@sallyport/shared/rules";
import { after } from "../http/after.ts";
import type { RequestContext } from "../http/endpoint.ts";
import { newId } from "../database/identifier.ts";
import type { Store, UserRights } from "../database/store.ts";
import type { AccessTokens } from "../tokens/access-token.ts";
import type { MasterSecrets } from "../tokens/master-secret.ts";
import { hashSecret, startFamily, writeRefreshToken } from "../tokens/refresh-token.ts";
import { csrfTokenOf } from "./identify.ts";
import { hashDevice } from "./sign-in.ts";

export interface SessionDependencies {
  readonly store: Store;
  readonly tokens: AccessTokens;
  readonly secrets: MasterSecrets;
  readonly cookies: TokenCookies;
  readonly now: () => number;
  readonly idleMilliseconds: number;
  readonly absoluteMilliseconds: number;
}

interface Family {
  readonly id: string;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
}

/** The Session of the contract, without tokens. */
export const readSession = (
  dependencies: SessionDependencies,
  rights: UserRights,
  family: Family,
  accessExpiresAt: number,
): Session | Promise<Session> => {
  const { store, secrets, now } = dependencies;
  return after(store.readNotices(rights.user.id), (notices) =>
    after(store.listSectionLinks(rights.sections), (links) =>
      describeSession({
        ...rights,
        links,
        family,
        accessExpiresAt,
        csrfToken: csrfTokenOf(secrets, family.id),
        notices,
        now: now(),
      }),
    ),
  );
};

/** What a sign-in or a refresh answers: the Session, and the Set-Cookie values of cookie delivery. */
interface Delivered {
  readonly body: Session;
  readonly cookies: readonly string[];
}

/**
 * A fresh access token for a family, together with its refresh token, the way the family receives them.
 * @returns null when the user is gone
 */
export const deliverTokens = async (
  dependencies: SessionDependencies,
  family: Family & {
    readonly userId: string;
    readonly delivery: "cookie" | "body";
    readonly amr: readonly string[];
    readonly authTime: number;
  },
  refreshToken: string,
): Promise<Delivered | null> => {
  const { store, tokens, cookies, now } = dependencies;
  const rights = await store.readUserRights(family.userId);
  if (!rights) return null;
  const { token, expiresAt } = await tokens.issue(
    accessTokenUseOf(family.delivery),
    {
      sub: family.userId,
      sid: family.id,
      epoch: rights.user.epoch,
      sections: rights.sections,
      amr: family.amr,
      auth_time: Math.floor(family.authTime / 1000),
    },
    now(),
  );
  const body = await readSession(dependencies, rights, family, expiresAt);
  if (family.delivery === "body")
    return {
      body: { ...body, tokenType: "Bearer", accessToken: token, refreshToken },
      cookies: [],
    };
  return { body, cookies: cookies.set(token, refreshToken, family.absoluteExpiresAt, now()) };
};

/**
 * Starts a new family for a user whose factors have been verified, ending the one it replaces on that device.
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
    readonly replaced: string | null;
    readonly device: string | null;
    readonly context: RequestContext;
    readonly action: string;
  },
): Promise<Delivered | null> => {
  const { store, secrets, cookies, now, idleMilliseconds, absoluteMilliseconds } = dependencies;
  const { userId, delivery, amr, replaced, context, action } = options;
  // A client that keeps its tokens itself has no jar for it.
  const devices =
    delivery === "cookie"
      ? { presented: options.device, fresh: randomBytes(32).toString("base64url") }
      : null;
  const at = now();
  const id = newId("ses");
  const { secret, salt } = startFamily();
  const generation = 1;
  const absoluteExpiresAt = at + absoluteMilliseconds;
  const family = {
    id,
    userId,
    delivery,
    amr: [...amr],
    authTime: at,
    idleExpiresAt: Math.min(at + idleMilliseconds, absoluteExpiresAt),
    absoluteExpiresAt,
  };
  const added = await store.addSession(
    {
      ...family,
      generation,
      secretHash: hashSecret(secret),
      salt,
      masterSecretId: secrets.current.id,
      rotatedAt: at,
      userAgent: context.userAgent,
      address: context.address,
      createdAt: at,
      lastUsedAt: at,
    },
    replaced,
    devices && {
      presented: devices.presented === null ? null : hashDevice(devices.presented),
      fresh: hashDevice(devices.fresh),
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
      detail: { amr: [...amr], delivery },
    },
  );
  if (!added) return null;
  const delivered = await deliverTokens(
    dependencies,
    family,
    writeRefreshToken(secrets.current, { sessionId: id, generation, secret }),
  );
  if (!delivered || !devices || !added.deviceHash) return delivered;
  const isFresh = hashDevice(devices.fresh).equals(added.deviceHash);
  const device = isFresh ? devices.fresh : (devices.presented ?? devices.fresh);
  return { ...delivered, cookies: [...delivered.cookies, cookies.setDevice(device)] };
};
