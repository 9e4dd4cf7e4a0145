import { recordOf, type Caller, type RequestContext } from "../answering/endpoint.ts";
import { createRateLimit } from "../answering/rate-limit.ts";
import type { AuditStore } from "./audit-store.ts";

/** Somebody signed in was refused what they asked for. */
export interface Denial {
  readonly caller: Caller;
  readonly code: string;
  readonly target: string;
  readonly context: RequestContext;
}

/**
 * Records denials, and nobody waits for it. One of a kind a minute, and twenty of all kinds:
 * neither a page that asks on and on nor a user who tries every address fills the trail.
 */
export const createDenials = (dependencies: {
  readonly audit: AuditStore;
  readonly now: () => number;
  readonly reportFault: (error: unknown, requestId: string) => void;
}): ((denial: Denial) => void) => {
  const { audit, now, reportFault } = dependencies;
  const repeated = createRateLimit({ name: "repeated denial", limit: 1, windowSeconds: 60 });
  const all = createRateLimit({ name: "denial", limit: 20, windowSeconds: 60 });
  return ({ caller, code, target, context }) => {
    const at = now();
    if (
      !repeated.take(`${caller.userId} ${code} ${target}`, at).isAllowed ||
      !all.take(caller.userId, at).isAllowed
    )
      return;
    audit
      .add({
        ...recordOf(context),
        at,
        action: "access.denied",
        result: "failure",
        detail: { code, target },
      })
      .catch((error: unknown) => reportFault(error, context.requestId));
  };
};
