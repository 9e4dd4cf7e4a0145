/**
 * What is deployed has nothing of the mock in it: neither its code nor the people and passwords of
 * the sample.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scenarios } from "@sallyport/shared/mock";
import { samplePasswordOf, samplePeople } from "@sallyport/shared/sample";
import { expect, inject, onTestFinished, test } from "vitest";

const webRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Words that no minifier changes. Of scenarios it is what they say of themselves: the page, too,
 * has a state `cookies-blocked`.
 */
const marks = {
  worker: ["mockServiceWorker"],
  "the mock's place in the page": ["__mock"],
  scenarios: Object.values(scenarios).map(({ description }) => description),
  people: samplePeople.map(({ displayName }) => displayName),
  passwords: [samplePasswordOf("").split("-").at(-1) as string],
};

/** All that is served, names of files included. */
const textOf = async (site: string): Promise<string> => {
  const entries = await readdir(site, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return [...files, ...(await Promise.all(files.map((file) => readFile(file, "latin1"))))].join(
    "\n",
  );
};
const found = (text: string): string[] =>
  Object.entries(marks).flatMap(([kind, words]) =>
    words.filter((word) => text.includes(word)).map((word) => `${kind}: ${word}`),
  );

test("a production build has no mock in it, and no sample", async () => {
  const text = await textOf(inject("siteDirectory"));
  expect(text.length).toBeGreaterThan(100_000);
  expect(found(text)).toEqual([]);
});

test("in a build for the demo all of it would be found", async () => {
  const site = await mkdtemp(join(tmpdir(), "sallyport-demo-"));
  onTestFinished(() => rm(site, { recursive: true, force: true }));
  execFileSync(
    process.execPath,
    [
      join(webRoot, "node_modules/vite/bin/vite.js"),
      "build",
      "--mode",
      "mock",
      "--outDir",
      site,
      "--emptyOutDir",
      "--logLevel",
      "warn",
    ],
    {
      cwd: webRoot,
      env: { ...process.env, NODE_ENV: "production" },
      stdio: "inherit",
    },
  );
  expect(found(await textOf(site))).toEqual(
    Object.entries(marks).flatMap(([kind, words]) => words.map((word) => `${kind}: ${word}`)),
  );
});
