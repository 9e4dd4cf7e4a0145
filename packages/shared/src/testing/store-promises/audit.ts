import { same } from "../differences.ts";
import {
  areBusy,
  countRows,
  eventOf,
  goesInBatches,
  isRefused,
  manyRows,
  numbered,
  promisesOn,
} from "./promise.ts";

const { promise, promiseOfDatabases } = promisesOn<"audit">();

export const ofAudit = [
  promise(
    "the audit trail is purged from its old end, up to a moment and no further",
    async (subject) => {
      const { audit } = subject.stores;
      for (let index = 0; index < 5; index += 1)
        await audit.add(eventOf(subject, "access.denied", { at: index }));
      same(await audit.purge(3), 3, "how many");
      same(await subject.countEvents("access.denied"), 2, "what is left");
    },
  ),
  promise("an event is kept whatever texts somebody has sent", async (subject) => {
    const odd = `a\0b\ud800c${"x".repeat(100)}`;
    await subject.stores.audit.add(
      eventOf(subject, "access.denied", {
        userAgent: odd,
        detail: { target: odd, [odd]: [odd, null, 1] },
      }),
    );
    same(await subject.countEvents("access.denied"), 1, "events");
  }),
  promiseOfDatabases("an event is written whole", async (subject, database) => {
    await subject.stores.audit.add(
      eventOf(subject, "access.denied", {
        result: "failure",
        actorUserId: "usr_one",
        subjectType: "section",
        subjectId: "sec_one",
        sessionId: "ses_one",
        address: "192.0.2.1",
        userAgent: "Browser",
        requestId: "req_one",
        detail: { code: "forbidden", list: [1, null] },
      }),
    );
    const [{ id, at, detail, ...row } = { id: "", at: 0, detail: null }] = await database.query(
      "SELECT * FROM audit_events WHERE action = 'access.denied'",
    );
    same(String(id).startsWith("evt_"), true, "its id");
    same(Number(at), subject.now, "when");
    same(
      typeof detail === "string" ? JSON.parse(detail) : detail,
      { code: "forbidden", list: [1, null] },
      "the detail",
    );
    same(
      row,
      {
        action: "access.denied",
        result: "failure",
        actor_user_id: "usr_one",
        subject_type: "section",
        subject_id: "sec_one",
        session_id: "ses_one",
        address: "192.0.2.1",
        user_agent: "Browser",
        request_id: "req_one",
      },
      "the rest",
    );
  }),
  promiseOfDatabases("no hand changes or deletes an event", async (subject, database) => {
    await subject.stores.audit.add(eventOf(subject, "access.denied", { at: 1 }));
    for (const statement of [
      "UPDATE audit_events SET detail = '{}'",
      "UPDATE audit_events SET at = 0 WHERE at = 1",
      "DELETE FROM audit_events",
      "DELETE FROM audit_events WHERE at < 2",
    ])
      await isRefused(database, statement);
    same(await subject.countEvents("access.denied"), 1, "events");
    same(await subject.stores.audit.purge(2), 1, "what the retention deletes");
    await subject.stores.audit.add(eventOf(subject, "access.denied", { at: 1 }));
    await isRefused(database, "DELETE FROM audit_events WHERE at < 2");
  }),
  promiseOfDatabases("many events are purged in small batches", async (subject, database) => {
    await database.query(
      `${numbered} INSERT INTO audit_events (id, at, action, result) SELECT 'evt_' || i, i, 'access.denied', 'success' FROM n`,
    );
    await goesInBatches(database, "audit_events", "evt_999", async () =>
      subject.stores.audit.purge(manyRows + 1),
    );
  }),
  promiseOfDatabases("an event that cannot be written now is busy", async (subject, database) => {
    const { audit } = subject.stores;
    const before = await countRows(database, "audit_events");
    await audit.add(eventOf(subject, "access.denied", { at: 1 }));
    await areBusy(database, {
      add: () => audit.add(eventOf(subject, "access.denied")),
      purge: async () => audit.purge(2),
    });
    same(await countRows(database, "audit_events"), before + 1, "events");
  }),
];
