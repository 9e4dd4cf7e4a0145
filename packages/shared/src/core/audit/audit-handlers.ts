import type { auditEndpoints } from "../../contract/audit.ts";
import type { Handlers } from "../answering/endpoint.ts";
import { decodeCursor, wayOn } from "../answering/list-pages.ts";
import type { AuditFilter, AuditStore, WrittenAuditEvent } from "./audit-store.ts";

type AuditQuery = Parameters<Handlers["GET /audit-events"]>[0]["query"];

const isPlace = (place: readonly unknown[]): place is readonly [at: number, id: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

const milliseconds = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time);

const filterOf = ({ actor, action, subject, from, to }: AuditQuery): AuditFilter => ({
  actorUserId: actor,
  action,
  subjectId: subject,
  from: milliseconds(from),
  to: milliseconds(to),
});

/** What the next page has to be asked for as well. */
const askedOf = ({ actor, action, subject, from, to }: AuditQuery): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ actor, action, subject, from, to }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

const describeEvent = ({
  at,
  actorUserId,
  actorName,
  subjectType,
  subjectId,
  subjectName,
  ...event
}: WrittenAuditEvent) => ({
  ...event,
  at: new Date(at).toISOString(),
  actor: actorUserId === null ? null : { id: actorUserId, name: actorName },
  subject: subjectType === null ? null : { type: subjectType, id: subjectId, name: subjectName },
});

/** The handler of the audit trail. It takes as decided that the caller may read all of it. */
export const createAuditHandlers = ({
  stores: { audit },
}: {
  readonly stores: { readonly audit: Pick<AuditStore, "read"> };
}): Pick<Handlers, keyof typeof auditEndpoints> => ({
  "GET /audit-events": async ({ query, ok }) => {
    const { limit, cursor } = query;
    const place = cursor === undefined ? null : decodeCursor(cursor, isPlace);
    const { events, next } = await audit.read(
      filterOf(query),
      place && { at: place[0], id: place[1] },
      limit,
    );
    const { nextCursor, headers } = wayOn(next && [next.at, next.id], limit, askedOf(query));
    return ok(200, { items: events.map(describeEvent), nextCursor }, { headers });
  },
});
