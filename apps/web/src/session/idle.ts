import type { Session } from "@sallyport/shared/client";

/**
 * Seconds of idle life the session had when it was received. The server's clock, as its answer
 * shows it, is compared with the server's own expiry: this device's clock may be wrong.
 */
export const idleSecondsAtReceipt = (
  session: Pick<Session, "accessExpiresAt" | "expiresIn" | "session">,
): number =>
  (Date.parse(session.session.idleExpiresAt) -
    (Date.parse(session.accessExpiresAt) - session.expiresIn * 1000)) /
  1000;

/** How long before the end to warn: two minutes, or a third of a life that is shorter than six. */
export const idleWarningSeconds = (idleSeconds: number): number => Math.min(120, idleSeconds / 3);
