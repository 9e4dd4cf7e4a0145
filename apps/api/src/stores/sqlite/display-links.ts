import type { DisplayLink, DisplayLinkStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { displayLinks } from "./schema.ts";

interface RawLink extends Omit<DisplayLink, "madeBy"> {
  readonly makerId: string;
  readonly username: string;
  readonly displayName: string;
}

const select = `SELECT l.id, l.name, s.id AS sectionId, s.slug AS section, s.title, u.id AS makerId, u.username,
    u.display_name AS displayName, l.created_at AS createdAt, l.expires_at AS expiresAt, l.last_seen_at AS lastSeenAt
  FROM display_links l JOIN sections s ON s.id = l.section_id JOIN users u ON u.id = l.made_by`;

const linkOf = ({ makerId: id, username, displayName, ...rest }: RawLink): DisplayLink => ({
  ...rest,
  madeBy: { id, username, displayName },
});

export const createDisplayLinkStore = (parts: Parts): DisplayLinkStore => {
  const { orm, sqlite, writer } = parts;
  const list = sqlite.prepare<[string | null, string | null, number, string, number], RawLink>(
    `${select} WHERE (? IS NULL OR s.slug = ?) AND (l.created_at, l.id) < (?, ?)
     ORDER BY l.created_at DESC, l.id DESC LIMIT ?`,
  );
  const byId = sqlite.prepare<[string], RawLink>(`${select} WHERE l.id = ?`);
  const byToken = sqlite.prepare<[Uint8Array], RawLink>(`${select} WHERE l.token_hash = ?`);
  const sectionIdOf = sqlite
    .prepare<[string], string>("SELECT id FROM sections WHERE slug = ?")
    .pluck();
  const remove = sqlite.prepare<[string]>("DELETE FROM display_links WHERE id = ?");
  const noteSeen = sqlite.prepare<[number, string]>(
    "UPDATE display_links SET last_seen_at = ? WHERE id = ?",
  );
  const purge = sqlite.prepare<[number]>("DELETE FROM display_links WHERE expires_at < ?");
  const found = (raw: RawLink | undefined): DisplayLink | null => (raw ? linkOf(raw) : null);

  return {
    list: (section, after, limit) =>
      list
        .all(section, section, ...(after ?? ([Number.MAX_SAFE_INTEGER, ""] as const)), limit)
        .map(linkOf),
    read: (id) => found(byId.get(id)),
    findByToken: (tokenHash) => found(byToken.get(tokenHash)),
    add: ({ section, ...link }, expected, audit) =>
      writer.write(() => {
        const sectionId = sectionIdOf.get(section);
        if (sectionId === undefined || !areAsRead(parts, expected)) return "changed";
        orm
          .insert(displayLinks)
          .values({ ...link, sectionId })
          .run();
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    remove: (id, expected, audit) =>
      writer.write(() => {
        if (!areAsRead(parts, expected) || remove.run(id).changes === 0) return "changed";
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    noteSeen: (id, at) => writer.write(() => void noteSeen.run(at, id)),
    purge: (endedBefore) => writer.write(() => purge.run(endedBefore).changes),
  };
};
