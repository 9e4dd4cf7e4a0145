/**
 * Which passwords are refused (NIST SP 800-63B-4: length, no composition rules, nothing common or
 * about the user).
 */
import {
  countCharacters,
  longestPassword,
  shortestPassword,
} from "../../contract/password-length.ts";
import type { ValidationIssue } from "../answering/errors.ts";

const leastOfItsOwn = 8;

const refuse = (code: string, detail: string): ValidationIssue => ({
  pointer: "/password",
  code,
  detail,
});

/**
 * Is the text one pattern at least twice, however it is cut off: `abcabcabcabcabca`,
 * `aaaaaaaaaaaaaaa`?
 */
const isRepetition = (text: string): boolean => {
  for (let period = 1; period <= text.length / 2; period += 1)
    if (text.startsWith(text.slice(period))) return true;
  return false;
};

const isSequence = (text: string): boolean => {
  const steps = new Set(
    [...text]
      .slice(1)
      .map((character, index) => (character.codePointAt(0) ?? 0) - (text.codePointAt(index) ?? 0)),
  );
  return steps.size === 1;
};

/**
 * @param context words that the password must not be made of, such as the user's name and e-mail
 * address
 * @param isCommon whether this text, in lower case, is among the passwords that are tried first
 * @returns what is wrong with it, or null
 */
export const checkPassword = (
  password: string,
  context: readonly string[],
  isCommon: (text: string) => boolean,
): ValidationIssue | null => {
  const normalized = password.normalize("NFKC").toLowerCase();
  const length = countCharacters(password);
  if (length < shortestPassword)
    return refuse("password_too_short", `Use at least ${shortestPassword} characters.`);
  if (length > longestPassword)
    return refuse("password_too_long", `Use at most ${longestPassword} characters.`);
  const withoutEnds = normalized.replace(/^[^\p{L}]+/u, "").replace(/[^\p{L}]+$/u, "");
  if (
    isCommon(normalized) ||
    isCommon(withoutEnds) ||
    isRepetition(normalized) ||
    isSequence(normalized)
  )
    return refuse(
      "password_common",
      "This password is among the first that are tried. Choose another.",
    );
  let own = normalized;
  for (const word of [...context, "sallyport"]
    .flatMap((text) =>
      text
        .normalize("NFKC")
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
    )
    .filter((word) => word.length >= 3))
    own = own.replaceAll(word, "");
  if ([...own].length < leastOfItsOwn)
    return refuse(
      "password_about_you",
      "This password is made of your name or address. Choose another.",
    );
  return null;
};
