import { hash } from "node:crypto";

/** A strong entity tag (RFC 9110, 8.8.3): two answers that have the same are the same to the last byte. */
export const entityTagOf = (body: string): string => `"${hash("sha256", body, "base64url")}"`;

/** RFC 9110, 13.1.2: weak comparison, since whoever has the same content in another encoding has the content. */
export const isKnown = (tag: string, ifNoneMatch: string | undefined): boolean => {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
};
