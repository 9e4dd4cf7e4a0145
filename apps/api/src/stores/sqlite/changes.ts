import type { ChangeStore, ListMark, SectionMark } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { sessionStateColumns, sessionStateOf, type RawSessionState } from "./sessions.ts";

export const createChangeStore = ({ sqlite }: Pick<Parts, "sqlite">): ChangeStore => {
  const dataVersion = sqlite.prepare<[], number>("PRAGMA data_version").pluck();
  const totalChanges = sqlite.prepare<[], number>("SELECT total_changes()").pluck();
  const readStates = sqlite.prepare<[string], RawSessionState & { readonly id: string }>(
    `SELECT s.id, ${sessionStateColumns} FROM sessions s WHERE s.id IN (SELECT value FROM json_each(?))`,
  );
  // Definitions of panels are not read: a trigger raises `updated_at` with them, whoever changes
  // them.
  const readMarks = sqlite.prepare<[], SectionMark>(
    `SELECT s.id, s.slug, s.visibility, json_array(s.title, s.icon, s.position) AS listed,
            json_array(s.description, s.refresh_seconds, s.last, s.updated_at,
              (SELECT json_group_array(json_array(p.id, d.id, d.version)) FROM panels p LEFT JOIN datasets d ON d.id = p.dataset_id WHERE p.section_id = s.id)) AS content,
            max(s.updated_at, coalesce((SELECT max(d.updated_at) FROM panels p JOIN datasets d ON d.id = p.dataset_id WHERE p.section_id = s.id), 0)) AS changedAt
     FROM sections s`,
  );
  const readEnded = sqlite
    .prepare<[number, number, number, number], string>(
      `SELECT user_id FROM grants WHERE expires_at > ? AND expires_at <= ? AND user_id IS NOT NULL
       UNION SELECT ur.user_id FROM grants g JOIN user_roles ur ON ur.role_id = g.role_id WHERE g.expires_at > ? AND g.expires_at <= ?`,
    )
    .pluck();
  const readNextEnd = sqlite
    .prepare<[number], number | null>("SELECT min(expires_at) FROM grants WHERE expires_at > ?")
    .pluck();
  // Raised by triggers, whoever changes something. Of what is only added to, the newest row tells.
  const readLists = sqlite.prepare<[], ListMark>(
    `SELECT list, version, changed_at AS changedAt FROM list_changes WHERE list <> 'sessions'
     UNION ALL SELECT 'audit', coalesce((SELECT max(rowid) FROM audit_events), 0), coalesce((SELECT max(at) FROM audit_events), 0)
     UNION ALL SELECT list, version || ' ' || coalesce((SELECT max(rowid) FROM sessions), 0),
       max(changed_at, coalesce((SELECT max(created_at) FROM sessions WHERE ended_at IS NULL), 0)) FROM list_changes WHERE list = 'sessions'`,
  );
  return {
    readEnds: (after, upTo) =>
      sqlite.transaction(() => ({
        userIds: new Set(readEnded.all(after, upTo, after, upTo)),
        next: readNextEnd.get(upTo) ?? null,
      }))(),
    readMark: () => `${dataVersion.get()} ${totalChanges.get()}`,
    readLiveState: (sessionIds) =>
      sqlite.transaction(() => ({
        sessions: new Map(
          readStates
            .all(JSON.stringify(sessionIds))
            .map(({ id, ...state }) => [id, sessionStateOf(state)]),
        ),
        sections: readMarks.all(),
        lists: readLists.all(),
      }))(),
  };
};
