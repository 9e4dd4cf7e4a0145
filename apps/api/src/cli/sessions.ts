import type { Command } from "commander";
import { keepDeadSessionsMilliseconds } from "../dependencies.ts";
import { withDependencies } from "./installation.ts";
import { say } from "./terminal.ts";

export const addSessionCommands = (program: Command): void => {
  const sessions = program.command("sessions").description("sessions");
  sessions
    .command("purge")
    .description("delete the sessions that ended more than 30 days ago")
    .action(() =>
      withDependencies(async ({ stores, now }) => {
        const purged = await stores.sessions.purge(now() - keepDeadSessionsMilliseconds);
        say(`${purged} ${purged === 1 ? "session" : "sessions"} purged.`);
      }),
    );
};
