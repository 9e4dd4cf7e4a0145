import { AppError } from "./errors.ts";

/**
 * RFC 9110, 13.1.2: weak comparison, since whoever has the same content in another encoding has the
 * content.
 */
export const isKnown = (tag: string, ifNoneMatch: string | undefined): boolean => {
  if (ifNoneMatch === undefined) return false;
  return (
    ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag)
  );
};

/**
 * The strong tag of what has a version of its own (RFC 9110, 8.8.3). A version rises with every
 * edit, and never falls.
 */
export const versionTag = (version: number): string => `"${version}"`;

/**
 * Does a list of entity tags, or `*`, name this one? A weak tag names none, since a change asks for
 * strong comparison.
 * @param tag null for what does not exist
 */
export const namesTag = (list: string, tag: string | null): boolean =>
  tag !== null &&
  list
    .split(",")
    .map((one) => one.trim())
    .some((one) => one === "*" || one === tag);

/**
 * What may only be changed by who knows it as it is.
 * @throws AppError `precondition_required`, `precondition_failed`
 */
export const requireMatch = (ifMatch: string | undefined, tag: string): void => {
  if (ifMatch === undefined) throw new AppError("precondition_required");
  if (!namesTag(ifMatch, tag)) throw new AppError("precondition_failed");
};
