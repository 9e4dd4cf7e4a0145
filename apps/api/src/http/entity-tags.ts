import { hash } from "node:crypto";

/** A strong entity tag (RFC 9110, 8.8.3): two answers that have the same are the same to the last byte. */
export const entityTagOf = (body: string): string => `"${hash("sha256", body, "base64url")}"`;
