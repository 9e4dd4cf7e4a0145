/** The command-line tool as a child of the test. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import { quickStart } from "./api-process.ts";
import type { Order } from "./tool-process.ts";

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
const flags = [
  "--import",
  quickStart,
  "--conditions=sallyport-source",
  "--disable-warning=ExperimentalWarning",
  ...withoutCompilerThreads,
];

/** Starts a process that does one command, or serves. */
export const start = (
  arguments_: readonly string[],
  environment: Record<string, string>,
  { cwd, program = main }: { cwd?: string; program?: string } = {},
): { child: ChildProcess; outcome: Promise<Outcome>; said(text: string): Promise<void> } => {
  const child = spawn(process.execPath, [...flags, program, ...arguments_], {
    ...(cwd !== undefined && { cwd }),
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
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

/** A process that does one command after another. */
const startToolProcess = () => {
  const child = fork(fileURLToPath(new URL("./tool-process.ts", import.meta.url)), {
    execArgv: flags,
    env: {},
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const written = { stdout: "", stderr: "" };
  const arrives = new EventEmitter();
  for (const output of ["stdout", "stderr"] as const)
    child[output]?.setEncoding("utf8").on("data", (text: string) => {
      written[output] += text;
      arrives.emit(output);
    });
  const dies = once(child, "exit").then(() => {
    throw new Error(`The process of the tool has ended: ${JSON.stringify(written)}`);
  });
  dies.catch(() => {});
  const take = async (output: "stdout" | "stderr", end: string): Promise<string> => {
    while (!written[output].endsWith(end)) await once(arrives, output);
    const text = written[output].slice(0, -end.length);
    written[output] = "";
    return text;
  };
  return {
    child,
    run: (order: Order): Promise<Outcome> => {
      const over = Promise.all([
        once(child, "message"),
        take("stdout", order.end),
        take("stderr", order.end),
      ]);
      child.send(order);
      return Promise.race([
        over.then(([[code], stdout, stderr]) => ({ code: code as number, stdout, stderr })),
        dies,
      ]);
    },
  };
};
let toolProcess: ReturnType<typeof startToolProcess> | undefined;
afterAll(() => void toolProcess?.child.kill("SIGKILL"));
let earlier: Promise<unknown> = Promise.resolve();
const runAfterEarlier = (order: Order): Promise<Outcome> => {
  const outcome = earlier.then(() => (toolProcess ??= startToolProcess()).run(order));
  earlier = outcome.catch(() => {});
  return outcome;
};

/**
 * Runs a command to its end, on a data directory, after those that were asked for before. A server
 * has a process of its own, and so has a command where `ownProcess` says so.
 */
export const run = (
  directory: string,
  arguments_: readonly string[],
  {
    input = "",
    environment = {},
    ownProcess = arguments_[0] === "serve",
  }: { input?: string; environment?: Record<string, string>; ownProcess?: boolean } = {},
): Promise<Outcome> => {
  const whole = { SALLYPORT_DATA_DIR: directory, ...environment };
  if (!ownProcess)
    return runAfterEarlier({
      line: arguments_,
      environment: whole,
      input,
      end: `${randomUUID()}\n`,
    });
  const { child, outcome } = start(arguments_, whole);
  child.stdin?.end(input);
  return outcome;
};
