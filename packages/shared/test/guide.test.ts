import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { complaintsOfTypes, readGuide } from "./guide.ts";

const markdown = [
  "# A guide",
  "",
  "```ts src/one.ts",
  "export const one = 1;",
  "```",
  "",
  "1. Then:",
  "",
  "   ```sh install",
  "   npm install it",
  "   ```",
  "",
].join("\n");

const folder = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-guide-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
};

test("Blocks come with their name, their line and their code, freed of the list they stand in", () => {
  expect(readGuide(markdown).blocks).toEqual([
    { language: "ts", name: "src/one.ts", line: 4, code: "export const one = 1;\n" },
    { language: "sh", name: "install", line: 10, code: "npm install it\n" },
  ]);
});

test("A block that nobody has taken is named", async () => {
  const guide = readGuide(markdown);
  expect(guide.take("install")).toBe("npm install it\n");
  expect(guide.untaken()).toEqual(["line 4: src/one.ts"]);
  const directory = await folder();
  expect(await guide.writeFiles(directory, () => false)).toEqual(["src/one.ts"]);
  expect(guide.untaken()).toHaveLength(1);
  await guide.writeFiles(directory, ({ language }) => language === "ts");
  expect(guide.untaken()).toEqual([]);
  expect(await readFile(join(directory, "src/one.ts"), "utf8")).toBe("export const one = 1;\n");
});

test("A block without a name, two of one name, and one that is not there are refused", () => {
  expect(() => readGuide("```ts\nlet a = 1;\n```\n")).toThrow("on line 2");
  expect(() => readGuide("```sh run\na\n```\n\n```sh run\nb\n```\n")).toThrow(
    "Two blocks are named run",
  );
  expect(() => readGuide(markdown).take("two")).toThrow("no block named two");
});

test("The compiler's complaints are told", async () => {
  const directory = await folder();
  await readGuide("```ts wrong.ts\nexport const one: string = 1;\n```\n").writeFiles(
    directory,
    () => true,
  );
  expect(await complaintsOfTypes(directory)).toContain("wrong.ts(1,14): error TS2322");
  await readGuide("```ts wrong.ts\nexport const one: string = 'right';\n```\n").writeFiles(
    directory,
    () => true,
  );
  expect(await complaintsOfTypes(directory)).toBe("");
});
