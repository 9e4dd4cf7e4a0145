/**
 * The page in which the behaviours are tried: everything it asks goes through the service worker to
 * the mock in it.
 */
import { createMockApi } from "@sallyport/shared/mock";
import { pageBehaviours, settings } from "@sallyport/shared/testing";
import { setupWorker } from "msw/browser";
import { createMockSubject } from "../../../../packages/shared/test/mock-subject.ts";

// Another origin than the page's, of the same site, as the API's is in development.
const baseUrl = "http://localhost:4000";
/** Time passes only where a behaviour says so. */
const now = Date.parse("2026-11-22T09:00:00Z");
const mock = createMockApi({
  baseUrl,
  clock: () => now,
  uploadLimitMebibytes: settings.uploadLimitMebibytes,
});
const subject = createMockSubject(mock, { baseUrl });

const runBehaviour = async (name: string): Promise<string> => {
  const behaviour = pageBehaviours.find((one) => one.name === name);
  if (behaviour === undefined) return `There is no behaviour ${JSON.stringify(name)} for pages.`;
  await subject.reset();
  try {
    await behaviour.run(subject);
    return "as it says";
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};

declare global {
  interface Window {
    /** @returns "as it says", or what was different */
    runBehaviour?: typeof runBehaviour;
  }
}

await setupWorker(...mock.handlers).start({
  serviceWorker: { url: "./mockServiceWorker.js" },
  onUnhandledFrame: "error",
  quiet: true,
});
window.runBehaviour = runBehaviour;
