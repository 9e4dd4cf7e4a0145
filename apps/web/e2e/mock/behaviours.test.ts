import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { behaviours, isShownByTheMock, pageBehaviours } from "@sallyport/shared/testing";
import { msw } from "msw/vite";
import { chromium, type Browser, type Page } from "playwright-core";
import { build, defaultClientConditions } from "vite";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openStaticHost, type StaticHost } from "../real/static-host.ts";

let directory: string;
let host: StaticHost;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sallyport-behaviours-"));
  await build({
    configFile: false,
    logLevel: "error",
    plugins: [msw({ mode: "worker-only" })],
    resolve: { conditions: ["sallyport-source", ...defaultClientConditions] },
    build: {
      target: "es2024",
      outDir: directory,
      minify: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: fileURLToPath(new URL("behaviours-page.ts", import.meta.url)),
        output: { entryFileNames: "page.js" },
      },
    },
  });
  await writeFile(
    join(directory, "index.html"),
    '<!doctype html><title>Behaviours</title><script type="module" src="./page.js"></script>',
  );
  host = await openStaticHost(directory, "/", () => null, null);
  browser = await chromium.connect(inject("browserEndpoint"));
  page = await browser.newPage();
  await page.goto(`http://localhost:${host.port}/`);
  await page.waitForFunction(() => window.runBehaviour !== undefined);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await host.close();
  await rm(directory, { recursive: true, force: true });
});

const shown = pageBehaviours.filter((behaviour) => isShownByTheMock(behaviour, "page"));
/**
 * The mock shows all of them in Node. How a refusal comes through the service worker does not
 * depend on which endpoint refuses: of each code the first stands for all.
 */
const tried =
  process.env["THOROUGH"] === "1"
    ? shown
    : shown.filter(
        ({ endpoint, shows }, index) =>
          endpoint === null ||
          typeof shows === "number" ||
          shown.findIndex((one) => one.shows === shows) === index,
      );

describe("the mock behind its service worker, asked by a page on another origin", () => {
  it.each(tried.map(({ name }) => [name]))("%s", async (name) => {
    expect(await page.evaluate((one) => window.runBehaviour?.(one), name)).toBe("as it says");
  });

  it("shows most of what there is", () => {
    expect(shown.length).toBeGreaterThan(behaviours.length / 2);
  });
});
