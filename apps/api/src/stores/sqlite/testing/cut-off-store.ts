/**
 * A process that has a store on SQLite write something, and is killed when the audit event is
 * written and nothing committed.
 */
import type { ImportStore, QueryStore } from "@sallyport/shared/core";
import { openDatabase } from "../connection.ts";
import { createSqliteStores } from "../stores.ts";
import { createWriter } from "../writer.ts";

process.once("message", (message) => {
  const [file, domain, method, given] = message as [string, string, string, unknown[]];
  const database = openDatabase(file);
  database.sqlite.function("be_killed", () => process.kill(process.pid, "SIGKILL"));
  database.sqlite.exec(
    "CREATE TEMP TRIGGER cut_off AFTER INSERT ON main.audit_events BEGIN SELECT be_killed(); END",
  );
  const stores: Readonly<Record<string, unknown>> = {
    ...createSqliteStores({
      database,
      now: Date.now,
      writer: createWriter(database.sqlite, { now: Date.now, wait: async () => {} }),
      // They have no part in it.
      imports: {} as ImportStore & { sweepSoon(): void },
      queries: {} as QueryStore,
    } as unknown as Parameters<typeof createSqliteStores>[0]),
  };
  const store = stores[domain] as Record<string, (...given: unknown[]) => Promise<unknown>>;
  void store[method]?.(...given).finally(() => process.exit(1));
});
