/**
 * What lists ask of PostgreSQL, with many rows in each table: it finds its way by an index, on the
 * first page and on a later one, with each filter and in each order.
 */
import pg from "pg";
import { describe, expect, inject, it, vi } from "vitest";
import { createDatabase, queryByHand, type Cluster } from "../../../test/postgres/cluster.ts";
import { openDatabase, type Database } from "./connection.ts";
import { createPostgresStores, type PostgresStores } from "./stores.ts";

const now = Date.parse("2026-11-22T09:00:00Z");

/** Rows by hand; what triggers would write of them is left out. */
const fill = [
  "SET session_replication_role = replica",
  `INSERT INTO users (id, username, username_key, email, email_key, display_name, display_name_key, active, created_at)
   SELECT 'usr_' || i, 'name' || i, 'name' || i, i || '@example.com', i || '@example.com', 'Name ' || i, 'name ' || i, i % 50 <> 0, i
   FROM generate_series(1, 20000) i`,
  "INSERT INTO roles (id, name) SELECT 'rol_' || i, 'role ' || i FROM generate_series(1, 40) i",
  "INSERT INTO role_permissions SELECT 'rol_' || i, 'users:read' FROM generate_series(1, 40) i",
  // Everybody is in one of twenty, and a few in one of their own.
  "INSERT INTO user_roles SELECT 'usr_' || i, 'rol_' || 1 + i % 20 FROM generate_series(1, 20000) i",
  "INSERT INTO user_roles SELECT 'usr_' || i, 'rol_30' FROM generate_series(1, 20) i ON CONFLICT DO NOTHING",
  `INSERT INTO sections (id, slug, title, position, created_at, updated_at)
   SELECT 'sec_' || i, 'section-' || i, 'Section ' || i, i, 0, 0 FROM generate_series(1, 1000) i`,
  `INSERT INTO grants (id, user_id, section_id, expires_at, created_at)
   SELECT 'grt_' || i, 'usr_' || i, 'sec_' || 1 + i % 1000, CASE WHEN i % 10 = 0 THEN ${now} + i * 1000 END, i
   FROM generate_series(1, 20000) i`,
  "INSERT INTO grants (id, role_id, section_id, created_at) SELECT 'grt_r' || i, 'rol_' || i, 'sec_' || i, i FROM generate_series(1, 40) i",
  `INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at,
     absolute_expires_at, ended_at, delivery, user_agent, address, created_at, last_used_at, amr, auth_time)
   SELECT 'ses_' || i, 'usr_' || i % 10000, 1, '', '', '', 0, ${now} * 2, ${now} * 2, CASE WHEN i % 2 = 0 THEN i END,
     'cookie', 'Firefox', '192.0.2.' || i % 250, i, i, '[]', 0
   FROM generate_series(1, 30000) i`,
  `INSERT INTO audit_events (id, at, action, result, actor_user_id, subject_type, subject_id)
   SELECT 'evt_' || i, i, 'action' || i % 20, 'success', 'usr_' || i % 2000, 'user', 'usr_' || i % 5000
   FROM generate_series(1, 40000) i`,
  `INSERT INTO access_requests (id, user_id, asked_for, section_id, note, asked_at, answered_at)
   SELECT 'acr_' || i, 'usr_' || i, 'section-' || 2 + i % 900, 'sec_' || 2 + i % 900, '', i, CASE WHEN i % 100 <> 0 THEN i END
   FROM generate_series(1, 20000) i`,
  `INSERT INTO display_links (id, token_hash, name, section_id, made_by, created_at, expires_at)
   SELECT 'dsp_' || i, int4send(i), 'Wall', 'sec_' || 1 + i % 1000, 'usr_' || 1 + i % 500, i, ${now} * 2
   FROM generate_series(1, 10000) i`,
  `INSERT INTO notices (id, user_id, kind, data, at)
   SELECT 'ntc_' || i, 'usr_' || i, 'passwordLinkMade', '{}', i FROM generate_series(1, 10000) i`,
  `INSERT INTO one_use_tokens (token_hash, purpose, user_id, created_at, expires_at)
   SELECT int4send(i), 'password', 'usr_' || i, 0, ${now} * 2 FROM generate_series(1, 10000) i`,
  "VACUUM ANALYZE",
];

/** Whoever walks through one of these takes the longer the more there is. */
const growing = new Set([
  "users",
  "user_roles",
  "grants",
  "sessions",
  "audit_events",
  "access_requests",
  "display_links",
  "notices",
  "one_use_tokens",
]);
/** More than a page, its people's roles, and what is looked through for it in one turn. */
const mostSorted = 2_000;

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Plan Rows": number;
  readonly Plans?: readonly Plan[];
}
const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const complaintsOf = (plan: Plan): readonly string[] =>
  nodesOf(plan).flatMap((node) => {
    const table = node["Relation Name"] ?? "";
    if (node["Node Type"] === "Seq Scan" && growing.has(table)) return [`walks through ${table}`];
    const sorted = node["Node Type"] === "Sort" ? (node.Plans?.[0]?.["Plan Rows"] ?? 0) : 0;
    return sorted > mostSorted ? [`sorts ${sorted} rows`] : [];
  });

/** What walks all the same, and why it may. */
const exempt: readonly { readonly statement: RegExp; readonly why: string }[] = [
  {
    statement: /^select count\(\*\) (as count from "users"|from "access_requests")/,
    why: "How many there are of a list has to be counted, and PostgreSQL keeps no number of them.",
  },
  {
    statement: /AS fits FROM sessions s JOIN users u .* LIMIT \$\d+$/s,
    why: "A thousand sessions at a time are looked through. Of twenty thousand people, it reads all rather than look each of these up.",
  },
];

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Each read of each store that an endpoint or a job makes, with what it may be asked. */
const reads = async (stores: PostgresStores): Promise<void> => {
  const { users, audit, sessions, grants, accessRequests, displayLinks, roles } = stores;
  for (const by of ["username", "displayName", "createdAt"] as const)
    for (const descending of [false, true])
      for (const filter of [{}, { text: "name1999" }, { roleId: "rol_30" }, { active: false }]) {
        const wanted = { text: null, roleId: null, active: null, ...filter };
        const { items } = await users.list(wanted, { by, descending }, null, 10);
        await users.list(wanted, { by, descending }, items.at(-1)?.place ?? null, 10);
      }
  await users.find("name7");
  await users.readRights("usr_7");
  await users.read("usr_7");
  await users.readReasons("usr_7");
  await users.findTaken(["name7", "name8"], ["7@example.com"]);
  for (const filter of [
    {},
    { action: "action7" },
    { actorUserId: "usr_7" },
    { subjectId: "usr_7" },
    { action: "action7", actorUserId: "usr_7", subjectId: "usr_7" },
    { from: 10_000, to: 20_000 },
  ] as Parameters<typeof audit.read>[0][]) {
    const { next } = await audit.read(filter, null, 5);
    await audit.read(filter, next, 5);
  }
  for (const filter of [{}, { userId: "usr_7" }, { words: ["firefox"] }, { words: ["nobody"] }]) {
    const { next } = await sessions.list(filter, now, null, 5);
    await sessions.list(filter, now, next, 5);
  }
  await sessions.read("ses_7");
  await sessions.readState("ses_7");
  const holders = { userIds: ["usr_7", "usr_8"], roleIds: ["rol_7"] };
  for (const [whose, where] of [
    [null, null],
    [holders, null],
    [null, ["section-7", "_all_"]],
    [holders, ["section-7", "section-8"]],
  ] as const) {
    const found = await grants.list({ holders: whose, sections: where }, null, 5);
    const last = found.at(-1);
    await grants.list(
      { holders: whose, sections: where },
      last ? [last.createdAt, last.id] : [9_000, "grt_9000"],
      5,
    );
  }
  await grants.find({ ids: ["grt_7"], ...holders, sections: ["section-7", "section-8"] });
  await grants.find({ ids: [], userIds: ["usr_7"], roleIds: [], sections: ["section-7"] });
  for (const isDescending of [false, true])
    for (const slugs of [null, ["section-9", "section-10"]])
      for (const after of [null, [9_000, "acr_9000"] as const])
        await accessRequests.list({ sections: slugs, isDescending, after, limit: 5 });
  await accessRequests.readOf("usr_7");
  await accessRequests.read("acr_7");
  for (const section of [null, "section-7"])
    for (const after of [null, [5_000, "dsp_5000"] as const])
      await displayLinks.list(section, after, 5);
  await displayLinks.findByToken(Uint8Array.from([0, 0, 0, 7]));
  await roles.list();
  await roles.readRights(["rol_7", "rol_8"]);
  await roles.readMembers("rol_30");
  await roles.countUsers(["rol_30"]);
  await stores.notices.listOpen("usr_7");
};

const watch = ({ pool }: Database): { readonly asked: () => readonly Asked[] } => {
  const query = vi.spyOn(pool, "query");
  return {
    asked: () =>
      (
        query.mock.calls as unknown as [string | { text: string; values?: unknown[] }, unknown[]?][]
      ).map(([config, values]) =>
        typeof config === "string"
          ? { text: config, values: values ?? [] }
          : { text: config.text, values: values ?? config.values ?? [] },
      ),
  };
};

const cluster = inject("cluster");

describe.skipIf(cluster === null)("lists on PostgreSQL", () => {
  it("find their way by an index, however many rows there are", async ({ onTestFinished }) => {
    const { url, drop } = await createDatabase(cluster as Cluster);
    await queryByHand(url, ...fill);
    const database = await openDatabase(url);
    const hand = new pg.Client({ connectionString: url });
    await hand.connect();
    onTestFinished(async () => {
      await hand.end();
      await database.close();
      await drop();
    });
    const { asked } = watch(database);
    await reads(createPostgresStores(database, () => now));

    const complaints = new Set<string>();
    const used = new Set<unknown>();
    for (const { text, values } of asked()) {
      const { rows } = await hand.query<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        [...values],
      );
      const found = rows[0]?.["QUERY PLAN"].flatMap(({ Plan: plan }) => complaintsOf(plan)) ?? [];
      if (found.length === 0) continue;
      const known = exempt.find(({ statement }) => statement.test(text));
      if (known) used.add(known);
      else complaints.add(`${found.join(", ")}: ${text}`);
    }
    expect([...complaints]).toEqual([]);
    expect(exempt.filter((one) => !used.has(one))).toEqual([]);
    expect(asked().length).toBeGreaterThan(100);
  });
});
