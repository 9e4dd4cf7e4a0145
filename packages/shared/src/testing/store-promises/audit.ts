import type { AuditFilter, ListPlace } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import {
  areBusy,
  countRows,
  eventOf,
  goesInBatches,
  isRefused,
  manyRows,
  numbered,
  userIdOf,
  promisesOn,
} from "./promise.ts";

const { promise, promiseOfDatabases } = promisesOn<"audit" | "users">();

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
  promise(
    "the audit trail is read from its new end, in pages that go on where the one before ended, also among events of one moment",
    async (subject) => {
      const { audit } = subject.stores;
      const { now } = subject;
      const people = ["usr_one", "usr_two"];
      for (let index = 0; index < 12; index += 1)
        await audit.add(
          eventOf(subject, index % 3 === 0 ? "role.change" : "access.denied", {
            // Three of one moment.
            at: now + Math.floor(index / 3),
            actorUserId: people[index % 2] ?? null,
            subjectType: "role",
            subjectId: index % 4 === 0 ? "rol_four" : null,
            requestId: String(index),
          }),
        );
      const read = async (filter: AuditFilter, limit: number): Promise<number[]> => {
        const found: number[] = [];
        let after: ListPlace | null = null;
        do {
          const page: Awaited<ReturnType<typeof audit.read>> = await audit.read(
            { from: now, ...filter },
            after,
            limit,
          );
          holds(page.events.length <= limit, "no page is longer than was asked for");
          found.push(...page.events.map(({ requestId }) => Number(requestId)));
          after = page.next;
        } while (after !== null);
        return found;
      };
      const all = Array.from({ length: 12 }, (_, index) => 11 - index);
      const filters: readonly (readonly [AuditFilter, (index: number) => boolean])[] = [
        [{}, () => true],
        [{ actorUserId: "usr_one" }, (index) => index % 2 === 0],
        [{ action: "role.change" }, (index) => index % 3 === 0],
        [{ subjectId: "rol_four" }, (index) => index % 4 === 0],
        [
          { subjectId: "rol_four", action: "role.change", actorUserId: "usr_one" },
          (index) => index % 12 === 0,
        ],
        [{ actorUserId: "usr_two", action: "role.change" }, (index) => index % 6 === 3],
        [{ from: now + 1, to: now + 3 }, (index) => index >= 3 && index < 9],
        [
          { actorUserId: "usr_two", from: now + 1, to: now + 3 },
          (index) => index >= 3 && index < 9 && index % 2 === 1,
        ],
        [{ actorUserId: "usr_three" }, () => false],
      ];
      for (const [filter, fits] of filters)
        for (const limit of [1, 2, 3, 100])
          same(
            await read(filter, limit),
            all.filter(fits),
            `what fits ${JSON.stringify(filter)}, in pages of ${limit}`,
          );
      // A page goes on where the one before ended, also where that event has gone meanwhile.
      const { next } = await audit.read({ from: now, actorUserId: "usr_one" }, null, 4);
      holds(next !== null, "there is more");
      same(
        (await audit.read({ from: now }, { ...next, id: "evt_gone" }, 100)).events.map(
          ({ requestId }) => requestId,
        ),
        all.filter((index) => now + Math.floor(index / 3) < next.at).map(String),
        "what follows the moment of an event that has gone",
      );
    },
  ),
  promise(
    "an event keeps the names of its actor and of its subject as they were",
    async (subject) => {
      const { audit } = subject.stores;
      const mica = await userIdOf(subject, "mica");
      await audit.add(
        eventOf(subject, "access.denied", {
          actorUserId: mica,
          subjectType: "user",
          subjectId: await userIdOf(subject, "mike"),
        }),
      );
      await audit.add(
        eventOf(subject, "access.denied", {
          actorUserId: "usr_gone",
          actorName: "somebody",
          subjectType: "role",
          subjectId: "rol_gone",
          subjectName: "what it was",
        }),
      );
      await audit.add(
        eventOf(subject, "access.denied", {
          actorUserId: "usr_gone",
          subjectType: "signing key",
          subjectId: "key_one",
        }),
      );
      const { events } = await audit.read({ action: "access.denied" }, null, 3);
      same(
        events.map(({ actorName, subjectName }) => [actorName, subjectName]),
        [
          [null, null],
          ["somebody", "what it was"],
          ["mica", "mike"],
        ],
        "actors and subjects, the newest first",
      );
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
        actorName: "one",
        subjectType: "section",
        subjectId: "sec_one",
        subjectName: "Section One",
        sessionId: "ses_one",
        address: "192.0.2.1",
        userAgent: "Browser",
        requestId: "req_one",
        detail: { code: "forbidden", list: [1, null] },
      }),
    );
    const [{ id, at, detail, place: _, ...row } = { id: "", at: 0, detail: null }] =
      await database.query("SELECT * FROM audit_events WHERE action = 'access.denied'");
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
        actor_name: "one",
        subject_type: "section",
        subject_id: "sec_one",
        subject_name: "Section One",
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
