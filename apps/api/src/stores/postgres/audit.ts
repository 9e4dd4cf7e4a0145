import { asc, inArray, lt, sql, type SQL } from "drizzle-orm";
import type { QueryResultRow } from "pg";
import {
  lookedAtInTurn,
  lookThrough,
  type AuditEvent,
  type ListPlace,
  type AuditStore,
  type LookedAt,
  type WrittenAuditEvent,
} from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import { columnsOf } from "./columns.ts";
import type { Parts } from "./parts.ts";
import { auditEvents } from "./schema.ts";
import { storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

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
    case "session":
      return sql`(select u.username from sessions s join users u on u.id = s.user_id where s.id = ${id})`;
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

/** The event is written with what it tells of. */
export const insertAuditEvent = async (
  { orm }: Pick<Transaction, "orm">,
  event: AuditEvent,
): Promise<void> => {
  const kept = storable(event);
  await orm.insert(auditEvents).values({ id: newId("evt"), ...kept, ...namesOf(kept) });
};

const columns = columnsOf(auditEvents, "e", ["place"]);
const inOrder = "ORDER BY e.at DESC, e.place DESC";

/** What events are found by, what leaves the fewest first: there is an index for each. */
const ways = [
  { part: "subjectId", column: "subject_id" },
  { part: "actorUserId", column: "actor_user_id" },
  { part: "action", column: "action" },
] as const;

export const createAuditStore = ({ pool, writer }: Parts): AuditStore => ({
  add: (event) => writer.write((transaction) => insertAuditEvent(transaction, event)),
  read: async (filter, after, limit) => {
    const [way, ...others] = ways.filter(({ part }) => filter[part] !== undefined);
    const query = async <Row extends QueryResultRow>(
      selection: string,
      place: ListPlace | null,
      count: number,
    ): Promise<Row[]> => {
      const values: unknown[] = [];
      const bind = (value: unknown): string => `$${values.push(value)}`;
      const fits = others.map(({ part, column }) => `e.${column} = ${bind(filter[part])}`);
      const conditions = [
        ...(way ? [`e.${way.column} = ${bind(filter[way.part])}`] : []),
        ...(filter.from === undefined ? [] : [`e.at >= ${bind(filter.from)}`]),
        ...(filter.to === undefined ? [] : [`e.at < ${bind(filter.to)}`]),
        // Of an event that has been purged meanwhile, the moment is left.
        ...(place === null
          ? []
          : [
              `(e.at, e.place) < (${bind(place.at)}, coalesce((SELECT place FROM audit_events WHERE id = ${bind(place.id)}), 0))`,
            ]),
      ];
      const { rows } = await pool.query<Row>(
        `SELECT ${[selection, ...(fits.length > 0 ? [`coalesce(${fits.join(" AND ")}, false) AS fits`] : [])].join(", ")} FROM audit_events e
         WHERE ${conditions.join(" AND ") || "true"} ${inOrder} LIMIT ${bind(count)}`,
        values,
      );
      return rows;
    };
    if (others.length === 0) {
      const events = await query<WrittenAuditEvent>(columns, after, limit + 1);
      const last = events[limit] && events[limit - 1];
      return {
        events: events.slice(0, limit),
        next: last ? { at: last.at, id: last.id } : null,
      };
    }
    const { ids, next } = await lookThrough(limit, after, (place) =>
      query<LookedAt>("e.id, e.at", place, lookedAtInTurn),
    );
    const { rows } = await pool.query<WrittenAuditEvent>(
      `SELECT ${columns} FROM audit_events e WHERE e.id = ANY($1) ${inOrder}`,
      [ids],
    );
    return { events: rows, next };
  },
  purge: async (before) => {
    for (let purged = 0; ;) {
      const deleted = await writer.write(async ({ orm }) => {
        // The trigger asks for it; it is forgotten with the transaction.
        await orm.execute(
          sql`SELECT set_config('sallyport.audit_retention', ${String(before)}, true)`,
        );
        const oldest = orm
          .select({ id: auditEvents.id })
          .from(auditEvents)
          .where(lt(auditEvents.at, before))
          .orderBy(asc(auditEvents.at))
          .limit(purgeBatchSize);
        const { rowCount } = await orm.delete(auditEvents).where(inArray(auditEvents.id, oldest));
        return rowCount ?? 0;
      });
      purged += deleted;
      if (deleted < purgeBatchSize) return purged;
    }
  },
});
