// The programs that the tests need and that no npm package brings: browsers, their drivers,
// servers. One list, found and installed by one code: what the system keeps up to date is on many
// machines, and the rest can install it with their package manager. Where one cannot be had, its
// tests are left out and a line says so; where CI is set, a run that left something out would prove
// less than it says, so it fails.

import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/**
 * `commands` are looked for on the PATH and in `directories`, in which `*` stands for any one
 * folder. `debian` is what apt-get installs, `brew` what is typed after `brew install`. Without a
 * program that `isNeeded`, nothing is tested. One that `isOptional` makes tests faster, and is only
 * installed in CI; nothing is left out without it.
 */
const programs = {
  chromium: {
    title: "Chromium",
    tests: "the browser tests",
    variable: "SALLYPORT_CHROMIUM",
    commands: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    applications: [
      "Chromium.app/Contents/MacOS/Chromium",
      "Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    debian: "chromium",
    brew: "--cask chromium",
    isNeeded: true,
  },
  // The same engine without a window that nobody sees, which takes half of the processor's time.
  headlessShell: {
    title: "Chromium's headless shell",
    commands: ["chromium-headless-shell"],
    debian: "chromium-headless-shell",
    isOptional: true,
  },
  firefox: {
    title: "Firefox",
    tests: "the tests in Firefox",
    variable: "SALLYPORT_FIREFOX",
    commands: ["firefox-esr", "firefox"],
    applications: ["Firefox.app/Contents/MacOS/firefox"],
    debian: "firefox-esr",
    brew: "--cask firefox",
  },
  webKitDriver: {
    title: "WebKitWebDriver",
    tests: "the tests in WebKit",
    variable: "SALLYPORT_WEBKIT_DRIVER",
    commands: ["WebKitWebDriver"],
    debian: "webkit2gtk-driver",
  },
  webKitBrowser: {
    title: "WebKit's MiniBrowser",
    tests: "the tests in WebKit",
    variable: "SALLYPORT_WEBKIT_BROWSER",
    commands: ["MiniBrowser"],
    directories: ["/usr/lib/*/webkit2gtk-4.1", "/usr/libexec/webkit2gtk-4.1"],
    debian: "libwebkit2gtk-4.1-0",
  },
  xvfb: {
    title: "Xvfb",
    tests: "the tests in WebKit",
    variable: "SALLYPORT_XVFB",
    commands: ["Xvfb"],
    debian: "xvfb",
  },
  nginx: {
    title: "nginx",
    tests: "the tests behind nginx",
    variable: "SALLYPORT_NGINX",
    commands: ["nginx"],
    // Servers are not on everybody's PATH.
    directories: ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"],
    debian: "nginx",
    brew: "nginx",
  },
  postgres: {
    title: "PostgreSQL",
    tests: "the tests on PostgreSQL",
    variable: "SALLYPORT_POSTGRES",
    commands: ["postgres"],
    // Debian keeps each version apart, and none on the PATH. `initdb` is looked for beside it.
    directories: ["/usr/lib/postgresql/*/bin", "/opt/homebrew/bin"],
    debian: "postgresql",
    brew: "postgresql",
  },
};

/** The variables that name programs; the test runner hands them on. */
export const programVariables = Object.values(programs).flatMap(({ variable }) => variable ?? []);

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function foldersThatFit(pattern) {
  const [before, after] = pattern.split("/*/");
  if (after === undefined) return [pattern];
  try {
    return readdirSync(before).map((name) => join(before, name, after));
  } catch {
    return [];
  }
}

/**
 * The path of a program, or undefined when the machine has none. A variable that names no program
 * throws: silently testing with another would mislead.
 */
export function findProgram(name, { env = process.env, platform = process.platform } = {}) {
  const { variable, commands, directories = [], applications = [] } = programs[name];
  if (variable && env[variable]) {
    const chosen = resolve(env[variable]);
    if (!isProgram(chosen))
      throw new Error(`${variable} is ${env[variable]}, which is not a program that can be run.`);
    return chosen;
  }
  const onPath = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const candidates = commands.flatMap((command) =>
    [...onPath, ...directories.flatMap(foldersThatFit)].map((directory) =>
      join(directory, command),
    ),
  );
  if (platform === "darwin")
    for (const folder of ["/Applications", join(env.HOME ?? homedir(), "Applications")])
      candidates.push(...applications.map((application) => join(folder, application)));
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
  // Offline, systemd starts nothing: a server that tests run for themselves is no service of this
  // machine.
  const settings = ["DEBIAN_FRONTEND=noninteractive", "SYSTEMD_OFFLINE=1"];
  const [command, ...rest] = [...prefix, "env", ...settings, "apt-get", "-q", "-y", ...args];
  const result = spawnSync(command, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { succeeded: result.status === 0, output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
}

function installWithApt(prefix, names) {
  const install = (some) =>
    aptGet(prefix, [
      "install",
      "--no-install-recommends",
      ...some.map((name) => programs[name].debian),
    ]);
  // A stale package list names versions that the mirrors no longer have. A failing update alone is
  // not the end: one broken third-party list does not stop the install.
  aptGet(prefix, ["update"]);
  const together = install(names);
  if (together.succeeded || names.length === 1) return together.output;
  // One package that this distribution does not know stops all of them.
  return names.map((name) => install([name]).output).join("\n");
}

const titlesOf = (names) => new Intl.ListFormat("en").format(names.map((n) => programs[n].title));

function advice(name) {
  const { title, tests, variable, debian, brew } = programs[name];
  const ways = [["Debian, Ubuntu:", `sudo apt-get update && sudo apt-get install ${debian}`]];
  if (brew) ways.push(["macOS:", `brew install ${brew}`]);
  ways.push(["elsewhere:", `install ${title}, or set ${variable} to its path`]);
  return [
    `${tests[0].toUpperCase()}${tests.slice(1)} need ${title}, and none was found.`,
    ...ways.map(([where, way]) => `  ${where.padEnd(16)} ${way}`),
  ].join("\n");
}

const nothingMayBeMissing = (env) => Boolean(env.CI) && env.CI !== "false";

/**
 * Every one of `names` is there afterwards, installed where that needs nobody's consent. For one
 * that cannot be had, says that its tests are left out and how to get it; throws that for what is
 * needed, which is everything in CI.
 */
export function ensurePrograms({
  names = Object.keys(programs),
  say = () => {},
  env = process.env,
} = {}) {
  const isWanted = (name) => !programs[name].isOptional || nothingMayBeMissing(env);
  const areAbsent = () => names.filter((name) => isWanted(name) && !findProgram(name, { env }));
  let missing = areAbsent();
  if (missing.length === 0) return;
  const prefix = debianInstaller();
  let output = "";
  if (prefix) {
    say(`Installing ${titlesOf(missing)} for the tests with apt-get (once) ...`);
    output = installWithApt(prefix, missing);
    missing = areAbsent();
  }
  missing = missing.filter((name) => !programs[name].isOptional);
  const needed = missing.filter((name) => programs[name].isNeeded || nothingMayBeMissing(env));
  for (const name of missing.filter((name) => !needed.includes(name)))
    say(`${advice(name)}\n  They are left out.`);
  if (needed.length === 0) return;
  const reason = prefix
    ? `apt-get could not install ${titlesOf(needed)}:\n${output.trimEnd().split("\n").slice(-15).join("\n")}\n\n`
    : "";
  throw new Error(reason + needed.map(advice).join("\n"));
}

/**
 * A path for a test to run; undefined where its tests are left out, which CI does not allow.
 * Installs nothing.
 */
export function programForTest(name, { env = process.env } = {}) {
  const found = findProgram(name, { env });
  if (!found && (programs[name].isNeeded || nothingMayBeMissing(env)))
    throw new Error(advice(name));
  return found;
}

/** The Chromium of tests that want nothing of a window: one that is named is taken for all. */
export const headlessChromium = (env = process.env) =>
  (!env.SALLYPORT_CHROMIUM && findProgram("headlessShell", { env })) ||
  programForTest("chromium", { env });
