/**
 * The mock of the API in this page: for `npm run dev:mock` and for the demo, in which no API runs. Reached only from
 * `main.tsx` in the build mode `mock`, so that no production build holds any of it.
 */
import { forgetVisit } from "@sallyport/shared/client";
import { createMockApi, readMockParameter, type MockApi } from "@sallyport/shared/mock";
import { setupWorker } from "msw/browser";
import { createRoot } from "react-dom/client";
import { MockPanel } from "./mock-panel.tsx";

declare global {
  interface Window {
    /** The mock, for the console and for tests that drive the page. */
    __mock?: MockApi;
  }
}

/**
 * From here on, every request to the address that is returned is answered in this page. Tabs of one site share one mock.
 * @throws Error that says what is wrong with `?mock=`, or that the browser has no service worker for the page
 */
export const startMock = async (): Promise<{ readonly apiUrl: string }> => {
  const apiUrl = new URL("mock-api", document.baseURI).href;
  const asked = readMockParameter(window.location.search);
  const mock = createMockApi({ baseUrl: apiUrl, persistence: "browser", ...asked });
  if (asked.persona !== undefined) forgetVisit(apiUrl);
  if (!("serviceWorker" in navigator)) throw new Error("The mock answers through a service worker, which this page may not have: browsers want https, or http on localhost.");
  await setupWorker(...mock.handlers).start({
    serviceWorker: { url: new URL("mockServiceWorker.js", document.baseURI).href },
    onUnhandledFrame: "bypass",
    quiet: true,
  });
  window.__mock = mock;
  const place = document.createElement("div");
  document.body.append(place);
  createRoot(place).render(<MockPanel mock={mock} />);
  return { apiUrl };
};
