// `npm start` and `npm run dev`: the API and the single-page application together, on one machine,
// for trying Sallyport and for working on it. In production each is run on its own. `npm run
// dev:mock`: the application alone, with a mock of the API in the page.
//
// Settings of its own, beside those of the API (docs/configuration.md), which it hands on:
//   SALLYPORT_WEB_PORT   the port of the web app, 5173 by default
//   SALLYPORT_PORT       the API's, 4000 by default; the web app is told where that is
//
// Invariant: however this process is told to stop, short of SIGKILL, neither child outlives it.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describeOwner, portOwner, portState } from "./port-owner.mjs";
import { wantsSampleData } from "./sample-data.mjs";
import { isSaidBySignInWords, signInWords } from "./sign-in-words.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mocks = process.argv.includes("--mock");
const develops = mocks || process.argv.includes("--dev");
const readyWithinMs = 60_000;
const stopWithinMs = 10_000;
const warningLevel = 40;

function giveUp(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function portFrom(name, fallback) {
  const text = process.env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    giveUp(`${name} is "${text}"; it must be a port from 1 to 65535.`);
  return port;
}

const apiPort = portFrom("SALLYPORT_PORT", 4000);
const webPort = portFrom("SALLYPORT_WEB_PORT", 5173);
if (apiPort === webPort && !mocks)
  giveUp(
    `SALLYPORT_PORT and SALLYPORT_WEB_PORT are both ${apiPort}; each needs a port of its own.`,
  );
const apiHost = (process.env.SALLYPORT_HOST || "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
const apiUrl = process.env.SALLYPORT_PUBLIC_URL || `http://localhost:${apiPort}`;
const webUrl = `http://localhost:${webPort}`;
// npm runs this in the repository's root; a relative directory is meant from where the user stands.
const userDirectory = process.env.INIT_CWD ?? process.cwd();
const dataDirectory = process.env.SALLYPORT_DATA_DIR
  ? resolve(userDirectory, process.env.SALLYPORT_DATA_DIR)
  : join(root, "data");
// Where mail goes nowhere, a page shows it; to this very machine only.
const isLoopback = (host) => ["localhost", "127.0.0.1", "::1", "[::1]"].includes(host);
const hasMailbox =
  process.env.SALLYPORT_MAILBOX === "1" ||
  (!process.env.SALLYPORT_MAILBOX &&
    !process.env.SALLYPORT_SMTP_URL &&
    isLoopback(apiHost) &&
    URL.canParse(apiUrl) &&
    isLoopback(new URL(apiUrl).hostname));
const hasSampleData = wantsSampleData({ env: process.env, dataDirectory });

// The workspace's own Node comes first, whatever Node the machine has: this process may itself run
// on another, since the shell that npm started looked `node` up before the first install.
const binaries = join(root, "node_modules", ".bin");
const path = `${binaries}${delimiter}${process.env.PATH ?? ""}`;
const env = { ...process.env, PATH: path };
const apiEnv = {
  ...env,
  SALLYPORT_PORT: String(apiPort),
  SALLYPORT_DATA_DIR: dataDirectory,
  SALLYPORT_PUBLIC_URL: apiUrl,
  SALLYPORT_WEB_ORIGINS: process.env.SALLYPORT_WEB_ORIGINS || webUrl,
  ...(hasSampleData && { SALLYPORT_SAMPLE_DATA: "1" }),
  ...(hasMailbox && { SALLYPORT_MAILBOX: "1" }),
};
// Answered to the page as config.json, so that it finds the API wherever that listens.
const webEnv = { ...env, SALLYPORT_API_URL: apiUrl };

async function requireFreePort(port, variable, purpose, hosts) {
  const state = await portState(port, hosts);
  if (state === "forbidden")
    giveUp(
      `Port ${port} (${purpose}) may not be used without more rights. Choose one above 1023: ${variable}=${port + 8000} npm start`,
    );
  if (state === "free") return;
  const owner = portOwner(port);
  const end = owner?.pid ? `Either stop it (kill ${owner.pid}) or choose` : "Choose";
  let other = port;
  do other = other < 65_535 ? other + 1 : 1024;
  while (other === apiPort || other === webPort || (await portState(other, hosts)) !== "free");
  giveUp(
    `Port ${port}, wanted for ${purpose}, is taken by ${describeOwner(owner)}.\n${end} another port: ${variable}=${other} npm ${mocks ? "run dev:mock" : develops ? "run dev" : "start"}`,
  );
}

function build() {
  const started = Date.now();
  console.log("Building (unchanged packages come from the cache) ...");
  const result = spawnSync(join(binaries, "turbo"), ["run", "build", "--output-logs=errors-only"], {
    cwd: root,
    env: { ...env, TURBO_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error)
    giveUp(
      `The build could not start: ${result.error.message}\nRun \`node .ci/bootstrap.mjs\` first.`,
    );
  if (result.status !== 0) {
    console.error(`${result.stdout}${result.stderr}`.trimEnd());
    giveUp("The build failed; the reason stands above.");
  }
  console.log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

// ---- children -----------------------------------------------------------------------------------

const children = [];
let stopping;

function signalGroup(child, signal) {
  try {
    // Each child leads a process group of its own: a watcher's children end with it, and Ctrl-C
    // reaches only this process, which ends them in order.
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

function killAll() {
  for (const child of children) signalGroup(child, "SIGKILL");
}

/** Ends both children, then this process. The first reason to stop decides the exit code. */
function stop(exitCode, reason) {
  stopping ??= (async () => {
    const alive = children.filter((child) => !child.ended);
    for (const child of alive) signalGroup(child, "SIGTERM");
    const deadline = setTimeout(killAll, stopWithinMs);
    await Promise.all(alive.map((child) => child.exit));
    clearTimeout(deadline);
    // What a child left behind in its group, a watched server for one.
    killAll();
    // A last word on why a child ended may still be on its way.
    await Promise.race([Promise.all(children.map((child) => child.silence)), pause(500)]);
    if (reason) console.error(`\n${reason}`);
    process.exit(exitCode);
  })();
  return stopping;
}

// Everything in development; otherwise warnings, and what is not a log record but meant for people.
function worthShowing(line) {
  if (develops) return true;
  if (!line.startsWith("{")) return line.trim() !== "" && !isSaidBySignInWords(line);
  try {
    return JSON.parse(line).level >= warningLevel;
  } catch {
    return true;
  }
}

function run(name, command, args, { cwd, env: childEnv, quiet = false }) {
  const child = spawn(command, args, {
    cwd,
    env: childEnv,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const prefix = `${name.padEnd(4)}| `;
  child.name = name;
  child.ended = false;
  child.silence = new Promise((settle) => child.once("close", settle));
  child.exit = new Promise((settle) => {
    child.once("error", (error) => {
      child.ended = true;
      settle();
      void stop(1, `The ${name} could not start: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      child.ended = true;
      settle();
      const exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
      // A server is not meant to end by itself, even when it says that all went well.
      void stop(
        exitCode || 1,
        `Stopped, since the ${name} ended ${signal ? `by ${signal}` : `with exit code ${exitCode}`}.`,
      );
    });
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!quiet && worthShowing(line)) console.log(prefix + line);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (worthShowing(line)) console.error(prefix + line);
  });
  children.push(child);
  return child;
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

async function waitUntilAnswering(name, url) {
  const deadline = Date.now() + readyWithinMs;
  while (!stopping && !(await answers(url))) {
    if (Date.now() > deadline) {
      await stop(
        1,
        `Stopped, since the ${name} does not answer at ${url} after ${readyWithinMs / 1000} s.`,
      );
    }
    await pause(100);
  }
  // A child that ended meanwhile decides the exit code.
  await stopping;
}

function watchForEnd() {
  let firstAskedAt;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // One Ctrl-C can arrive twice, from the terminal and from npm; a second one a moment later is
      // impatience.
      if (firstAskedAt && Date.now() - firstAskedAt > 1000) killAll();
      firstAskedAt ??= Date.now();
      if (!stopping) console.log("\nStopping ...");
      void stop(0);
    });
  }
  // npm's shell can be killed without passing that on; this process then has another parent.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent)
      void stop(1, "Stopped, since the process that started this one has gone.");
  }, 500).unref();
  // The reader of the output went away (`npm start | head`): nobody to talk to is no reason to
  // crash.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

function greet() {
  const where = relative(userDirectory, dataDirectory);
  const directory = where && !where.startsWith("..") ? `./${where}` : dataDirectory;
  const lines = [
    "",
    `  Sallyport is ready:  ${webUrl}`,
    "",
    ...signInWords({ hasSampleData, dataDirectory, isTerminal: process.stdout.isTTY }),
    "",
    `  Data         ${directory}${hasSampleData ? "  (sample; delete it to start afresh)" : ""}`,
    `  API          ${apiUrl}/openapi.json`,
    ...(hasMailbox ? [`  Mailbox      ${apiUrl}/mailbox  (nothing is sent from here)`] : []),
    ...(develops ? ["  Changes in apps/ and packages/ are picked up as you save."] : []),
    "  Stop         Ctrl-C",
    "",
  ];
  console.log(lines.join("\n"));
}

function greetWithMock() {
  const lines = [
    "",
    `  Sallyport is ready, with a mock of the API:  ${webUrl}`,
    "",
    "  No API runs. The button in the corner of the page changes who is signed in, and what goes wrong;",
    `  so do an address such as ${webUrl}/?mock=persona:mike,scenario:slow and window.__mock in the console.`,
    "  Everything about it: docs/mock-sallyport.md",
    "",
    "  Stop         Ctrl-C",
    "",
  ];
  console.log(lines.join("\n"));
}

// ---- start --------------------------------------------------------------------------------------

if (!mocks)
  await requireFreePort(
    apiPort,
    "SALLYPORT_PORT",
    "the API",
    ["127.0.0.1", "::1", "localhost"].includes(apiHost) ? undefined : [apiHost],
  );
await requireFreePort(webPort, "SALLYPORT_WEB_PORT", "the web app");
if (!develops) build();

watchForEnd();
const api = join(root, "apps", "api");
const web = join(root, "apps", "web");
const vite = join(web, "node_modules", ".bin", "vite");
if (!existsSync(vite))
  giveUp("The packages are not installed. Run `node .ci/bootstrap.mjs` first.");

if (develops && !mocks) run("api", "npm", ["run", "--silent", "dev"], { cwd: api, env: apiEnv });
else if (!mocks)
  run("api", join(binaries, "node"), [join(api, "dist", "main.js"), "serve"], {
    cwd: root,
    env: apiEnv,
  });
const viteMode = mocks ? ["--mode", "mock"] : develops ? [] : ["preview"];
run("web", vite, [...viteMode, "--port", String(webPort), "--strictPort"], {
  cwd: web,
  env: webEnv,
  quiet: !develops,
});

if (!mocks) {
  const reachableHost = ["0.0.0.0", "::", "127.0.0.1"].includes(apiHost)
    ? "127.0.0.1"
    : apiHost.includes(":")
      ? `[${apiHost}]`
      : apiHost;
  await waitUntilAnswering("API", `http://${reachableHost}:${apiPort}/readyz`);
}
await waitUntilAnswering("web app", `${webUrl}/`);
if (mocks) greetWithMock();
else greet();
