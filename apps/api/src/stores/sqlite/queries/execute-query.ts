/**
 * Carries out compiled queries on one connection: what a worker does, and nothing that needs to
 * know of threads.
 */
import type { ColumnType } from "@sallyport/shared/contract";
import {
  createSeriesReducer,
  decodeValue,
  type Reduction,
  type StoredValue,
} from "@sallyport/shared/core";
import type BetterSqlite3 from "better-sqlite3";
import { hash } from "node:crypto";
import type { EncodedRows } from "@sallyport/shared/core";

type Parameter = string | number | bigint | null;
export type ResultRow = readonly (string | number | boolean | null)[];

export interface Job {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** Of the result's columns; what else a row holds is left out. */
  readonly types: readonly ColumnType[];
  /** The dataset as it was when the query was compiled. */
  readonly tableName: string;
  readonly version: number;
  readonly reduction?: Reduction;
}

export type Outcome =
  | {
      readonly kind: "rows";
      readonly rows: EncodedRows;
      /** The rows there were before they were reduced. */ readonly found: number;
    }
  /** The dataset is no longer what the query was compiled for. */
  | { readonly kind: "changed" }
  | { readonly kind: "overdue" }
  | { readonly kind: "tooLarge" };

/** Panels that are looked at often are far fewer than this. */
const statementCeiling = 256;
/** More than a panel can show, and far less than would harm the process. */
const byteCeiling = 32 * 1024 * 1024;
const bytesOfRow = 64;
const bytesOfNumber = 8;

const bytesOf = (row: ResultRow): number => {
  let bytes = bytesOfRow;
  for (const value of row)
    bytes += typeof value === "string" ? bytesOfNumber + 2 * value.length : bytesOfNumber;
  return bytes;
};

/**
 * Here, in the thread of the query, so that nobody else waits for it however many rows there are.
 */
const encodeRows = (rows: readonly ResultRow[]): EncodedRows => {
  const text = Buffer.from(JSON.stringify(rows));
  // A buffer of its own can be handed to another thread as it is.
  const json = new Uint8Array(text.byteLength);
  json.set(text);
  return { json, digest: hash("sha256", json, "base64url"), count: rows.length };
};

type Statement = BetterSqlite3.Statement<Parameter[], StoredValue[]>;

class Overdue extends Error {}

/**
 * @param isAlive whether the query under way still has time; asked once in about a thousand rows
 */
export const createExecutor = (
  sqlite: BetterSqlite3.Database,
  isAlive: () => boolean,
): ((job: Job) => Outcome) => {
  sqlite.function("sallyport_alive", { deterministic: false }, () => {
    if (!isAlive()) throw new Overdue();
    return 1;
  });
  // By SQL text, which is the same for equal structures, and changes with the table whenever rows
  // are replaced.
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const statement = statements.get(sql) ?? sqlite.prepare<Parameter[], StoredValue[]>(sql).raw();
    statements.delete(sql);
    statements.set(sql, statement);
    if (statements.size > statementCeiling)
      statements.delete(statements.keys().next().value as string);
    return statement;
  };
  const versionOf = sqlite
    .prepare<[string], number>("SELECT version FROM datasets WHERE table_name = ?")
    .pluck();

  const read = ({ sql, parameters, types, reduction }: Job): Outcome => {
    const decode = (stored: readonly StoredValue[]): ResultRow =>
      types.map((type, index) => {
        const value = decodeValue(type, stored[index] ?? null);
        // Written by hand in SQL. As JSON it would be something else.
        if (typeof value === "object" && value !== null)
          throw new Error(`A ${type} in the dataset's table is a blob`);
        return value;
      });
    const rows: ResultRow[] = [];
    let bytes = 0;
    if (reduction === undefined) {
      for (const stored of prepare(sql).iterate(...parameters)) {
        const row = decode(stored);
        bytes += bytesOf(row);
        if (bytes > byteCeiling) return { kind: "tooLarge" };
        rows.push(row);
      }
      return { kind: "rows", rows: encodeRows(rows), found: rows.length };
    }
    // Decoded are only the rows that stay.
    const series = createSeriesReducer<StoredValue[]>(reduction);
    let found = 0;
    for (const stored of prepare(sql).iterate(...parameters)) {
      found += 1;
      bytes += bytesOf(stored);
      if ((bytes / found) * series.add(stored) > byteCeiling) return { kind: "tooLarge" };
    }
    for (const stored of series.finish()) rows.push(decode(stored));
    return { kind: "rows", rows: encodeRows(rows), found };
  };

  // One transaction, so that the version belongs to the rows.
  const readCurrent = sqlite.transaction((job: Job): Outcome =>
    versionOf.get(job.tableName) === job.version ? read(job) : { kind: "changed" },
  );
  return (job) => {
    try {
      return readCurrent(job);
    } catch (error) {
      if (error instanceof Overdue) return { kind: "overdue" };
      throw error;
    }
  };
};
