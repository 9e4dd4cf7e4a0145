import { isIPv6 } from "node:net";
import type { RequestContext } from "../http/endpoint.ts";
import { AppError, type SignInLimits, takeAttempt, usernameKey } from "@sallyport/shared/rules";
import type { Store, UserRow } from "../database/store.ts";
import type { Passwords } from "../users/passwords.ts";

/** Addresses of one network count together: whoever has an IPv6 address has 2^64 of them. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address);
  if (mapped)
    return (
      mapped[1] ??
      [mapped[2], mapped[3]]
        .flatMap((group) => [
          Number.parseInt(group ?? "0", 16) >> 8,
          Number.parseInt(group ?? "0", 16) & 255,
        ])
        .join(".")
    );
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined
      ? left
      : [
          ...left,
          ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"),
          ...right,
        ];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
};

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
    matches = await passwords.verify(user?.passwordHash ?? null, credentials.password);
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
        await passwords.hash(credentials.password),
      );
    } catch (error) {
      // The password was right. A better hash of it can wait for the next sign-in.
      if (!(error instanceof AppError && error.code === "busy")) throw error;
    }
  }
  return user;
};
