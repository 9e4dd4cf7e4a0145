/** Beginning on a database: by several at once, and on one of a newer version. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createTestApp } from "../../../test/test-app.ts";
import { createDirectory, run } from "../../../test/tool.ts";
import { DataUnusable } from "../data-unusable.ts";
import { openDatabase } from "./connection.ts";
import { createFileLock } from "./file-lock.ts";

vi.setConfig({ testTimeout: 60_000 });

const own = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  }
).version;

describe("of two that start at once", () => {
  it("one waits for the other, however that ends", async () => {
    const directory = createDirectory();
    const lock = createFileLock(join(directory, "start-lock"));
    expect(await lock.acquire(() => false)).toBe(true);
    const starting = createTestApp({
      dataDirectory: directory,
      environment: { SALLYPORT_SAMPLE_DATA: "0" },
    });
    // What it would do without waiting, it would have done by now.
    await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(join(directory, "secret"))).toBe(false);
    // As when its process is killed.
    lock.close();
    await (await starting).close();
    expect(existsSync(join(directory, "secret"))).toBe(true);
  });

  it("a database that several threads open at once is migrated once", async () => {
    const directory = createDirectory();
    const file = join(directory, "test.db");
    const connection = fileURLToPath(new URL("./connection.ts", import.meta.url));
    const open = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(
          `import(${JSON.stringify(connection)}).then(({ openDatabase }) => openDatabase(${JSON.stringify(file)}).close())`,
          { eval: true, execArgv: ["--conditions=sallyport-source"] },
        );
        worker.once("error", reject);
        worker.once("exit", resolve);
      });
    expect(await Promise.all([open(), open(), open(), open()])).toEqual([0, 0, 0, 0]);
    const sqlite = new BetterSqlite3(file);
    expect(
      sqlite
        .prepare(
          "SELECT count(*) FROM __drizzle_migrations GROUP BY created_at HAVING count(*) > 1",
        )
        .all(),
    ).toEqual([]);
    sqlite.close();
  });
});

describe("a database of a newer version", () => {
  const update = (file: string, version: string | null): void => {
    const sqlite = new BetterSqlite3(file);
    sqlite
      .prepare("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', ?)")
      .run(Date.parse("2099-01-01"));
    if (version === null) sqlite.exec("DELETE FROM installation WHERE name = 'version'");
    else sqlite.prepare("UPDATE installation SET value = ? WHERE name = 'version'").run(version);
    sqlite.close();
  };

  it("is refused with both versions and how to mend it, and stays as it is", async () => {
    const directory = createDirectory();
    await (
      await createTestApp({
        dataDirectory: directory,
        environment: { SALLYPORT_SAMPLE_DATA: "0" },
      })
    ).close();
    const file = join(directory, "sallyport.db");
    update(file, "9.8.7");
    const before = readFileSync(file);
    const refused = await run(directory, ["serve"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toBe(
      `The database ${file} is newer than this Sallyport: it was brought up to date by version 9.8.7, with a change that this version, ${own}, does not know. Nothing was touched. Start version 9.8.7 or a later one, or restore a backup from before the update.\n`,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  it("of which nobody knows the version is refused as well", () => {
    const directory = mkdtempSync(join(tmpdir(), "sallyport-newer-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "test.db");
    openDatabase(file, "1.0.0").close();
    update(file, null);
    expect(() => openDatabase(file, "1.0.0")).toThrow(DataUnusable);
    expect(() => openDatabase(file, "1.0.0")).toThrow(/this version, 1\.0\.0, .*backup/);
  });
});
