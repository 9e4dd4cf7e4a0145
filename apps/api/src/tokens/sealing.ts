/** AES-256-GCM under a key of the master secret that is named with what was sealed. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Sealing } from "@sallyport/shared/core";
import type { MasterSecrets } from "./master-secret.ts";

const ivBytes = 12;
const tagBytes = 16;

export const createSealing = (secrets: MasterSecrets): Sealing => ({
  seal: (text, place) => {
    const { id, key } = secrets.current;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", key.answers, iv).setAAD(place);
    const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return `${id}.${Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString("base64url")}`;
  },
  open: (sealed, place) => {
    const [id, text = ""] = sealed.split(".");
    const master = secrets.all.find((one) => one.id === id);
    const bytes = Buffer.from(text, "base64url");
    if (master === undefined || bytes.length < ivBytes + tagBytes) return null;
    const decipher = createDecipheriv("aes-256-gcm", master.key.answers, bytes.subarray(0, ivBytes))
      .setAAD(place)
      .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    try {
      const opened = decipher.update(bytes.subarray(ivBytes + tagBytes));
      return Buffer.concat([opened, decipher.final()]).toString("utf8");
    } catch {
      return null;
    }
  },
});
