/**
 * What benchmarks put into a database before anything is measured, faster than the API would, and
 * how large it is.
 */
import type { PanelDefinition } from "@sallyport/shared/contract";
import type { RefreshTokens } from "@sallyport/shared/core";
import BetterSqlite3 from "better-sqlite3";
import { chance, digests, newId } from "../../../tokens/chance.ts";
import { openDatabase } from "../connection.ts";

/**
 * Adds sessions to a database whose tokens can be used, as sign-in would have: far quicker than
 * signing in.
 */
export const addSessions = (
  file: string,
  refreshTokens: RefreshTokens,
  count: number,
): string[] => {
  const { sqlite, close } = openDatabase(file);
  const user = sqlite
    .prepare<[], { id: string }>("SELECT id FROM users WHERE username = 'mike'")
    .get()?.id;
  const insert = sqlite.prepare(
    `INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at, absolute_expires_at, delivery, user_agent, address, created_at, last_used_at, amr, auth_time)
     VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 'cookie', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', '127.0.0.1', ?, ?, '["pwd"]', ?)`,
  );
  const now = Date.now();
  const tokens: string[] = [];
  sqlite.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const sessionId = newId("ses");
      const secret = chance.secret();
      insert.run(
        sessionId,
        user,
        digests.hash(secret),
        chance.secret(),
        refreshTokens.masterSecretId,
        now,
        now + 604_800_000,
        now + 2_592_000_000,
        now,
        now,
        now,
      );
      tokens.push(
        refreshTokens.write({ sessionId, generation: 1, secret }, refreshTokens.masterSecretId),
      );
    }
  })();
  sqlite.pragma("wal_checkpoint(TRUNCATE)");
  close();
  return tokens;
};

/** As large as the file is once the log has been written back into it. */
export const databaseBytes = (file: string): number => {
  const database = new BetterSqlite3(file);
  database.pragma("wal_checkpoint(PASSIVE)");
  const bytes = (database.pragma("page_count", { simple: true }) as number) * 4096;
  database.close();
  return bytes;
};

/**
 * A dataset of a million rows over ten years, in no order of time, with an index on the time, and
 * the address of a panel that reads it.
 */
export const addLargeDataset = (file: string): string => {
  const { sqlite, close } = openDatabase(file);
  const tableName = `dataset_${"b".repeat(32)}`;
  const [first, span] = [Date.UTC(2015, 0), 315_360_000];
  sqlite.exec(`CREATE TABLE ${tableName} (c0 TEXT, c1 REAL, c2 INTEGER) STRICT;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
    INSERT INTO ${tableName} SELECT 'category ' || (i * 7919 % 12), (i % 1000) / 4.0, ${first} + (i * 2654435761 % ${span}) * 1000 FROM n;
    CREATE INDEX large_time ON ${tableName} (c2);`);
  const columns = [
    { name: "category", label: "Category", type: "text" },
    { name: "amount", label: "Amount", type: "decimal" },
    { name: "at", label: "At", type: "timestamp" },
  ];
  const bounds = { at: [first, first + (span - 1) * 1000] };
  sqlite
    .prepare(
      "INSERT INTO datasets (id, name, title, table_name, columns, row_count, time_bounds, updated_at) VALUES ('dat_large', 'large', 'Large', ?, ?, 1000000, ?, 0)",
    )
    .run(tableName, JSON.stringify(columns), JSON.stringify(bounds));
  const definition: PanelDefinition = {
    kind: "chart",
    title: "A million rows",
    width: 12,
    query: {
      dataset: "large",
      select: [
        { bucket: "month", column: "at" },
        { column: "category" },
        { aggregate: "sum", column: "amount", name: "total" },
      ],
      timeColumn: "at",
    },
    chart: { type: "line", x: "at", y: ["total"], series: "category" },
  };
  sqlite
    .prepare(
      "INSERT INTO panels (id, section_id, position, dataset_id, definition) SELECT 'pan_large', id, 1000, 'dat_large', ? FROM sections WHERE slug = 'marketing'",
    )
    .run(JSON.stringify(definition));
  close();
  return "/sections/marketing/panels/pan_large/data";
};

/**
 * An audit trail of a year: of a hundred people, and of actions of which one is rare. One statement
 * writes it, since one for each event would take an hour.
 */
export const addAuditEvents = (file: string, count: number): void => {
  const { sqlite, close } = openDatabase(file);
  sqlite.pragma("synchronous = OFF");
  sqlite.pragma("cache_size = -400000");
  sqlite
    .prepare<[count: number, until: number, count: number]>(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO audit_events (id, at, action, result, actor_user_id, actor_name, subject_type, subject_id, subject_name, session_id, address, user_agent, request_id, detail)
       SELECT 'evt_' || printf('%022d', i), ? - (? - i) * 3000,
         CASE WHEN i % 1000000 = 1 THEN 'role.delete' WHEN i % 3 = 0 THEN 'session.signOut' ELSE 'session.signIn' END,
         'success', 'usr_' || (i % 100), 'person ' || (i % 100), 'user', 'usr_' || (i % 5000), 'person ' || (i % 5000), 'ses_' || (i % 5000),
         '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'a request', '{"factor":"password"}' FROM n`,
    )
    .run(count, Date.now(), count);
  close();
};

/** As ids of that kind are written. */
const numbered = (kind: string, expression: string): string =>
  `'${kind}_' || printf('%022d', ${expression})`;

/**
 * An installation with many of everything that administration lists. The first hundred users are
 * granted every section, the second hundred each tenth, everybody else one.
 */
export const addManyOfEverything = (
  file: string,
): { readonly userIds: readonly string[]; readonly sections: readonly string[] } => {
  const { sqlite, close } = openDatabase(file);
  sqlite.pragma("synchronous = OFF");
  const now = Date.now();
  const later = now + 2_592_000_000;
  const numbers = (count: number): string =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const grants = (count: number, id: string, user: string, role: string, section: string): string =>
    `INSERT INTO grants (id, user_id, role_id, section_id, created_at)
        ${numbers(count)} SELECT ${numbered("grt", id)}, ${user}, ${role}, ${section}, ${now} - i FROM n`;
  const sectionOf = (expression: string): string => numbered("sec", `1 + (${expression}) % 1000`);
  sqlite.transaction(() => {
    for (let index = 1; index <= 1_000; index += 1)
      sqlite.exec(`CREATE TABLE dataset_${String(index).padStart(32, "0")} (c0 REAL) STRICT`);
    sqlite.exec(`
      INSERT INTO sections (id, slug, title, position, created_at, updated_at)
        ${numbers(1_000)} SELECT ${numbered("sec", "i")}, 'section-' || i, 'Section ' || i, 1000 + i, ${now}, ${now} - i FROM n;
      INSERT INTO panels (id, section_id, position, definition)
        ${numbers(12_000)} SELECT ${numbered("pan", "i")}, ${sectionOf("i")}, i, '{"kind":"text","title":"A text","width":12,"markdown":"A text."}' FROM n;
      INSERT INTO datasets (id, name, title, table_name, columns, row_count, updated_at)
        ${numbers(1_000)} SELECT ${numbered("dat", "i")}, 'dataset-' || i, 'Dataset ' || i, 'dataset_' || printf('%032d', i), '[{"name":"price","label":"Price","type":"decimal"}]', i, ${now} - i FROM n;
      INSERT INTO roles (id, name, description)
        ${numbers(1_000)} SELECT ${numbered("rol", "i")}, 'role ' || i, 'Those who do the work of role ' || i || '.' FROM n;
      INSERT INTO role_permissions (role_id, permission)
        ${numbers(1_000)} SELECT ${numbered("rol", "i")}, permission FROM n, (SELECT 'users:read' AS permission UNION SELECT 'roles:read' UNION SELECT 'grants:read');
      INSERT INTO users (id, username, username_key, email, email_key, display_name, display_name_key, created_at)
        ${numbers(100_000)} SELECT ${numbered("usr", "i")}, 'user' || i, 'user' || i, 'user' || i || '@example.com', 'user' || i || '@example.com', 'User ' || i, 'user ' || i, ${now} - i FROM n;
      INSERT INTO user_roles (user_id, role_id)
        ${numbers(100_000)} SELECT ${numbered("usr", "i")}, ${numbered("rol", "1 + i % 1000")} FROM n;
      ${grants(100_000, "i", numbered("usr", "1 + i % 100"), "NULL", sectionOf("i / 100"))};
      ${grants(10_000, "200000 + i", numbered("usr", "101 + i % 100"), "NULL", sectionOf("i / 100 * 10"))};
      ${grants(100_000, "300000 + i", numbered("usr", "i"), "NULL", sectionOf("i"))} WHERE i > 200;
      ${grants(10_000, "500000 + i", "NULL", numbered("rol", "1 + i % 1000"), sectionOf("i % 1000 + i / 1000"))};
      INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, idle_expires_at, absolute_expires_at, delivery, user_agent, address, created_at, last_used_at, amr, auth_time)
        ${numbers(100_000)} SELECT ${numbered("ses", "i")}, ${numbered("usr", "i")}, 1, randomblob(32), randomblob(32), 'none', ${now}, ${later}, ${later}, 'cookie', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', '192.0.2.1', ${now} - i, ${now}, '["pwd"]', ${now} FROM n;
      INSERT INTO access_requests (id, user_id, asked_for, section_id, note, asked_at)
        ${numbers(5_000)} SELECT ${numbered("acr", "i")}, ${numbered("usr", "1000 + i")}, 'section-' || (1 + (i + 7) % 1000), ${sectionOf("i + 7")}, 'For the report of this month.', ${now} - i FROM n;
      INSERT INTO display_links (id, token_hash, name, section_id, made_by, created_at, expires_at)
        ${numbers(5_000)} SELECT ${numbered("dsp", "i")}, randomblob(32), 'Screen ' || i, ${sectionOf("i")}, ${numbered("usr", "1 + i % 100")}, ${now} - i, ${later} FROM n;`);
  })();
  sqlite.pragma("wal_checkpoint(TRUNCATE)");
  close();
  return {
    userIds: Array.from(
      { length: 200 },
      (_, index) => `usr_${String(index + 1).padStart(22, "0")}`,
    ),
    sections: Array.from({ length: 1_000 }, (_, index) => `section-${index + 1}`),
  };
};

const wideColumns = 30;

export const addWideDataset = (file: string): string => {
  const { sqlite, close } = openDatabase(file);
  const tableName = `dataset_${"d".repeat(32)}`;
  const places = Array.from({ length: wideColumns }, (_, index) => index);
  sqlite.exec(`CREATE TABLE ${tableName} (${places.map((place) => `c${place} TEXT`).join(", ")}) STRICT;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
    INSERT INTO ${tableName} SELECT ${places.map((place) => `'cell ${place} of row ' || i`).join(", ")} FROM n;`);
  const columns = places.map((place) => ({
    name: `c${place}`,
    label: `C${place}`,
    type: "text",
  }));
  sqlite
    .prepare(
      "INSERT INTO datasets (id, name, title, table_name, columns, row_count, updated_at) VALUES ('dat_wide', 'wide', 'Wide', ?, ?, 10000, 0)",
    )
    .run(tableName, JSON.stringify(columns));
  const definition: PanelDefinition = {
    kind: "table",
    title: "Ten thousand rows of thirty columns",
    width: 12,
    query: { dataset: "wide", select: columns.map(({ name }) => ({ column: name })) },
  };
  sqlite
    .prepare(
      "INSERT INTO panels (id, section_id, position, dataset_id, definition) SELECT 'pan_wide', id, 1001, 'dat_wide', ? FROM sections WHERE slug = 'welcome'",
    )
    .run(JSON.stringify(definition));
  close();
  return "/sections/welcome/panels/pan_wide/data";
};
