/** The directory that holds the database, the secret and what arrives for imports. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import { DataUnusable } from "../stores/data-unusable.ts";

export const databaseFileOf = (config: Config): string =>
  config.databaseFile ?? join(config.dataDirectory, "sallyport.db");

/**
 * With `recursive`, Node asks for ever where the system says that the parent is missing although it
 * is there, as in /proc.
 */
const makeDirectory = (directory: string): void => {
  const make = (): void => mkdirSync(directory, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(directory).isDirectory()) return;
    if (code !== "ENOENT" || dirname(directory) === directory) throw error;
    makeDirectory(dirname(directory));
    make();
  }
};

/** What only one process at a time has. It ends with its holder, however that ends. */
interface Lock {
  /**
   * Waits until nobody else has it, or until it is no longer wanted. @returns whether it is ours
   */
  acquire(isUnwanted: () => boolean): Promise<boolean>;
  close(): void;
}

/** While a process prepares the data directory, it holds a lock on this file in it. */
export const startLock = "start-lock";
const longestPreparationMilliseconds = 60_000;

/**
 * Makes the data directory and prepares it, while no other process does: two that start at once on
 * an empty one would each make a secret, the sample data and keys of their own.
 * @param createLock on a file
 * @throws DataUnusable when another process has been preparing it for a minute
 */
export const preparing = async <T>(
  { dataDirectory }: Config,
  createLock: (file: string) => Lock,
  prepare: () => Promise<T>,
): Promise<T> => {
  makeDirectory(dataDirectory);
  const lock = createLock(join(dataDirectory, startLock));
  try {
    const deadline = performance.now() + longestPreparationMilliseconds;
    if (!(await lock.acquire(() => performance.now() > deadline)))
      throw new DataUnusable(
        `Another process has been preparing the data directory ${dataDirectory} for a minute. Wait for it or end it, and start again.`,
      );
    return await prepare();
  } finally {
    lock.close();
  }
};
