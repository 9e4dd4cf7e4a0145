/** Sessions that begin and rotate in the browser, without a request: for personas and scenarios. */
import {
  decodeBase64Url,
  defaults,
  encodeBase64Url,
  readDevice,
  rotationsToRemember,
} from "../core/core.ts";
import { digest } from "./digest.ts";
import type { MockSession, MockUser } from "./state.ts";
import { cookieHeaderOf } from "./jar.ts";
import { rememberDevice, rowOf } from "./stores/sessions.ts";
import { createAccessTokens, refreshTokensOf } from "./tokens.ts";
import { endSessions, grantsOf, newId, userOf, type World } from "./world.ts";

/** The mock knows of one client. */
export const clientAddress = "192.0.2.1";

/** The Set-Cookie values of a session as it is now. */
export const cookiesOf = (world: World, session: MockSession): readonly string[] => {
  const { state, cookies, now } = world;
  const user = userOf(state, session.userId);
  if (!user) throw new Error("A session of nobody");
  const { sections, sectionsEndAt } = grantsOf(state, user, now());
  const { token } = createAccessTokens(world).issue(
    "cookie",
    {
      sub: user.id,
      sid: session.id,
      epoch: user.epoch,
      sections,
      amr: session.amr,
      auth_time: Math.floor(session.authTime / 1000),
    },
    now(),
    sectionsEndAt,
  );
  const { secretHash, generation, masterSecretId } = session;
  const refreshToken = refreshTokensOf(() => state).write(
    { sessionId: session.id, generation, secret: decodeBase64Url(secretHash) },
    masterSecretId,
  );
  const until = session.remembered ? session.absoluteExpiresAt : null;
  return cookies.set(token, refreshToken, until, now());
};

/** @returns the Set-Cookie values that the browser gets of it */
export const beginSession = (
  world: World,
  user: MockUser,
  replaced: string | null,
  userAgent: string,
): readonly string[] => {
  const { state, cookies, now } = world;
  const at = now();
  endSessions(state, ({ id }) => id === replaced, "signedOut", at);
  const id = newId(state, "ses");
  const absoluteExpiresAt = at + defaults.sessionAbsoluteSeconds * 1000;
  const session: MockSession = {
    id,
    userId: user.id,
    delivery: "cookie",
    salt: digest(state.seed, "salt", id),
    masterSecretId: refreshTokensOf(() => state).masterSecretId,
    userAgent,
    address: clientAddress,
    createdAt: at,
    lastUsedAt: at,
    amr: ["pwd"],
    remembered: true,
    authTime: at,
    absoluteExpiresAt,
    generation: 1,
    secretHash: digest(state.seed, "secret", id),
    idempotencyKeyHash: null,
    rotatedAt: at,
    earlierRotations: [],
    idleExpiresAt: Math.min(at + defaults.sessionIdleSeconds * 1000, absoluteExpiresAt),
    endedAt: null,
    endReason: null,
    expiredTokens: [],
    lastToken: null,
  };
  state.sessions.push(session);
  const names = {
    presented: readDevice(() => cookieHeaderOf(state, at), cookies),
    fresh: digest(state.seed, "device", id),
  };
  const device = names[rememberDevice(state, user.id, names)] ?? names.fresh;
  return [...cookiesOf(world, session), cookies.setDevice(device)];
};

/**
 * Makes the next generation, as somebody else's refresh does: from here on, the tokens from before
 * are old.
 */
export const rotate = (
  { state }: Pick<World, "state">,
  session: MockSession,
  idempotencyKeyHash: string | null,
  at: number,
): void => {
  const { id, generation, masterSecretId } = session;
  const row = rowOf(session);
  const next = refreshTokensOf(() => state).next(
    { sessionId: id, generation, secret: row.secretHash },
    row.salt,
    masterSecretId,
  );
  if (next === null) throw new Error("A session of another installation");
  session.earlierRotations = rotationsToRemember(row, at);
  session.secretHash = encodeBase64Url(next.secret);
  session.generation = next.generation;
  session.idempotencyKeyHash = idempotencyKeyHash;
  session.rotatedAt = at;
  session.idleExpiresAt = Math.min(
    at + defaults.sessionIdleSeconds * 1000,
    session.absoluteExpiresAt,
  );
};
