import { createHash, hash, randomBytes, randomUUID } from "node:crypto";
import type { Chance, Digests, IdPrefix } from "@sallyport/shared/core";

/** A new id: the prefix and 128 random bits in base64url. */
export const newId = (prefix: IdPrefix): string =>
  `${prefix}_${randomBytes(16).toString("base64url")}`;

export const chance: Chance = {
  newId,
  secret: () => randomBytes(32),
  requestId: () => randomUUID(),
};

/** SHA-256. */
export const digests: Digests = {
  hash: (value) => hash("sha256", value, "buffer"),
  tag: (text) => hash("sha256", text, "base64url"),
  pieces: () => {
    const running = createHash("sha256");
    return { add: (piece) => void running.update(piece), end: () => running.digest() };
  },
};
