import { sharedNameOf } from "../contract/shared-name.ts";

/** What a page has around it, and Node has not. */
interface Page {
  readonly location?: { readonly origin: string; readonly href: string };
  readonly navigator?: {
    readonly userAgent?: string;
    readonly serviceWorker?: unknown;
    readonly locks?: PageLocks;
  };
  readonly sessionStorage?: TextStorage;
  readonly localStorage?: TextStorage;
  addEventListener?(type: "storage" | "pagehide", listener: (change: StorageChange) => void): void;
  removeEventListener?(
    type: "storage" | "pagehide",
    listener: (change: StorageChange) => void,
  ): void;
}

export interface PageLocks {
  request<T>(
    name: string,
    options: { readonly mode?: "shared" },
    run: () => Promise<T>,
  ): Promise<T>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

/** Another tab has written to the storage. */
export interface StorageChange {
  readonly key?: string | null;
}

/** What keeps texts by their names. */
export interface TextStorage {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem?(name: string): void;
}

export const surroundings = globalThis as unknown as Page;

/**
 * What clients of this browser remember of their last visit is of another one by now: where the
 * browser is signed in, the next page finds out anew as whom; where it is not, it knows, as after a
 * sign-out in another tab.
 */
export const correctLastVisit = (baseUrls: readonly string[], isSignedIn: boolean): void => {
  try {
    const { localStorage } = surroundings;
    for (const name of new Set(baseUrls.map(sharedNameOf))) {
      if (!localStorage || localStorage.getItem(name) === null) continue;
      if (isSignedIn) localStorage.removeItem?.(name);
      else localStorage.setItem(name, JSON.stringify({ signedIn: false, signedOut: true }));
    }
  } catch {
    // A storage that is blocked holds nothing either.
  }
};

/** Undefined where there is no page, or one without an origin. */
export const pageOrigin = (): string | undefined =>
  surroundings.location?.origin === "null" ? undefined : surroundings.location?.origin;

/**
 * Is this a page, whose browser says with each request whether it carries cookies? In Node, with or
 * without a page that is pretended, MSW does not.
 */
export const isInBrowser = (): boolean =>
  surroundings.navigator !== undefined && "serviceWorker" in surroundings.navigator;
