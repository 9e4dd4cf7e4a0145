/** docs/sections.md is true: its examples can be imported, and its commands do what it says. */
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sectionDefinition } from "@sallyport/shared/contract";
import { issuesOf } from "@sallyport/shared/core";
import { importSections } from "@sallyport/shared/handlers";
import { chance } from "../src/tokens/chance.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { start } from "./tool.ts";

const guide = readFileSync(new URL("../../../docs/sections.md", import.meta.url), "utf8");
const blocksOf = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );

let app: TestApp;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-guide-"));
  app = await createTestApp();
});
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A panel or a query as the section that it could stand in. */
const asSection = (value: Record<string, unknown>): unknown => {
  if ("slug" in value) return value;
  const panel =
    "kind" in value ? value : { kind: "table", title: "Example", width: 12, query: value };
  return { slug: "example", title: "Example", panels: [panel] };
};

const examples = blocksOf("json").map((text): [string, string] => [
  text.replaceAll(/\s+/g, " ").slice(0, 80),
  text,
]);

test.each(examples)("the example %s can be imported beside the sample", async (_, text) => {
  const section = asSection(JSON.parse(text) as Record<string, unknown>);
  const parsed = sectionDefinition.safeParse(section);
  expect(parsed.error && issuesOf("", section, parsed.error)).toBeUndefined();
  if (parsed.data)
    expect(
      await importSections({ ...app.dependencies, chance }, [parsed.data], {
        at: 0,
        audit: null,
        dryRun: true,
      }),
    ).toMatchObject({ ok: true });
});

test("there are examples of each kind of panel, of queries and of a section", () => {
  const kinds = examples.map(([, text]) => {
    const value = JSON.parse(text) as Record<string, unknown>;
    return "slug" in value ? "section" : ((value["kind"] as string | undefined) ?? "query");
  });
  expect([...new Set(kinds)].toSorted()).toEqual([
    "chart",
    "embed",
    "metric",
    "query",
    "section",
    "table",
  ]);
});

test("the commands succeed, one after the other", { timeout: 60_000 }, async () => {
  const commands = blocksOf("sh").flatMap((block) =>
    block.split("\n").filter((line) => line.startsWith("npm run sallyport -- ")),
  );
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) {
    const { child, outcome } = start(
      command.replace("npm run sallyport -- ", "").split(" "),
      { SALLYPORT_DATA_DIR: app.dataDirectory },
      { cwd: directory },
    );
    child.stdin?.end();
    const { code, stderr } = await outcome;
    expect([command, code, stderr]).toEqual([command, 0, ""]);
  }
});
