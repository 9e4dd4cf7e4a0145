/** Databases as an older version left them: made by its own migrations, and by no others. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";

export const migrations = new URL("../../../../migrations", import.meta.url).pathname;
interface Journal {
  readonly entries: readonly { readonly tag: string }[];
}
export const readJournal = (): Journal =>
  JSON.parse(readFileSync(join(migrations, "meta/_journal.json"), "utf8")) as Journal;

/** @param before the first migration that it does not know */
export const openOlderDatabase = (file: string, before: string): BetterSqlite3.Database => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-migrations-"));
  try {
    cpSync(migrations, directory, { recursive: true });
    const { entries, ...journal } = readJournal();
    const length = entries.findIndex(({ tag }) => tag === before);
    if (length < 0) throw new Error(`There is no migration ${before}`);
    writeFileSync(
      join(directory, "meta/_journal.json"),
      JSON.stringify({ ...journal, entries: entries.slice(0, length) }),
    );
    const sqlite = new BetterSqlite3(file);
    migrate(drizzle(sqlite), { migrationsFolder: directory });
    return sqlite;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** Takes over the rows of another database, as far as the older one has a place for them. */
export const copyRows = (older: BetterSqlite3.Database, from: string): void => {
  older.pragma("foreign_keys = OFF");
  older.prepare("ATTACH ? AS newer").run(from);
  const columnsOf = (schema: string, table: string): string[] =>
    older
      .prepare<[string, string], string>("SELECT name FROM pragma_table_info(?, ?)")
      .pluck()
      .all(table, schema);
  const tables = older
    .prepare<[], string>(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite_%' ORDER BY name = 'users'",
    )
    .pluck()
    .all();
  // Users come last: triggers raise their epochs with each right that comes in.
  for (const table of tables) {
    const newer = columnsOf("newer", table);
    const columns = columnsOf("main", table)
      .filter((column) => newer.includes(column))
      .join(", ");
    older.exec(
      `INSERT OR IGNORE INTO main.${table} (${columns}) SELECT ${columns} FROM newer.${table}${table === "signing_keys" ? " WHERE public_jwk IS NOT NULL" : ""}`,
    );
  }
  older.exec("DETACH newer");
};
