/**
 * The mock itself, its service worker and its panel. Reached by `import()` alone: MSW wants the
 * browser's storage as soon as it is loaded.
 */
import { createMockApi, readMockParameter, type MockApi } from "@sallyport/shared/mock";
import { setupWorker } from "msw/browser";
import { createRoot } from "react-dom/client";
import { addressWithoutMock } from "./address.ts";
import { MockPanel } from "./mock-panel.tsx";

declare global {
  interface Window {
    /** The mock, for the console and for tests that drive the page. */
    __mock?: MockApi;
  }
}

const createMock = (apiUrl: string): MockApi => {
  const { persona, scenario, latency, errorRate, ...options } = readMockParameter(
    window.location.search,
  );
  const mock = createMockApi({ baseUrl: apiUrl, persistence: "browser", ...options });
  // Of the people of the sample there is nobody there, or the first admin alone.
  const { scenario: lasting } = mock.settings();
  if (
    persona !== undefined &&
    (lasting === "setup" || (lasting === "new-installation" && persona !== "mica"))
  )
    mock.setScenario("normal");
  if (persona !== undefined) mock.setPersona(persona);
  if (scenario !== undefined) mock.setScenario(scenario);
  if (latency !== undefined) mock.setLatency(latency);
  if (errorRate !== undefined) mock.setErrorRate(errorRate);
  // It has been done: loaded again, the page is not to undo what has been chosen since, in this tab
  // or another.
  window.history.replaceState(window.history.state, "", addressWithoutMock());
  return mock;
};

const startWorker = async (mock: MockApi): Promise<void> => {
  if (!("serviceWorker" in navigator))
    throw new Error(
      "The mock answers through a service worker, which this page may not have: browsers want https, or http on localhost.",
    );
  try {
    await setupWorker(...mock.handlers).start({
      serviceWorker: { url: new URL("mockServiceWorker.js", document.baseURI).href },
      onUnhandledFrame: "bypass",
      quiet: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The mock answers through a service worker, and the browser refused it to this page, as some do in private windows or where site data is blocked. ${reason}`,
      {
        cause: error,
      },
    );
  }
};

/**
 * Nothing outside a modal dialog can be reached: what is in the corner goes into it, and out again.
 */
const keepReachable = (corner: HTMLElement): void => {
  const follow = (): void => {
    const host = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
    if (corner.parentElement !== host) host.append(corner);
  };
  new MutationObserver(follow).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["open"],
  });
  follow();
};

/**
 * From here on, every request to the address is answered in this page. Tabs of one site share one
 * mock.
 * @throws Error that says what is wrong with `?mock=`, with what is kept, or with the browser
 */
export const runMock = async (apiUrl: string): Promise<void> => {
  const mock = createMock(apiUrl);
  await startWorker(mock);
  window.__mock = mock;
  const place = document.createElement("div");
  keepReachable(place);
  createRoot(place).render(<MockPanel mock={mock} />);
};

/** Forgets what the mock knows. */
export const resetMock = (apiUrl: string): void => {
  createMockApi({ baseUrl: apiUrl, persistence: "browser" }).reset();
};
