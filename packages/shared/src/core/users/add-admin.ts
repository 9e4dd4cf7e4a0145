/** The first admin, by a link that works once, or by the command-line tool. */
import { AppError } from "../answering/errors.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import { setupLinkLifeMinutes } from "../defaults.ts";
import { encodeBase64Url } from "../answering/base64url.ts";
import type { Chance, Digests, Passwords } from "../ports.ts";
import { checkPassword } from "./password-policy.ts";
import type { OneUseTokenStore } from "./one-use-token-store.ts";
import type { UserStore } from "./user-store.ts";
import { emailKey, usernameKey } from "./usernames.ts";

interface Dependencies {
  readonly stores: {
    readonly users: Pick<UserStore, "hasAdmin" | "addAdmin">;
    readonly oneUseTokens: OneUseTokenStore;
  };
  readonly chance: Chance;
  readonly digests: Digests;
  readonly passwords: Passwords;
  readonly now: () => number;
}

/** A new setup token: 256 bits, of which only the hash is stored. */
export const createSetupToken = async ({
  stores,
  chance,
  digests,
  now,
}: Omit<Dependencies, "passwords">): Promise<string> => {
  const token = encodeBase64Url(chance.secret());
  const at = now();
  await stores.oneUseTokens.add({
    tokenHash: digests.hash(token),
    purpose: "setup",
    userId: null,
    madeBy: null,
    createdAt: at,
    expiresAt: at + setupLinkLifeMinutes * 60_000,
  });
  return token;
};

/**
 * @param options.setupToken null when the command-line tool asks, which needs none
 * @returns the admin's user id
 * @throws AppError `one_use_token_invalid`, `setup_done`, `name_taken`, `validation_failed` (the
 * password), `busy`
 */
export const addAdmin = async (
  { stores, chance, digests, passwords, now }: Dependencies,
  person: {
    readonly username: string;
    readonly displayName: string;
    readonly email: string;
    readonly password: string;
  },
  options: {
    readonly setupToken: string | null;
    readonly audit: Pick<AuditEvent, "address" | "userAgent" | "requestId">;
  },
): Promise<string> => {
  const { users, oneUseTokens } = stores;
  const tokenHash = options.setupToken === null ? null : digests.hash(options.setupToken);
  // Before the hash, so that guessing tokens costs us nothing; the token is used up only with the
  // user that it creates.
  if (tokenHash !== null && !(await oneUseTokens.isUsable(tokenHash, now())))
    throw new AppError((await users.hasAdmin()) ? "setup_done" : "one_use_token_invalid");
  const weakness = checkPassword(
    person.password,
    [person.username, person.displayName, person.email],
    await passwords.loadCommon(),
  );
  if (weakness)
    throw new AppError("validation_failed", { detail: weakness.detail, errors: [weakness] });
  const passwordHash = await passwords.hash(person.password);
  const at = now();
  const id = chance.newId("usr");
  const outcome = await users.addAdmin(
    {
      id,
      username: person.username.normalize("NFKC").trim(),
      usernameKey: usernameKey(person.username),
      email: person.email.trim(),
      emailKey: emailKey(person.email),
      emailVerified: false,
      displayName: person.displayName.trim(),
      passwordHash,
      active: true,
      createdAt: at,
    },
    tokenHash,
    {
      at,
      action: "user.createAdmin",
      result: "success",
      actorUserId: id,
      subjectType: "user",
      subjectId: id,
      detail: { by: tokenHash === null ? "command line" : "setup link" },
      ...options.audit,
    },
  );
  if (outcome === "tokenInvalid") throw new AppError("one_use_token_invalid");
  if (outcome === "adminExists") throw new AppError("setup_done");
  if (outcome === "nameTaken") throw new AppError("name_taken");
  return id;
};
