import type { Command } from "commander";
import { withDependencies } from "./installation.ts";
import { asTyped, say } from "./terminal.ts";

const places = { bearer: "for programs", cookie: "in cookies" } as const;

export const addKeyCommands = (program: Command): void => {
  const keys = program.command("keys").description("signing keys");
  keys
    .command("rotate")
    .description("let the next signing keys sign from now on; nobody is signed out")
    .option("--leaked", "trust no key of before: all are replaced at once")
    .action((options: { leaked?: boolean }) =>
      withDependencies(async ({ keys: ring, now }) => {
        const rotated = await ring.rotate({ leaked: options.leaked ?? false });
        const waiting = rotated.filter(({ signsFrom }) => signsFrom > now());
        for (const { use, kid, signsFrom } of rotated)
          say(
            `Key ${kid} signs new access tokens ${places[use]}${signsFrom > now() ? ` from ${new Date(signsFrom).toISOString()} on` : ""}.`,
          );
        if (options.leaked)
          say("No key of before counts. A running API follows within the hour: restart it now.");
        else if (waiting.length > 0)
          say(
            `A key that is too new for verifiers to know it waits. If keys have leaked: ${asTyped("keys rotate --leaked")}`,
          );
        else say("A running API follows within the hour.");
      }),
    );
};
