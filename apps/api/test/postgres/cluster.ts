/** The cluster of PostgreSQL that tests run on, and databases on it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { openDatabase } from "../../src/stores/postgres/connection.ts";

/** Where the cluster's socket is. */
export interface Cluster {
  readonly directory: string;
}

/** Of which every other database is made: migrated, and empty. */
export const template = "sallyport_template";

export const urlOf = ({ directory }: Cluster, database: string): string =>
  `postgres://sallyport@localhost/${database}?host=${encodeURIComponent(directory)}`;

/** By hand, on a connection of its own. */
export const queryByHand = async (
  url: string,
  ...statements: readonly string[]
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly Readonly<Record<string, unknown>>[] = [];
    for (const statement of statements)
      ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
};

let made = 0;

/** @returns the URL of a new database that has what `from` has, and what removes it */
export const createDatabase = async (
  cluster: Cluster,
  from = template,
): Promise<{ readonly name: string; readonly url: string; drop(): Promise<void> }> => {
  made += 1;
  const name = `test_${process.pid}_${made}`;
  const maintenance = urlOf(cluster, "postgres");
  await queryByHand(maintenance, `CREATE DATABASE ${name} TEMPLATE ${from}`);
  return {
    name,
    url: urlOf(cluster, name),
    drop: async () => void (await queryByHand(maintenance, `DROP DATABASE ${name} WITH (FORCE)`)),
  };
};

/**
 * Starts a cluster with the migrated template on it.
 * @param postgres the path of the server's program
 */
export const startCluster = async (
  postgres: string,
): Promise<{ readonly cluster: Cluster; stop(): Promise<void> }> => {
  const keeper = spawn(
    process.execPath,
    [join(import.meta.dirname, "keep-cluster.ts"), postgres],
    // Of a group of its own: who interrupts the tests does not interrupt the tidying up.
    { detached: true, stdio: ["pipe", "pipe", "inherit"] },
  );
  const exited = once(keeper, "exit");
  const lines = createInterface({ input: keeper.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    exited.then(() => null),
  ]);
  if (line === null) throw new Error("PostgreSQL did not start; what it said is above.");
  const cluster = JSON.parse(line) as Cluster;
  await queryByHand(urlOf(cluster, "postgres"), `CREATE DATABASE ${template}`);
  await (await openDatabase(urlOf(cluster, template))).close();
  return {
    cluster,
    stop: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
};
