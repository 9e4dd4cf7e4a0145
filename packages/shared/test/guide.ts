/**
 * The code of a guide in docs/, so that tests can run it.
 * Invariant: a block that no test has taken fails the test file that opened the guide.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";

export interface Block {
  readonly language: string;
  /**
   * What stands behind the language: the file it is (`src/sallyport.ts`), or a word for what it
   * does (`pack`). Unique in its guide.
   */
  readonly name: string;
  readonly code: string;
  /** The line of the guide on which its code begins. */
  readonly line: number;
}

export interface Guide {
  readonly blocks: readonly Block[];
  /** The code of one block, which counts as run from then on: only to be called by what runs it. */
  take(name: string): string;
  /**
   * Writes every block whose name is that of a file into a folder, and takes those that `isRun`
   * names. @returns the names written
   */
  writeFiles(directory: string, isRun: (block: Block) => boolean): Promise<string[]>;
  untaken(): string[];
}

const fence = /^( *)(`{3,})(\S*)(?: +(.+))?\n([\s\S]*?)^\1\2 *$/gm;

/** @throws where a block has no name, or a name comes twice: a test could not take it */
export const readGuide = (markdown: string): Guide => {
  const blocks = [...markdown.matchAll(fence)].map(
    ([, indent = "", , language = "", name = "", code = ""], index, { length }) => {
      const line =
        markdown.slice(0, [...markdown.matchAll(fence)][index]?.index).split("\n").length + 1;
      if (language === "" || name.trim() === "")
        throw new Error(
          `Block ${index + 1} of ${length}, on line ${line}, needs a language and a name: \`\`\`ts src/sallyport.ts`,
        );
      return {
        language,
        name: name.trim(),
        line,
        code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      };
    },
  );
  const names = blocks.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two blocks are named ${twice}.`);
  const taken = new Set<string>();
  return {
    blocks,
    take: (name) => {
      const block = blocks.find((block) => block.name === name);
      if (!block) throw new Error(`The guide has no block named ${name}, but ${names.join(", ")}.`);
      taken.add(name);
      return block.code;
    },
    writeFiles: async (directory, isRun) => {
      const files = blocks.filter(({ name }) => /^[\w./@-]+\.[a-z]+$/.test(name));
      for (const block of files) {
        const path = join(directory, block.name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, block.code);
        if (isRun(block)) taken.add(block.name);
      }
      return files.map(({ name }) => name);
    },
    untaken: () =>
      blocks
        .filter(({ name }) => !taken.has(name))
        .map(({ name, line }) => `line ${line}: ${name}`),
  };
};

/** Opens `docs/<name>` for one test file, which fails at its end if it has left a block out. */
export const openGuide = async (name: string): Promise<Guide> => {
  const path = fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
  const guide = readGuide(await readFile(path, "utf8"));
  expect(guide.blocks.length, `blocks of code in ${path}`).toBeGreaterThan(0);
  // oxlint-disable-next-line no-empty-pattern -- the suite is the second argument, and the first may only be taken apart
  afterAll(({}, { tasks }) => {
    // Somebody runs one test of the file.
    if (tasks.some(({ mode }) => mode === "skip")) return;
    expect(guide.untaken(), `blocks of docs/${name} that no test has run`).toEqual([]);
  });
  return guide;
};

/** The packages that the lines of a guide install, without their versions. */
export const packagesOf = (commands: string): string[] =>
  [...commands.matchAll(/^npm install (.+)$/gm)].flatMap(([, rest = ""]) =>
    rest.split(" ").filter((word) => !word.startsWith("-")),
  );

/**
 * What the compiler says of the TypeScript files in a folder, as a project would that takes the
 * package in: strict, and `dom` for browsers. Packages are found from the folder upwards. @returns
 * "" where it finds nothing
 */
export const complaintsOfTypes = async (
  directory: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024", "dom", "dom.iterable"],
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    strict: true,
    noUnusedLocals: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    jsx: "react-jsx",
    types: [],
    customConditions: ["sallyport-source"],
    ...options,
  };
  await writeFile(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["**/*"] }),
  );
  return complaintsOfProject(directory);
};

/**
 * What the compiler says of a folder by its own tsconfig.json. @returns "" where it finds nothing
 */
export const complaintsOfProject = (directory: string): Promise<string> => {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript-7/package.json")),
    "bin/tsc",
  );
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, "-p", directory],
      { cwd: directory },
      (error, stdout, stderr) => resolve(error ? stdout + stderr || error.message : ""),
    );
  });
};
