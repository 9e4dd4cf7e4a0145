/** What a rotation leaves in the database and on the disk. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTeamApp, type TeamApp } from "../../../test/team.ts";
import { createBrowser, signInForBody } from "../../../test/test-browser.ts";
import { databaseOf, openElsewhere } from "./testing/by-hand.ts";

const deliveries = {
  cookie: async (app: TeamApp) => {
    const browser = createBrowser(app);
    await browser.signIn("mike");
    return (key: string) => browser.refresh(key);
  },
  body: async (app: TeamApp) => {
    const client = await signInForBody(app, "mike");
    return (key: string) => client.refresh(key);
  },
};

describe.each(["cookie", "body"] as const)("a rotation by %s", (delivery) => {
  it("adds no row and no byte to the database, however often it rotates", async () => {
    const app = await createTeamApp();
    const { sqlite } = databaseOf(app);
    const refresh = await deliveries[delivery](app);
    const measure = () => ({
      rows: ["sessions", "audit_events", "notices", "one_use_tokens", "signing_keys"].map((table) =>
        sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
      ),
      pages: sqlite.pragma("page_count", { simple: true }),
      bytes: app
        .runSql("SELECT * FROM sessions")
        .flatMap((row) => Object.values(row))
        .reduce<number>(
          (sum, value) => sum + (Buffer.isBuffer(value) ? value.byteLength : String(value).length),
          0,
        ),
    });
    const rotate = async (key: string): Promise<void> => {
      app.clock.advance(11_000);
      expect((await refresh(key)).status).toBe(200);
    };
    for (let step = 10; step < 20; step += 1) await rotate(`k${step}`);
    const before = measure();
    for (let step = 20; step < 99; step += 1) await rotate(`k${step}`);
    expect(measure()).toEqual(before);
  });

  it("is on disk, where another connection reads it, before it is answered", async () => {
    const app = await createTeamApp();
    const refresh = await deliveries[delivery](app);
    const reader = openElsewhere(app.dataDirectory, { readonly: true });
    onTestFinished(reader.close);
    for (let step = 2; step < 8; step += 1) {
      expect((await refresh(`k${step}`)).status).toBe(200);
      expect(reader.runSql("SELECT generation FROM sessions")).toEqual([{ generation: step }]);
    }
    expect(databaseOf(app).sqlite.pragma("synchronous", { simple: true })).toBe(2);
    expect(statSync(join(app.dataDirectory, "sallyport.db")).size).toBeGreaterThan(0);
  });
});
