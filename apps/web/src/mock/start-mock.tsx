/**
 * The mock of the API in this page: for `npm run dev:mock` and for the demo, in which no API runs.
 * Reached only from `main.tsx` in the build mode `mock`, so that no production build holds any of
 * it.
 */
import type { ReactNode } from "react";
import { addressWithoutMock } from "./address.ts";
import { MockProblemPage } from "./mock-problem-page.tsx";

const requireStorage = (): void => {
  try {
    void window.localStorage;
  } catch (error) {
    throw new Error(
      "The mock keeps what it knows in the browser's storage, which is blocked for this page: allow it to keep site data.",
      { cause: error },
    );
  }
};

/**
 * Forgets what the mock knows, where that can be reached at all, and opens the page without
 * `?mock=`.
 */
const beginAnew = async (apiUrl: string): Promise<void> => {
  try {
    (await import("./run-mock.tsx")).resetMock(apiUrl);
  } catch {
    // The page that comes says what is wrong.
  }
  window.location.replace(addressWithoutMock());
};

/**
 * From here on, every request to the address that is returned is answered in this page.
 * Where the mock cannot start, what is returned is a page that says why.
 */
export const startMock = async (): Promise<
  { readonly apiUrl: string } | { readonly problem: ReactNode }
> => {
  const apiUrl = new URL("mock-api", document.baseURI).href;
  try {
    requireStorage();
    await (await import("./run-mock.tsx")).runMock(apiUrl);
    return { apiUrl };
  } catch (error) {
    return {
      problem: (
        <MockProblemPage
          message={error instanceof Error ? error.message : String(error)}
          beginAnew={() => void beginAnew(apiUrl)}
        />
      ),
    };
  }
};
