/**
 * One browser origin in one process: tabs that share cookies, storage, locks and channels, on a
 * clock that only moves when told.
 */
import { IDBFactory } from "fake-indexeddb";
import {
  createClient,
  type Channel,
  type Client,
  type ClientEnvironment,
  type ClientOptions,
  type Locks,
} from "../src/client/client.ts";
import { createFakeServer, type FakeRequest, type FakeResponse } from "./fake-server.ts";

export type Fault = "requestLost" | "responseLost" | "bodyBroken" | null;

export interface LoggedRequest extends FakeRequest {
  readonly at: number;
  readonly tab: string;
  readonly route: string;
  status?: number;
  code?: string;
}

/** Mulberry32: the same numbers for the same seed. */
const createRandom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};

const createClock = () => {
  let now = 0;
  let serial = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  // IndexedDB works in macrotasks; everything that is ready gets its turn before the clock moves.
  const drain = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++)
      await new Promise<void>((resolve) => void setImmediate(resolve));
  };
  const runNext = (until: number): boolean => {
    const next = [...timers].sort(([a, one], [b, other]) => one.at - other.at || a - b)[0];
    if (!next || next[1].at > until) return false;
    timers.delete(next[0]);
    now = Math.max(now, next[1].at);
    next[1].run();
    return true;
  };
  return {
    now: () => now,
    setTimer: (run: () => void, milliseconds: number): number => {
      timers.set(++serial, { at: now + milliseconds, run });
      return serial;
    },
    clearTimer: (timer: unknown): void => void timers.delete(timer as number),
    drain,
    async advance(milliseconds: number): Promise<void> {
      const until = now + milliseconds;
      await drain();
      while (runNext(until)) await drain();
      now = until;
    },
    /** Moves the clock for as long as the promise needs, and no further. */
    async until<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
      let settled = false;
      const done = (): void => void (settled = true);
      promise.then(done, done);
      const limit = now + limitMs;
      await drain();
      while (!settled) {
        if (!runNext(limit))
          throw new Error(`nothing more happens at ${now} ms, and the promise is still waiting`);
        await drain();
      }
      return promise;
    },
  };
};

interface Held {
  readonly clientId: string;
  readonly reject: (error: unknown) => void;
}

const createLockManager = () => {
  const held = new Map<string, Held>();
  const queues = new Map<string, (() => void)[]>();
  const robbed = { count: 0 };
  const release = (name: string, mine: Held): void => {
    if (held.get(name) !== mine) return;
    held.delete(name);
    queues.get(name)?.shift()?.();
  };
  const locksOf = (clientId: string): Locks => ({
    request: (name, options, callback) =>
      new Promise((resolve, reject) => {
        const mine: Held = { clientId, reject };
        const grant = (): void => {
          held.set(name, mine);
          void Promise.resolve()
            .then(callback)
            .then(resolve, reject)
            .finally(() => release(name, mine));
        };
        const current = held.get(name);
        if (options.steal) {
          if (current) robbed.count++;
          current?.reject(new DOMException("The lock was stolen.", "AbortError"));
          grant();
        } else if (current) {
          const queue = queues.get(name) ?? [];
          queues.set(name, queue);
          queue.push(grant);
          options.signal?.addEventListener("abort", () => {
            const place = queue.indexOf(grant);
            if (place < 0) return;
            queue.splice(place, 1);
            reject(new DOMException("No longer waiting.", "AbortError"));
          });
        } else {
          grant();
        }
      }),
    query: () =>
      Promise.resolve({ held: [...held].map(([name, { clientId }]) => ({ name, clientId })) }),
  });
  return { locksOf, robbed };
};

export interface WorldOptions {
  readonly seed?: number;
  readonly ttlSeconds?: number;
  readonly locks?: boolean;
  readonly channel?: boolean;
  readonly storage?: boolean;
}

export const createWorld = (options: WorldOptions = {}) => {
  const clock = createClock();
  const random = createRandom(options.seed ?? 1);
  let serverAheadMs = 0;
  const server = createFakeServer(() => clock.now() + serverAheadMs, options.ttlSeconds);
  const jar: Record<string, string> = {};
  const storage = new Map<string, string>();
  const indexedDB = new IDBFactory();
  const { locksOf, robbed } = createLockManager();
  const channels = new Map<string, Set<{ tab: string; hear: (data: unknown) => void }>>();
  const log: LoggedRequest[] = [];
  const network = {
    latencyMs: (_route: string): number => 20,
    fault: (_route: string, _tab: string): Fault => null,
    /** A browser that drops cookies, for one response. */
    dropsCookies: (_route: string, _tab: string): boolean => false,
    /** An answer in place of the server's. */
    instead: (_request: FakeRequest, _route: string, _tab: string): FakeResponse | null => null,
    /** `fetch` that does not listen to its signal, as one whose answer is already on its way. */
    ignoresAbort: false,
  };

  /** Every stream of events that was ever opened, in order. */
  const streams: {
    readonly tab: string;
    open: boolean;
    send(event: string, data: object): void;
    comment(): void;
    close(): void;
    break(): void;
  }[] = [];
  const openStream = (
    tab: Tab,
    { status, headers }: FakeResponse,
    signal: AbortSignal | null,
  ): Response => {
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const end = (how: () => void): void => {
      if (stream.open) how();
      stream.open = false;
    };
    const write = (text: string): void => controller.enqueue(encoder.encode(text));
    const stream: (typeof streams)[number] = {
      tab: tab.name,
      open: true,
      // In two pieces, as a network may deliver it.
      send: (event, data) => {
        write(`event: ${event}\nda`);
        write(`ta: ${JSON.stringify(data)}\n\n`);
      },
      comment: () => write(":\n\n"),
      close: () => end(() => controller.close()),
      break: () => end(() => controller.error(new TypeError("terminated"))),
    };
    const body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: () => void (stream.open = false),
    });
    signal?.addEventListener("abort", () =>
      end(() => controller.error(new DOMException("aborted", "AbortError"))),
    );
    streams.push(stream);
    stream.comment();
    return new Response(body, {
      status,
      headers: { "x-request-id": "req_1", "content-type": "text/event-stream", ...headers },
    });
  };

  const deliverTo = (tab: Tab, init: RequestInit, url: string): Promise<Response> =>
    new Promise((resolve, reject) => {
      const path = url.replace("https://api.test", "");
      const route = `${init.method} ${path.split("?")[0]}`;
      const headers = Object.fromEntries(new Headers(init.headers));
      const request: LoggedRequest = {
        method: init.method ?? "GET",
        path,
        route,
        headers,
        body:
          init.body === undefined
            ? undefined
            : (JSON.parse(init.body as string) as Record<string, unknown>),
        cookies: init.credentials === "include" ? { ...jar } : {},
        at: clock.now(),
        tab: tab.name,
      };
      log.push(request);
      const signal = network.ignoresAbort ? undefined : init.signal;
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      const fault = network.fault(route, tab.name);
      const latency = network.latencyMs(route);
      clock.setTimer(() => {
        if (signal?.aborted) return;
        if (fault === "requestLost") return reject(new TypeError("fetch failed"));
        const response = network.instead(request, route, tab.name) ?? server.handle(request);
        request.status = response.status;
        const code = (response.body as { code?: string } | undefined)?.code;
        if (code !== undefined) request.code = code;
        clock.setTimer(() => {
          if (signal?.aborted || tab.frozen) return;
          if (fault === "responseLost") return reject(new TypeError("fetch failed"));
          if (!network.dropsCookies(route, tab.name) && init.credentials === "include") {
            for (const [name, value] of Object.entries(response.cookies ?? {})) {
              if (value === "") delete jar[name];
              else jar[name] = value;
            }
          }
          if (response.foreign !== undefined)
            return resolve(
              new Response(response.foreign, {
                status: response.status,
                headers: { "content-type": "text/html", ...response.headers },
              }),
            );
          if (response.stream) return resolve(openStream(tab, response, init.signal ?? null));
          const text = response.body === undefined ? null : JSON.stringify(response.body);
          const broken = new ReadableStream({
            start: (controller) => controller.error(new TypeError("terminated")),
          });
          resolve(
            new Response(fault === "bodyBroken" ? broken : text, {
              status: response.status,
              headers: {
                "x-request-id": "req_1",
                ...(text !== null && {
                  "content-type":
                    response.status < 400 ? "application/json" : "application/problem+json",
                }),
                ...response.headers,
              },
            }),
          );
        }, latency / 2);
      }, latency / 2);
    });

  const openChannelIn =
    (tab: Tab) =>
    (name: string): Channel => {
      const members = channels.get(name) ?? new Set();
      channels.set(name, members);
      const listeners: ((event: { data: unknown }) => void)[] = [];
      const member = {
        tab: tab.name,
        hear: (data: unknown) => listeners.forEach((listener) => listener({ data })),
      };
      members.add(member);
      return {
        postMessage: (message) => {
          const copy: unknown = structuredClone(message);
          for (const other of members)
            if (other !== member) clock.setTimer(() => members.has(other) && other.hear(copy), 1);
        },
        addEventListener: (_type, listener) => void listeners.push(listener),
        close: () => void members.delete(member),
      };
    };

  interface Tab {
    readonly name: string;
    readonly client: Client;
    /** What the client was given. */
    readonly environment: Partial<ClientEnvironment> & Pick<ClientEnvironment, "fetch">;
    readonly events: string[];
    frozen: boolean;
    /** The browser suspends the page: none of its timers fires, none of its answers arrives. */
    freeze(): void;
    thaw(): void;
    wake(): void;
    touch(): void;
    /** Asks for changes of sections: each is noted among the events. */
    listen(): void;
    /** The tab is closed: its locks are let go, its connections broken. */
    close(): void;
  }

  const openTab = (
    name: string,
    given: Omit<Partial<ClientOptions>, "environment"> & {
      environment?: Partial<ClientEnvironment>;
    } = {},
  ): Tab => {
    const wakers = new Set<() => void>();
    const touchers = new Set<() => void>();
    const overdue: (() => void)[] = [];
    const tab = { name, frozen: false, events: [] as string[] } as Tab & {
      client: Client;
      environment: Tab["environment"];
    };
    const environment: Tab["environment"] = {
      fetch: (url, init) => deliverTo(tab, init, url),
      elapsed: clock.now,
      wallClock: () => 1_800_000_000_000 + clock.now(),
      randomKey: () => `key-${Math.floor(random() * 1e9)}`,
      random,
      setTimer: (callback, milliseconds) =>
        clock.setTimer(() => (tab.frozen ? void overdue.push(callback) : callback()), milliseconds),
      clearTimer: clock.clearTimer,
      locks: options.locks === false ? null : locksOf(name),
      openChannel: options.channel === false ? null : openChannelIn(tab),
      indexedDB: options.storage === false ? null : indexedDB,
      localStorage:
        options.storage === false
          ? null
          : {
              getItem: (key) => storage.get(key) ?? null,
              setItem: (key, value) => void storage.set(key, value),
            },
      onWake: (listener) => {
        wakers.add(listener);
        return () => wakers.delete(listener);
      },
      onUserInput: (listener) => {
        touchers.add(listener);
        return () => touchers.delete(listener);
      },
      ...given.environment,
    };
    tab.environment = environment;
    tab.client = createClient({ baseUrl: "https://api.test", ...given, environment });
    tab.client.on("userChanged", ({ from, to }) => tab.events.push(`userChanged ${from} ${to}`));
    tab.client.on("signedOut", () => tab.events.push("signedOut"));
    tab.freeze = () => void (tab.frozen = true);
    tab.thaw = () => {
      tab.frozen = false;
      for (const callback of overdue.splice(0)) callback();
    };
    tab.wake = () => wakers.forEach((listener) => listener());
    tab.listen = () =>
      void tab.client.on("sectionsChanged", ({ slugs }) =>
        tab.events.push(`sections ${slugs?.join(",") ?? "any"}`),
      );
    tab.close = () => tab.client.dispose();
    tab.touch = () => touchers.forEach((listener) => listener());
    return tab;
  };

  return {
    ...clock,
    server,
    /** Time passes for the server alone. */
    serverClockAdvances: (milliseconds: number): void => void (serverAheadMs += milliseconds),
    jar,
    storage,
    indexedDB,
    network,
    random,
    log,
    robbed,
    streams,
    openTab,
    /** What has been asked since the last time, as `GET /session 200`. */
    takeLog: (): string[] =>
      log.splice(0).map(({ route, code, status }) => `${route} ${code ?? status ?? "-"}`),
    routes: (route: string): LoggedRequest[] => log.filter((request) => request.route === route),
    /** A tab in which `user` has just signed in. */
    async signedInTab(user = "mike", name = "one"): Promise<Tab> {
      const tab = openTab(name);
      await clock.until(tab.client.start());
      await clock.until(
        tab.client.signIn({ username: user, password: `sample-${user}-passphrase` }),
      );
      log.length = 0;
      return tab;
    },
    async startedTab(name: string): Promise<Tab> {
      const tab = openTab(name);
      await clock.until(tab.client.start());
      log.length = 0;
      return tab;
    },
  };
};

export type World = ReturnType<typeof createWorld>;
export type Tab = ReturnType<World["openTab"]>;
