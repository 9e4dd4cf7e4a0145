/**
 * Every write of the stores on PostgreSQL: a transaction of its own, on a connection of its own
 * while it lasts.
 */
import { AppError } from "@sallyport/shared/core";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";

/** Where the statements of one write go. */
export interface Transaction {
  readonly client: pg.ClientBase;
  readonly orm: NodePgDatabase;
}

export interface Writer {
  /**
   * Runs `change` in a transaction and gives its result once that is committed. When it throws, all
   * of it is rolled back. `change` reads what is committed at each of its statements, so that it
   * locks what it goes by. It may be run again from its beginning, so that it does nothing but ask
   * the database.
   * @throws AppError `busy` when somebody else holds a lock for too long, or the database cannot be
   * reached, or is lost while it commits: then nobody knows what came of it, and the words say so
   */
  write<T>(change: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/** Two that wait for each other; one of them is told so, and may begin again. */
const deadlocked = "40P01";
const mostTries = 10;

const busyStates = new Set([
  "55P03", // somebody's lock was not given up in time
  "53300", // too many connections
  "57P01", // an administrator ended the connection
  "57P02",
  "57P03", // the server is starting
  "25006", // a standby
]);

const stateOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "";
  // drizzle wraps what the driver has thrown.
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : stateOf(error.cause);
};

/** A write that does not get where it wants to, and has done nothing. */
const isBusy = (error: unknown): boolean => {
  const state = stateOf(error);
  return busyStates.has(state) || state.startsWith("08") || isLost(error);
};

/**
 * What the driver says of a connection that it does not get or does not have any more, without a
 * state of SQL.
 */
const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(ECONN|EPIPE|ENOENT|ETIMEDOUT)/.test(stateOf(error)) ||
    /Connection terminated|timeout exceeded when trying to connect|connection error/i.test(
      error.message,
    ) ||
    isLost(error.cause));

const busy = (cause: unknown): AppError =>
  new AppError("busy", { retryAfterSeconds: 1, detail: "The database is busy.", cause });

const lostInCommit = (cause: unknown): AppError =>
  new AppError("busy", {
    detail:
      "The connection to the database was lost while it took the change. It may have been made: sent again with the same Idempotency-Key, it is not made twice; without one, look whether it was made.",
    retryAfterSeconds: 1,
    cause,
  });

export const createWriter = (pool: pg.Pool): Writer => {
  /** @returns what `change` gave, or that it has to begin again */
  const tryOnce = async <T>(
    change: (transaction: Transaction) => Promise<T>,
    isLastTry: boolean,
  ): Promise<{ readonly result: T } | null> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw isBusy(error) ? busy(error) : error;
    }
    let broken: Error | undefined;
    const note = (error: Error): void => {
      broken = error;
    };
    client.on("error", note);
    let isCommitting = false;
    try {
      await client.query("BEGIN");
      const result = await change({ client, orm: drizzle(client) });
      isCommitting = true;
      await client.query("COMMIT");
      return { result };
    } catch (error) {
      try {
        await client.query("ROLLBACK");
      } catch (lost) {
        broken ??= lost as Error;
      }
      if (isCommitting) throw isBusy(error) ? lostInCommit(error) : error;
      if (stateOf(error) === deadlocked && !isLastTry) return null;
      throw isBusy(error) || stateOf(error) === deadlocked ? busy(error) : error;
    } finally {
      client.off("error", note);
      client.release(broken);
    }
  };

  return {
    write: async (change) => {
      for (let tries = 1; ; tries += 1) {
        const done = await tryOnce(change, tries === mostTries);
        if (done) return done.result;
      }
    },
  };
};
