/**
 * Runs queries on datasets: compiled here, carried out in threads of their own. The same query
 * asked for twice at once runs once, and its result is kept as long as the dataset stays what it
 * is.
 */
import { createHash } from "node:crypto";
import type { Query } from "@sallyport/shared/contract";
import {
  AppError,
  DatasetChanged,
  queryTimeout,
  reductionOf,
  refusalOf,
  standInFor,
  type Asked,
  type QueriedDataset,
  type QueryResult,
  type QueryStore,
  type QueueCaller,
} from "@sallyport/shared/core";
import { compileQuery, type CompiledQuery } from "./compile-query.ts";
import type { Job, Outcome } from "./execute-query.ts";
import type { QueryWorkers } from "./query-workers.ts";

interface Options {
  readonly workers: Pick<QueryWorkers, "execute" | "wantToo">;
  readonly now: () => number;
  /** How long a query may take, for those who have to be told. */
  readonly seconds: number;
}

type Rows = Extract<Outcome, { kind: "rows" }>;

/**
 * What a chart is made from is reduced while it is read: a part of it, drawn as if it were all,
 * would be a lie.
 */
const everyRow = Number.MAX_SAFE_INTEGER;
const resultByteCeiling = 32 * 1024 * 1024;
/**
 * What a result takes up beside its rows, generously: with no rows it is not for nothing, and
 * anybody can ask for any range.
 */
const resultOverheadBytes = 2048;
const bytesOf = ({ rows }: Rows): number => rows.json.byteLength + resultOverheadBytes;

const keyOf = (job: Job): string =>
  createHash("sha256")
    .update(
      JSON.stringify(job, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
    )
    .digest("base64");

export const createQueryRunner = ({ workers, now, seconds }: Options): QueryStore["run"] => {
  // A new version of a dataset makes new keys: what was kept under the old ones is never asked for
  // again, and goes first.
  const kept = new Map<string, Rows>();
  let keptBytes = 0;
  const underWay = new Map<string, { readonly job: Job; readonly rows: Promise<Rows> }>();

  const keep = (key: string, rows: Rows): void => {
    kept.set(key, rows);
    keptBytes += bytesOf(rows);
    for (const [oldest, gone] of kept) {
      if (keptBytes <= resultByteCeiling) return;
      kept.delete(oldest);
      keptBytes -= bytesOf(gone);
    }
  };

  const execute = async (key: string, job: Job, caller: QueueCaller): Promise<Rows> => {
    const outcome = await workers.execute(job, caller);
    switch (outcome.kind) {
      case "rows":
        keep(key, outcome);
        return outcome;
      case "changed":
        throw new DatasetChanged();
      case "overdue":
        throw queryTimeout(seconds);
      case "tooLarge":
        throw new AppError("panel_failed", {
          detail:
            "The query's result is too large to be sent. Fewer rows or columns make it smaller.",
        });
    }
  };

  const read = (job: Job, caller: QueueCaller): Promise<Rows> => {
    const key = keyOf(job);
    const known = kept.get(key);
    if (known !== undefined) {
      kept.delete(key);
      kept.set(key, known);
      return Promise.resolve(known);
    }
    const begun = underWay.get(key);
    if (begun) {
      workers.wantToo(begun.job, caller);
      return begun.rows;
    }
    const rows = execute(key, job, caller).finally(() => underWay.delete(key));
    underWay.set(key, { job, rows });
    return rows;
  };

  const compile = (
    query: Query,
    dataset: QueriedDataset | undefined,
    asked: Asked,
  ): CompiledQuery => {
    const compiled = compileQuery(query, dataset, asked);
    if (compiled.ok) return compiled;
    throw refusalOf(compiled.issues);
  };

  return async (query, dataset, wanted, caller) => {
    const { drawn, ...rest } = wanted;
    const { page } = rest;
    const asked: Asked = { ...rest, now: now() };
    let compiled = compile(
      query,
      dataset,
      drawn === undefined ? asked : { ...asked, along: drawn.chart.x, rows: everyRow },
    );
    const { columns, range, timeZone } = compiled;
    const reduction = drawn && reductionOf(columns, drawn);
    if (drawn !== undefined && reduction === undefined) compiled = compile(query, dataset, asked);

    const { tableName, version } = dataset as QueriedDataset;
    const { rows, found } = await read(
      {
        sql: compiled.statement.text,
        parameters: compiled.statement.parameters,
        types: columns.map(({ type }) => type),
        tableName,
        version,
        ...(reduction && { reduction }),
      },
      caller,
    );
    const countAll = async (): Promise<number> => {
      const { count } = compiled;
      const counted = await read(
        {
          sql: count.text,
          parameters: count.parameters,
          types: ["integer"],
          tableName,
          version,
        },
        caller,
      );
      const [[total]] = JSON.parse(new TextDecoder().decode(counted.rows.json)) as [[number]];
      return total;
    };
    // A page that is not full is the last one.
    const total =
      page === undefined
        ? undefined
        : rows.count < page.limit && (rows.count > 0 || page.offset === 0)
          ? page.offset + rows.count
          : await countAll();
    return {
      columns,
      rows: standInFor(rows),
      ...(range && { range }),
      ...(timeZone !== undefined && { timeZone }),
      ...(total !== undefined && { total }),
      ...(found > rows.count && { points: found }),
    } as QueryResult;
  };
};
