import type { Command } from "commander";
import { contract } from "@sallyport/shared/contract";
import { AppError, inPlainWords, issuesOf, type UserPlace } from "@sallyport/shared/core";
import { addPeople, commandLine, refusePerson, resetPassword } from "@sallyport/shared/handlers";
import type { Dependencies } from "../dependencies.ts";
import { chance, digests } from "../tokens/chance.ts";
import { withDependencies } from "./installation.ts";
import { say, Stop } from "./terminal.ts";

const pageSize = 500;
const means = (dependencies: Dependencies) => ({
  ...dependencies,
  chance,
  digests,
  webUrl: dependencies.config.webUrl,
});

const tellLink = (
  about: string,
  { link, linkExpiresAt }: { link: string; linkExpiresAt: string },
) => say(`${about} The password is chosen here, once, until ${linkExpiresAt}:\n\n  ${link}\n`);

/** By their names, as people call them. */
const roleIdsOf = async (
  { stores }: Dependencies,
  names: readonly string[],
): Promise<readonly string[]> => {
  const roles = await stores.roles.list();
  return names.map((wanted) => {
    const role = roles.find(({ name }) => name === wanted);
    if (!role)
      throw new Stop(
        `There is no role ${wanted}. There are: ${roles.map(({ name }) => name).join(", ")}.`,
      );
    return role.id;
  });
};

export const addUserCommands = (program: Command): void => {
  const users = program.command("users").description("people");
  users
    .command("list")
    .description("list the people, with their roles and whether they can sign in")
    .option("--search <text>", "only those with this in their name or address")
    .action(({ search }: { search?: string }) =>
      withDependencies(async ({ stores }) => {
        const filter = { text: search?.toLowerCase() ?? null, roleId: null, active: null };
        const order = { by: "username", descending: false } as const;
        for (let after: UserPlace | null = null; ;) {
          const { items } = await stores.users.list(filter, order, after, pageSize);
          for (const { user, isIn } of items)
            say(
              [
                user.username,
                user.displayName,
                user.email ?? "-",
                isIn.map(({ name }) => name).join(",") || "-",
                user.active ? (user.passwordHash === null ? "no password" : "active") : "inactive",
              ].join("\t"),
            );
          const last = items.at(-1);
          if (last === undefined || items.length < pageSize) return;
          after = last.place;
        }
      }),
    );

  users
    .command("create")
    .description("add a person, and make the link on which they choose their password")
    .requiredOption("--username <name>", "user name")
    .option("--display-name <name>", "name to show (default: the user name)")
    .option("--email <address>", "e-mail address")
    .option("--role <name...>", "role that they are in; may be given several times")
    .action(
      (options: { username: string; displayName?: string; email?: string; role?: string[] }) =>
        withDependencies(async (dependencies) => {
          const given = {
            username: options.username,
            displayName: options.displayName ?? options.username,
            ...(options.email !== undefined && { email: options.email }),
            roleIds: await roleIdsOf(dependencies, options.role ?? []),
          };
          const parsed = contract["POST /users"].body.safeParse(given, inPlainWords);
          if (!parsed.success)
            throw new Stop(
              issuesOf("", given, parsed.error)
                .map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`)
                .join("\n"),
            );
          const { username, displayName, email = null, roleIds = [] } = parsed.data;
          const [added] = await addPeople(
            means(dependencies),
            [{ username, displayName, email, roleIds }],
            () => commandLine,
            refusePerson,
            { detail: { by: "command line" } },
          );
          if (added) tellLink(`${added.username} was added.`, added.link);
        }),
    );

  users
    .command("reset-password")
    .description("make a link on which a person chooses a password; links of before stop")
    .argument("<username>", "user name")
    .action((username: string) =>
      withDependencies(async (dependencies) => {
        try {
          const link = await resetPassword(means(dependencies), username);
          tellLink(`The password of ${username} stays good until another is chosen.`, link);
        } catch (error) {
          if (error instanceof AppError && error.code === "not_found")
            throw new Stop(`There is no user ${username}.`, { cause: error });
          throw error;
        }
      }),
    );
};
