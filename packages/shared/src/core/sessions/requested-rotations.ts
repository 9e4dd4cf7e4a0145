/** What a request presents to rotate its session, and what it is answered with. */
import type { Session } from "../../contract/contract.ts";
import { readTokenCookie } from "../answering/credentials.ts";
import type { RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { networkOf } from "../answering/networks.ts";
import { refusalOfRefresh } from "../tokens/rotation.ts";
import { createRotations } from "./apply-rotation.ts";
import { decideRotation, type Presented } from "./rotate.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { deliverTokens } from "./start-session.ts";

export interface RequestedRotations {
  /**
   * @param refreshToken of the body, where one is there; otherwise the cookie
   * @throws AppError `refresh_missing`, `refresh_invalid`, `duplicate_cookie`, `origin_forbidden`
   */
  read(
    key: string | undefined,
    refreshToken: string | undefined,
    context: RequestContext,
  ): Presented;
  /**
   * Looks whether the session can be rotated with this, and changes nothing where it can. What a
   * token gives away that is presented without right (that it is in two hands) is told and recorded
   * as by a refresh.
   * @returns whether the token is the session's current one
   * @throws AppError as `rotate`
   */
  look(presented: Presented): Promise<boolean>;
  /**
   * @throws AppError `refresh_invalid`, `refresh_conflict`, `idempotency_key_required`,
   * `idempotency_key_reused`, `rate_limited`, `busy`, and `invalid_credentials` where a password
   * was to be changed that is another one by now
   */
  rotate(presented: Presented): Promise<{
    readonly session: Session;
    readonly extras: {
      readonly cookies: readonly string[];
      readonly headers?: Readonly<Record<string, string>>;
    };
  }>;
}

export const createRequestedRotations = (dependencies: SessionDependencies): RequestedRotations => {
  const { stores, refreshTokens, digests, cookies, refreshLimits, origins, now } = dependencies;
  const rotate = createRotations(dependencies);

  const rotateAndDeliver: RequestedRotations["rotate"] = async (presented) => {
    const { address, delivery } = presented;
    const rotation = await rotate(presented);
    // What it ends is on disk by now. Only now may the request fail.
    if (rotation.outcome === "refused")
      throw await refreshLimits.refuse(
        refusalOfRefresh(rotation.refusal, delivery),
        networkOf(address),
        now(),
      );
    const delivered = await deliverTokens(dependencies, rotation.row, rotation.refreshToken);
    if (!delivered) throw new AppError("refresh_invalid");
    return {
      session: delivered.body,
      extras: {
        cookies: delivered.cookies,
        ...(rotation.outcome === "replayed" && { headers: { "Idempotency-Replayed": "true" } }),
      },
    };
  };

  return {
    read: (key, refreshToken, context) => {
      const delivery = refreshToken === undefined ? "cookie" : "body";
      const { address, userAgent, requestId, header } = context;
      // With an Authorization header a request is judged by that alone, and no refresh token
      // travels there.
      const text =
        refreshToken ??
        (header("authorization") === undefined
          ? readTokenCookie(header, cookies, "refresh")
          : undefined);
      if (text === undefined) throw new AppError("refresh_missing");
      if (delivery === "cookie")
        origins.requireForCookies(context.origin, header("sec-fetch-site"));
      const token = refreshTokens.read(text);
      if (!token) throw new AppError("refresh_invalid");
      const idempotencyKeyHash = key === undefined ? null : digests.hash(key);
      return { token, delivery, idempotencyKeyHash, address, userAgent, requestId };
    },
    look: async (presented) => {
      const { outcome } = decideRotation(
        await stores.sessions.read(presented.token.sessionId),
        presented,
        { ...dependencies, now: now(), wasCurrent: false },
      );
      // Found again, it is refused again, or has become one that can be rotated: then not by this.
      if (outcome === "refused") {
        await rotateAndDeliver(presented);
        throw new AppError("refresh_invalid");
      }
      return outcome === "rotated";
    },
    rotate: rotateAndDeliver,
  };
};
