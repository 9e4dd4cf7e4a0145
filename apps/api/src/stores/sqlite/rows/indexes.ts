/** Which indexes a dataset needs: read from the queries of the panels that read it. */
import type BetterSqlite3 from "better-sqlite3";
import type { DatasetColumn, Filter, Query } from "@sallyport/shared/contract";
import { addIndexes, type IndexColumns } from "./tables.ts";

/** Each index costs time with every row that is added. */
const mostIndexes = 8;
const mostEqualColumns = 3;

interface Conditions {
  readonly equal: Set<string>;
  readonly ranges: Set<string>;
}

/**
 * The columns of which every row of the result has one value, or one in a range. What stands in an
 * `or` narrows nothing by itself.
 */
const gather = (filter: Filter | undefined, into: Conditions): Conditions => {
  if (filter === undefined || "or" in filter) return into;
  if ("and" in filter) for (const part of filter.and) gather(part, into);
  else if (filter.is === "equal" || filter.is === "in") into.equal.add(filter.column);
  else if (["less", "atMost", "greater", "atLeast", "last"].includes(filter.is))
    into.ranges.add(filter.column);
  return into;
};

const wantedBy = ({ filter, timeColumn }: Query): string[][] => {
  const { equal, ranges } = gather(filter, { equal: new Set(), ranges: new Set() });
  const equalColumns = [...equal].slice(0, mostEqualColumns);
  const range = timeColumn ?? [...ranges][0];
  const wanted = [...equalColumns, ...(range === undefined || equal.has(range) ? [] : [range])];
  return [wanted, ...(timeColumn === undefined ? [] : [[timeColumn]])].filter(
    (columns) => columns.length > 0,
  );
};

const startsWith = (index: IndexColumns, beginning: IndexColumns): boolean =>
  index.length >= beginning.length &&
  beginning.every((position, place) => index[place] === position);

/**
 * The indexes that serve these queries: for each, the columns that it compares for equality and
 * then the one with a range, and the column of time alone. At most eight, those that most queries
 * want; none that another one begins with.
 */
export const indexesFor = (
  queries: readonly Query[],
  columns: readonly DatasetColumn[],
): IndexColumns[] => {
  const positions = new Map(columns.map(({ name }, position) => [name, position]));
  const counted = new Map<string, { readonly index: IndexColumns; count: number }>();
  for (const names of queries.flatMap(wantedBy)) {
    const index = names.flatMap((name) => positions.get(name) ?? []);
    // A column that there is no longer; or one of two values, which alone narrows too little.
    if (
      index.length !== names.length ||
      (index.length === 1 && columns[index[0] as number]?.type === "boolean")
    )
      continue;
    const known = counted.get(index.join());
    if (known) known.count += 1;
    else counted.set(index.join(), { index, count: 1 });
  }
  const all = [...counted.values()];
  return all
    .filter(
      ({ index }) =>
        !all.some((other) => other.index.length > index.length && startsWith(other.index, index)),
    )
    .sort((one, other) => other.count - one.count)
    .slice(0, mostIndexes)
    .map(({ index }) => index);
};

interface IndexedDataset {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly DatasetColumn[];
}

/** The queries of all panels that read the dataset. */
const readQueries = (sqlite: BetterSqlite3.Database, { id, name }: IndexedDataset): Query[] =>
  sqlite
    .prepare<[string, string], string>(
      "SELECT definition FROM panels WHERE dataset_id = ? OR json_extract(definition, '$.trend.dataset') = ?",
    )
    .pluck()
    .all(id, name)
    .flatMap((definition) => {
      const { query, trend } = JSON.parse(definition) as {
        readonly query?: Query;
        readonly trend?: Query;
      };
      return [query, trend].filter((one): one is Query => one?.dataset === name);
    });

export const readWantedIndexes = (
  sqlite: BetterSqlite3.Database,
  dataset: IndexedDataset,
): IndexColumns[] => {
  try {
    return indexesFor(readQueries(sqlite, dataset), dataset.columns);
  } catch {
    // A definition that was broken by hand in SQL fails its own panel; it must not keep rows from
    // being imported.
    return [];
  }
};

/**
 * Adds at once what the panels of each dataset need: for databases that nobody uses yet. Anywhere
 * else see `ensureIndexes` of the imports.
 */
export const indexAllDatasets = (sqlite: BetterSqlite3.Database): void => {
  const all = sqlite
    .prepare<[], { id: string; name: string; tableName: string; columns: string }>(
      "SELECT id, name, table_name AS tableName, columns FROM datasets",
    )
    .all();
  for (const { tableName, columns, ...dataset } of all)
    addIndexes(
      sqlite,
      tableName,
      readWantedIndexes(sqlite, { ...dataset, columns: JSON.parse(columns) as DatasetColumn[] }),
    );
};
