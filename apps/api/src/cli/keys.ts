import type { Command } from "commander";
import { withDependencies } from "./installation.ts";
import { say } from "./terminal.ts";

export const addKeyCommands = (program: Command): void => {
  const keys = program.command("keys").description("signing keys");
  keys
    .command("rotate")
    .description("let the next signing key sign from now on; nobody is signed out")
    .option("--leaked", "trust no key of before: all are replaced at once")
    .action((options: { leaked?: boolean }) =>
      withDependencies(async ({ keys: ring, now }) => {
        const { kid, signsFrom } = await ring.rotate({ leaked: options.leaked ?? false });
        if (options.leaked)
          say(
            `Key ${kid} signs new access tokens, and no key of before counts. A running API follows within the hour: restart it now.`,
          );
        else if (signsFrom <= now())
          say(`Key ${kid} signs new access tokens. A running API follows within the hour.`);
        else
          say(
            `Key ${kid} signs new access tokens from ${new Date(signsFrom).toISOString()} on: it is too new for verifiers to know it. If keys have leaked: sallyport keys rotate --leaked`,
          );
      }),
    );
};
