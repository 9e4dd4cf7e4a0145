import type { Command } from "commander";
import { usernameKey } from "@sallyport/shared/core";
import { changeGrant } from "@sallyport/shared/handlers";
import { chance } from "../tokens/chance.ts";
import { withDependencies } from "./installation.ts";
import { say, Stop } from "./terminal.ts";

export const addGrantCommands = (program: Command): void => {
  const grants = program.command("grants").description("who may see which section");
  for (const [name, add] of [
    ["add", true],
    ["remove", false],
  ] as const) {
    const command = grants
      .command(name)
      .description(add ? "let a user or a role see a section" : "take a grant away")
      .option("--user <name>", "user name")
      .option("--role <name>", "role name")
      .requiredOption("--section <slug>", "slug of the section, or _all_ for every one")
      .action(
        async (options: { user?: string; role?: string; section: string; until?: string }) => {
          const { user, role, section } = options;
          const expiresAt = options.until === undefined ? null : Date.parse(options.until);
          if (Number.isNaN(expiresAt))
            throw new Stop("Write --until as a time, such as 2027-01-31T17:00:00Z.");
          if ((user === undefined) === (role === undefined))
            throw new Stop("Name either --user or --role.");
          const subject =
            user === undefined ? { role: role as string } : { username: usernameKey(user) };
          await withDependencies(async (dependencies) => {
            if (expiresAt !== null && expiresAt <= dependencies.now())
              throw new Stop("Name a time with --until that is still to come.");
            const change = { add, subject, section, expiresAt };
            const outcome = await changeGrant({ ...dependencies, chance }, change, "command line");
            const holder = user === undefined ? `Role ${role}` : `User ${user}`;
            if (outcome === "noHolder") throw new Stop(`${holder} does not exist.`);
            if (outcome === "noSection") throw new Stop(`Section ${section} does not exist.`);
            if (outcome === "unchanged")
              say(add ? `${holder} has that grant already.` : `${holder} has no such grant.`);
            else
              say(
                `${holder} ${add ? "may now see" : "has lost the grant of"} ${section === "_all_" ? "every section" : `the section ${section}`}${expiresAt === null ? "" : `, until ${new Date(expiresAt).toISOString()}`}. In force from the next request.`,
              );
          });
        },
      );
    if (add)
      command.option("--until <time>", "when the grant ends, such as 2027-01-31T17:00:00Z; never");
  }
};
