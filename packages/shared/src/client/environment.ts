/** What the client needs of a Web Lock manager; `navigator.locks` fits. */
export interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    callback: () => Promise<void>,
  ): Promise<unknown>;
  query?(): Promise<{ held?: readonly { name?: string; clientId?: string }[] }>;
}

/** What the client needs of a BroadcastChannel. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  close(): void;
}

/**
 * Everything that is not a function of its input. Each member has a default; `null` stands for
 * "this place has none".
 */
export interface ClientEnvironment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds that only ever grow. */
  elapsed(): number;
  /**
   * This device's clock in milliseconds: only ever compared with itself, never with the server's.
   */
  wallClock(): number;
  /** An unguessable key of visible ASCII characters. */
  randomKey(): string;
  /** A number from 0 up to 1, to spread retries. */
  random(): number;
  setTimer(callback: () => void, milliseconds: number): unknown;
  clearTimer(timer: unknown): void;
  /**
   * Calls back once the page has nothing more urgent to do, as drawing what has just come. By
   * default that is at once.
   */
  whenFree(callback: () => void): void;
  locks: Locks | null;
  openChannel: ((name: string) => Channel) | null;
  indexedDB: IDBFactory | null;
  localStorage: Pick<Storage, "getItem" | "setItem"> | null;
  /** Calls back when the page is seen, restored or online again; returns how to stop. */
  onWake(listener: () => void): () => void;
  /** Calls back when the user does something with the page; returns how to stop. */
  onUserInput(listener: () => void): () => void;
}

/** Browsers throw on the mere mention of storage where the user has forbidden it. */
export const orNull = <T>(read: () => T | undefined): T | null => {
  try {
    return read() ?? null;
  } catch {
    return null;
  }
};

const listen = (
  target: Partial<EventTarget> | undefined,
  types: readonly string[],
  listener: () => void,
): (() => void) => {
  const options = { capture: true, passive: true };
  for (const type of types) target?.addEventListener?.(type, listener, options);
  return () => {
    for (const type of types) target?.removeEventListener?.(type, listener, options);
  };
};

interface Scope extends Partial<EventTarget> {
  readonly document?: Document;
  readonly WorkerGlobalScope?: unknown;
}

/**
 * The environment of a browser page or of a worker of any kind: both share cookies, locks, channels
 * and IndexedDB with all the others of their origin. In Node it is fetch, clocks and timers.
 */
export const environmentOf = (given: Partial<ClientEnvironment> = {}): ClientEnvironment => {
  const scope: Scope = globalThis;
  const { document } = scope;
  // Node has locks and channels too, and threads that share them, but no cookies that anything
  // could share.
  const isBrowser = document ?? scope.WorkerGlobalScope;
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    elapsed: () => performance.now(),
    wallClock: () => Date.now(),
    // Not randomUUID: it exists in secure contexts only, and a development machine's plain
    // http://192.168… is none.
    randomKey: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    random: () => Math.random(),
    setTimer: (callback, milliseconds) => setTimeout(callback, milliseconds),
    clearTimer: (timer) => clearTimeout(timer as number),
    whenFree: (callback) => callback(),
    locks: orNull(() =>
      isBrowser ? (globalThis.navigator?.locks as Locks | undefined) : undefined,
    ),
    openChannel:
      isBrowser && typeof BroadcastChannel === "function"
        ? (name) => new BroadcastChannel(name)
        : null,
    indexedDB: orNull(() => globalThis.indexedDB),
    localStorage: orNull(() => document && globalThis.localStorage),
    onWake: (listener) => {
      // A worker is never hidden.
      const wake = (): void => {
        if (document?.visibilityState !== "hidden") listener();
      };
      const stops = [
        listen(document, ["visibilitychange"], wake),
        listen(scope, ["pageshow", "online"], wake),
      ];
      return () => stops.forEach((stop) => stop());
    },
    // A worker hears of the user's only through its pages: it refreshes when a request needs it,
    // and never ahead.
    onUserInput: (listener) =>
      listen(document && scope, ["pointerdown", "keydown", "wheel", "touchstart"], listener),
    ...given,
  };
};
