import type { PanelData } from "@sallyport/shared/contract";
import type BetterSqlite3 from "better-sqlite3";
import type { Database } from "../database/connection.ts";
import type { Query } from "@sallyport/shared/contract";
import type { ValidationIssue } from "../http/errors.ts";
import { compileQuery, type DatasetShape, type Range } from "./compile-query.ts";
import { decodeValue, type StoredValue } from "./values.ts";

/** The query does not fit its dataset; `issues` points at what is wrong in it. */
export class QueryRefused extends Error {
  readonly issues: readonly ValidationIssue[];
  constructor(issues: readonly ValidationIssue[]) {
    super(issues.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" "));
    this.name = "QueryRefused";
    this.issues = issues;
  }
}

/** Panels that are looked at often are far fewer than this. */
const statementCeiling = 256;

type Statement = BetterSqlite3.Statement<StoredValue[], StoredValue[]>;

export type QueryRunner = (query: Query, dataset: DatasetShape | undefined, range?: Range) => Promise<PanelData>;

/**
 * Runs queries on datasets.
 *
 * Each gives what the query selects and not a row more, as JSON: booleans, dates as `YYYY-MM-DD`, timestamps as
 * ISO 8601 in UTC. Statements stay prepared, the 256 that were used last.
 * @throws QueryRefused (in the promise) when the query does not fit the dataset
 */
export const createQueryRunner = (database: Database): QueryRunner => {
  // By SQL text, which is the same for equal structures, and changes with the table whenever rows are imported.
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const statement = statements.get(sql) ?? database.sqlite.prepare<StoredValue[], StoredValue[]>(sql).raw();
    statements.delete(sql);
    statements.set(sql, statement);
    if (statements.size > statementCeiling) statements.delete(statements.keys().next().value as string);
    return statement;
  };

  return async (query, dataset, range) => {
    const compiled = compileQuery(query, dataset, range);
    if (!compiled.ok) throw new QueryRefused(compiled.issues);
    const stored = prepare(compiled.sql).all(...compiled.parameters);
    return {
      columns: [...compiled.columns],
      rows: stored.map((row) => compiled.columns.map((column, index) => decodeValue(column.type, row[index] ?? null))),
    };
  };
};
