/**
 * A process that does one command of the tool after another, for `tool.ts`: to start takes longer
 * than most of them. Of what `main.ts` does, it does all but end with the command.
 */
import { syncBuiltinESMExports } from "node:module";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createProgram, runProgram } from "../src/cli/program.ts";
import { explain } from "../src/cli/terminal.ts";

export interface Order {
  readonly line: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
  /** Written to both outputs once the command is over. */
  readonly end: string;
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super();
    this.code = code;
  }
}

const serve = (): Promise<void> =>
  Promise.reject(new Error("A server is a process of its own: start it with start."));

const codeOf = async ({ line, environment, input }: Order): Promise<number> => {
  process.env = { ...environment };
  const stdin = Readable.from(input === "" ? [] : [Buffer.from(input)], { objectMode: false });
  Object.defineProperty(process, "stdin", { value: stdin, configurable: true });
  syncBuiltinESMExports();
  try {
    await runProgram(createProgram(serve), line);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
};

process.umask(0o077);
process.argv[1] = fileURLToPath(new URL("../src/main.ts", import.meta.url));
process.exit = (code) => {
  throw new Exit(Number(code ?? 0));
};
process.on("message", (order: Order) => {
  void codeOf(order).then((code) => {
    process.stdout.write(order.end);
    process.stderr.write(order.end);
    process.send?.(code);
  });
});
