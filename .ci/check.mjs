// Everything that can be said about the code without running it. All checks run, even after one has
// failed, so that one look tells all there is to mend. `npm run check -- lint types` runs only
// those.

import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const checks = ["types", "lint", "format:check", "boundaries", "dead-code"];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.includes(name));
if (unknown.length > 0) {
  console.error(`There is no check called ${unknown.join(", ")}. There are: ${checks.join(", ")}.`);
  process.exit(1);
}

const failed = [];
for (const name of wanted.length > 0 ? wanted : checks) {
  const started = Date.now();
  const result = spawnSync("npm", ["run", "--silent", name], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`,
      TURBO_TELEMETRY_DISABLED: "1",
      npm_config_loglevel: "error",
    },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const passed = result.status === 0;
  console.log(`${passed ? "ok    " : "FAILED"} ${name.padEnd(14)} ${seconds.padStart(5)} s`);
  if (passed) continue;
  failed.push(name);
  console.log(
    `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trimEnd(),
  );
}

if (failed.length > 0) {
  console.error(
    `\nFailed: ${failed.join(", ")}.${failed.includes("format:check") ? " `npm run format` mends the formatting." : ""}`,
  );
  process.exit(1);
}
