// Finds a Chromium for the browser tests. Playwright's own download is not used: a browser that the system
// keeps up to date is on most machines, and the rest can install one with their package manager.

import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const commandNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macApplications = [
  "Chromium.app/Contents/MacOS/Chromium",
  "Google Chrome.app/Contents/MacOS/Google Chrome",
];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The path of a Chromium, or undefined when the machine has none.
 * A SALLYPORT_CHROMIUM that names no program throws: silently testing in another browser would mislead.
 */
export function findChromium({ env = process.env, platform = process.platform } = {}) {
  if (env.SALLYPORT_CHROMIUM) {
    const chosen = resolve(env.SALLYPORT_CHROMIUM);
    if (!isProgram(chosen))
      throw new Error(
        `SALLYPORT_CHROMIUM is ${env.SALLYPORT_CHROMIUM}, which is not a program that can be run.`,
      );
    return chosen;
  }
  const directories = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const candidates = commandNames.flatMap((name) =>
    directories.map((directory) => join(directory, name)),
  );
  if (platform === "darwin") {
    for (const applications of ["/Applications", join(env.HOME ?? homedir(), "Applications")]) {
      candidates.push(...macApplications.map((application) => join(applications, application)));
    }
  }
  return candidates.find(isProgram);
}

/** The command prefix that installs Debian packages without asking anybody, or undefined. */
function debianInstaller() {
  if (
    process.platform !== "linux" ||
    spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0
  )
    return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
    ? ["sudo", "-n"]
    : undefined;
}

function aptGet(prefix, args) {
  const [command, ...rest] = [
    ...prefix,
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-q",
    "-y",
    ...args,
  ];
  const result = spawnSync(command, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { succeeded: result.status === 0, output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
}

const advice = `The browser tests need Chromium, and none was found.
  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install chromium
  macOS:           brew install --cask chromium
  elsewhere:       install Chromium or Chrome, or set SALLYPORT_CHROMIUM to its path`;

/**
 * The features that Playwright switches on, and RenderDocument at its lowest level: of several such lists Chromium
 * takes the last, whole. With RenderDocument, closing a page or its context never ends where the page is just then on
 * its way to another document, since the request to close goes with the document that the page leaves
 * (https://issues.chromium.org/issues/536385539, https://github.com/microsoft/playwright/issues/42068).
 */
export const closablePages =
  "--enable-features=CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies,RenderDocument:level/crashed-frame";

/** A Chromium that is there afterwards, installed where that needs nobody's consent; otherwise throws with what to do. */
export function ensureChromium({ say = () => {} } = {}) {
  const found = findChromium();
  if (found) return found;
  const prefix = debianInstaller();
  if (!prefix) throw new Error(advice);
  say("Installing Chromium for the browser tests with apt-get (once) ...");
  // A stale package list names versions that the mirrors no longer have. A failing update alone is not the
  // end: one broken third-party list does not stop the install.
  aptGet(prefix, ["update"]);
  const installation = aptGet(prefix, ["install", "--no-install-recommends", "chromium"]);
  const installed = findChromium();
  if (installed) return installed;
  const lastLines = installation.output.trimEnd().split("\n").slice(-15).join("\n");
  throw new Error(`apt-get could not install Chromium:\n${lastLines}\n\n${advice}`);
}
