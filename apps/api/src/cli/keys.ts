import type { Command } from "commander";
import { withDependencies } from "./installation.ts";
import { say } from "./terminal.ts";

export const addKeyCommands = (program: Command): void => {
  const keys = program.command("keys").description("signing keys");
  keys
    .command("rotate")
    .description("let the next signing key sign from now on; nobody is signed out")
    .action(() => withDependencies(async ({ keys: ring }) => say(`Key ${await ring.rotate()} signs new access tokens. A running API follows within the hour.`)));
};
