import { randomBytes } from "node:crypto";

export type IdPrefix =
  | "usr"
  | "rol"
  | "grt"
  | "sec"
  | "pan"
  | "dat"
  | "imp"
  | "ses"
  | "evt"
  | "ntc";

/** A new id: the prefix and 128 random bits in base64url. */
export const newId = (prefix: IdPrefix): string =>
  `${prefix}_${randomBytes(16).toString("base64url")}`;
