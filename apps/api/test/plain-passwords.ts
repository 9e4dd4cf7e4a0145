import type { Passwords } from "@sallyport/shared/core";
import { loadCommonPasswords } from "../src/users/common-passwords.ts";

/**
 * Real argon2id costs 30 ms a hash. Tests that are not about passwords share one fast stand-in with
 * the same behaviour.
 */
export const plainPasswords: Passwords = {
  hash: (password) => Promise.resolve(`plain:${password}`),
  verify: (passwordHash, password) => Promise.resolve(passwordHash === `plain:${password}`),
  isOutdated: () => false,
  loadCommon: loadCommonPasswords,
};
