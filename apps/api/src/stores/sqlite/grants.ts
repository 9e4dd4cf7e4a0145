import { everySection } from "@sallyport/shared/contract";
import {
  endedBefore,
  expiryOf,
  type Grant,
  type GrantFilter,
  type GrantHolder,
  type GrantStore,
  type NamedGrant,
} from "@sallyport/shared/core";
import { answerRequest } from "./access-requests.ts";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { grants } from "./schema.ts";

/**
 * To be called inside a transaction.
 * @param sectionId null for every one
 */
export const insertGrant = (
  { orm }: Pick<Parts, "orm">,
  holder: GrantHolder,
  sectionId: string | null,
  at: number,
): void =>
  void orm
    .insert(grants)
    .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
    .onConflictDoNothing()
    .run();

const purgeBatchSize = 500;

interface RawGrant {
  readonly id: string;
  readonly userId: string | null;
  readonly roleId: string | null;
  readonly username: string | null;
  readonly displayName: string | null;
  readonly roleName: string | null;
  readonly section: string;
  readonly title: string | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
}

/** Grants with the names of whom and what they are of, to be followed by `WHERE`. */
const named = (from: string, as = "g"): string =>
  `SELECT ${as}.id, ${as}.user_id AS userId, ${as}.role_id AS roleId, u.username,
     u.display_name AS displayName, r.name AS roleName, coalesce(s.slug, '${everySection}') AS section,
     s.title, ${as}.expires_at AS expiresAt, ${as}.created_at AS createdAt
   FROM ${from} ${as} LEFT JOIN users u ON u.id = ${as}.user_id
   LEFT JOIN roles r ON r.id = ${as}.role_id LEFT JOIN sections s ON s.id = ${as}.section_id`;
const inList = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`;
const ofSections = `(g.section_id IN (SELECT id FROM sections WHERE ${inList("slug")}) OR (? AND g.section_id IS NULL))`;
const bindSections = (slugs: readonly string[]): [slugs: string, everything: 0 | 1] => [
  JSON.stringify(slugs),
  slugs.includes(everySection) ? 1 : 0,
];

const namedOf = (raw: RawGrant): NamedGrant => {
  const { id, userId, roleId, username, displayName, roleName, ...rest } = raw;
  const { section, title, expiresAt, createdAt } = rest;
  return {
    id,
    holder: userId === null ? { roleId: roleId ?? "" } : { userId },
    section,
    title,
    expiresAt,
    createdAt,
    user: userId === null ? null : { username: username ?? "", displayName: displayName ?? "" },
    role: userId === null ? { name: roleName ?? "" } : null,
  };
};

export const createGrantStore = (parts: Parts): GrantStore => {
  const { orm, sqlite, writer, now } = parts;
  /** One statement for each kind of filter, which says what is an index for it. */
  const prepareList = ({ holders, sections }: GrantFilter, isBehind: boolean) =>
    sqlite.prepare<unknown[], RawGrant>(
      // Names are looked up for what is on the page alone, of all that a full table has.
      `${named(
        `(SELECT * FROM grants g
          WHERE (g.expires_at IS NULL OR g.expires_at - g.expires_at % 1000 > ?)
            ${holders ? `AND (${inList("g.user_id")} OR ${inList("g.role_id")})` : ""}
            ${sections ? `AND ${ofSections}` : ""}
            ${isBehind ? "AND (g.created_at, g.id) < (?, ?)" : ""}
          ORDER BY g.created_at DESC, g.id DESC LIMIT ?)`,
        "page",
      )} ORDER BY page.created_at DESC, page.id DESC`,
    );
  const lists = new Map<string, ReturnType<typeof prepareList>>();
  const listOf = (filter: GrantFilter, isBehind: boolean): ReturnType<typeof prepareList> => {
    const kind = `${filter.holders !== null} ${filter.sections !== null} ${isBehind}`;
    const known = lists.get(kind) ?? prepareList(filter, isBehind);
    lists.set(kind, known);
    return known;
  };
  const byIds = sqlite.prepare<[string], RawGrant>(`${named("grants")} WHERE ${inList("g.id")}`);
  const ofHolders = sqlite.prepare<[string, string, string, 0 | 1], RawGrant>(
    `${named("grants")} WHERE (${inList("g.user_id")} OR ${inList("g.role_id")}) AND ${ofSections}`,
  );
  const titlesOf = sqlite.prepare<[string], { readonly slug: string; readonly title: string }>(
    `SELECT slug, title FROM sections WHERE ${inList("slug")}`,
  );
  const sectionIdOf = sqlite
    .prepare<[string], string>("SELECT id FROM sections WHERE slug = ?")
    .pluck();
  const remove = sqlite.prepare("DELETE FROM grants WHERE id = ?");
  const changeEnd = sqlite.prepare("UPDATE grants SET expires_at = ? WHERE id = ?");
  const ended = sqlite.prepare<[number, number], RawGrant>(
    `${named("grants")} WHERE g.expires_at < ? ORDER BY g.expires_at LIMIT ?`,
  );

  const insert = ({ id, holder, expiresAt, createdAt }: Grant, sectionId: string | null): void =>
    void orm
      .insert(grants)
      .values({ id, ...holder, sectionId, expiresAt, createdAt })
      .run();

  return {
    list: (filter, after, limit) => {
      const { holders, sections } = filter;
      return listOf(filter, after !== null)
        .all(
          now(),
          ...(holders ? [JSON.stringify(holders.userIds), JSON.stringify(holders.roleIds)] : []),
          ...(sections ? bindSections(sections) : []),
          ...(after ?? []),
          limit,
        )
        .map(namedOf);
    },

    find: ({ ids, userIds, roleIds, sections }) =>
      // A deferred transaction: all reads see one state of the database.
      sqlite.transaction(() => {
        const found = [
          ...(ids.length === 0 ? [] : byIds.all(JSON.stringify(ids))),
          ...(sections.length === 0
            ? []
            : ofHolders.all(
                JSON.stringify(userIds),
                JSON.stringify(roleIds),
                ...bindSections(sections),
              )),
        ];
        const byId = new Map(found.map((raw) => [raw.id, namedOf(raw)]));
        const titles = titlesOf.all(JSON.stringify(sections));
        return {
          grants: [...byId.values()],
          titles: new Map(titles.map(({ slug, title }) => [slug, title])),
        };
      })(),

    apply: (expected, writes) =>
      writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        const added: [grant: Grant, sectionId: string | null][] = [];
        for (const grant of writes.add) {
          const sectionId = grant.section === everySection ? null : sectionIdOf.get(grant.section);
          if (sectionId === undefined) return "changed";
          added.push([grant, sectionId]);
        }
        if (writes.answer && !answerRequest(parts, writes.answer)) return "changed";
        for (const id of writes.remove) remove.run(id);
        for (const { id, expiresAt } of writes.change) changeEnd.run(expiresAt, id);
        for (const [grant, sectionId] of added) insert(grant, sectionId);
        for (const event of writes.audit) insertAuditEvent(parts, event);
        return "applied";
      }),

    purge: async (endedBy) => {
      for (let purged = 0; ;) {
        const count = await writer.write(() => {
          const batch = ended.all(endedBefore(endedBy), purgeBatchSize);
          for (const raw of batch) {
            remove.run(raw.id);
            insertAuditEvent(parts, expiryOf(namedOf(raw), endedBy));
          }
          return batch.length;
        });
        purged += count;
        if (count < purgeBatchSize) return purged;
      }
    },
  };
};
