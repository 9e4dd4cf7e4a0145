/** The first admin, by a link that works once, or by the command-line tool. */
import { hash, randomBytes } from "node:crypto";
import {
  AppError,
  checkPassword,
  emailKey,
  usernameKey,
  setupLinkLifeMinutes,
} from "@sallyport/shared/rules";
import { newId } from "../database/identifier.ts";
import type { AuditEvent, Store } from "../database/store.ts";
import { loadCommonPasswords } from "./common-passwords.ts";
import type { Passwords } from "./passwords.ts";

const hashToken = (token: string): Buffer => hash("sha256", token, "buffer");

/** A new setup token: 256 bits, of which only the hash is stored. */
export const createSetupToken = async (store: Store, now: number): Promise<string> => {
  const token = randomBytes(32).toString("base64url");
  await store.addOneUseToken({
    tokenHash: hashToken(token),
    purpose: "setup",
    createdAt: now,
    expiresAt: now + setupLinkLifeMinutes * 60_000,
  });
  return token;
};

/**
 * @param options.setupToken null when the command-line tool asks, which needs none
 * @returns the admin's user id
 * @throws AppError `one_use_token_invalid`, `setup_done`, `name_taken`, `validation_failed` (the password), `busy`
 */
export const createAdmin = async (
  {
    store,
    passwords,
    now,
  }: { readonly store: Store; readonly passwords: Passwords; readonly now: () => number },
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
  const tokenHash = options.setupToken === null ? null : hashToken(options.setupToken);
  // Before the hash, so that guessing tokens costs us nothing; the token is used up only with the user that it creates.
  if (tokenHash !== null && !(await store.isOneUseTokenUsable(tokenHash, now())))
    throw new AppError((await store.hasAdmin()) ? "setup_done" : "one_use_token_invalid");
  const weakness = checkPassword(
    person.password,
    [person.username, person.displayName, person.email],
    await loadCommonPasswords(),
  );
  if (weakness)
    throw new AppError("validation_failed", { detail: weakness.detail, errors: [weakness] });
  const passwordHash = await passwords.hash(person.password);
  const at = now();
  const id = newId("usr");
  const outcome = await store.createAdmin(
    {
      id,
      username: person.username.normalize("NFKC").trim(),
      usernameKey: usernameKey(person.username),
      email: person.email.trim(),
      emailKey: emailKey(person.email),
      displayName: person.displayName.trim(),
      passwordHash,
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
