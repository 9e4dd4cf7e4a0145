/** What the tool says and asks, and how it ends when something is wrong. */
import { argv, stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ConfigError } from "../config.ts";
import { AppError } from "@sallyport/shared/core";

/** Ends the process with words that say what is wrong and how to mend it. */
export class Stop extends Error {}

/**
 * How a command of the tool is typed, by whoever started this process: nothing puts a `sallyport`
 * into anybody's path.
 */
export const asTyped = (command: string): string =>
  process.env["npm_lifecycle_event"] === undefined
    ? `node ${argv[1] ?? "dist/main.js"} ${command}`
    : `npm run sallyport -- ${command}`;

/**
 * A file's header and other people's names are shown as well: a control character in them is
 * written out, and is no order to the terminal.
 */
export const printable = (text: string): string =>
  text.replaceAll(
    /(?![\t\n])\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export const say = (text: string): void => void stdout.write(`${printable(text)}\n`);

const describeError = (error: unknown): string => {
  if (error instanceof ConfigError)
    return `Sallyport does not start, because of its settings:\n${error.message.replaceAll(/^/gm, "  ")}\nList them all with: ${asTyped("settings")}`;
  if (error instanceof AppError)
    return [
      error.message,
      ...(error.members.errors ?? [])
        .filter((issue) => !error.message.includes(issue.detail))
        .map((issue) => `${issue.pointer}: ${issue.detail}`),
    ].join("\n");
  return error instanceof Stop
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
};

/** What a person is told of an error that ended their command. */
export const explain = (error: unknown): string => printable(describeError(error));

/** Asks for a password without showing it; from a pipe, takes the first line. */
export const askPassword = async (question: string): Promise<string> => {
  let muted = false;
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!muted) stdout.write(chunk);
      done();
    },
  });
  const prompt = createInterface({ input: stdin, output, terminal: stdin.isTTY });
  try {
    if (stdin.isTTY) {
      const answer = prompt.question(question);
      muted = true;
      return await answer;
    }
    for await (const line of prompt) return line;
    throw new Stop(
      "No password: type one when asked, or send it as the first line of standard input.",
    );
  } finally {
    prompt.close();
    if (muted) say("");
  }
};
