/** Whose turn something takes, where turns are taken (`fair-queue.ts`). */
import type { Caller, Display } from "./endpoint.ts";
import { networkOf } from "./networks.ts";

/**
 * Visitors by network, since they choose everything else; whoever is signed in by session; ours is
 * what nobody asked for.
 */
export interface QueueCaller {
  readonly kind: "session" | "token" | "ours" | "visitor";
  readonly key: string;
}

export const ours: QueueCaller = { kind: "ours", key: "" };

/** Who asks, as far as turns go. */
export const queueCallerOf = ({
  caller,
  display = null,
  address,
}: {
  readonly caller: Caller | null;
  readonly display?: Display | null;
  readonly address: string;
}): QueueCaller =>
  caller === null
    ? display === null
      ? { kind: "visitor", key: networkOf(address) }
      : { kind: "token", key: display.displayLinkId }
    : { kind: caller.via === "cookie" ? "session" : "token", key: caller.sessionId };

/** The same, of whoever is recorded with a change. */
export const queueCallerOfRecord = ({
  sessionId,
  address,
}: {
  readonly sessionId?: string | null | undefined;
  readonly address?: string | null | undefined;
}): QueueCaller => {
  if (sessionId != null) return { kind: "session", key: sessionId };
  return address == null ? ours : { kind: "visitor", key: networkOf(address) };
};
