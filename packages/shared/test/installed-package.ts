/**
 * The package as a project elsewhere has it: built and packed by `npm pack` from a copy of the
 * sources, and installed from the tarball with plain npm in a folder that is outside the workspace.
 * What the project uses beside it is linked to what the workspace has installed, so that nothing is
 * asked of a registry and versions are those of the lockfile.
 */
import { execFile } from "node:child_process";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject, vi } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Absent where no file but one needs the package. */
    readonly packingPlace?: string;
  }
}

export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const workspaceRoot = dirname(dirname(packageRoot));

export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** What a command printed, and how it ended: for the test to look at, whatever the exit code. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

export interface InstalledProject {
  readonly directory: string;
  /** The tarball that was installed. */
  readonly tarball: string;
  readonly manifest: Manifest;
  /** What commands find in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Writes files, by path within the project. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Runs a line as somebody would type it in the project's folder, or in a folder within. `npx`
   * finds what is installed and nothing else.
   */
  run(line: string, folder?: string): Promise<Outcome>;
  remove(): Promise<void>;
}

/**
 * Without what the runner of these tests has set for itself and for npm, whose own files are kept
 * in the folder.
 */
const environmentIn = (folder: string): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_.*|vitest.*|vite_.*|node_env|node_options|force_color|dev|prod|mode|test|ssr|base_url)$/i.test(
          name,
        ),
    ),
  ),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
  CI: "true",
  STORYBOOK_DISABLE_TELEMETRY: "1",
  npm_config_cache: join(folder, "npm-cache"),
  npm_config_userconfig: join(folder, "npmrc"),
  npm_config_update_notifier: "false",
  npm_config_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
});

const execute = (
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Outcome> =>
  new Promise((done) => {
    execFile(
      "sh",
      ["-c", line],
      { cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        done({
          exitCode: error ? (typeof error.code === "number" ? error.code : 1) : 0,
          output: stdout + stderr,
        });
      },
    );
  });

const succeed = async (
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<string> => {
  const { exitCode, output } = await execute(line, cwd, env);
  if (exitCode !== 0) throw new Error(`${line} failed:\n${output}`);
  return output;
};

/**
 * Builds and packs a copy: other tests may need `dist` of the package while this is under way.
 * @returns the tarball's path
 */
const packInto = async (
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> => {
  const copy = join(folder, "workspace", "packages", "shared");
  await mkdir(copy, { recursive: true });
  await cp(
    join(workspaceRoot, "tsconfig.base.json"),
    join(folder, "workspace", "tsconfig.base.json"),
  );
  for (const name of await readdir(packageRoot)) {
    if (!["node_modules", "dist", "test", ".turbo"].includes(name))
      await cp(join(packageRoot, name), join(copy, name), { recursive: true });
  }
  await symlink(join(packageRoot, "node_modules"), join(copy, "node_modules"));
  await succeed("npm pack --pack-destination ../../..", copy, environment);
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  if (tarballs.length !== 1) throw new Error(`npm pack left ${tarballs.length} tarballs.`);
  return join(folder, tarballs.join());
};

/**
 * Packs the package in a place that files of one run share, unless another has begun to; then that
 * one's tarball is waited for. @returns its path
 */
const packOnce = async (place: string): Promise<string> => {
  const outcome = join(place, "outcome.json");
  const isFirst = await mkdir(join(place, "begun")).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  if (!isFirst) {
    const told = await vi.waitFor(() => readFile(outcome, "utf8"), {
      timeout: 85_000,
      interval: 100,
    });
    const { tarball, failure } = JSON.parse(told) as { tarball?: string; failure?: string };
    if (tarball === undefined) throw new Error(failure);
    return tarball;
  }
  const tell = async (what: object): Promise<void> => {
    await writeFile(`${outcome}.new`, JSON.stringify(what));
    await rename(`${outcome}.new`, outcome);
  };
  try {
    const tarball = await packInto(place, environmentIn(place));
    await tell({ tarball });
    return tarball;
  } catch (error) {
    await tell({ failure: String(error) });
    throw error;
  }
};

const installInto = async (folder: string, tools: readonly string[]): Promise<InstalledProject> => {
  const directory = join(folder, "project");
  const manifest = JSON.parse(
    await readFile(join(packageRoot, "package.json"), "utf8"),
  ) as Manifest;
  const environment = environmentIn(folder);
  const place = inject("packingPlace");
  const tarball = place === undefined ? await packInto(folder, environment) : await packOnce(place);
  const linked = [...new Set([...Object.keys(manifest.dependencies), ...tools])].map((name) => [
    name,
    `file:${join(packageRoot, "node_modules", name)}`,
  ]);
  const dependencies = { [manifest.name]: `file:${tarball}`, ...Object.fromEntries(linked) };
  await mkdir(directory);
  await writeFile(
    join(directory, "package.json"),
    JSON.stringify({ name: "elsewhere", private: true, type: "module", dependencies }, null, 2),
  );
  await succeed("npm install", directory, environment);
  return {
    directory,
    tarball,
    manifest,
    environment,
    write: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), text);
      }
    },
    run: (line, inside = ".") => execute(line, join(directory, inside), environment),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

/**
 * @param tools packages that the project has beside `@sallyport/shared`, as they are installed for
 * its tests; what the
 *   tarball depends on is always there
 */
export async function installPackage(tools: readonly string[]): Promise<InstalledProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "sallyport-packed-")));
  try {
    return await installInto(folder, tools);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
