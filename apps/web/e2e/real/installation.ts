/**
 * A whole installation for one test: the site on a static host, the API on a database of its own,
 * the wire between them, and browsers.
 */
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";
import { generate } from "selfsigned";
import { expect, inject, onTestFinished } from "vitest";
import { createTestApp, type TestApp, type TestClock } from "../../../api/test/test-app.ts";
import { openStaticHost, type StaticHost } from "./static-host.ts";
import { openWire, type Certificate, type Wire } from "./wire.ts";

export interface Installation {
  /** An address of the site. */
  readonly at: (path: string) => string;
  readonly siteOrigin: string;
  readonly site: Pick<StaticHost, "refuse"> & {
    /** The paths that it was asked for, in their order. */
    readonly asked: readonly string[];
  };
  readonly apiUrl: string;
  readonly wire: Wire;
  readonly api: TestApp;
  /** A browser profile of its own. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A tab in a profile of its own. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** Watches a context that was opened elsewhere, as `newContext` watches its own. */
  adopt(context: BrowserContext): Promise<BrowserContext>;
  /** Time passes for the API alone: its clock runs ahead of the browsers'. */
  serverClockAdvances(milliseconds: number): void;
  /** Time passes for everybody; no timer fires for it, as on a device that sleeps. */
  timePasses(milliseconds: number): Promise<void>;
}

export interface InstallationOptions {
  /** Host names of the site and the API, over TLS; without them both are ports of localhost. */
  readonly hosts?: { readonly site: string; readonly api: string };
  readonly environment?: Readonly<Record<string, string>>;
  /** What is served in the place of the built site. */
  readonly directory?: string;
  /** The folder of the static host that the site is in, with a slash at both ends. */
  readonly basePath?: string;
  /** Unknown addresses are answered with `index.html` and status 200. */
  readonly fallsBackToIndex?: boolean;
  /**
   * Members of `config.json` beside the API's address, or its whole text; `null` for none at all.
   */
  readonly config?: Readonly<Record<string, unknown>> | string | null;
}

/**
 * Runs on, as the real one does, and can be moved forward: rate limits and the conflict window see
 * time pass.
 */
const createRunningClock = (): TestClock => {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    wait: (milliseconds) => wait(milliseconds),
    every: (milliseconds, run) => {
      const timer = setInterval(run, milliseconds);
      return () => clearInterval(timer);
    },
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
};

type ShiftableWindow = typeof globalThis & { shiftClock: (milliseconds: number) => void };
const shiftClock = (milliseconds: number): void =>
  (globalThis as ShiftableWindow).shiftClock(milliseconds);
const makeClockShiftable = (): void => {
  const realNow = Date.now.bind(Date);
  let ahead = 0;
  Date.now = () => realNow() + ahead;
  (globalThis as ShiftableWindow).shiftClock = (milliseconds) => {
    ahead += milliseconds;
  };
};

let certificate: Promise<Certificate> | undefined;
const certificateForTest = (): Promise<Certificate> =>
  (certificate ??= generate([{ name: "commonName", value: "sallyport.test" }], {
    keyType: "ec",
    curve: "P-256",
  }).then((made) => ({ key: made.private, cert: made.cert })));

let browser: Promise<Browser> | undefined;
const sharedBrowser = (): Promise<Browser> =>
  (browser ??= chromium.connect(inject("browserEndpoint")));

/**
 * Everything is closed when the test ends, and the test fails if the API met a fault of its own or
 * a page threw.
 */
export const startInstallation = async ({
  hosts,
  environment = {},
  directory = inject("siteDirectory"),
  basePath = "/",
  config = {},
  fallsBackToIndex = false,
}: InstallationOptions = {}): Promise<Installation> => {
  const tls = hosts ? await certificateForTest() : null;
  const scheme = tls ? "https" : "http";
  let apiPort = 0;
  const wire = await openWire(() => apiPort, tls);
  const apiUrl = `${scheme}://${hosts?.api ?? "localhost"}:${wire.port}`;
  const configText =
    config === null || typeof config === "string" ? config : JSON.stringify({ apiUrl, ...config });
  const asked: string[] = [];
  const host = await openStaticHost(
    directory,
    basePath,
    () => configText,
    tls,
    (path) => asked.push(path),
    fallsBackToIndex,
  );
  const siteOrigin = `${scheme}://${hosts?.site ?? "localhost"}:${host.port}`;
  const clock = createRunningClock();
  const api = await createTestApp({
    clock,
    environment: {
      SALLYPORT_PUBLIC_URL: apiUrl,
      SALLYPORT_WEB_ORIGINS: siteOrigin,
      ...environment,
    },
  });
  const server = createAdaptorServer({ fetch: api.app.fetch });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  apiPort = (server.address() as AddressInfo).port;

  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  let passed = 0;
  const adopt: Installation["adopt"] = async (context) => {
    contexts.push(context);
    // On a busy machine what comes in a moment comes in many.
    context.setDefaultTimeout(90_000);
    await context.addInitScript(makeClockShiftable);
    if (passed > 0) await context.addInitScript(shiftClock, passed);
    context.on("weberror", (error) => complaints.push(error.error().message));
    context.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    return context;
  };
  const newContext: Installation["newContext"] = async (options) =>
    adopt(
      await (
        await sharedBrowser()
      ).newContext({
        ignoreHTTPSErrors: tls !== null,
        locale: "en-GB",
        timezoneId: "UTC",
        ...options,
      }),
    );

  onTestFinished(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await wire.close();
    await host.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
    await api.close();
    expect(api.faults, "faults of the API").toEqual([]);
    expect(complaints, "what the pages threw").toEqual([]);
  });

  return {
    at: (path) => siteOrigin + basePath.slice(0, -1) + path,
    siteOrigin,
    site: { refuse: host.refuse, asked },
    apiUrl,
    wire,
    api,
    newContext,
    newPage: async (options) => (await newContext(options)).newPage(),
    adopt,
    serverClockAdvances: clock.advance,
    timePasses: async (milliseconds) => {
      passed += milliseconds;
      clock.advance(milliseconds);
      await Promise.all(
        contexts.map(async (context) => {
          await context.addInitScript(shiftClock, milliseconds);
          await Promise.all(context.pages().map((page) => page.evaluate(shiftClock, milliseconds)));
        }),
      );
    },
  };
};

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => seconds(count * 60);
export const days = (count: number): number => minutes(count * 60 * 24);
