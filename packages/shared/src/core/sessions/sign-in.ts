import { encodeBase64Url } from "../answering/base64url.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";
import type { RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import type { QueueCaller } from "../answering/queue-callers.ts";
import { networkOf, networksOf } from "../answering/networks.ts";
import type { User } from "../users/user-store.ts";
import { usernameKey } from "../users/usernames.ts";
import { hashDevice } from "./known-devices.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { AttemptUnderWay } from "./sign-in-limits.ts";

/**
 * Checks a user name and a password, of whoever signs in or of the caller. Whatever is wrong, the
 * answer and the time it takes are the same.
 * @param credentials.device the value of the device's cookie, where one came that can be used
 * @param credentials.otherwise another password that will do, tried within the same attempt
 * @returns the user with the hash of now, and which of the passwords it was
 * @throws AppError `invalid_credentials`, `rate_limited`, `busy`
 */
export const verifyCredentials = async (
  dependencies: Pick<
    SessionDependencies,
    "stores" | "digests" | "passwords" | "signInQueue" | "refusedSignIns" | "now"
  >,
  credentials: {
    readonly username: string;
    readonly password: string;
    readonly device: string | null;
    readonly otherwise?: string | undefined;
  },
  context: RequestContext,
  action: AuditAction = "session.signIn",
): Promise<{ readonly user: User; readonly password: string }> => {
  const { stores, digests, passwords, signInQueue, refusedSignIns, now } = dependencies;
  const { address, userAgent, requestId, caller } = context;
  const account = usernameKey(credentials.username);
  const networks = networksOf(address);
  const countRefused = (userId: string | null, reason: "rateLimited" | "unknownUser"): void =>
    refusedSignIns.record({
      userId,
      reason,
      network: networkOf(address),
      address,
      userAgent,
      requestId,
    });

  const deviceHash = credentials.device === null ? null : hashDevice(digests, credentials.device);
  const isKnown = deviceHash !== null && (await stores.users.isKnownDevice(account, deviceHash));
  const device = isKnown ? encodeBase64Url(deviceHash) : null;
  // A known device has turns of its own among the hashes, as whoever is signed in.
  const turn = caller?.sessionId ?? device;
  const asking: QueueCaller =
    turn === null ? { kind: "visitor", key: networkOf(address) } : { kind: "session", key: turn };
  let attempt: AttemptUnderWay;
  try {
    attempt = await signInQueue.enter({ account, networks, device });
  } catch (error) {
    countRefused((await stores.users.find(account))?.id ?? null, "rateLimited");
    throw error;
  }
  let user: User | null;
  let password: string | undefined;
  try {
    user = await stores.users.find(account);
    for (const tried of [credentials.password, credentials.otherwise])
      if (
        password === undefined &&
        tried !== undefined &&
        (await passwords.verify(user?.passwordHash ?? null, tried, asking))
      )
        password = tried;
  } catch (error) {
    await attempt.end();
    throw error;
  }
  if (!user || password === undefined || !user.active) {
    await attempt.fail();
    // Who it was meant for is told by id only: a name that is no user's may be a password in the
    // wrong field.
    if (!user) countRefused(null, "unknownUser");
    else
      refusedSignIns.store({
        at: now(),
        action,
        result: "failure",
        actorUserId: user.id,
        subjectType: "user",
        subjectId: user.id,
        sessionId: caller?.sessionId ?? null,
        address,
        userAgent,
        requestId,
        detail: {
          factor: "password",
          reason: password === undefined ? "wrongPassword" : "deactivated",
        },
      });
    throw new AppError("invalid_credentials");
  }
  await attempt.end();
  if (user.passwordHash !== null && passwords.isOutdated(user.passwordHash)) {
    try {
      const better = await passwords.hash(password, asking);
      await stores.users.replacePasswordHash(user.id, user.passwordHash, better);
      return { user: { ...user, passwordHash: better }, password };
    } catch (error) {
      // The password was right. A better hash of it can wait for the next sign-in.
      if (!(error instanceof AppError && error.code === "busy")) throw error;
    }
  }
  return { user, password };
};
