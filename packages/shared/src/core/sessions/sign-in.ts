import { encodeBase64Url } from "../answering/base64url.ts";
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
 * Checks a user name and a password. Whatever is wrong, the answer and the time it takes are the
 * same.
 * @param credentials.device the value of the device's cookie, where one came that can be used
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
  },
  context: RequestContext,
): Promise<User> => {
  const { stores, digests, passwords, signInQueue, refusedSignIns, now } = dependencies;
  const { address, userAgent, requestId } = context;
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
  const asking: QueueCaller =
    device === null
      ? { kind: "visitor", key: networkOf(address) }
      : { kind: "session", key: device };
  let attempt: AttemptUnderWay;
  try {
    attempt = await signInQueue.enter({ account, networks, device });
  } catch (error) {
    countRefused((await stores.users.find(account))?.id ?? null, "rateLimited");
    throw error;
  }
  let user: User | null;
  let matches: boolean;
  try {
    user = await stores.users.find(account);
    matches = await passwords.verify(user?.passwordHash ?? null, credentials.password, asking);
  } catch (error) {
    await attempt.end();
    throw error;
  }
  if (!user || !matches || !user.active) {
    await attempt.fail();
    // Who it was meant for is told by id only: a name that is no user's may be a password in the
    // wrong field.
    if (!user) countRefused(null, "unknownUser");
    else
      refusedSignIns.store({
        at: now(),
        action: "session.signIn",
        result: "failure",
        actorUserId: user.id,
        subjectType: "user",
        subjectId: user.id,
        address,
        userAgent,
        requestId,
        detail: { factor: "password", reason: matches ? "deactivated" : "wrongPassword" },
      });
    throw new AppError("invalid_credentials");
  }
  await attempt.end();
  if (user.passwordHash !== null && passwords.isOutdated(user.passwordHash)) {
    try {
      await stores.users.replacePasswordHash(
        user.id,
        user.passwordHash,
        await passwords.hash(credentials.password, asking),
      );
    } catch (error) {
      // The password was right. A better hash of it can wait for the next sign-in.
      if (!(error instanceof AppError && error.code === "busy")) throw error;
    }
  }
  return user;
};
