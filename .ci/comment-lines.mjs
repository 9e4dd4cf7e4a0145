// Holds comments to 100 columns, as the formatter holds code: it breaks no comment itself.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const columns = 100;
const comment = /^\s*(?:\/\/|\/\*|\*)/;
/** A directive is read to the end of its line, and an address is one word. */
const exempt = /\boxlint-|https?:\/\/\S{60}/;

const files = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.mts", "*.mjs"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const long = files.flatMap((file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line, index) =>
      line.length > columns && comment.test(line) && !exempt.test(line)
        ? [`${file}:${index + 1}: a comment of ${line.length} columns; ${columns} are the most.`]
        : [],
    ),
);
if (files.length === 0) throw new Error("No file was looked at.");
if (long.length > 0) {
  console.error(long.join("\n"));
  process.exit(1);
}
