// Brings node_modules into step with pnpm-lock.yaml. Runs first in `npm start` and `npm test`, on
// whatever Node and npm the machine has, before anything is installed: it may import nothing but
// Node itself.
//
//   node .ci/bootstrap.mjs             packages
//   node .ci/bootstrap.mjs --programs  packages, and the programs that the tests need

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldestNode = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".sallyport-installed");

function giveUp(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < oldestNode) {
  giveUp(`Sallyport needs Node ${oldestNode} or newer to begin with; this is ${process.version}.`);
}

function workspaceManifests() {
  const manifests = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml"];
  for (const folder of ["apps", "packages"]) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder)).sort())
      manifests.push(join(folder, name, "package.json"));
  }
  return manifests.filter((manifest) => existsSync(join(root, manifest)));
}

// Scripts may change without an install; what is installed may not.
function whatDecidesTheInstall(manifest) {
  const text = readFileSync(join(root, manifest), "utf8");
  if (!manifest.endsWith("package.json")) return text;
  const {
    dependencies,
    devDependencies,
    optionalDependencies,
    peerDependencies,
    packageManager,
    bin,
  } = JSON.parse(text);
  return JSON.stringify({
    dependencies,
    devDependencies,
    optionalDependencies,
    peerDependencies,
    packageManager,
    bin,
  });
}

function installStamp() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const manifest of workspaceManifests())
    hash.update(`${manifest}\n${whatDecidesTheInstall(manifest)}\n`);
  return hash.digest("hex");
}

function isInstalled(stamp) {
  try {
    return (
      readFileSync(stampFile, "utf8") === stamp &&
      workspaceManifests().every(
        (manifest) =>
          !/^(apps|packages)/.test(manifest) ||
          existsSync(join(root, dirname(manifest), "node_modules")),
      )
    );
  } catch {
    return false;
  }
}

function install(stamp) {
  const packageManager = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ).packageManager;
  if (!/^pnpm@\d+\.\d+\.\d+/.test(packageManager ?? ""))
    giveUp(
      'package.json must name the pnpm to install with, as in "packageManager": "pnpm@12.21.0".',
    );
  const specifier = packageManager.split("+")[0];
  console.log(
    `Installing packages with ${specifier} (first start, or the lockfile changed); this can take a minute ...`,
  );
  const started = Date.now();
  // While an install is under way or after it broke off, nothing may take the tree for complete.
  rmSync(stampFile, { force: true });

  // NODE_ENV=production would leave out what builds and tests; without a terminal pnpm refuses to
  // replace a node_modules that another package manager made.
  const { NODE_ENV: _, ...env } = process.env;
  const result = spawnSync(
    "npx",
    ["--yes", specifier, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"],
    {
      cwd: root,
      env: { ...env, npm_config_loglevel: "error", npm_config_update_notifier: "false" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === "win32",
    },
  );
  if (result.error?.code === "ENOENT")
    giveUp(
      "npx was not found. Sallyport installs its packages with npm's npx: install npm (it comes with Node from nodejs.org) and try again.",
    );
  if (result.status !== 0) {
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.trimEnd();
    if (output) console.error(output.split("\n").slice(-40).join("\n"));
    const lockfileIsBehind = output.includes("OUTDATED_LOCKFILE");
    giveUp(
      lockfileIsBehind
        ? `A package.json changed and pnpm-lock.yaml did not. Run \`npx ${specifier} install\` and commit the lockfile.`
        : `Installing the packages failed (exit ${result.status ?? result.signal}). Check that npm can reach its registry (\`npm ping\`) and that the disk has room, then run the same command again.`,
    );
  }
  writeFileSync(stampFile, stamp);
  console.log(`Packages installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

const stamp = installStamp();
if (!isInstalled(stamp)) install(stamp);

if (process.argv.includes("--programs")) {
  const { ensurePrograms } = await import("./programs.mjs");
  try {
    ensurePrograms({ say: (line) => console.log(line) });
  } catch (error) {
    giveUp(error.message);
  }
}
