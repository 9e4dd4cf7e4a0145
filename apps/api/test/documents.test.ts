import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeSettings } from "../src/config.ts";

test("docs/configuration.md says what the settings say", () => {
  expect(readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8")).toBe(
    `${describeSettings()}\n`,
  );
});

test.each([
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/architecture.md",
  "docs/protocol.md",
  "docs/decisions/0006-libraries.md",
])("%s leads to files that exist", (document) => {
  const place = new URL(`../../../${document}`, import.meta.url);
  const targets = [...readFileSync(place, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    ([, target = ""]) => target,
  );
  expect(targets.filter((target) => !existsSync(new URL(target, place)))).toEqual([]);
  if (document === "SECURITY.md")
    expect(targets.filter((target) => /\.test\.m?ts$/.test(target)).length).toBeGreaterThan(40);
});
