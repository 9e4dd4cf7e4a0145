import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { installPackage, packageRoot, type InstalledProject } from "./installed-package.ts";

// Compilers and bundlers run in here, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

let project: InstalledProject;
let installed: string;
let files: readonly string[];

beforeAll(async () => {
  project = await installPackage([
    "@tanstack/react-query",
    "@types/node",
    "@types/react",
    "msw",
    "react",
    "typescript-7",
    "vite",
  ]);
  installed = join(project.directory, "node_modules", project.manifest.name);
  files = (await readdir(installed, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
});
afterAll(() => project?.remove());

const entries = (): string[] =>
  Object.keys(project.manifest.exports).map((path) =>
    path.replace("./", `${project.manifest.name}/`),
  );
const textOf = (path: string): Promise<string> => readFile(join(installed, path), "utf8");

/**
 * What Vite makes of a script for production: its files by name.
 * @param beside the packages that are left out
 */
const bundle = async (
  folder: string,
  script: string,
  beside: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> => {
  await project.write({
    [`${folder}/main.ts`]: script,
    // As a library, minified all the same: into pages Vite puts a kilobyte of its own, to fetch
    // styles ahead of scripts.
    [`${folder}/vite.config.js`]: `export default {
      build: { target: "es2024", lib: { entry: "main.ts", formats: ["es"], fileName: "main" }, rolldownOptions: { external: ${JSON.stringify(beside)}, output: { minify: true } } },
    };`,
  });
  const { exitCode, output } = await project.run("npx vite build --logLevel warn", folder);
  expect([exitCode, output]).toEqual([0, ""]);
  const dist = join(project.directory, folder, "dist");
  return new Map(
    await Promise.all(
      (await readdir(dist)).map(
        async (name) => [name, await readFile(join(dist, name), "utf8")] as const,
      ),
    ),
  );
};
const gzippedBytesOf = (scripts: Iterable<string>): number =>
  [...scripts].reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
const scriptWithClient = `
  import { createClient } from "@sallyport/shared/client";
  const client = createClient({ baseUrl: "https://api.example.com" });
  void client.start().then(() => client.call("GET /sections"));
`;

test("what is packed are the built files, their sources, a README and the license, and no tests", async () => {
  expect(new Set(files.map((path) => path.split("/")[0]))).toEqual(
    new Set(["LICENSE", "README.md", "dist", "package.json", "src"]),
  );
  expect(files.filter((path) => path.includes(".test."))).toEqual([]);
  expect(await textOf("LICENSE")).toBe(await readFile(join(packageRoot, "../../LICENSE"), "utf8"));
});

test("what maps point to is in the package", async () => {
  const maps = files.filter((path) => path.endsWith(".map"));
  expect(maps.filter((path) => path.endsWith(".d.ts.map")).length).toBeGreaterThan(10);
  for (const path of maps) {
    const { sources } = JSON.parse(await textOf(path)) as { sources: readonly string[] };
    expect(sources).toHaveLength(1);
    expect(files).toContain(normalize(join(dirname(path), sources[0]!)));
  }
});

test("the README tells of every entry and of nothing else", async () => {
  const told = [...(await textOf("README.md")).matchAll(/^\| `([^`]+)`/gm)].map(
    ([, entry]) => entry,
  );
  expect(told).toHaveLength(entries().length);
  expect(new Set(told)).toEqual(new Set(entries()));
});

test("what the package depends on is written in words that every package manager knows", async () => {
  const { dependencies, peerDependencies } = JSON.parse(
    await textOf("package.json"),
  ) as InstalledProject["manifest"];
  for (const range of Object.values({ ...dependencies, ...peerDependencies }))
    expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
});

test("publint finds nothing, not even a suggestion", async () => {
  const tarball = Uint8Array.from(await readFile(project.tarball)).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("Are The Types Wrong finds nothing for those who use ES modules", async () => {
  const analysis = await checkPackage(
    createPackageFromTarballData(await readFile(project.tarball)),
  );
  if (!analysis.types) throw new Error("There are no types in the package.");
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(project.manifest.exports));
  // Its profile "esm-only": `require` gets ES modules, and what is older than `exports` gets
  // nothing.
  const problems = analysis.problems.filter(
    (problem) =>
      !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
  );
  expect(problems).toEqual([]);
});

test.each([
  ["nodenext", { module: "nodenext", moduleResolution: "nodenext" }],
  ["bundler", { module: "esnext", moduleResolution: "bundler" }],
])(
  "every entry has its types under %s resolution, libraries checked too",
  async (name, options) => {
    const compilerOptions = {
      ...options,
      target: "es2024",
      lib: ["es2024", "dom", "dom.iterable"],
      types: ["node"],
      jsx: "react-jsx",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    await project.write({
      [`types-${name}/tsconfig.json`]: JSON.stringify({ compilerOptions, include: ["."] }),
      [`types-${name}/every-entry.ts`]: entries()
        .map(
          (entry, index) =>
            `import * as entry${index} from "${entry}";\nexport const names${index}: readonly (keyof typeof entry${index})[] = [];\n`,
        )
        .join(""),
      [`types-${name}/client.ts`]: `
      import { ApiError, createClient, type Session } from "@sallyport/shared/client";
      const client = createClient({ baseUrl: "https://api.example.com" });
      export const session: Session = await client.signIn({ username: "mike", password: "a long password" });
      export const { sections } = session;
      const { items } = await client.call("GET /sections");
      export const titles: readonly string[] = items.map(({ title }) => title);
      // @ts-expect-error There is no such endpoint.
      await client.call("GET /nothing").catch((error: unknown) => error instanceof ApiError && error.code);
      // @ts-expect-error The section has to be named.
      await client.call("GET /sections/:slug", {});
    `,
    });
    const { output } = await project.run(`npx tsc -p types-${name}`);
    expect(output).toBe("");
  },
);

test("Node imports every entry, and its client reads what a server answers", async () => {
  await project.write({
    "every-entry.js": `
      import { createServer } from "node:http";
      const entries = ${JSON.stringify(entries())};
      const modules = await Promise.all(entries.map((entry) => import(entry)));
      const empty = entries.filter((_, index) => Object.keys(modules[index]).length === 0);
      const server = createServer((request, response) => {
        response.setHeader("x-request-id", "req_1");
        response.setHeader("content-type", "application/json").end(JSON.stringify({ status: "ok", path: request.url }));
      }).listen(0, "127.0.0.1", async () => {
        const { createClient } = await import("@sallyport/shared/client");
        const client = createClient({ baseUrl: "http://127.0.0.1:" + server.address().port, delivery: "bearer" });
        await client.start();
        console.log(JSON.stringify({ empty, answer: await client.call("GET /healthz") }));
        client.dispose();
        server.closeAllConnections();
        server.close();
      });
    `,
  });
  const { output } = await project.run("node every-entry.js");
  expect(JSON.parse(output)).toEqual({ empty: [], answer: { status: "ok", path: "/healthz" } });
});

test("the client costs a page less than 8.5 KB of script, gzipped", async () => {
  const scripts = await bundle("with-client", scriptWithClient);
  const names = [...scripts.keys()].filter((name) => name !== "main.js");
  const first = gzippedBytesOf([scripts.get("main.js")!]);
  const later = gzippedBytesOf(names.map((name) => scripts.get(name)!));
  process.stdout.write(
    `The client: ${first} bytes gzipped, and ${later} that are fetched once somebody wants to hear of changes on the server.\n`,
  );
  expect(first).toBeGreaterThan(4_000);
  expect(first).toBeLessThan(8_704);
  expect(later).toBeLessThan(2_048);
});

/** What a page fetches before anything runs: `main.js`, and what is imported from there. */
const fetchedFirst = (scripts: ReadonlyMap<string, string>): ReadonlySet<string> => {
  const names = new Set(["main.js"]);
  for (const name of names)
    for (const [, imported] of scripts.get(name)!.matchAll(/\b(?:from|import)\s*["`]\.\/([^"`]+)/g))
      names.add(imported!);
  return names;
};

test("the mock costs a page less than 127 KB of script beside MSW, gzipped", async () => {
  const scripts = await bundle(
    "mock-alone",
    `export { createMockApi } from "@sallyport/shared/mock";`,
    ["msw/http"],
  );
  const names = fetchedFirst(scripts);
  const isDocument = (name: string): boolean => /openapi/i.test(name);
  const bytesOf = (isMeant: (name: string) => boolean): number =>
    gzippedBytesOf([...scripts].filter(([name]) => isMeant(name)).map(([, script]) => script));
  const first = bytesOf((name) => names.has(name));
  const document = bytesOf((name) => !names.has(name) && isDocument(name));
  const administration = bytesOf((name) => !names.has(name) && !isDocument(name));
  process.stdout.write(
    `The mock: ${first} bytes gzipped; ${administration} that are fetched once somebody asks for administration, and ${document} for the OpenAPI document.\n`,
  );
  expect(first).toBeGreaterThan(50_000);
  expect(first).toBeLessThan(128_000);
  // It answers what the server does, by the same handlers.
  expect(administration).toBeGreaterThan(15_000);
  expect(administration).toBeLessThan(46_080);
  expect(document).toBeGreaterThan(5_000);
  expect(document).toBeLessThan(20_480);
});

test("with the client come neither schemas nor mocks nor the sample", async () => {
  const schemas = /zod|safeParse/i;
  const mocks = /msw|persona|scenario|passphrase/i;
  const client = [...(await bundle("client-only", scriptWithClient)).values()].join("\n");
  expect(client).toContain("https://api.example.com");
  expect(client).not.toMatch(schemas);
  expect(client).not.toMatch(mocks);
  const mock = [
    ...(
      await bundle(
        "with-mock",
        `import { createMockApi } from "@sallyport/shared/mock"; createMockApi({ baseUrl: "/api" });`,
      )
    ).values(),
  ].join("\n");
  expect(mock).toMatch(schemas);
  expect(mock).toMatch(mocks);
});

test("switching validation on is what brings the schemas", async () => {
  const scripts = await bundle(
    "with-validation",
    `
      import { createClient } from "@sallyport/shared/client";
      import { validateResponse } from "@sallyport/shared/validation";
      const client = createClient({ baseUrl: "https://api.example.com", validateResponse });
      void client.start().then(() => client.call("GET /sections"));
    `,
  );
  expect([...scripts.values()].join("\n")).toMatch(/safeParse/);
  expect(gzippedBytesOf(scripts.values())).toBeGreaterThan(20_000);
});
