import type { RequestContext } from "../http/endpoint.ts";
import { networkOf } from "../http/network-of.ts";
import { AppError, type SignInLimits, takeAttempt, usernameKey } from "@sallyport/shared/rules";
import type { Store, UserRow } from "../database/store.ts";
import type { Passwords } from "../users/passwords.ts";

/**
 * Checks a user name and a password. Whatever is wrong, the answer and the time it takes are the same.
 * @throws AppError `invalid_credentials`, `rate_limited`, `busy`
 */
export const verifyCredentials = async (
  dependencies: {
    readonly store: Store;
    readonly passwords: Passwords;
    readonly limits: SignInLimits;
    readonly now: () => number;
  },
  credentials: { readonly username: string; readonly password: string },
  context: RequestContext,
): Promise<UserRow> => {
  const { store, passwords, limits, now } = dependencies;
  const key = usernameKey(credentials.username);
  const network = networkOf(context.address);
  const asking = { kind: "visitor", key: network } as const;
  /** Who it was meant for is told by id only: a name that is no user's may be a password in the wrong field. */
  const recordFailure = (
    user: UserRow | null,
    reason: "rateLimited" | "unknownUser" | "wrongPassword" | "deactivated",
  ): Promise<void> =>
    store.addAuditEvent({
      at: now(),
      action: "session.signIn",
      result: "failure",
      actorUserId: user?.id ?? null,
      subjectType: "user",
      subjectId: user?.id ?? null,
      address: context.address,
      userAgent: context.userAgent,
      requestId: context.requestId,
      detail: { factor: "password", reason },
    });

  let giveBack: () => void;
  try {
    giveBack = takeAttempt(
      [
        [limits.address, network],
        [limits.account, key],
      ],
      now(),
    );
  } catch (error) {
    if (limits.recorded.take(`${network} ${key}`, now()).allowed)
      await recordFailure(await store.findUser(key), "rateLimited");
    throw error;
  }
  const user = await store.findUser(key);
  let matches: boolean;
  try {
    matches = await passwords.verify(user?.passwordHash ?? null, credentials.password, asking);
  } catch (error) {
    giveBack();
    throw error;
  }
  if (!user || !matches || !user.active) {
    await recordFailure(user, !user ? "unknownUser" : !matches ? "wrongPassword" : "deactivated");
    throw new AppError("invalid_credentials");
  }
  giveBack();
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
