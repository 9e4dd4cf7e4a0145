import {
  AppError,
  networkOf,
  networksOf,
  usernameKey,
  type AttemptUnderWay,
  type SignInQueue,
} from "@sallyport/shared/rules";
import type { Store, UserRow } from "../database/store.ts";
import type { RequestContext } from "../http/endpoint.ts";
import type { QueueCaller } from "../http/fair-queue.ts";
import { hashSecret } from "../tokens/refresh-token.ts";
import type { Passwords } from "../users/passwords.ts";
import type { RefusedSignIns } from "./refused-sign-ins.ts";

/** What the device's cookie is stored as, and called in the limits. */
export const hashDevice = (device: string): Buffer => hashSecret(Buffer.from(device, "base64url"));

/**
 * Checks a user name and a password. Whatever is wrong, the answer and the time it takes are the same.
 * @param credentials.device the value of the device's cookie, where one came that can be used
 * @throws AppError `invalid_credentials`, `rate_limited`, `busy`
 */
export const verifyCredentials = async (
  dependencies: {
    readonly store: Store;
    readonly passwords: Passwords;
    readonly signInQueue: SignInQueue;
    readonly refusedSignIns: RefusedSignIns;
    readonly now: () => number;
  },
  credentials: {
    readonly username: string;
    readonly password: string;
    readonly device: string | null;
  },
  context: RequestContext,
): Promise<UserRow> => {
  const { store, passwords, signInQueue, refusedSignIns, now } = dependencies;
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

  const deviceHash = credentials.device === null ? null : hashDevice(credentials.device);
  const isKnown = deviceHash !== null && (await store.isKnownDevice(account, deviceHash));
  // A known device has turns of its own among the hashes, as whoever is signed in.
  const asking: QueueCaller = isKnown
    ? { kind: "session", key: deviceHash.toString("base64url") }
    : { kind: "visitor", key: networkOf(address) };
  let attempt: AttemptUnderWay;
  try {
    attempt = await signInQueue.enter({
      account,
      networks,
      device: isKnown ? deviceHash.toString("base64url") : null,
    });
  } catch (error) {
    countRefused((await store.findUser(account))?.id ?? null, "rateLimited");
    throw error;
  }
  let user: UserRow | null;
  let matches: boolean;
  try {
    user = await store.findUser(account);
    matches = await passwords.verify(user?.passwordHash ?? null, credentials.password, asking);
  } catch (error) {
    attempt.end();
    throw error;
  }
  if (!user || !matches || !user.active) {
    attempt.fail();
    // Who it was meant for is told by id only: a name that is no user's may be a password in the wrong field.
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
  attempt.end();
  if (user.passwordHash !== null && passwords.isOutdated(user.passwordHash)) {
    try {
      await store.replacePasswordHash(
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
