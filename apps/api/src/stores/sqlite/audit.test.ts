/** How the audit trail is read: by indexes, however large it is, and only so much at a time. */
import { describe, expect, it } from "vitest";
import type { AuditFilter } from "@sallyport/shared/core";
import { createTestApp, type TestApp } from "../../../test/test-app.ts";
import { databaseOf } from "./testing/by-hand.ts";

/** Every statement that a read of the trail prepares, as SQLite plans it. */
const plansOf = async (app: TestApp, filter: AuditFilter): Promise<string[]> => {
  const { sqlite } = databaseOf(app);
  const prepared: string[] = [];
  const { prepare } = sqlite;
  sqlite.prepare = (text) => {
    prepared.push(text);
    return prepare.call(sqlite, text) as never;
  };
  try {
    await app.dependencies.stores.audit.read(filter, { at: 1, id: "evt_none" }, 50);
  } finally {
    sqlite.prepare = prepare;
  }
  return prepared.map((text) =>
    sqlite
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
      .all(...Array.from({ length: text.split("?").length - 1 }, () => 1))
      .map(({ detail }) => detail)
      .join("; "),
  );
};

describe("the audit trail", () => {
  it("is read by an index for each filter that there is, which gives the events in order", async () => {
    const app = await createTestApp();
    const [actorUserId, action, subjectId] = ["usr_a", "grant.add", "rol_a"] as const;
    for (const [filter, plan] of [
      [{}, "audit_events_at (at>? AND at<?)"],
      [{ from: 1, to: 2 }, "audit_events_at (at>? AND at<?)"],
      [{ actorUserId }, "audit_events_actor (actor_user_id=? AND at>? AND at<?)"],
      [{ action, to: 2 }, "audit_events_action (action=? AND at>? AND at<?)"],
      [{ subjectId, from: 1 }, "audit_events_subject (subject_id=? AND at>? AND at<?)"],
      // Of several, by the one that leaves the fewest.
      [{ action, actorUserId }, "audit_events_actor (actor_user_id=? AND at>? AND at<?)"],
      [{ action, subjectId, actorUserId }, "audit_events_subject (subject_id=? AND at>? AND at<?)"],
    ] as const)
      expect([filter, await plansOf(app, filter)]).toEqual([
        filter,
        [`SEARCH e USING INDEX ${plan}`],
      ]);
  });

  it("is looked through for what few of many events fit, page after page, and all of it is found", async () => {
    const app = await createTestApp();
    const { audit } = app.dependencies.stores;
    app.runSql(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 22500)
       INSERT INTO audit_events (id, at, action, result, actor_user_id)
       SELECT 'evt_' || i, i / 10, CASE WHEN i IN (1, 15000) THEN 'grant.add' ELSE 'session.signIn' END, 'success', 'usr_busy' FROM n`,
    );
    const filter = { actorUserId: "usr_busy", action: "grant.add" } as const;
    const first = await audit.read(filter, null, 50);
    expect(first.events.map(({ id }) => id)).toEqual(["evt_15000"]);
    const second = await audit.read(filter, first.next, 50);
    expect([second.events, second.next !== null]).toEqual([[], true]);
    const third = await audit.read(filter, second.next, 50);
    expect([third.events.map(({ id }) => id), third.next]).toEqual([["evt_1"], null]);
  });

  it("lets others have their turn while it is looked through", async () => {
    const app = await createTestApp();
    app.runSql(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
       INSERT INTO audit_events (id, at, action, result, actor_user_id) SELECT 'evt_' || i, i, 'session.signIn', 'success', 'usr_busy' FROM n`,
    );
    let turns = 0;
    let isOver = false;
    const reading = Promise.resolve(
      app.dependencies.stores.audit.read(
        { actorUserId: "usr_busy", action: "grant.add" },
        null,
        50,
      ),
    ).finally(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await reading;
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});
