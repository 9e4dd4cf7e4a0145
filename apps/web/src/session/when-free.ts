/** A page that is never free does it all the same. */
const longestWaitMs = 2_000;

/** Does what nobody looks at when the browser is free: what has just come is drawn before. */
export const whenFree = (work: () => void): void => {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: longestWaitMs });
  // WebKit does not say when it is free.
  else setTimeout(work, longestWaitMs / 4);
};
