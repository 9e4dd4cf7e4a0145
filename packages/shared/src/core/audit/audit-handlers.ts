import type { auditEndpoints } from "../../contract/audit.ts";
import { recordOf, type Handlers } from "../answering/endpoint.ts";
import type { Exports } from "../answering/exports.ts";
import { decodeCursor, wayOn } from "../answering/list-pages.ts";
import { csvRecord } from "../answering/write-csv.ts";
import type { ListPlace } from "../look-through.ts";
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

/** In the order in which the contract names the members: an export is written from it as it is. */
export const describeEvent = (event: WrittenAuditEvent) => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  action: event.action,
  result: event.result,
  actor: event.actorUserId === null ? null : { id: event.actorUserId, name: event.actorName },
  subject:
    event.subjectType === null
      ? null
      : { type: event.subjectType, id: event.subjectId, name: event.subjectName },
  sessionId: event.sessionId,
  address: event.address,
  userAgent: event.userAgent,
  requestId: event.requestId,
  detail: event.detail,
});

const csvColumns = [
  "id",
  "at",
  "action",
  "result",
  "actorId",
  "actorName",
  "subjectType",
  "subjectId",
  "subjectName",
  "sessionId",
  "address",
  "userAgent",
  "requestId",
  "detail",
] as const;

const csvOf = (event: WrittenAuditEvent): string =>
  csvRecord([
    event.id,
    new Date(event.at).toISOString(),
    event.action,
    event.result,
    event.actorUserId,
    event.actorName,
    event.subjectType,
    event.subjectId,
    event.subjectName,
    event.sessionId,
    event.address,
    event.userAgent,
    event.requestId,
    JSON.stringify(event.detail),
  ]);

/** The handler of the audit trail. It takes as decided that the caller may read all of it. */
export const createAuditHandlers = ({
  stores: { audit },
  exports,
  now,
}: {
  readonly stores: { readonly audit: Pick<AuditStore, "add" | "read"> };
  readonly exports: Exports;
  readonly now: () => number;
}): Pick<Handlers, keyof typeof auditEndpoints> => ({
  "GET /audit-events": async ({ query, context, ok }) => {
    const { limit, cursor, format } = query;
    if (format !== undefined) {
      const file = await exports.begin<WrittenAuditEvent, ListPlace>(context, {
        name: "audit-events",
        format,
        permission: "audit:read",
        columns: csvColumns,
        read: async (after, most) => {
          const { events, next } = await audit.read(filterOf(query), after, most);
          return { rows: events, next };
        },
        write: format === "csv" ? csvOf : (event) => `${JSON.stringify(describeEvent(event))}\n`,
        record: () =>
          audit.add({
            ...recordOf(context),
            at: now(),
            action: "auditTrail.export",
            result: "success",
            detail: { format, ...askedOf(query) },
          }),
      });
      return ok(200, { file });
    }
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
