/** What is said of a write on PostgreSQL that does not get where it wants to. */
import { AppError } from "@sallyport/shared/core";
import { sql } from "drizzle-orm";
import pg from "pg";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { createDatabase, queryByHand, type Cluster } from "../../../test/postgres/cluster.ts";
import { openDatabase } from "./connection.ts";
import { createWriter, type Transaction, type Writer } from "./writer.ts";

const cluster = inject("cluster") as Cluster;

const open = async (): Promise<{ readonly url: string; readonly writer: Writer }> => {
  const { url, drop } = await createDatabase(cluster);
  const database = await openDatabase(url);
  onTestFinished(async () => {
    await database.close();
    await drop();
  });
  return { url, writer: createWriter(database.pool) };
};

const addFact = async ({ orm }: Transaction, name: string): Promise<void> => {
  await orm.execute(sql`INSERT INTO installation (name, value) VALUES (${name}, '0')`);
};
const factsOf = async (url: string): Promise<readonly unknown[]> =>
  (
    await queryByHand(
      url,
      "SELECT name, value FROM installation WHERE name <> 'version' ORDER BY name",
    )
  ).map(({ name, value }) => [name, value]);

describe.skipIf(cluster === null)("a write on PostgreSQL", () => {
  it("that throws is rolled back, and the next one is written", async () => {
    const { url, writer } = await open();
    await expect(
      writer.write(async (transaction) => {
        await addFact(transaction, "one");
        throw new Error("No");
      }),
    ).rejects.toThrow("No");
    await expect(
      writer.write(async (transaction) => addFact(transaction, "version")),
    ).rejects.not.toBeInstanceOf(AppError);
    await writer.write(async (transaction) => addFact(transaction, "two"));
    expect(await factsOf(url)).toEqual([["two", "0"]]);
  });

  it("that waits for one which waits for it begins again", async () => {
    const { url, writer } = await open();
    await queryByHand(url, "INSERT INTO installation (name, value) VALUES ('a', '0'), ('b', '0')");
    let arrived = 0;
    const both = Promise.withResolvers<void>();
    const raise = ({ orm }: Transaction, name: string) =>
      orm.execute(sql`UPDATE installation SET value = (value::int + 1)::text WHERE name = ${name}`);
    const write = (first: string, second: string) =>
      writer.write(async (transaction) => {
        await raise(transaction, first);
        arrived += 1;
        if (arrived === 2) both.resolve();
        await both.promise;
        await raise(transaction, second);
      });
    await Promise.all([write("a", "b"), write("b", "a")]);
    expect(await factsOf(url)).toEqual([
      ["a", "2"],
      ["b", "2"],
    ]);
    expect(arrived).toBeGreaterThan(2);
  });

  it("is busy where there is no server", async () => {
    const pool = new pg.Pool({ host: "/nowhere" });
    onTestFinished(() => pool.end());
    await expect(createWriter(pool).write(async () => {})).rejects.toMatchObject({ code: "busy" });
  });

  it("whose connection is lost while it is committed is not said to have done nothing", async () => {
    const { url, writer } = await open();
    await queryByHand(
      url,
      `CREATE FUNCTION be_lost() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM pg_terminate_backend(pg_backend_pid());
         PERFORM pg_sleep(60);
         RETURN NULL;
       END $$`,
      "CREATE CONSTRAINT TRIGGER be_lost AFTER INSERT ON installation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION be_lost()",
    );
    await expect(
      writer.write(async (transaction) => addFact(transaction, "one")),
    ).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("It may have been made") as string,
    });
    await queryByHand(url, "DROP TRIGGER be_lost ON installation");
    await writer.write(async (transaction) => addFact(transaction, "two"));
    expect(await factsOf(url)).toEqual([["two", "0"]]);
  });
});
