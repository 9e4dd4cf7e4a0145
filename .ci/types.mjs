// Compiles every package, and says each error once, in few words, with its path from the root: all
// packages read the sources of the shared one, and each would tell of its errors again.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A type is written out to this length: one of all endpoints has thousands of characters. */
const longestType = 120;

const folders = new Map(
  ["apps", "packages"].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => {
      const folder = join(parent, name);
      const file = join(root, folder, "package.json");
      return existsSync(file) ? [[JSON.parse(readFileSync(file, "utf8")).name, folder]] : [];
    }),
  ),
);

const { status, stdout, stderr, error } = spawnSync(
  "turbo",
  ["run", "types", "--continue", "--output-logs=errors-only", "--log-prefix=task"],
  { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
);
if (status === 0) process.exit(0);

// Packages are compiled at the same time, so each has its own errors: a line for where and what,
// and below it lines that are set in and say why.
const found = new Map([...folders.keys()].map((name) => [name, []]));
for (const line of (stdout ?? "").split("\n")) {
  const [, name, path, rest] = /^(\S+):types: (?:(\S+?)(?=\(\d))?(.*)$/.exec(line) ?? [];
  const errors = found.get(name);
  if (path !== undefined) errors?.push(join(folders.get(name), path) + rest);
  else if (/^ +\S/.test(rest ?? "") && errors?.length > 0) errors.push(`${errors.pop()}\n${rest}`);
}
const errors = new Set([...found.values()].flat());
// Whatever else went wrong is said as it came.
console.log(
  errors.size === 0
    ? `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trimEnd()
    : [...errors]
        .join("\n")
        .replaceAll(/'([^'\n]*)'/g, (whole, type) =>
          type.length > longestType ? `'${type.slice(0, longestType)}…'` : whole,
        ),
);
process.exit(status ?? 1);
