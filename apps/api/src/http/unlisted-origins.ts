import { createRateLimit } from "@sallyport/shared/core";

/**
 * Tells the log of pages on origins that are not listed. Whoever can reach us can name any origin:
 * a few an hour are enough to find a mistake by.
 */
export const createUnlistedOrigins = (
  now: () => number,
  warn: (facts: { readonly origin: string }, problem: string) => void,
): ((origin: string) => void) => {
  const repeated = createRateLimit({
    name: "repeated origin",
    limit: 1,
    windowSeconds: 3_600,
    mostKeys: 100,
  });
  const all = createRateLimit({ name: "unlisted origin", limit: 10, windowSeconds: 3_600 });
  return (origin) => {
    const named = origin.slice(0, 200);
    if (!repeated.take(named, now()).isAllowed || !all.take("all", now()).isAllowed) return;
    warn(
      { origin: named },
      "a page on this origin asks for something, but the origin is not listed in SALLYPORT_WEB_ORIGINS: to its browser this API looks as if it did not answer",
    );
  };
};
