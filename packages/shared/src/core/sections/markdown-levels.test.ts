import { expect, test } from "vitest";
import { markdownLevels, mostMarkdownLevels } from "./markdown-levels.ts";

test.each([
  ["quotations", "> ".repeat(2_000)],
  ["quotations without blanks", `${">".repeat(2_000)} deep`],
  ["lists on one line", `${"- ".repeat(2_000)}deep`],
  [
    "lists below each other",
    Array.from({ length: 150 }, (_, level) => `${" ".repeat(level * 2)}- item`).join("\n"),
  ],
  ["numbered lists", `${"1. ".repeat(500)}deep`],
  ["emphasis", "*a _b ".repeat(500)],
  ["one long run of stars", `${"*".repeat(2_000)}deep${"*".repeat(2_000)}`],
  ["brackets", `${"[".repeat(2_000)}deep${"](x)".repeat(2_000)}`],
  ["pictures in links", `${"[![".repeat(500)}deep`],
  ["strikethrough", "~~a ~b ".repeat(500)],
])("%s that are nested too deep are seen", (_, text) => {
  expect(markdownLevels(text)).toBeGreaterThan(mostMarkdownLevels);
});

test.each([
  ["a long list", "- item *one* and [two](three)\n".repeat(500)],
  ["a paragraph with much emphasis", "some *word* and a __strong__ one, ".repeat(300)],
  ["sums with stars", "3 * 4 * 5 = 60, ".repeat(500)],
  [
    "five levels of a list",
    ["-", "  -", "    -", "      -", "        -"].map((mark) => `${mark} a`).join("\n"),
  ],
  ["code in a fence", `\`\`\`\n${"char *a, *b, **c[10];\n".repeat(200)}\`\`\``],
  [
    "a wide table",
    `|${" a |".repeat(100)}\n|${" - |".repeat(100)}\n${`|${" *b* |".repeat(100)}\n`.repeat(20)}`,
  ],
  ["a line of dashes and one of stars", `${"-".repeat(200)}\n\n${"*".repeat(200)}\n`],
  ["a table of links", "| [a](b) | [c][d] |\n".repeat(300)],
])("%s is not deep", (_, text) => {
  expect(markdownLevels(text)).toBeLessThanOrEqual(mostMarkdownLevels);
});
