/**
 * The package as a project elsewhere has it: built and packed by `npm pack` from a copy of the sources, and installed
 * from the tarball with plain npm in a folder that is outside the workspace. What the project uses beside it is linked
 * to what the workspace has installed, so that nothing is asked of a registry and versions are those of the lockfile.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const workspaceRoot = dirname(dirname(packageRoot));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** What a program printed, and how it ended. It is given to the test to look at, whatever the exit code. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

export interface InstalledProject {
  readonly directory: string;
  /** The tarball that was installed. */
  readonly tarball: string;
  readonly manifest: Manifest;
  /** Writes files, by path within the project. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs a program of an installed package, `vite build` for example, or `node`. */
  run(program: string, args: readonly string[], options?: { readonly folder?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Outcome>;
  remove(): Promise<void>;
}

/** Without what the runner of these tests has set for itself and for npm. */
const cleanEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|vitest|node_env$|node_options$|vite_|dev$|prod$|mode$|test$|ssr$|base_url$)/i.test(name))),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
  CI: "true",
});

const execute = (command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  new Promise((done) => {
    execFile(command, [...args], { cwd, env: { ...cleanEnvironment(), ...env }, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === "number" ? error.code : 1) : 0;
      done({ exitCode, output: `${stdout}${stderr}${error && stdout === "" && stderr === "" ? error.message : ""}` });
    });
  });

const succeed = async (outcome: Promise<Outcome>, what: string): Promise<string> => {
  const { exitCode, output } = await outcome;
  if (exitCode !== 0) throw new Error(`${what} failed:\n${output}`);
  return output;
};

/** Builds and packs a copy: other tests may need `dist` of the package while this is under way. */
const packInto = async (folder: string): Promise<string> => {
  const copy = join(folder, "workspace", "packages", "shared");
  await mkdir(copy, { recursive: true });
  await cp(join(workspaceRoot, "tsconfig.base.json"), join(folder, "workspace", "tsconfig.base.json"));
  for (const name of await readdir(packageRoot)) {
    if (!["node_modules", "dist", "test", ".turbo"].includes(name)) await cp(join(packageRoot, name), join(copy, name), { recursive: true });
  }
  await symlink(join(packageRoot, "node_modules"), join(copy, "node_modules"));
  const output = await succeed(
    execute("npm", ["pack", "--json", "--pack-destination", folder], copy, {
      npm_config_cache: join(folder, "npm-cache"),
    }),
    "npm pack",
  );
  const tarball = /"filename":\s*"([^"]+\.tgz)"/.exec(output)?.[1];
  if (tarball === undefined) throw new Error(`npm pack named no tarball:\n${output}`);
  return join(folder, tarball);
};

/**
 * @param tools packages that the project has beside `@sallyport/shared`, as they are installed for its tests; what the
 *   tarball depends on is always there
 */
export async function installPackage(tools: readonly string[]): Promise<InstalledProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "sallyport-packed-")));
  const directory = join(folder, "project");
  const manifest = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as Manifest;
  const tarball = await packInto(folder);
  await mkdir(directory);
  const linked = [...new Set([...Object.keys(manifest.dependencies), ...tools])].map((name) => [name, `file:${join(packageRoot, "node_modules", name)}`]);
  const dependencies = { [manifest.name]: `file:${tarball}`, ...Object.fromEntries(linked) };
  await writeFile(join(directory, "package.json"), JSON.stringify({ name: "elsewhere", private: true, type: "module", dependencies }, null, 2));
  await succeed(
    execute("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-install-links"], directory, { npm_config_cache: join(folder, "npm-cache") }),
    "npm install",
  );
  return {
    directory,
    tarball,
    manifest,
    write: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), text);
      }
    },
    run: (program, args, { folder: inside = ".", env } = {}) =>
      execute(program === "node" ? process.execPath : join(directory, "node_modules", ".bin", program), args, join(directory, inside), env),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
