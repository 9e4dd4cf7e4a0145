/**
 * The database as the stores on PostgreSQL open it, and a cluster that lasts as long as those who
 * test on it.
 */
import { readdirSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { programForTest } from "../../../../../.ci/programs.mjs";
import { createDatabase, queryByHand, type Cluster } from "../../../test/postgres/cluster.ts";
import { openDatabase } from "./connection.ts";
import { createPostgresStores } from "./stores.ts";

const cluster = inject("cluster") as Cluster;

const createEmpty = async (from?: string): Promise<string> => {
  const { url, drop } = await createDatabase(cluster, from);
  onTestFinished(drop);
  return url;
};

describe.skipIf(cluster === null)("a database of PostgreSQL", () => {
  it("is migrated once, however many open it at once", async () => {
    const url = await createEmpty("template0");
    const opened = await Promise.all(
      Array.from({ length: 5 }, () => openDatabase(url, { version: "1.2.3" })),
    );
    const stores = createPostgresStores(opened[4] as (typeof opened)[number], Date.now);
    expect((await stores.roles.list()).map(({ name }) => name)).toEqual(["admin"]);
    for (const database of opened) await database.close();
    const migrations = readdirSync(new URL("../../../migrations-postgres", import.meta.url)).filter(
      (name) => name.endsWith(".sql"),
    );
    expect(await queryByHand(url, "SELECT hash FROM __drizzle_migrations")).toHaveLength(
      migrations.length,
    );
    expect(await queryByHand(url, "SELECT * FROM installation")).toEqual([
      { name: "version", value: "1.2.3" },
    ]);
  });

  it("is left alone where a newer version has been there", async () => {
    const url = await createEmpty();
    await queryByHand(
      url,
      "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('newer', 9000000000000)",
    );
    await expect(openDatabase(url)).rejects.toThrow(/newer than this Sallyport/);
  });

  it("has each commit on disk before it returns, whatever it is set to", async () => {
    const url = await createEmpty();
    const read = "SELECT current_setting('synchronous_commit') AS waits";
    expect(await queryByHand(url, read)).toEqual([{ waits: "off" }]);
    const database = await openDatabase(url);
    onTestFinished(() => database.close());
    expect((await database.pool.query(read)).rows).toEqual([{ waits: "on" }]);
  });

  it("of a test goes with who runs the tests, also when they are interrupted or killed", async () => {
    const code = `
      import { startCluster } from ${JSON.stringify(join(import.meta.dirname, "../../../test/postgres/cluster.ts"))};
      const { cluster } = await startCluster(${JSON.stringify(programForTest("postgres"))});
      console.log(cluster.directory);
      setInterval(() => {}, 1000);`;
    const runner = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [directory] = (await once(createInterface({ input: runner.stdout }), "line")) as [string];
    expect(existsSync(directory)).toBe(true);
    runner.kill("SIGKILL");
    await expect.poll(() => existsSync(directory), { timeout: 20_000 }).toBe(false);
  }, 60_000);
});
