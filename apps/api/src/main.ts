#!/usr/bin/env node
/** The process: the only file that knows the environment, signals, ports and the terminal. */
import { rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { Command } from "commander";
import { pino } from "pino";
import { contract } from "@sallyport/shared/contract";
import { createApp } from "./app.ts";
import { ConfigError, describeSettings, parseConfig, type Config } from "./config.ts";
import { createDependencies, keepDeadSessionsMilliseconds, type Dependencies } from "./dependencies.ts";
import { AppError } from "./http/errors.ts";
import { answerUnadaptable, answerUnreadable } from "./http/unreadable-requests.ts";
import { createAdmin, createSetupToken, setupLinkLifeMinutes } from "./users/create-admin.ts";
import { usernameKey } from "./users/usernames.ts";

/** The same rules as for the setup link. */
const newAdmin = contract["POST /setup"].body.pick({ username: true, displayName: true, email: true });

const hour = 60 * 60 * 1000;
/** For the requests under way; then their connections are closed. Half of what Docker and `npm start` wait before they kill. */
const shutdownMilliseconds = 5_000;

const say = (text: string): void => void stdout.write(`${text}\n`);

/** Ends the process with words that say what is wrong and how to mend it. */
class Stop extends Error {}

/** A relative directory is meant from where the user stands; npm and pnpm run a script elsewhere, and say where that was. */
const readConfig = (): Config => {
  const config = parseConfig(process.env);
  return { ...config, dataDirectory: resolve(process.env["INIT_CWD"] ?? "", config.dataDirectory) };
};

const broken = "Restore it from a backup, or move it and its -wal and -shm files away to begin with an empty one.";

/** What is wrong with the disk, where, and how to mend it; null for anything else. */
const explainStorage = (error: unknown, config: Config): string | null => {
  if (!(error instanceof Error)) return null;
  const { dataDirectory } = config;
  const database = config.databaseFile ?? join(dataDirectory, "sallyport.db");
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return `The database ${database} is damaged, or is no SQLite database (${error.message}). ${broken}`;
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code) || (error instanceof TypeError && error.message.startsWith("Cannot open database")))
    return `The database ${database} cannot be opened for writing (${error.message}). Its directory must exist, and it, its directory and its -wal and -shm files must be writable for the user that runs Sallyport.`;
  if (/^SQLITE_(FULL|IOERR)/.test(code)) return `The disk failed under the database ${database} (${error.message}). Look for free space on it and for errors in the system's log.`;
  if (syscall !== undefined && ["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "EISDIR", "ENOSPC", "EDQUOT"].includes(code))
    return `The data directory ${dataDirectory} cannot be used (${error.message}). Make it a directory with free space that the user who runs Sallyport may write to, or name another one in SALLYPORT_DATA_DIR.`;
  return explainStorage(error.cause, config);
};

const explainingStorage = async <T>(config: Config, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const explanation = explainStorage(error, config);
    throw explanation === null ? error : new Stop(explanation, { cause: error });
  }
};

const withDependencies = (work: (dependencies: Dependencies) => Promise<void>): Promise<void> => {
  const config = { ...readConfig(), sampleData: false };
  return explainingStorage(config, async () => {
    // A tool's output is for people: what it does is in the audit trail, and the log is the server's.
    const dependencies = await createDependencies(config, { log: pino({ level: "warn" }) });
    try {
      await work(dependencies);
    } finally {
      await dependencies.close();
    }
  });
};

const setupLinkFile = (config: Config): string => join(config.dataDirectory, "setup-link");

/** The setup link on the terminal, where only the person in front of it reads; otherwise in a file that only its owner can read. */
const offerSetupLink = async ({ store, config, now }: Dependencies): Promise<void> => {
  const file = setupLinkFile(config);
  // Anew each time: a mode applies only to a file that is made. And never an old link beside a new one.
  rmSync(file, { force: true });
  const link = `${config.webOrigins[0] ?? config.publicUrl}/setup#token=${await createSetupToken(store, now())}`;
  if (stdout.isTTY) {
    say(`\nThere is no admin yet. Create the first one here, within ${setupLinkLifeMinutes} minutes:\n\n  ${link}\n`);
    return;
  }
  writeFileSync(file, `${link}\n`, { mode: 0o600, flag: "wx" });
  say(`There is no admin yet. The link to create the first one is in ${file}, for ${setupLinkLifeMinutes} minutes.`);
};

const runServer = async (config: Config): Promise<void> => {
  const dependencies = await createDependencies(config);
  const { log, store } = dependencies;
  const app = createApp(dependencies);
  const mode = statSync(config.dataDirectory).mode & 0o777;
  if ((mode & 0o077) !== 0)
    log.warn({ dataDirectory: config.dataDirectory, mode: mode.toString(8) }, "the data directory is open to other users of this machine; close it with: chmod 700");

  const listener = getRequestListener(app.fetch, { hostname: config.host, autoCleanupIncoming: true, errorHandler: answerUnadaptable });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  server.on("clientError", answerUnreadable);
  server.listen(config.port, config.host);
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (error: NodeJS.ErrnoException) => {
      const place = `${config.host}:${config.port}`;
      if (error.code === "EADDRINUSE") reject(new Stop(`Port ${config.port} is taken: something else listens on ${place}. Stop it, or set SALLYPORT_PORT to a free port.`));
      else if (error.code === "EACCES") reject(new Stop(`Listening on ${place} is not permitted. Set SALLYPORT_PORT to a port above 1023.`));
      else reject(new Stop(`Listening on ${place} failed: ${error.message}. Check SALLYPORT_HOST and SALLYPORT_PORT.`));
    });
  });
  log.info({ host: config.host, port: config.port, publicUrl: config.publicUrl, cookieMode: config.cookieMode }, "listening");
  if (!(await store.hasAdmin())) await offerSetupLink(dependencies);

  const maintain = async (): Promise<void> => {
    try {
      await dependencies.maintain();
      // A spent link is worth nothing, but whoever finds it cannot know.
      if (await store.hasAdmin()) rmSync(setupLinkFile(config), { force: true });
    } catch (error) {
      log.error({ err: error }, "maintenance failed");
    }
  };
  const maintenance = setInterval(() => void maintain(), hour);
  void maintain();

  const shutDown = (signal: string): void => {
    log.info({ signal }, "shutting down");
    dependencies.beginShutdown();
    clearInterval(maintenance);
    const overdue = setTimeout(() => {
      log.warn("requests are still under way; their connections are closed");
      server.closeAllConnections();
    }, shutdownMilliseconds);
    // Should closing hang as well.
    setTimeout(() => process.exit(1), shutdownMilliseconds + 3_000).unref();
    // Requests under way are answered. Connections are closed as they fall idle, since a proxy would keep its own for ever.
    server.close(() => {
      void dependencies.close().then(() => {
        clearTimeout(overdue);
        log.info("stopped");
        log.flush(() => process.exit(0));
      });
    });
    setInterval(() => server.closeIdleConnections(), 50).unref();
  };
  process.once("SIGTERM", shutDown);
  process.once("SIGINT", shutDown);
};

/** Asks for a password without showing it; from a pipe, takes the first line. */
const askPassword = async (question: string): Promise<string> => {
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
    throw new Stop("No password: type one when asked, or send it as the first line of standard input.");
  } finally {
    prompt.close();
    if (muted) say("");
  }
};

const addCommands = (program: Command): void => {
  program
    .command("serve", { isDefault: true })
    .description("run the API")
    .action(() => {
      const config = readConfig();
      return explainingStorage(config, () => runServer(config));
    });

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
        const named = newAdmin.safeParse({ username: options.username, email: options.email, displayName: options.displayName ?? options.username });
        if (!named.success) throw new Stop(named.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"));
        const id = await createAdmin(dependencies, { ...named.data, password }, { setupToken: null, audit: {} });
        say(`Admin ${named.data.username} created (${id}).`);
      });
    });

  program
    .command("setup-link")
    .description("make a new link for creating the first admin")
    .action(() =>
      withDependencies(async (dependencies) => {
        if (await dependencies.store.hasAdmin()) throw new Stop("There is an admin already, so a setup link would not work. Make another admin with: sallyport admin create");
        await offerSetupLink(dependencies);
      }),
    );

  const sessions = program.command("sessions").description("sessions");
  sessions
    .command("purge")
    .description("delete the sessions that ended more than 30 days ago")
    .action(() =>
      withDependencies(async ({ store, now }) => {
        const purged = await store.purgeSessions(now() - keepDeadSessionsMilliseconds);
        say(`${purged} ${purged === 1 ? "session" : "sessions"} purged.`);
      }),
    );

  const grants = program.command("grants").description("who may see which section");
  for (const [name, add] of [
    ["add", true],
    ["remove", false],
  ] as const)
    grants
      .command(name)
      .description(add ? "let a user or a role see a section" : "take a grant away")
      .option("--user <name>", "user name")
      .option("--role <name>", "role name")
      .requiredOption("--section <slug>", "slug of the section, or _all_ for every one")
      .action(async (options: { user?: string; role?: string; section: string }) => {
        const { user, role, section } = options;
        if ((user === undefined) === (role === undefined)) throw new Stop("Name either --user or --role.");
        const subject = user === undefined ? { role: role as string } : { username: usernameKey(user) };
        await withDependencies(async ({ store, now }) => {
          const outcome = await store.changeGrant({ add, subject, section, at: now() });
          const holder = user === undefined ? `Role ${role}` : `User ${user}`;
          if (outcome === "noSubject") throw new Stop(`${holder} does not exist.`);
          if (outcome === "noSection") throw new Stop(`Section ${section} does not exist.`);
          if (outcome === "unchanged") say(add ? `${holder} has that grant already.` : `${holder} has no such grant.`);
          else
            say(`${holder} ${add ? "may now see" : "has lost the grant of"} ${section === "_all_" ? "every section" : `the section ${section}`}. In force from the next request.`);
        });
      });

  const keys = program.command("keys").description("signing keys");
  keys
    .command("rotate")
    .description("let the next signing key sign from now on; nobody is signed out")
    .action(() => withDependencies(async ({ keys: ring }) => say(`Key ${await ring.rotate()} signs new access tokens. A running API follows within the hour.`)));

  program
    .command("settings")
    .description("list every setting with its meaning and default")
    .action(() => say(describeSettings()));
};

const explain = (error: unknown): string => {
  if (error instanceof ConfigError) return `Sallyport does not start, because of its settings:\n${error.message.replaceAll(/^/gm, "  ")}\nList them all with: sallyport settings`;
  if (error instanceof AppError)
    return [error.message, ...(error.members.errors ?? []).filter((issue) => issue.detail !== error.message).map((issue) => `${issue.pointer}: ${issue.detail}`)].join("\n");
  return error instanceof Stop ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
};

// Whatever is written is its owner's alone: the database, its journal, the secret, the setup link.
process.umask(0o077);

const program = new Command("sallyport").description("A team's dashboards behind one sign-in. Settings come from the environment: see `sallyport settings`.");
addCommands(program);
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  // Not only the code: a server that is listening already would keep the process.
  process.exit(1);
}
