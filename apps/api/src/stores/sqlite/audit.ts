import { sql, type SQL } from "drizzle-orm";
import type {
  AuditEvent,
  AuditFilter,
  ListPlace,
  AuditStore,
  WrittenAuditEvent,
} from "@sallyport/shared/core";
import { lookedAtInTurn, lookThrough, queueCallerOfRecord } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import { columnsOf } from "./columns.ts";
import type { Parts } from "./parts.ts";
import { auditEvents } from "./schema.ts";

const purgeBatchSize = 500;

/** What a subject is called, by its kind; other kinds have no name. */
const nameOfSubject = (type: AuditEvent["subjectType"], id: string): SQL | null => {
  switch (type) {
    case "user":
      return sql`(select username from users where id = ${id})`;
    case "role":
      return sql`(select name from roles where id = ${id})`;
    case "section":
      return sql`(select title from sections where id = ${id})`;
    case "dataset":
      return sql`(select name from datasets where id = ${id})`;
    case "session":
      return sql`(select username from users where id = (select user_id from sessions where id = ${id}))`;
    default:
      return null;
  }
};

const namesOf = ({
  actorUserId,
  actorName,
  subjectType,
  subjectId,
  subjectName,
}: AuditEvent): {
  readonly actorName: SQL | string | null;
  readonly subjectName: SQL | string | null;
} => ({
  actorName:
    actorName === undefined && actorUserId != null
      ? sql`(select username from users where id = ${actorUserId})`
      : (actorName ?? null),
  subjectName:
    subjectName === undefined && subjectId != null
      ? nameOfSubject(subjectType, subjectId)
      : (subjectName ?? null),
});

/** To be called inside a transaction: the event is written with what it tells of. */
export const insertAuditEvent = (
  { orm, memory }: Pick<Parts, "orm"> & Partial<Pick<Parts, "memory">>,
  event: AuditEvent,
): void => {
  const { changes } = orm
    .insert(auditEvents)
    .values({ id: newId("evt"), ...event, ...namesOf(event) })
    .run();
  memory?.overlook(changes);
};

/** The indexes that events are found by, the one that leaves the fewest first. */
const ways = [
  { part: "subjectId", column: "subject_id", index: "audit_events_subject" },
  { part: "actorUserId", column: "actor_user_id", index: "audit_events_actor" },
  { part: "action", column: "action", index: "audit_events_action" },
] as const satisfies readonly { part: keyof AuditFilter; column: string; index: string }[];

type RawEvent = Omit<WrittenAuditEvent, "detail"> & { readonly detail: string };
const eventOf = ({ detail, ...event }: RawEvent): WrittenAuditEvent => ({
  ...event,
  detail: JSON.parse(detail) as WrittenAuditEvent["detail"],
});
const placeOf = (event: WrittenAuditEvent | undefined): ListPlace | null =>
  event ? { at: event.at, id: event.id } : null;

/**
 * Reads of the trail. One part of the filter, and the time, is what an index is for. Each ends in
 * the rowid, so that the events come out of it in order. What the other parts leave out is looked
 * at, in one turn after the other.
 */
const createRead = ({ sqlite }: Pick<Parts, "sqlite">): AuditStore["read"] => {
  const rowidOf = sqlite
    .prepare<[string], number>("SELECT rowid FROM audit_events WHERE id = ?")
    .pluck();
  const columns = columnsOf(auditEvents, "e");
  const inOrder = "ORDER BY e.at DESC, e.rowid DESC";
  const readThese = sqlite.prepare<[string], RawEvent>(
    `SELECT ${columns} FROM audit_events e WHERE e.id IN (SELECT value FROM json_each(?)) ${inOrder}`,
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return (filter, after, limit) => {
    const [way, ...others] = ways.filter(({ part }) => filter[part] !== undefined);
    const found = `FROM audit_events e INDEXED BY ${way?.index ?? "audit_events_at"}
      WHERE ${way ? `e.${way.column} = ? AND ` : ""}e.at >= ? AND (e.at, e.rowid) < (?, ?) ${inOrder} LIMIT ?`;
    const before = filter.to ?? Number.MAX_SAFE_INTEGER;
    const bind = (place: ListPlace | null, count: number): (string | number)[] => [
      ...(way ? [filter[way.part] as string] : []),
      filter.from ?? Number.MIN_SAFE_INTEGER,
      // Of an event that has been purged meanwhile, the moment is left.
      ...(place !== null && place.at < before
        ? [place.at, rowidOf.get(place.id) ?? 0]
        : [before, 0]),
      count,
    ];

    if (others.length === 0) {
      const events = sqlite
        .prepare<(string | number)[], RawEvent>(`SELECT ${columns} ${found}`)
        .all(...bind(after, limit + 1))
        .map(eventOf);
      return {
        events: events.slice(0, limit),
        next: events[limit] ? placeOf(events[limit - 1]) : null,
      };
    }

    const look = sqlite.prepare<(string | number)[], ListPlace & { readonly fits: 0 | 1 }>(
      `SELECT e.id, e.at, ${others.map(({ column }) => `e.${column} IS ?`).join(" AND ")} AS fits ${found}`,
    );
    const wanted = others.map(({ part }) => filter[part] as string);
    return lookThrough(limit, after, async (place) => {
      if (place !== after) await turn();
      return look
        .all(...wanted, ...bind(place, lookedAtInTurn))
        .map(({ fits, ...seen }) => ({ ...seen, fits: fits === 1 }));
    }).then(({ ids, next }) => ({ events: readThese.all(JSON.stringify(ids)).map(eventOf), next }));
  };
};

export const createAuditStore = (parts: Parts): AuditStore => {
  const { sqlite, writer, memory, deleteAuditEvents } = parts;
  return {
    add: (event) => writer.write(() => insertAuditEvent(parts, event), queueCallerOfRecord(event)),
    read: createRead(parts),
    purge: async (before) => {
      const findLast = sqlite
        .prepare<[number, number], number>(
          "SELECT at FROM audit_events WHERE at < ? ORDER BY at LIMIT 1 OFFSET ?",
        )
        .pluck();
      for (let purged = 0; ;) {
        const last = findLast.get(before, purgeBatchSize - 1);
        const upTo = last === undefined ? before : last + 1;
        const deleted = await writer.write(() => {
          const count = deleteAuditEvents(upTo);
          memory.overlook(count);
          return count;
        });
        purged += deleted;
        if (last === undefined) return purged;
      }
    },
  };
};
