/** What every store has to do, on SQLite. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { storePromises } from "@sallyport/shared/testing";
import { newId } from "../src/tokens/chance.ts";
import { createTestApp } from "./test-app.ts";

describe("stores on SQLite", () => {
  const template = mkdtempSync(join(tmpdir(), "sallyport-template-"));
  beforeAll(async () => (await createTestApp({ dataDirectory: template })).close());
  afterAll(() => rmSync(template, { recursive: true, force: true }));

  it.each(storePromises.map((one) => [one.name, one] as const))("%s", async (_, { run }) => {
    const dataDirectory = mkdtempSync(join(tmpdir(), "sallyport-stores-"));
    cpSync(template, dataDirectory, { recursive: true });
    const app = await createTestApp({ dataDirectory });
    onTestFinished(async () => {
      await app.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    });
    const { stores, database } = app.dependencies;
    const subject = {
      stores,
      now: app.clock.now(),
      newId,
      deactivate: async (username: string) =>
        void database.sqlite
          .prepare("UPDATE users SET active = 0 WHERE username_key = ?")
          .run(username),
      countEvents: async (action: string) =>
        Number(
          database.sqlite
            .prepare("SELECT count(*) FROM audit_events WHERE action = ?")
            .pluck()
            .get(action),
        ),
    };
    await expect(run(subject)).resolves.toBeUndefined();
    expect(app.faults).toEqual([]);
  });
});
