/**
 * Once for the whole run: the site as it is deployed, and one Chromium that every test file
 * connects to.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { provideSampleDatabase } from "../../../api/test/sample-database.ts";
import { closablePages } from "../../../../.ci/chromium.mjs";
import { headlessChromium, programForTest } from "../../../../.ci/programs.mjs";

const webRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

declare module "vitest" {
  interface ProvidedContext {
    readonly siteDirectory: string;
    /** The same in the mock mode. */
    readonly demoDirectory: string;
    readonly screenshotDirectory: string;
    /** The whole browser, with the settings that people make. */
    readonly chromiumPath: string;
    readonly browserEndpoint: string;
  }
}

export const browserFlags = [
  closablePages,
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Every name under .test is this machine, so that one machine can hold several sites.
  "--host-resolver-rules=MAP *.test 127.0.0.1",
];

/** What a newer Playwright switches on must not be lost without a word. */
const featuresLeftOut = (commandLine: readonly string[]): string[] => {
  const features = commandLine.flatMap(
    (argument) => /^--enable-features=(.+)/.exec(argument)?.[1]?.split(",") ?? [],
  );
  const ours = closablePages.replace(/^.*=/, "").split(",");
  return features.filter((feature) => !ours.includes(feature));
};

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // Two runs at once must not build into one place.
  const [siteDirectory, demoDirectory] = [
    await mkdtemp(join(tmpdir(), "sallyport-site-")),
    await mkdtemp(join(tmpdir(), "sallyport-demo-")),
  ];
  for (const options of [
    ["--outDir", siteDirectory],
    ["--outDir", demoDirectory, "--mode", "mock"],
  ])
    // In a process of its own: the test runner's NODE_ENV would make it a development build.
    execFileSync(
      process.execPath,
      [
        join(webRoot, "node_modules/vite/bin/vite.js"),
        "build",
        ...options,
        "--emptyOutDir",
        "--logLevel",
        "error",
      ],
      {
        cwd: webRoot,
        env: { ...process.env, NODE_ENV: "production" },
        stdio: "inherit",
      },
    );
  const server = await chromium.launchServer({
    executablePath: headlessChromium(),
    args: browserFlags,
  });
  const leftOut = featuresLeftOut(server.process().spawnargs);
  if (leftOut.length > 0) {
    await server.close();
    throw new Error(
      `Playwright now switches on ${leftOut.join(", ")}: closablePages in .ci/chromium.mjs has to name it too.`,
    );
  }
  const removeSample = await provideSampleDatabase(project, Date.now());
  project.provide("siteDirectory", siteDirectory);
  project.provide("demoDirectory", demoDirectory);
  project.provide("screenshotDirectory", join(webRoot, ".e2e", "screenshots"));
  project.provide("chromiumPath", programForTest("chromium"));
  project.provide("browserEndpoint", server.wsEndpoint());
  return async () => {
    await server.close();
    await removeSample();
    for (const directory of [siteDirectory, demoDirectory])
      await rm(directory, { recursive: true, force: true });
  };
}
