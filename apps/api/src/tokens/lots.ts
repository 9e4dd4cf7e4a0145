import type { Lots } from "@sallyport/shared/core";
import { hmac, type MasterSecrets } from "./master-secret.ts";

/** HMAC(K_lots, text): with another master secret, all lots are drawn anew. */
export const createLots = (secrets: MasterSecrets): Lots => ({
  of: (text) => hmac(secrets.current.macKey.lots, text),
});
