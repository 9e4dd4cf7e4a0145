/**
 * The client as one file that a page loads as it is, without a bundler: `dist/browser/client.js`.
 * `node build/browser-client.ts [folder]` builds it.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, minify, type Rolldown } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Writes the client into `file`: an ES module that imports nothing. */
export const buildBrowserClient = async (file: string): Promise<void> => {
  const built = await build({
    configFile: false,
    root,
    logLevel: "warn",
    resolve: { conditions: ["sallyport-source", "browser", "import", "default"] },
    build: {
      write: false,
      target: "es2024",
      lib: { entry: "src/client/client.ts", formats: ["es"] },
      // The code that follows the server's events, too: apart, it would have to be copied along.
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const chunks = [built].flat().flatMap((output) => (output as Rolldown.RolldownOutput).output);
  const [chunk] = chunks;
  if (chunk?.type !== "chunk" || chunks.length !== 1 || chunk.imports.length > 0)
    throw new Error("The client does not fit into one file.");
  // A library's own build keeps its lines, for bundlers to read; nobody bundles this one.
  const { code, errors } = await minify("client.js", chunk.code, { module: true });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  const { name, version, license } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  ) as Record<string, string>;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `/*! ${name}/client ${version}, ${license} licence */\n${code}\n`);
};

if (import.meta.main)
  await buildBrowserClient(join(process.argv[2] ?? join(root, "dist/browser"), "client.js"));
