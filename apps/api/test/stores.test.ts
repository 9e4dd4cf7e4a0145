/** What every store has to do, on SQLite. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { storePromises, type StoreSubject } from "@sallyport/shared/testing";
import { openDatabase } from "../src/stores/sqlite/connection.ts";
import { createSqliteStores } from "../src/stores/sqlite/stores.ts";
import { createWriter } from "../src/stores/sqlite/writer.ts";
import { newId } from "../src/tokens/chance.ts";
import { createTestApp, type TestApp } from "./test-app.ts";

/** As another process of the API has them. */
const openOthers = ({ dependencies: { imports, stores }, clock }: TestApp, file: string) => {
  const database = openDatabase(file);
  const writer = createWriter(database.sqlite, clock);
  return {
    stores: createSqliteStores({ database, writer, imports, queries: stores.queries }),
    close: async () => {
      await writer.drain();
      database.close();
    },
  };
};

const subjectOn = (app: TestApp, file: string, others: StoreSubject["others"]): StoreSubject => {
  const {
    stores,
    database: { sqlite },
  } = app.dependencies;
  return {
    stores,
    others,
    now: app.clock.now(),
    newId,
    deactivate: async (username) =>
      void sqlite.prepare("UPDATE users SET active = 0 WHERE username_key = ?").run(username),
    countEvents: async (action) =>
      Number(
        sqlite.prepare("SELECT count(*) FROM audit_events WHERE action = ?").pluck().get(action),
      ),
    database: {
      query: async (text) => {
        const hand = new BetterSqlite3(file);
        try {
          const statement = hand.prepare<[], Record<string, unknown>>(text);
          if (statement.reader) return statement.all();
          statement.run();
          return [];
        } finally {
          hand.close();
        }
      },
      block: async () => {
        const lock = new BetterSqlite3(file);
        lock.exec("BEGIN IMMEDIATE");
        // The clock of the test passes while the writer waits, and nothing is gained by waiting in earnest.
        sqlite.pragma("busy_timeout = 0");
        return async () => void lock.close();
      },
      keepRow: async (table, id) =>
        void sqlite.exec(
          `CREATE TRIGGER keep_row BEFORE DELETE ON ${table} WHEN OLD.id = '${id}' BEGIN SELECT RAISE(ABORT, 'kept'); END`,
        ),
      cutOff: async (domain, method, ...given) => {
        const child = fork(join(import.meta.dirname, "cut-off-store.ts"), {
          execArgv: ["--conditions=sallyport-source"],
          serialization: "advanced",
        });
        child.send([file, domain, method, given]);
        const [, signal] = (await once(child, "exit")) as [unknown, NodeJS.Signals | null];
        if (signal !== "SIGKILL") throw new Error("The process has ended by itself");
      },
    },
  };
};

describe("stores on SQLite", () => {
  const template = mkdtempSync(join(tmpdir(), "sallyport-template-"));
  beforeAll(async () => (await createTestApp({ dataDirectory: template })).close());
  afterAll(() => rmSync(template, { recursive: true, force: true }));

  describe.each(Object.entries(storePromises))("%s", (_, promises) => {
    it.each(promises.map((one) => [one.name, one] as const))("%s", async (_name, { run }) => {
      const dataDirectory = mkdtempSync(join(tmpdir(), "sallyport-stores-"));
      cpSync(template, dataDirectory, { recursive: true });
      const file = join(dataDirectory, "sallyport.db");
      const app = await createTestApp({ dataDirectory });
      const others = openOthers(app, file);
      onTestFinished(async () => {
        await others.close();
        await app.close();
        rmSync(dataDirectory, { recursive: true, force: true });
      });
      await expect(run(subjectOn(app, file, others.stores))).resolves.toBeUndefined();
      expect(app.faults).toEqual([]);
    });
  });
});
