/** A capital sigma has two small ones, of which lower case picks by the place in the word. */
const foldCase = (text: string): string => text.toLowerCase().replaceAll("ς", "σ");

/**
 * What sign-in compares: normalised before anything else looks at it, so that two spellings are
 * never two people.
 */
export const usernameKey = (username: string): string =>
  foldCase(username.normalize("NFKC").trim());

/** What searches look for, and lists are in the order of. Two people may have the same. */
export const displayNameKey = (displayName: string): string =>
  foldCase(displayName.normalize("NFKC").trim());

export const emailKey = (email: string): string => foldCase(email.normalize("NFKC").trim());
