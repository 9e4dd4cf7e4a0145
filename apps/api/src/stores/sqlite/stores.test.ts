/** What every store has to do, on SQLite. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { storePromises, type StoreSubject } from "@sallyport/shared/testing";
import { openDatabase } from "./connection.ts";
import { createSqliteStores } from "./stores.ts";
import { createWriter } from "./writer.ts";
import { newId } from "../../tokens/chance.ts";
import { createTestApp, openElsewhere, type TestApp } from "../../../test/test-app.ts";

/** As another process of the API has them. */
const openOthers = ({ dependencies: { imports, stores }, clock }: TestApp, file: string) => {
  const database = openDatabase(file);
  const writer = createWriter(database.sqlite, clock);
  return {
    stores: createSqliteStores({
      database,
      now: () => clock.now(),
      writer,
      imports,
      queries: stores.queries,
    }),
    close: async () => {
      await writer.drain();
      database.close();
    },
  };
};

const subjectOn = (app: TestApp, file: string, others: StoreSubject["others"]): StoreSubject => {
  return {
    stores: app.dependencies.stores,
    others,
    now: app.clock.now(),
    newId,
    deactivate: async (username) =>
      void app.runSql("UPDATE users SET active = 0 WHERE username_key = ?", username),
    countEvents: async (action) => app.auditEvents(action).length,
    database: {
      query: async (text) => {
        const hand = openElsewhere(app.dataDirectory);
        try {
          return hand.runSql(text);
        } finally {
          hand.close();
        }
      },
      block: async () => {
        const release = app.holdWriteLock();
        return async () => release();
      },
      keepRow: async (table, id) =>
        void app.runSql(
          `CREATE TRIGGER keep_row BEFORE DELETE ON ${table} WHEN OLD.id = '${id}' BEGIN SELECT RAISE(ABORT, 'kept'); END`,
        ),
      cutOff: async (domain, method, ...given) => {
        const child = fork(join(import.meta.dirname, "testing", "cut-off-store.ts"), {
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
