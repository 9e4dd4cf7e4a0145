/** Pages of a list: each goes on behind a place in the list's order, which its cursor carries. */
import { AppError } from "./errors.ts";

const encodeCursor = (place: readonly unknown[]): string =>
  btoa(String.fromCodePoint(...new TextEncoder().encode(JSON.stringify(place))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

/** @throws DOMException when it is no base64url */
const decodeText = (text: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(
      atob(text.replaceAll("-", "+").replaceAll("_", "/")),
      (character) => character.codePointAt(0) ?? 0,
    ),
  );

/** U+0000 is in no name and no id, and a store need not be able to compare with it. */
const holdsNul = (part: unknown): boolean => typeof part === "string" && part.includes("\0");

/**
 * The place that a cursor of this list carries.
 * @param isPlace whether these values are one
 * @throws AppError `validation_failed`
 */
export const decodeCursor = <P extends readonly unknown[]>(
  cursor: string,
  isPlace: (place: readonly unknown[]) => place is P,
): P => {
  let place: unknown = null;
  try {
    place = JSON.parse(decodeText(cursor));
  } catch {
    // No JSON is no place either.
  }
  if (Array.isArray(place) && !place.some(holdsNul) && isPlace(place)) return place;
  const detail = "Not a cursor of this list. Start again without one.";
  throw new AppError("validation_failed", {
    detail: `/query/cursor: ${detail}`,
    errors: [{ pointer: "/query/cursor", code: "invalid_cursor", detail }],
  });
};

/**
 * One page, and the way to the next.
 * @param found what follows the page before, one more than `limit` where there is more: that tells
 * whether there is a next page
 * @param asked what the next page has to be asked for as well, beside its limit and its cursor
 */
export const pageOf = <T>(
  found: readonly T[],
  limit: number,
  placeOf: (item: T) => readonly unknown[],
  asked: Readonly<Record<string, string>> = {},
): {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly headers: Readonly<Record<string, string>>;
} => {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length <= limit || last === undefined ? null : placeOf(last);
  return { items, ...wayOn(next, limit, asked) };
};

/** The way to the page that begins behind this place; null where there is none. */
export const wayOn = (
  place: readonly unknown[] | null,
  limit: number,
  asked: Readonly<Record<string, string>> = {},
): {
  readonly nextCursor: string | null;
  readonly headers: Readonly<Record<string, string>>;
} => {
  if (place === null) return { nextCursor: null, headers: {} };
  const nextCursor = encodeCursor(place);
  const next = new URLSearchParams({ ...asked, limit: String(limit), cursor: nextCursor });
  return { nextCursor, headers: { link: `<?${next.toString()}>; rel="next"` } };
};
