import { createHash, timingSafeEqual } from "node:crypto";
import type { CsrfTokens } from "@sallyport/shared/core";
import { hmac, type MasterSecrets } from "./master-secret.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Those that were computed last: each answer about a session tells its own again. */
const mostKept = 10_000;

/**
 * The CSRF token of a session is HMAC(K_csrf, sid), and verifies under every listed master secret.
 */
export const createCsrfTokens = (secrets: MasterSecrets): CsrfTokens => {
  const kept = new Map<string, string>();
  return {
    of: (sessionId) => {
      const known = kept.get(sessionId);
      if (known !== undefined) return known;
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value as string);
      const token = hmac(secrets.current.macKey.csrf, sessionId).toString("base64url");
      kept.set(sessionId, token);
      return token;
    },
    isOf: (sessionId, token) =>
      token !== undefined &&
      secrets.all.some((secret) =>
        timingSafeEqual(
          digest(hmac(secret.macKey.csrf, sessionId).toString("base64url")),
          digest(token),
        ),
      ),
  };
};
