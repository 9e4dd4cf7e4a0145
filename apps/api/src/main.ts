#!/usr/bin/env node
/** The process: its signals, its port, and how it ends. */
import { statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import { offerSetupLink } from "./cli/admins.ts";
import { createProgram, runProgram } from "./cli/program.ts";
import { explain, Stop } from "./cli/terminal.ts";
import type { Config } from "./config.ts";
import { createDependencies, openLog } from "./dependencies.ts";
import { describeInstallation } from "./installation/words.ts";
import { createApiServer } from "./http/api-server.ts";
import { createUnreadableRequests } from "./http/unreadable-requests.ts";

/**
 * For the requests under way; then their connections are closed. Half of what Docker and `npm
 * start` wait before they kill.
 */
const shutdownMilliseconds = 5_000;

const runServer = async (config: Config): Promise<void> => {
  const dependencies = await createDependencies(config, { openLog });
  const { log, stores } = dependencies;
  const app = createApp(dependencies);
  const mode = statSync(config.dataDirectory).mode & 0o777;
  if ((mode & 0o077) !== 0)
    log.warn(
      { dataDirectory: config.dataDirectory, mode: mode.toString(8) },
      "the data directory is open to other users of this machine; close it with: chmod 700",
    );

  const unreadable = createUnreadableRequests(config.publicUrl);
  const listener = getRequestListener(app.fetch, {
    hostname: config.host,
    autoCleanupIncoming: true,
    errorHandler: unreadable.answerUnadaptable,
  });
  const { server, ...connections } = createApiServer(
    unreadable,
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.listen(config.port, config.host);
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (error: NodeJS.ErrnoException) => {
      const place = `${config.host}:${config.port}`;
      if (error.code === "EADDRINUSE")
        reject(
          new Stop(
            `Port ${config.port} is taken: something else listens on ${place}. Stop it, or set SALLYPORT_PORT to a free port.`,
          ),
        );
      else if (error.code === "EACCES")
        reject(
          new Stop(
            `Listening on ${place} is not permitted. Set SALLYPORT_PORT to a port above 1023.`,
          ),
        );
      else
        reject(
          new Stop(
            `Listening on ${place} failed: ${error.message}. Check SALLYPORT_HOST and SALLYPORT_PORT.`,
          ),
        );
    });
  });
  log.info(
    {
      host: config.host,
      port: config.port,
      publicUrl: config.publicUrl,
      cookieMode: config.cookieMode,
    },
    "listening",
  );
  for (const { level, text } of describeInstallation(config)) log[level](text);
  if (!(await stores.users.hasAdmin())) await offerSetupLink(dependencies);

  const stopWork = dependencies.scheduledWork.start();
  void dependencies.maintain();

  const shutDown = async (signal: string): Promise<void> => {
    log.info({ signal }, "shutting down");
    dependencies.beginShutdown();
    connections.takeLeave();
    stopWork();
    const delay = config.shutdownDelaySeconds * 1000;
    // Should closing hang as well.
    setTimeout(() => process.exit(1), delay + shutdownMilliseconds + 3_000).unref();
    // Whoever asks `/readyz` learns that it is to send nobody here any more; until then they come
    // and are served.
    await wait(delay);
    if (!(await connections.close(shutdownMilliseconds)))
      log.warn("requests were still under way; their connections are closed");
    await dependencies.close();
    log.info("stopped");
    log.flush(() => process.exit(0));
  };
  process.once("SIGTERM", (signal) => void shutDown(signal));
  process.once("SIGINT", (signal) => void shutDown(signal));
};

// Whatever is written is its owner's alone: the database, its journal, the secret, the setup link.
process.umask(0o077);

try {
  await runProgram(createProgram(runServer), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  // Not only the code: a server that is listening already would keep the process.
  process.exit(1);
}
