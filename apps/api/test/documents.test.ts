import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeSettings } from "../src/config.ts";

test("docs/configuration.md says what the settings say", () => {
  expect(readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8")).toBe(`${describeSettings()}\n`);
});
