/**
 * PostgreSQL keeps no U+0000, and no half of a surrogate pair, in a text or in JSON. Both can come
 * from outside: a name that somebody tries to sign in with is any text of JSON.
 */

/** The same text, with U+FFFD for what cannot be kept. */
export const storableText = (text: string): string =>
  text.toWellFormed().replaceAll("\0", "\ufffd");

/** Can this text be equal to one that is kept? */
export const isStorable = (text: string): boolean => storableText(text) === text;

/** The same value of JSON, with all texts in it made so. */
export const storable = <T>(value: T): T => {
  if (typeof value === "string") return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [storableText(name), storable(part)]),
  ) as T;
};
