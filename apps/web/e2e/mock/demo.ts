/**
 * The demo for one test: the site as `npm run build:demo` makes it, in a folder of a static host,
 * and nothing else.
 */
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";
import { expect, inject, onTestFinished } from "vitest";
import { openStaticHost } from "../real/static-host.ts";

export const demoPath = "/sallyport-demo/";

export interface Demo {
  /** An address of the site. */
  readonly at: (path: string) => string;
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A tab in a profile of its own. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
}

let browser: Promise<Browser> | undefined;
const sharedBrowser = (): Promise<Browser> =>
  (browser ??= chromium.connect(inject("browserEndpoint")));

/**
 * Everything is closed when the test ends, and the test fails if a page threw, or while it was open
 * asked a server for more than its files.
 */
export const startDemo = async (directory: string = inject("demoDirectory")): Promise<Demo> => {
  const strayRequests: string[] = [];
  const complaints: string[] = [];
  const host = await openStaticHost(
    directory,
    demoPath,
    () => JSON.stringify({ apiUrl: "https://nowhere.example", title: "Sallyport demo" }),
    null,
    (path) => {
      if (path.includes("mock-api")) strayRequests.push(path);
    },
  );
  const origin = `http://localhost:${host.port}`;
  const contexts: BrowserContext[] = [];
  const newContext: Demo["newContext"] = async (options) => {
    const context = await (
      await sharedBrowser()
    ).newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
    contexts.push(context);
    context.setDefaultTimeout(30_000);
    context.on("weberror", (error) => complaints.push(error.error().message));
    context.on("request", (request) => {
      if (!request.url().startsWith(origin)) strayRequests.push(request.url());
    });
    context.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    return context;
  };
  onTestFinished(async () => {
    // What a page asks while it is being closed meets a worker that no longer finds it, and passes
    // the request on.
    const whileOpen = [...strayRequests];
    await Promise.all(contexts.map((context) => context.close()));
    await host.close();
    expect(complaints, "what the pages threw").toEqual([]);
    expect(whileOpen, "requests that left the page").toEqual([]);
  });
  return {
    at: (path) => origin + demoPath.slice(0, -1) + path,
    newContext,
    newPage: async (options) => (await newContext(options)).newPage(),
  };
};
