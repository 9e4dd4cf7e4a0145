import { fileURLToPath } from "node:url";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { readMigrationFiles } from "drizzle-orm/migrator";
import pg from "pg";
import { installation } from "./schema.ts";

export interface Database {
  readonly pool: pg.Pool;
  /** For what one statement reads, on whichever connection is free. */
  readonly orm: NodePgDatabase;
  close(): Promise<void>;
}

/** Nobody may migrate at the same time; the number is ours alone. */
const migrationLock = 0x5a11_0001;

const migrationsFolder = fileURLToPath(new URL("../../../migrations-postgres", import.meta.url));

/** Of the numbers that we keep, none is larger than what a number of JavaScript can tell. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Applies what is missing, all of it or nothing, in one transaction that no other process can
 * enter. It keeps drizzle's own record of what was applied.
 * @throws Error when a newer version has been here
 */
const migrate = async (client: pg.PoolClient, version: string): Promise<void> => {
  const migrations = readMigrationFiles({ migrationsFolder });
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)",
    );
    const { rows } = await client.query<{ readonly last: number | null }>(
      "SELECT max(created_at) AS last FROM __drizzle_migrations",
    );
    const applied = rows[0]?.last ?? 0;
    if (applied > (migrations.at(-1)?.folderMillis ?? 0))
      throw new Error(
        `The database is newer than this Sallyport: version ${version} does not know what was changed last. Nothing was touched.`,
      );
    for (const { sql, hash, folderMillis } of migrations) {
      if (folderMillis <= applied) continue;
      for (const statement of sql) await client.query(statement);
      await client.query("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ($1, $2)", [
        hash,
        folderMillis,
      ]);
    }
    if (applied < (migrations.at(-1)?.folderMillis ?? 0))
      await drizzle(client)
        .insert(installation)
        .values({ name: "version", value: version })
        .onConflictDoUpdate({ target: installation.name, set: { value: version } });
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
};

/**
 * Opens the database and applies every migration that is missing, also when another process does so
 * at the same moment. Guarantees: each commit on disk before it returns, whatever the database is
 * set to; no statement waits longer than `busyMilliseconds` for somebody's lock.
 * @param url `postgres://…`
 * @param options.version of this Sallyport, kept for the words of an older one
 * @throws Error when a newer version has been here, or the database cannot be reached
 */
export const openDatabase = async (
  url: string,
  options: {
    readonly version?: string;
    readonly connections?: number;
    readonly busyMilliseconds?: number;
  } = {},
): Promise<Database> => {
  const { version = "unknown", connections = 10, busyMilliseconds = 2_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: busyMilliseconds,
    options: `-c synchronous_commit=on -c lock_timeout=${busyMilliseconds} -c default_transaction_isolation=read\\ committed`,
    types,
  });
  // A connection that is lost while nobody uses it is no fault: the next one is made when it is
  // needed.
  pool.on("error", () => {});
  try {
    const client = await pool.connect();
    try {
      await client.query("SET lock_timeout = 0");
      await migrate(client, version);
      await client.query("RESET lock_timeout");
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { pool, orm: drizzle(pool), close: () => pool.end() };
};
