/** The command-line tool as a child of the test. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const api = fileURLToPath(new URL("..", import.meta.url));
const main = join(api, "src", "main.ts");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Node can hang for ever at the end of a process when a compiler thread still waits for the main
 * one (github.com/nodejs/node/issues/54918): once in some thousand short runs. `npm run sallyport`
 * has the same flags.
 */
const withoutCompilerThreads = ["--no-concurrent-recompilation", "--no-concurrent-sparkplug"];

export const start = (
  arguments_: readonly string[],
  environment: Record<string, string>,
  { cwd, program = main }: { cwd?: string; program?: string } = {},
): { child: ChildProcess; outcome: Promise<Outcome>; said(text: string): Promise<void> } => {
  const child = spawn(
    process.execPath,
    [
      "--conditions=sallyport-source",
      "--disable-warning=ExperimentalWarning",
      ...withoutCompilerThreads,
      program,
      ...arguments_,
    ],
    {
      ...(cwd !== undefined && { cwd }),
      env: { NODE_COMPILE_CACHE: join(tmpdir(), "sallyport-compile-cache"), ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const outcome = once(child, "close").then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  const said = async (text: string): Promise<void> => {
    while (!stdout.includes(text))
      if ((await Promise.race([once(child.stdout, "data"), outcome.then(() => null)])) === null)
        throw new Error(`It ended without saying ${JSON.stringify(text)}: ${stdout}${stderr}`);
  };
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, outcome, said };
};

export const createDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-command-line-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
/** Runs a command to its end, on a data directory. */
export const run = (
  directory: string,
  arguments_: readonly string[],
  { input = "", environment = {} }: { input?: string; environment?: Record<string, string> } = {},
): Promise<Outcome> => {
  const { child, outcome } = start(arguments_, { SALLYPORT_DATA_DIR: directory, ...environment });
  child.stdin?.end(input);
  return outcome;
};
