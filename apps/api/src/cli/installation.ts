/** The installation that a command works on: its settings, its data directory, its database. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { stderr } from "node:process";
import { pino } from "pino";
import { parseConfig, type Config } from "../config.ts";
import { createDependencies, explainDatabaseFailure, type Dependencies } from "../dependencies.ts";
import { databaseFileOf } from "../installation/data-directory.ts";
import { DataUnusable } from "../stores/data-unusable.ts";
import { printable, Stop } from "./terminal.ts";

/**
 * A relative directory is meant from where the user stands; npm and pnpm run a script elsewhere,
 * and say where that was.
 */
export const readConfig = (): Config => {
  const config = parseConfig(process.env);
  return { ...config, dataDirectory: resolve(process.env["INIT_CWD"] ?? "", config.dataDirectory) };
};

/** What is wrong with the disk, where, and how to mend it; null for anything else. */
const explainStorage = (error: unknown, config: Config): string | null => {
  // What has its words already, such as a file that the user named, is not about the data
  // directory.
  if (!(error instanceof Error) || error instanceof Stop) return null;
  if (error instanceof DataUnusable) return error.message;
  const { dataDirectory } = config;
  const ofDatabase = explainDatabaseFailure(error, databaseFileOf(config));
  if (ofDatabase !== null) return ofDatabase;
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  if (
    syscall !== undefined &&
    [
      "EACCES",
      "EPERM",
      "EROFS",
      "ENOENT",
      "ENOTDIR",
      "EEXIST",
      "EISDIR",
      "ENOSPC",
      "EDQUOT",
      "ENAMETOOLONG",
      "ELOOP",
      "EINVAL",
      "EIO",
    ].includes(code)
  )
    return `The data directory ${dataDirectory} cannot be used (${error.message}). Make it a directory with free space that the user who runs Sallyport may write to, or name another one in SALLYPORT_DATA_DIR.`;
  return explainStorage(error.cause, config);
};

/** Runs the work; a broken disk ends the process with words that say where, and how to mend it. */
export const explainingStorage = async <T>(config: Config, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const explanation = explainStorage(error, config);
    throw explanation === null ? error : new Stop(explanation, { cause: error });
  }
};

/** Runs a command's work on the installation, which is opened before and closed after. */
export const withDependencies = (
  work: (dependencies: Dependencies) => Promise<void>,
): Promise<void> => {
  const config = { ...readConfig(), sampleData: false };
  const isNew = !existsSync(config.dataDirectory) && !existsSync(databaseFileOf(config));
  return explainingStorage(config, async () => {
    // A tool's output is for people: what it does is in the audit trail, and the log is the
    // server's.
    const dependencies = await createDependencies(config, { log: pino({ level: "warn" }) });
    // Whoever has mistyped the directory would look for their people and sections in vain.
    if (isNew)
      stderr.write(
        `${printable(config.dataDirectory)} was not there: a new installation begins in it. If you meant another, delete it, and name yours in SALLYPORT_DATA_DIR.\n`,
      );
    try {
      await work(dependencies);
    } finally {
      await dependencies.close();
    }
  });
};
