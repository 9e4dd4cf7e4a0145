/**
 * Changes of a dataset's rows, as the thread for imports makes them. Three things hold at every
 * moment, also when the process is killed: a reader sees all of the rows there were or all of the
 * new ones; the database is locked for a few milliseconds at a time, so that sign-ins and refreshes
 * get their turn; memory does not grow with the rows.
 *
 * Many rows go into a fresh table, in small transactions, and the dataset is then pointed to it.
 * What comes of a table that no dataset names is `sweepOrphans`'s business.
 */
import type BetterSqlite3 from "better-sqlite3";
import { createReadStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { ColumnType, DatasetColumn } from "@sallyport/shared/contract";
import {
  asInFile,
  readJsonRows,
  readCsv,
  recogniseCsv,
  recogniseEncodingOf,
  refuseCompressed,
  sampleBytes,
  watchTimeBounds,
  withoutSources,
  type AuditAction,
  type Author,
  type CsvOptions,
  type CsvTally,
  type DeletionOrder,
  type ImportResult,
  type StoredValue,
  type TimeBounds,
} from "@sallyport/shared/core";
import { newId } from "../../../tokens/chance.ts";
import type { auditEvents } from "../schema.ts";
import type { FileImportOrder, Progress } from "../../imports.ts";
import { readWantedIndexes } from "./indexes.ts";
import {
  addIndexes,
  addTable,
  listOrphans,
  missingIndexes,
  prepareInsert,
  type IndexColumns,
} from "./tables.ts";

/** What a change has to ask for and to tell while it is made. */
export interface Turn {
  /** Why it has to be given up; null while it need not be. */
  readonly whyStopped: () => "stopped" | "cancelled" | null;
  readonly report: (progress: Progress) => void;
}

/** Expected outcomes that end a change with nothing changed. */
export class ChangeRefused extends Error {
  readonly reason: "noDataset" | "nameTaken" | "changedMeanwhile" | "stopped" | "cancelled";
  constructor(reason: ChangeRefused["reason"]) {
    super(reason);
    this.name = "ChangeRefused";
    this.reason = reason;
  }
}

/** @throws ChangeRefused where the change is given up */
const goOn = (turn: Turn): void => {
  const reason = turn.whyStopped();
  if (reason !== null) throw new ChangeRefused(reason);
};

/** Up to so many rows change inside the table in use, in one transaction. */
const mostRowsAtOnce = 20_000;
/** … or up to so much text, since a row can be large. */
const mostCharactersAtOnce = 4_000_000;
/** How long one transaction may hold the database. */
const heldMilliseconds = 8;
/** Rows that wait for the next transaction. */
const batchRows = 500;

interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly tableName: string;
  readonly columns: readonly DatasetColumn[];
  readonly rowCount: number;
  readonly version: number;
  readonly timeBounds: TimeBounds;
}

const findDataset = (sqlite: BetterSqlite3.Database, name: string): Dataset => {
  const row = sqlite
    .prepare<
      [string],
      Omit<Dataset, "columns" | "timeBounds"> & { columns: string; timeBounds: string }
    >(
      "SELECT id, name, table_name AS tableName, columns, row_count AS rowCount, version, time_bounds AS timeBounds FROM datasets WHERE name = ?",
    )
    .get(name);
  if (row === undefined) throw new ChangeRefused("noDataset");
  return {
    ...row,
    columns: JSON.parse(row.columns) as DatasetColumn[],
    timeBounds: JSON.parse(row.timeBounds) as TimeBounds,
  };
};

/**
 * Runs steps in transactions of a few milliseconds, with pauses that are as long, for as long as
 * there are steps. Parsing between two transactions counts as a pause.
 */
const createPace = (sqlite: BetterSqlite3.Database, turn: Turn) => {
  const begin = sqlite.prepare("BEGIN IMMEDIATE");
  const commit = sqlite.prepare("COMMIT");
  let freeSince = performance.now();
  let owed = 0;
  return {
    /** @param step does a little and says whether there is more to do */
    run: async (step: () => boolean): Promise<void> => {
      for (let more = true; more;) {
        goOn(turn);
        const rest = owed - (performance.now() - freeSince);
        if (rest > 0.5) await wait(Math.ceil(rest));
        begin.run();
        const startedAt = performance.now();
        try {
          do more = step();
          while (more && performance.now() - startedAt < heldMilliseconds);
          commit.run();
        } catch (error) {
          if (sqlite.inTransaction) sqlite.exec("ROLLBACK");
          throw error;
        }
        freeSince = performance.now();
        owed = freeSince - startedAt;
      }
    },
  };
};
type Pace = ReturnType<typeof createPace>;

/** Everything in one transaction, which is on disk when this returns. */
const atOnce = <T>(sqlite: BetterSqlite3.Database, change: () => T): T => {
  sqlite.pragma("synchronous = FULL");
  try {
    return sqlite.transaction(change).immediate();
  } finally {
    // Rows in a table that is not in use yet are worth nothing after a crash; the commit that puts
    // it to use takes them to the disk.
    sqlite.pragma("synchronous = NORMAL");
  }
};

/**
 * Only whoever fills a table knows that it is no orphan, so that filling and sweeping exclude each
 * other: see `file-lock`.
 */
const createFreshTable = (
  sqlite: BetterSqlite3.Database,
  { columns }: Dataset,
  indexes: readonly IndexColumns[],
): string => sqlite.transaction(() => addTable(sqlite, columns, indexes)).immediate();

/**
 * Type by type, since this thread loads no schema: a column that the table gets, and this does not
 * have, does not compile.
 */
const auditColumns = {
  id: "id",
  at: "at",
  action: "action",
  result: "result",
  actorUserId: "actor_user_id",
  actorName: "actor_name",
  subjectName: "subject_name",
  subjectType: "subject_type",
  subjectId: "subject_id",
  sessionId: "session_id",
  address: "address",
  userAgent: "user_agent",
  requestId: "request_id",
  detail: "detail",
} as const satisfies Record<keyof typeof auditEvents.$inferInsert, string>;
type AuditColumn = keyof typeof auditColumns;

const addAuditEvent = (
  sqlite: BetterSqlite3.Database,
  action: AuditAction,
  dataset: Dataset,
  { at, by, ...author }: Author,
  detail: object,
): void => {
  const row: Record<AuditColumn, string | number | null | undefined> = {
    id: newId("evt"),
    at,
    action,
    result: "success",
    actorUserId: author.actorUserId,
    actorName: sqlite
      .prepare<[string | null | undefined], string>("SELECT username FROM users WHERE id = ?")
      .pluck()
      .get(author.actorUserId ?? null),
    subjectName: dataset.name,
    subjectType: "dataset",
    subjectId: dataset.id,
    sessionId: author.sessionId,
    address: author.address,
    userAgent: author.userAgent,
    requestId: author.requestId,
    detail: JSON.stringify({ dataset: dataset.name, ...detail, ...(by !== undefined && { by }) }),
  };
  const names = Object.keys(auditColumns) as AuditColumn[];
  sqlite
    .prepare(
      `INSERT INTO audit_events (${names.map((name) => auditColumns[name]).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    )
    .run(...names.map((name) => row[name] ?? null));
};

/** The sections that read the dataset, each with its version, as `decidedOn` has them. */
const readReaders = (sqlite: BetterSqlite3.Database, { id }: Dataset): string =>
  JSON.stringify(
    sqlite
      .prepare<[string], { slug: string; version: number }>(
        `SELECT slug, version FROM sections WHERE id IN (SELECT section_id FROM panels WHERE dataset_id = ?) ORDER BY position, slug`,
      )
      .all(id)
      .map(({ slug, version }) => ({ slug, version })),
  );

/** A dataset that is to be made, as it begins: nobody has looked for its name yet. */
const plannedDataset = ({ dataset: name, columns = [] }: FileImportOrder): Dataset => ({
  id: newId("dat"),
  name,
  tableName: "",
  columns: withoutSources(columns),
  rowCount: 0,
  version: 0,
  timeBounds: {},
});

/**
 * To be called inside the transaction that makes the change. @throws ChangeRefused where there is
 * one of this name by now
 */
const addDataset = (
  sqlite: BetterSqlite3.Database,
  { id, name, columns }: Dataset,
  { tableName, rowCount, timeBounds }: NewRows,
  { title = name, attribution, author }: FileImportOrder,
): number => {
  const version = sqlite
    .prepare<(string | number | null)[], number>(
      `INSERT INTO datasets (id, name, title, attribution, table_name, columns, row_count, version, time_bounds, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING version`,
    )
    .pluck()
    .get(
      id,
      name,
      title,
      attribution ?? null,
      tableName,
      JSON.stringify(columns),
      rowCount,
      JSON.stringify(timeBounds),
      author.at,
    );
  if (version === undefined) throw new ChangeRefused("nameTaken");
  return version;
};

interface NewRows {
  readonly tableName: string;
  readonly rowCount: number;
  readonly timeBounds: TimeBounds;
}

/**
 * To be called inside the transaction that makes the change. @throws ChangeRefused when the dataset
 * is no longer as it was when the work began
 */
const pointTo = (
  sqlite: BetterSqlite3.Database,
  dataset: Dataset,
  { tableName, rowCount, timeBounds }: NewRows,
  at: number,
): number => {
  const version = sqlite
    .prepare<[string, number, string, number, string, string, number], number>(
      `UPDATE datasets SET table_name = ?, row_count = ?, time_bounds = ?, version = version + 1, updated_at = max(updated_at, ?)
       WHERE id = ? AND table_name = ? AND row_count = ? RETURNING version`,
    )
    .pluck()
    .get(
      tableName,
      rowCount,
      JSON.stringify(timeBounds),
      at,
      dataset.id,
      dataset.tableName,
      dataset.rowCount,
    );
  if (version === undefined) throw new ChangeRefused("changedMeanwhile");
  return version;
};

/**
 * Gives the dataset other columns, in the transaction that gives it the rows for them. @throws
 * ChangeRefused where it is not as it was when that was decided, or is read by other panels
 */
const replaceColumns = (
  sqlite: BetterSqlite3.Database,
  dataset: Dataset,
  columns: readonly DatasetColumn[],
  decidedOn: FileImportOrder["decidedOn"],
): void => {
  const isAsDecided =
    decidedOn?.version === dataset.version &&
    JSON.stringify(decidedOn.sections) === readReaders(sqlite, dataset) &&
    sqlite
      .prepare<[string, string, number]>(
        "UPDATE datasets SET columns = ? WHERE id = ? AND version = ?",
      )
      .run(JSON.stringify(columns), dataset.id, dataset.version).changes === 1;
  if (!isAsDecided) throw new ChangeRefused("changedMeanwhile");
};

/** Copies rows of one table into another, those that the condition keeps. @returns how many */
const copyRows = async (
  sqlite: BetterSqlite3.Database,
  pace: Pace,
  from: string,
  to: string,
  keep: { readonly sql: string; readonly parameters: readonly StoredValue[] },
): Promise<number> => {
  const last =
    sqlite.prepare<[], number | null>(`SELECT max(rowid) FROM ${from}`).pluck().get() ?? 0;
  const copy = sqlite.prepare<StoredValue[]>(
    `INSERT INTO ${to} SELECT * FROM ${from} WHERE rowid > ? AND rowid <= ? AND ${keep.sql} ORDER BY rowid`,
  );
  let after =
    (sqlite.prepare<[], number | null>(`SELECT min(rowid) FROM ${from}`).pluck().get() ?? 1) - 1;
  let count = 0;
  if (after < last)
    await pace.run(() => {
      const until = Math.min(last, after + batchRows);
      count += copy.run(after, until, ...keep.parameters).changes;
      after = until;
      return after < last;
    });
  return count;
};

const everything = { sql: "TRUE", parameters: [] };

const readSample = async (file: string): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { end: sampleBytes - 1 }))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/**
 * How the file is to be read: as the order says, and as the file looks where the order says
 * nothing. @throws RowsRejected for what is no text
 */
const recognise = async (file: string, given: CsvOptions): Promise<CsvOptions> => {
  const sample = await readSample(file);
  refuseCompressed(sample);
  const encoding =
    given.encoding ??
    (await recogniseEncodingOf(createReadStream(file) as AsyncIterable<Uint8Array>));
  return recogniseCsv(sample, { ...given, encoding });
};

const charactersOf = (row: readonly StoredValue[]): number =>
  row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);

/**
 * Reads the rows of a file into a dataset, all or none.
 * @throws ChangeRefused, RowsRejected, NotJson; the dataset then has the rows it had
 */
export const importRows = async (
  sqlite: BetterSqlite3.Database,
  order: FileImportOrder,
  turn: Turn,
): Promise<ImportResult> => {
  const dataset = order.dryRun
    ? null
    : order.mode === "create"
      ? plannedDataset(order)
      : findDataset(sqlite, order.dataset);
  const newColumns =
    order.mode === "replace" && order.columns !== undefined ? withoutSources(order.columns) : null;
  const columns = newColumns ?? dataset?.columns ?? order.dryRun ?? [];
  const fileColumns = asInFile(columns, order.columns);
  const pace = createPace(sqlite, turn);
  const csv = order.format === "csv" ? await recognise(order.file, order.csv) : {};
  const tally: CsvTally = { blankRows: 0 };
  const readAs = (): ImportResult["read"] => (order.format === "csv" ? { ...csv, ...tally } : {});
  const progress = { bytes: 0, rows: 0 };
  async function* readFile(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(order.file)) {
      goOn(turn);
      progress.bytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }
  const rows =
    order.format === "csv"
      ? readCsv(fileColumns, readFile(), csv, tally)
      : readJsonRows(fileColumns, readFile(), order.format);

  if (dataset === null) {
    for await (const _ of rows) {
      progress.rows += 1;
      if (progress.rows % batchRows === 0) turn.report({ ...progress });
    }
    return { rows: progress.rows, rowCount: 0, version: 0, read: readAs() };
  }

  const times = watchTimeBounds(columns, order.mode === "append" ? dataset.timeBounds : {});
  let waiting: StoredValue[][] = [];
  let waitingCharacters = 0;
  let fresh:
    | { readonly tableName: string; readonly insert: BetterSqlite3.Statement<StoredValue[]> }
    | undefined;
  let copied = 0;

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    waitingCharacters = 0;
    let next = 0;
    if (fresh === undefined) {
      const filled = { ...dataset, columns };
      const tableName = createFreshTable(sqlite, filled, readWantedIndexes(sqlite, filled));
      fresh = { tableName, insert: prepareInsert(sqlite, tableName, columns) };
      if (order.mode === "append")
        copied = await copyRows(sqlite, pace, dataset.tableName, tableName, everything);
    }
    const { insert } = fresh;
    if (batch.length > 0)
      await pace.run(() => {
        for (const end = Math.min(batch.length, next + 50); next < end; next += 1)
          insert.run(...(batch[next] as StoredValue[]));
        return next < batch.length;
      });
    turn.report({ ...progress });
  };

  for await (const row of rows) {
    progress.rows += 1;
    times.see(row);
    waiting.push(row);
    waitingCharacters += charactersOf(row);
    const most = fresh === undefined && order.mode === "append" ? mostRowsAtOnce : batchRows;
    if (waiting.length > most || waitingCharacters > mostCharactersAtOnce) await flush();
  }
  const isSmallAppend = order.mode === "append" && fresh === undefined;
  if (!isSmallAppend) await flush();
  goOn(turn);

  const rowCount = isSmallAppend ? dataset.rowCount + progress.rows : copied + progress.rows;
  const version = atOnce(sqlite, () => {
    const rowsOfNow = {
      tableName: fresh?.tableName ?? dataset.tableName,
      rowCount,
      timeBounds: times.bounds(),
    };
    if (newColumns !== null) replaceColumns(sqlite, dataset, newColumns, order.decidedOn);
    const at =
      order.mode === "create"
        ? addDataset(sqlite, dataset, rowsOfNow, order)
        : pointTo(sqlite, dataset, rowsOfNow, order.author.at);
    if (order.mode === "create")
      addAuditEvent(sqlite, "dataset.create", dataset, order.author, {
        title: order.title ?? dataset.name,
        columns: columns.map(({ name, type }) => ({ name, type })),
      });
    if (isSmallAppend) {
      const insert = prepareInsert(sqlite, dataset.tableName, columns);
      for (const row of waiting) insert.run(...row);
    }
    addAuditEvent(sqlite, "dataset.import", dataset, order.author, {
      mode: order.mode,
      format: order.format,
      rows: progress.rows,
      before: dataset.rowCount,
      after: rowCount,
      ...(newColumns !== null && { columns: { before: dataset.columns, after: newColumns } }),
    });
    return at;
  });
  return { rows: progress.rows, rowCount, version, read: readAs() };
};

/**
 * Deletes the rows with from ≤ value < to in a column; either bound may be missing. Rows without a
 * value there stay.
 * @throws ChangeRefused
 */
export const deleteRows = async (
  sqlite: BetterSqlite3.Database,
  order: DeletionOrder,
  turn: Turn,
): Promise<{ deleted: number; rowCount: number; version: number }> => {
  const dataset = findDataset(sqlite, order.dataset);
  const { columns, tableName } = dataset;
  const column = `c${columns.findIndex(({ name }) => name === order.column)}`;
  const bounds = [
    ...(order.from === null ? [] : [`${column} >= ?`]),
    ...(order.to === null ? [] : [`${column} < ?`]),
  ].join(" AND ");
  const parameters = [order.from, order.to].filter((bound) => bound !== null);
  if (order.dryRun)
    return {
      deleted:
        sqlite
          .prepare<StoredValue[], number>(`SELECT count(*) FROM ${tableName} WHERE ${bounds}`)
          .pluck()
          .get(...parameters) ?? 0,
      rowCount: dataset.rowCount,
      version: dataset.version,
    };
  const kept = { sql: `NOT coalesce(${bounds}, FALSE)`, parameters };

  // Nobody else changes rows meanwhile, so that what takes long can be asked before the database is
  // locked.
  const rowids = sqlite
    .prepare<StoredValue[], number>(
      `SELECT rowid FROM ${tableName} WHERE ${bounds} LIMIT ${mostRowsAtOnce + 1}`,
    )
    .pluck()
    .all(...parameters);
  if (rowids.length === 0)
    return { deleted: 0, rowCount: dataset.rowCount, version: dataset.version };
  const timeBounds: TimeBounds = Object.fromEntries(
    columns.flatMap(({ name, type }: { name: string; type: ColumnType }, position) => {
      if (type !== "date" && type !== "timestamp") return [];
      const [first, last] = ["min", "max"].map((bound) =>
        sqlite
          .prepare<StoredValue[], string | number | null>(
            `SELECT ${bound}(c${position}) FROM ${tableName} WHERE ${kept.sql}`,
          )
          .pluck()
          .get(...parameters),
      );
      return first == null || last == null ? [] : [[name, [first, last] as const]];
    }),
  );

  let freshTable: string | undefined;
  let rowCount = dataset.rowCount - rowids.length;
  if (rowids.length > mostRowsAtOnce) {
    freshTable = createFreshTable(sqlite, dataset, readWantedIndexes(sqlite, dataset));
    rowCount = await copyRows(sqlite, createPace(sqlite, turn), tableName, freshTable, kept);
  }
  const deleted = dataset.rowCount - rowCount;
  const version = atOnce(sqlite, () => {
    const at = pointTo(
      sqlite,
      dataset,
      { tableName: freshTable ?? tableName, rowCount, timeBounds },
      order.author.at,
    );
    if (freshTable === undefined) {
      const remove = sqlite.prepare<[number]>(`DELETE FROM ${tableName} WHERE rowid = ?`);
      for (const rowid of rowids) remove.run(rowid);
    }
    const range = {
      column: order.column,
      ...(order.from !== null && { from: order.from }),
      ...(order.to !== null && { to: order.to }),
    };
    addAuditEvent(sqlite, "dataset.deleteRows", dataset, order.author, {
      ...range,
      deleted,
      before: dataset.rowCount,
      after: rowCount,
    });
    return at;
  });
  return { deleted, rowCount, version };
};

/** Gives the dataset the indexes that its panels need now. @throws ChangeRefused */
export const ensureIndexes = async (
  sqlite: BetterSqlite3.Database,
  name: string,
  turn: Turn,
): Promise<void> => {
  const dataset = findDataset(sqlite, name);
  const wanted = readWantedIndexes(sqlite, dataset);
  const missing = missingIndexes(sqlite, dataset.tableName, wanted);
  if (missing.length === 0) return;
  if (dataset.rowCount <= mostRowsAtOnce)
    return atOnce(sqlite, () => addIndexes(sqlite, dataset.tableName, missing));
  const tableName = createFreshTable(sqlite, dataset, wanted);
  await copyRows(sqlite, createPace(sqlite, turn), dataset.tableName, tableName, everything);
  atOnce(sqlite, () => pointTo(sqlite, dataset, { ...dataset, tableName }, 0));
};

/**
 * Empties and drops tables that no dataset names.
 * @param isOver may this one go? A query that was compiled before its table was retired may still
 * want to read it.
 */
export const sweepOrphans = async (
  sqlite: BetterSqlite3.Database,
  turn: Turn,
  isOver: (tableName: string) => boolean,
): Promise<void> => {
  const pace = createPace(sqlite, turn);
  for (const tableName of listOrphans(sqlite).filter(isOver)) {
    const remove = sqlite.prepare(
      `DELETE FROM ${tableName} WHERE rowid IN (SELECT rowid FROM ${tableName} ORDER BY rowid LIMIT ${batchRows / 5})`,
    );
    await pace.run(() => remove.run().changes > 0);
    await pace.run(() => {
      sqlite.exec(`DROP TABLE IF EXISTS ${tableName}`);
      return false;
    });
  }
};
