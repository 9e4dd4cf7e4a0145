import {
  type AccessRequest,
  type AccessRequestListing,
  type AccessRequestStore,
  type AskedSoFar,
  type NamedAccessRequest,
  type RequestAnswer,
} from "@sallyport/shared/core";
import { asc, eq, inArray, sql } from "drizzle-orm";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { accessRequests, listChanges } from "./schema.ts";

/**
 * To be called inside a transaction, before anything else is written. All that this person has
 * asked for of the section is answered. @returns whether the request was open
 */
export const answerRequest = (
  { sqlite }: Pick<Parts, "sqlite">,
  { requestId, at }: RequestAnswer,
): boolean =>
  sqlite
    .prepare(
      `UPDATE access_requests SET answered_at = ? WHERE answered_at IS NULL AND (user_id, section_id) IN
         (SELECT user_id, section_id FROM access_requests WHERE id = ? AND answered_at IS NULL)`,
    )
    .run(at, requestId).changes > 0;

/**
 * Their list has changed. Triggers tell of those only that ask for something, and of a section that
 * has gone; if nothing told of the others, whoever may be told of the list would learn from their
 * own request whether there is such a section.
 */
const noteChange = ({ orm }: Pick<Parts, "orm">): void =>
  void orm
    .update(listChanges)
    .set({
      version: sql`${listChanges.version} + 1`,
      changedAt: sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
    })
    .where(eq(listChanges.list, "accessRequests"))
    .run();

const columns = `a.id, a.note, a.asked_at AS askedAt, a.answered_at AS answeredAt,
  u.id AS userId, u.username, u.display_name AS displayName, s.slug, s.title`;
const joined =
  "FROM access_requests a JOIN users u ON u.id = a.user_id JOIN sections s ON s.id = a.section_id";
const isOfThem = `(+g.section_id = s.id OR +g.section_id IS NULL)
    AND (g.expires_at IS NULL OR g.expires_at - g.expires_at % 1000 > ?)`;
/**
 * Of one person and section, whatever it was called when they asked, the first one. Signs keep
 * SQLite from looking through all grants on the section, and all that anybody has asked for before,
 * for each of them.
 */
const isWaiting = `a.answered_at IS NULL AND u.active AND s.visibility = 'restricted'
  AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.user_id = u.id AND ${isOfThem})
  AND NOT EXISTS (SELECT 1 FROM user_roles r JOIN grants g ON g.role_id = r.role_id
    WHERE r.user_id = u.id AND ${isOfThem})
  AND NOT EXISTS (SELECT 1 FROM access_requests b WHERE b.user_id = a.user_id AND +b.section_id = a.section_id
    AND +b.answered_at IS NULL AND (+b.asked_at, b.id) < (a.asked_at, a.id))`;

interface RawRequest extends Pick<
  NamedAccessRequest,
  "id" | "note" | "askedAt" | "answeredAt" | "title"
> {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly slug: string;
}

const namedOf = ({
  userId,
  username,
  displayName,
  slug,
  ...rest
}: RawRequest): NamedAccessRequest => ({
  ...rest,
  user: { id: userId, username, displayName },
  section: slug,
});

export const createAccessRequestStore = (parts: Parts): AccessRequestStore => {
  const { orm, sqlite, writer, now } = parts;
  const readOf = (userId: string): AccessRequest[] =>
    orm
      .select()
      .from(accessRequests)
      .where(eq(accessRequests.userId, userId))
      .orderBy(asc(accessRequests.askedAt), asc(accessRequests.id))
      .all();
  const sectionAt = sqlite.prepare<[string, string], NonNullable<AskedSoFar["section"]>>(
    `SELECT id, slug, visibility FROM sections WHERE slug = ?
     UNION ALL SELECT s.id, s.slug, s.visibility FROM section_slugs f JOIN sections s ON s.id = f.section_id WHERE f.slug = ?`,
  );
  const find = (userId: string, slug: string): AskedSoFar => {
    const section = sectionAt.get(slug, slug) ?? null;
    const requests = readOf(userId);
    return { version: JSON.stringify([requests, section?.id]), requests, section };
  };
  const prepareList = ({ sections, isDescending, after }: AccessRequestListing) => {
    const ofSections = sections ? "AND s.slug IN (SELECT value FROM json_each(?))" : "";
    const [behind, way] = isDescending ? ["<", "DESC"] : [">", "ASC"];
    return {
      rows: sqlite.prepare<unknown[], RawRequest>(
        `SELECT ${columns} ${joined} WHERE ${isWaiting} ${ofSections}
         ${after ? `AND (a.asked_at, a.id) ${behind} (?, ?)` : ""}
         ORDER BY a.asked_at ${way}, a.id ${way} LIMIT ?`,
      ),
      total: sqlite
        .prepare<unknown[], number>(`SELECT count(*) ${joined} WHERE ${isWaiting} ${ofSections}`)
        .pluck(),
    };
  };
  const byId = sqlite.prepare<[string], RawRequest>(`SELECT ${columns} ${joined} WHERE a.id = ?`);
  const purge = sqlite.prepare<[number, number]>(
    "DELETE FROM access_requests WHERE answered_at < ? OR asked_at < ?",
  );

  return {
    readOf,
    find,
    ask: (userId, slug, expectedVersion, { remove, add, note, audit }) =>
      writer.write(() => {
        if (find(userId, slug).version !== expectedVersion) return "changed";
        if (remove.length > 0)
          orm
            .delete(accessRequests)
            .where(inArray(accessRequests.id, [...remove]))
            .run();
        if (add) orm.insert(accessRequests).values(add).run();
        if (note)
          orm
            .update(accessRequests)
            .set({ note: note.note })
            .where(eq(accessRequests.id, note.id))
            .run();
        noteChange(parts);
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    list: (listing) => {
      const { sections, after, limit } = listing;
      const { rows, total } = prepareList(listing);
      const bound = [now(), now(), ...(sections ? [JSON.stringify(sections)] : [])];
      return sqlite.transaction(() => ({
        requests: rows.all(...bound, ...(after ?? []), limit).map(namedOf),
        total: total.get(...bound) ?? 0,
      }))();
    },
    read: (requestId) => {
      const found = byId.get(requestId);
      return found ? namedOf(found) : null;
    },
    answer: (expected, answer, audit) =>
      writer.write(() => {
        if (!areAsRead(parts, expected) || !answerRequest(parts, answer)) return "changed";
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    purge: ({ answered, asked }) => writer.write(() => purge.run(answered, asked).changes),
  };
};
