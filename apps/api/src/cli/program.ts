/** The commands that the program takes. */
import { Command } from "commander";
import { describeSettings, type Config } from "../config.ts";
import { version } from "../version.ts";
import { addAdminCommands } from "./admins.ts";
import { addDatasetCommands } from "./datasets.ts";
import { addGrantCommands } from "./grants.ts";
import { explainingStorage, readConfig } from "./installation.ts";
import { addKeyCommands } from "./keys.ts";
import { addMailCommands } from "./mail.ts";
import { addSectionCommands } from "./sections.ts";
import { addSessionCommands } from "./sessions.ts";
import { asTyped, say } from "./terminal.ts";
import { addUserCommands } from "./users.ts";

/** @param serve runs the API until it is told to stop */
export const createProgram = (serve: (config: Config) => Promise<void>): Command => {
  const program = new Command("sallyport")
    .description(
      `A team's dashboards behind one sign-in. Settings come from the environment: see \`${asTyped("settings")}\`.`,
    )
    .version(version);
  program
    .command("serve")
    .description("run the API")
    .action(() => {
      const config = readConfig();
      return explainingStorage(config, () => serve(config));
    });
  addAdminCommands(program);
  addUserCommands(program);
  addSectionCommands(program);
  addDatasetCommands(program);
  addSessionCommands(program);
  addGrantCommands(program);
  addKeyCommands(program);
  addMailCommands(program);
  program
    .command("settings")
    .description("list every setting with its meaning and default")
    .action(() => say(describeSettings()));
  return program;
};

/** Does what the line says, and without a command says which there are. */
export const runProgram = async (program: Command, line: readonly string[]): Promise<void> => {
  // Who names no command wants to know which there are.
  if (line.length === 0) program.outputHelp();
  else await program.parseAsync(line, { from: "user" });
};
