import { AppError } from "./answering/errors.ts";
import { inSteps, waitFor, type Applied, type Awaitable, type Steps } from "./awaitable.ts";

/** Whoever finds something else as often as this is in the way of many others. */
const mostTries = 50;

/**
 * Reads, decides and has it carried out; where something else came between, reads and decides
 * again. The decision is given back once it is durable.
 * @param decide must be pure, since it may be asked more than once
 * @throws AppError `busy`
 */
export function* decideAndApply<Found, Decision>(
  read: () => Awaitable<Found>,
  decide: (found: Found) => Decision,
  apply: (found: Found, decision: Decision) => Awaitable<Applied>,
): Steps<Decision> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = yield* waitFor(read());
    const decision = decide(found);
    if ((yield* waitFor(apply(found, decision))) === "applied") return decision;
  }
  throw new AppError("busy", {
    detail: "Others change the same all the time.",
    retryAfterSeconds: 1,
  });
}

/** The same for whoever waits for it by itself. */
export const applyDecision = async <Found, Decision>(
  ...how: Parameters<typeof decideAndApply<Found, Decision>>
): Promise<Decision> => inSteps(decideAndApply(...how));
