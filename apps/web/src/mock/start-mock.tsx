/**
 * The mock of the API in this page: for `npm run dev:mock` and for the demo, in which no API runs. Reached only from
 * `main.tsx` in the build mode `mock`, so that no production build holds any of it.
 */
import { forgetVisit } from "@sallyport/shared/client";
import { createMockApi, readMockParameter, type MockApi } from "@sallyport/shared/mock";
import { setupWorker } from "msw/browser";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { MockPanel } from "./mock-panel.tsx";
import { MockProblemPage } from "./mock-problem-page.tsx";

declare global {
  interface Window {
    /** The mock, for the console and for tests that drive the page. */
    __mock?: MockApi;
  }
}

const addressWithoutMock = (): string => {
  const address = new URL(window.location.href);
  if (address.searchParams.has("mock")) address.searchParams.delete("mock");
  return address.href;
};

const createMock = (apiUrl: string): MockApi => {
  const { persona, scenario, latency, errorRate, ...options } = readMockParameter(window.location.search);
  const mock = createMockApi({ baseUrl: apiUrl, persistence: "browser", ...options });
  // Nobody can be signed in there.
  if (persona !== undefined && mock.settings().scenario === "setup") mock.setScenario("normal");
  if (persona !== undefined) mock.setPersona(persona);
  if (scenario !== undefined) mock.setScenario(scenario);
  if (latency !== undefined) mock.setLatency(latency);
  if (errorRate !== undefined) mock.setErrorRate(errorRate);
  if (persona !== undefined) forgetVisit(apiUrl);
  // It has been done: loaded again, the page is not to undo what has been chosen since, in this tab or another.
  window.history.replaceState(window.history.state, "", addressWithoutMock());
  return mock;
};

const startWorker = async (mock: MockApi): Promise<void> => {
  if (!("serviceWorker" in navigator)) throw new Error("The mock answers through a service worker, which this page may not have: browsers want https, or http on localhost.");
  try {
    await setupWorker(...mock.handlers).start({
      serviceWorker: { url: new URL("mockServiceWorker.js", document.baseURI).href },
      onUnhandledFrame: "bypass",
      quiet: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The mock answers through a service worker, and the browser refused it to this page, as some do in private windows or where site data is blocked. ${reason}`, {
      cause: error,
    });
  }
};

/** Forgets what the mock knows, where that can be reached at all, and opens the page without `?mock=`. */
const beginAnew = (apiUrl: string): void => {
  try {
    createMockApi({ baseUrl: apiUrl, persistence: "browser" }).reset();
    forgetVisit(apiUrl);
  } catch {
    // The page that comes says what is wrong.
  }
  window.location.replace(addressWithoutMock());
};

/**
 * From here on, every request to the address that is returned is answered in this page. Tabs of one site share one mock.
 * Where it cannot start, what is returned is a page that says why.
 */
export const startMock = async (): Promise<{ readonly apiUrl: string } | { readonly problem: ReactNode }> => {
  const apiUrl = new URL("mock-api", document.baseURI).href;
  try {
    const mock = createMock(apiUrl);
    await startWorker(mock);
    window.__mock = mock;
    const place = document.createElement("div");
    document.body.append(place);
    createRoot(place).render(<MockPanel mock={mock} />);
    return { apiUrl };
  } catch (error) {
    return { problem: <MockProblemPage message={error instanceof Error ? error.message : String(error)} beginAnew={() => beginAnew(apiUrl)} /> };
  }
};
