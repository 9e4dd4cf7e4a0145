import { http, HttpResponse } from "msw/http";
import { createTokenCookies, defaults, exposedHeaders, type Stores } from "../core/core.ts";
import type { GivenAnswer } from "../core/handlers.ts";
import type { Mail } from "../core/ports.ts";
import { createControls, type MockControls } from "./controls.ts";
import { drawDelay, exchange, Unreachable } from "./exchange.ts";
import { readOptions, type MockOptions } from "./options.ts";
import { isInBrowser, pageOrigin } from "./page.ts";
import { personaOf } from "./people.ts";
import type { ScenarioName } from "./scenario-names.ts";
import { createMockServer } from "./serve.ts";
import { shareWorld } from "./share-world.ts";
import type { MockState } from "./state.ts";
import { createState, type World } from "./world.ts";

export interface MockSettings {
  /** The user name of who is signed in in the browser; `visitor` for nobody. */
  readonly persona: string;
  readonly scenario: ScenarioName;
  /** The least and the most, in milliseconds. */
  readonly latency: readonly [number, number];
  readonly errorRate: number;
  readonly seed: number;
  /** Of the mock's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly baseUrl: string;
}

export interface MockApi extends MockControls {
  /**
   * For `setupWorker(...handlers)` of `msw/browser` and `setupServer(...handlers)` of `msw/node`.
   */
  readonly handlers: ReturnType<typeof http.all>[];
  /**
   * Answers a request as the API would, without MSW. A relative address is one of the API's.
   * @throws TypeError where no answer arrives
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The same object until something changes. */
  settings(): MockSettings;
  /** Calls back after every request and every change; returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** The mails that the server would have sent so far, the newest first. */
  mailbox(): Promise<readonly Mail[]>;
  /** All that the mock knows, as an object of JSON. */
  exportState(): MockState;
  /** Ends every stream of events and every timer. */
  dispose(): void;
}

/**
 * Do pages there and the API share cookies as one site? Without the public suffix list, by the last
 * two labels.
 */
const cookieModeOf = (
  publicUrl: string,
  origin: string | undefined,
): "same-site" | "cross-site" => {
  const siteOf = (url: string): string => new URL(url).hostname.split(".").slice(-2).join(".");
  return origin === undefined || siteOf(publicUrl) === siteOf(origin) ? "same-site" : "cross-site";
};

/** What a script in a page on another origin is not shown of an answer. */
const readableHeaders = new Set([
  ...exposedHeaders.toLowerCase().split(", "),
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
]);

/** A script on another origin is shown no other headers by its browser. */
const hideHeaders = ({ headers }: Response, publicUrl: string): void => {
  if (!isInBrowser() || pageOrigin() === new URL(publicUrl).origin) return;
  for (const name of [...headers.keys()]) if (!readableHeaders.has(name)) headers.delete(name);
};

const responseOf = ({ status, headers, cookies, body }: GivenAnswer): Response =>
  new Response(body, {
    status,
    headers: [
      ...Object.entries(headers),
      ...cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]),
    ],
  });

/** @throws what the signal is aborted with */
const wait = (
  after: (milliseconds: number, run: () => void) => () => void,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (milliseconds <= 0) return resolve();
    const giveUp = after(milliseconds, resolve);
    signal.addEventListener(
      "abort",
      () => {
        giveUp();
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });

/**
 * Gives the same object until something changes; the time alone counts for something when a second
 * has passed.
 */
const createSettings = (world: World): (() => MockSettings) => {
  let told: MockSettings | null = null;
  return () => {
    const { scenario, latency, errorRate, seed } = world.state;
    const now: MockSettings = {
      persona: personaOf(world),
      scenario,
      latency,
      errorRate,
      seed,
      now: world.now(),
      baseUrl: world.publicUrl,
    };
    if (
      told === null ||
      JSON.stringify({ ...told, now: 0 }) !== JSON.stringify({ ...now, now: 0 }) ||
      Math.abs(told.now - now.now) >= 1_000
    )
      told = now;
    return told;
  };
};

/**
 * The API of Sallyport, in memory. It knows people, sessions, sections and data, and answers by the
 * server's own code (`limitations` says what it cannot do).
 * @throws Error for options, personas and scenarios that there are not
 */
export const createMockApi = (options: MockOptions): MockApi => createMock(options);

/**
 * @param arrange puts other stores in the place of those in memory: those that answer late, where
 * that is to be tried
 */
export const createMock = (
  options: MockOptions,
  arrange: (stores: Stores) => Stores = (stores) => stores,
): MockApi => {
  const { publicUrl, allowed, ownOrigin, persistence, timers, asked, tellTime, offsetNow } =
    readOptions(options);
  const createFresh = (seed: number): MockState => {
    const clockOffset = offsetNow();
    return { ...createState(seed, tellTime() + clockOffset), clockOffset };
  };
  const world: World = {
    state: createFresh(options.seed ?? 1),
    publicUrl,
    cookies: createTokenCookies({
      mode: cookieModeOf(publicUrl, ownOrigin),
      instance: defaults.instance,
      publicUrl,
    }),
    now: () => Math.floor(tellTime() + world.state.clockOffset),
  };
  const listeners = new Set<() => void>();
  const tell = (): void => {
    server.noteChange();
    for (const listener of listeners) listener();
  };
  const shared = shareWorld(world, {
    persistence,
    name: `sallyport-mock ${publicUrl}`,
    storage: options.storage,
    seed: options.seed,
    after: timers.after,
    onChange: tell,
  });
  const server = createMockServer(world, {
    origins: allowed,
    uploadLimitMebibytes: options.uploadLimitMebibytes,
    every: timers.every,
    arrange,
  });
  const { begin, ...controls } = createControls(world, {
    control: shared.control,
    baseUrls: [options.baseUrl, publicUrl],
    asked,
    offsetNow,
    createFresh: () => createFresh(options.seed ?? world.state.seed),
  });
  begin(!shared.refresh());

  /** @throws Unreachable, and what the request's signal is aborted with */
  const answer = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const body =
      request.body === null && request.method === "GET"
        ? null
        : new Uint8Array(await request.arrayBuffer());
    shared.refresh();
    await wait(timers.after, drawDelay(world.state), request.signal);
    try {
      const answered = await shared.transact(
        () => exchange(world, server, ownOrigin, request, body),
        async (given) => {
          if (given.body instanceof ReadableStream) await given.body.cancel();
        },
      );
      return responseOf(answered);
    } finally {
      tell();
    }
  };

  const isOurs = (url: string): boolean =>
    url === publicUrl || url.startsWith(`${publicUrl}/`) || url.startsWith(`${publicUrl}?`);

  return {
    handlers: [
      http.all(
        ({ request }) => isOurs(request.url),
        async ({ request }) => {
          let response: Response;
          try {
            response = await answer(request);
          } catch (error) {
            if (error instanceof Unreachable || request.signal.aborted) return HttpResponse.error();
            throw error;
          }
          // MSW would keep them in a jar of its own.
          response.headers.delete("Set-Cookie");
          hideHeaders(response, publicUrl);
          return response;
        },
      ),
    ],
    fetch: async (input, init) => {
      const request = new Request(
        input instanceof Request ? input : new URL(input, `${publicUrl}/`),
        init,
      );
      if (!isOurs(request.url))
        throw new TypeError(`${request.url} is no address of the mock, which is at ${publicUrl}.`);
      try {
        return await answer(request);
      } catch (error) {
        // As fetch has it.
        if (error instanceof Unreachable) throw new TypeError("Failed to fetch", { cause: error });
        throw error;
      }
    },
    settings: createSettings(world),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...controls,
    mailbox: async () => {
      const { composeMail } = await import("./administration.ts");
      shared.refresh();
      const webUrl = allowed[0] ?? publicUrl;
      return world.state.outbox
        .map((mail) => composeMail(mail, webUrl, mail.sealed ?? ""))
        .toReversed();
    },
    exportState: () => structuredClone(world.state),
    dispose: () => {
      shared.close();
      server.close();
    },
  };
};
