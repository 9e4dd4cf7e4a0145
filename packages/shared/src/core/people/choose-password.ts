import type { RequestContext } from "../answering/endpoint.ts";
import { recordOf } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import { coversRights } from "../access/decide-rights-change.ts";
import type { Digests, Passwords } from "../ports.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import { checkPassword } from "../users/password-policy.ts";
import type { UserRights, UserStore } from "../users/user-store.ts";

interface LinkDependencies {
  readonly stores: {
    readonly users: Pick<UserStore, "readRights">;
    readonly oneUseTokens: Pick<OneUseTokenStore, "findPasswordLink">;
  };
  readonly digests: Pick<Digests, "hash">;
  readonly now: () => number;
}

interface Dependencies extends LinkDependencies {
  readonly stores: LinkDependencies["stores"] & {
    readonly users: Pick<UserStore, "choosePassword">;
  };
  readonly passwords: Pick<Passwords, "hash" | "loadCommon">;
}

interface Found {
  readonly expiresAt: number;
  readonly isMailed: boolean;
  readonly user: UserRights;
  /** Who had the link made, and so may know it; null for the command line. */
  readonly maker: UserRights | null;
}

const invalid = (): AppError => new AppError("one_use_token_invalid");

/**
 * Whoever had a link made can use it as well. So it works only as long as they may change the user,
 * or they would come to rights that the user has been given since.
 */
const requireMaker = ({ user, maker }: Found): void => {
  if (maker === null) return;
  if (
    !maker.user.active ||
    !maker.permissions.includes("users:write") ||
    !coversRights(maker, user)
  )
    throw invalid();
};

/** Whose link it was: whoever made it could have used it as well. */
const detailOf = ({ maker, isMailed }: Found): Readonly<Record<string, unknown>> =>
  isMailed
    ? { by: "mail" }
    : {
        by: "link",
        madeBy: maker === null ? "command line" : { id: maker.user.id, name: maker.user.username },
      };

/** @throws AppError `one_use_token_invalid` unless a password can be chosen on this link now */
const readLink = async (
  { stores: { users, oneUseTokens }, now }: LinkDependencies,
  tokenHash: Uint8Array,
): Promise<Found> => {
  const link = await oneUseTokens.findPasswordLink(tokenHash, now());
  const user = link && (await users.readRights(link.userId));
  if (link === null || !user?.user.active) throw invalid();
  const maker = link.madeBy === null ? null : await users.readRights(link.madeBy);
  // A link goes with whoever had it made.
  if (link.madeBy !== null && maker === null) throw invalid();
  const found = { user, maker, expiresAt: link.expiresAt, isMailed: link.isMailed };
  requireMaker(found);
  return found;
};

/**
 * Whose password is chosen on this link, and until when. Nothing is used up.
 * @throws AppError `one_use_token_invalid`
 */
export const checkPasswordLink = async (dependencies: LinkDependencies, token: string) => {
  const { user, expiresAt } = await readLink(dependencies, dependencies.digests.hash(token));
  const { username, displayName } = user.user;
  return { user: { username, displayName }, linkExpiresAt: new Date(expiresAt).toISOString() };
};

/**
 * A user chooses a password with a link, once.
 * @throws AppError `one_use_token_invalid`, `validation_failed` (the password), `busy`
 */
export const choosePassword = async (
  dependencies: Dependencies,
  { token, newPassword }: { readonly token: string; readonly newPassword: string },
  context: RequestContext,
): Promise<void> => {
  const { stores, digests, passwords, now } = dependencies;
  const tokenHash = digests.hash(token);
  const read = (): Promise<Found> => readLink(dependencies, tokenHash);

  // Before the hash, so that guessing tokens costs us nothing.
  const { user } = (await read()).user;
  const { username, displayName, email } = user;
  const weakness = checkPassword(
    newPassword,
    [username, displayName, email ?? ""],
    await passwords.loadCommon(),
  );
  if (weakness)
    throw new AppError("validation_failed", {
      detail: weakness.detail,
      errors: [{ ...weakness, pointer: "/newPassword" }],
    });
  const passwordHash = await passwords.hash(newPassword);
  await applyDecision(
    read,
    () => passwordHash,
    async (found, chosen) => {
      const { id } = found.user.user;
      const at = now();
      const outcome = await stores.users.choosePassword(
        { userId: id, tokenHash, passwordHash: chosen },
        {
          users: [found.user, ...(found.maker ? [found.maker] : [])].map((one) => ({
            id: one.user.id,
            epoch: one.user.epoch,
          })),
          roles: [],
        },
        {
          ...recordOf(context),
          at,
          action: "user.choosePassword",
          result: "success",
          actorUserId: id,
          subjectType: "user",
          subjectId: id,
          detail: detailOf(found),
        },
        // Who was given a link by somebody has been told when it was made.
        found.isMailed ? { userId: id, kind: "passwordChanged", at, data: { by: "mail" } } : null,
      );
      if (outcome === "tokenInvalid") throw invalid();
      return outcome;
    },
  );
};
