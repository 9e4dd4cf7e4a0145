import { renameSync, rmSync, writeFileSync } from "node:fs";
import { stdout } from "node:process";
import type { Command } from "commander";
import { contract } from "@sallyport/shared/contract";
import type { Dependencies } from "../dependencies.ts";
import { inPlainWords, issuesOf, setupLinkLifeMinutes } from "@sallyport/shared/core";
import { addAdmin, createSetupToken } from "@sallyport/shared/handlers";
import { setupLinkFile } from "../installation/setup-link.ts";
import { chance, digests } from "../tokens/chance.ts";
import { withDependencies } from "./installation.ts";
import { askPassword, asTyped, say, Stop } from "./terminal.ts";

/** The same rules as for the setup link. */
const newAdmin = contract["POST /setup"].body.pick({
  username: true,
  displayName: true,
  email: true,
});

/**
 * The setup link on the terminal, where only the person in front of it reads; otherwise in a file
 * that only its owner can read.
 */
export const offerSetupLink = async ({ stores, config, now }: Dependencies): Promise<void> => {
  const file = setupLinkFile(config);
  // Never an old link beside a new one.
  rmSync(file, { force: true });
  const link = `${config.webUrl}/setup#token=${await createSetupToken({ stores, chance, digests, now })}`;
  if (stdout.isTTY) {
    say(
      `\nThere is no admin yet. Create the first one here, within ${setupLinkLifeMinutes} minutes:\n\n  ${link}\n`,
    );
    return;
  }
  // Anew each time, since a mode applies only to a file that is made; and under a name of its own
  // until it is whole, since another process may do the same at this moment.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${link}\n`, { mode: 0o600, flag: "wx" });
  renameSync(unfinished, file);
  say(
    `There is no admin yet. The link to create the first one is in ${file}, for ${setupLinkLifeMinutes} minutes.`,
  );
};

export const addAdminCommands = (program: Command): void => {
  const admin = program.command("admin").description("admins");
  admin
    .command("create")
    .description("create an admin; the password is asked for, or read from standard input")
    .requiredOption("--username <name>", "user name")
    .requiredOption("--email <address>", "e-mail address")
    .option("--display-name <name>", "name to show (default: the user name)")
    .action(async (options: { username: string; email: string; displayName?: string }) => {
      const password = await askPassword("Password: ");
      await withDependencies(async (dependencies) => {
        const given = {
          username: options.username,
          email: options.email,
          displayName: options.displayName ?? options.username,
        };
        const named = newAdmin.safeParse(given, inPlainWords);
        if (!named.success)
          throw new Stop(
            issuesOf("", given, named.error)
              .map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`)
              .join("\n"),
          );
        const id = await addAdmin(
          { ...dependencies, chance, digests },
          { ...named.data, password },
          { setupToken: null, audit: {} },
        );
        say(`Admin ${named.data.username} created (${id}).`);
      });
    });

  program
    .command("setup-link")
    .description("make a new link for creating the first admin")
    .action(() =>
      withDependencies(async (dependencies) => {
        if (await dependencies.stores.users.hasAdmin())
          throw new Stop(
            `There is an admin already, so a setup link would not work. Make another admin with: ${asTyped("admin create")}`,
          );
        await offerSetupLink(dependencies);
      }),
    );
};
