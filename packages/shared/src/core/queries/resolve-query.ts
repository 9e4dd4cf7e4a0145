/**
 * What a query means on a dataset, before anything is read: which columns its names are, which
 * range of time it is narrowed to, what its result looks like, or every reason why it does not fit.
 */
import type { Query } from "../../contract/contract.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import type { TimeBounds } from "../datasets/time-bounds.ts";
import type { StoredValue } from "../datasets/values.ts";
import { columnsOf, isTime, numeric } from "./find-columns.ts";
import { resolveFilter } from "./resolve-filter.ts";
import { resolveSelection } from "./resolve-selection.ts";
import type {
  Asked,
  DatasetShape,
  Order,
  Refused,
  ResolvedOrder,
  ResolvedQuery,
  ResultColumn,
} from "./resolved-query.ts";
import { boundsOf, lastUnits, type StoredRange, type TimeLine } from "./time-ranges.ts";
import { timeZoneOf } from "./time-zones.ts";

/** No query answers with more rows than this, whatever limit it asks for. */
export const rowCeiling = 10_000;

/** Of what is wrong with the page that is asked for, and not with the query. */
export const sortPointer = "/query/sort";

/** The first and the last value of a column of times, in stored form, where it has any. */
export const timeBoundsOf = (
  { timeBounds }: DatasetShape,
  name: string,
): TimeBounds[string] | undefined =>
  Object.hasOwn(timeBounds, name) ? timeBounds[name] : undefined;

/**
 * Resolves a query that has passed the schema `query`.
 *
 * `notEqual` holds for null; the other comparisons do not. `contains` ignores the case of ASCII
 * letters and has no wildcards.
 * @param dataset the dataset that the query names, or undefined when there is none
 * @returns every reason why the query does not fit the dataset, each with a pointer into the query;
 * or what it means
 */
export const resolveQuery = (
  query: Query,
  dataset: DatasetShape | undefined,
  asked: Asked,
): ResolvedQuery | Refused => {
  if (dataset?.name !== query.dataset)
    return {
      ok: false,
      issues: [
        {
          pointer: "/dataset",
          code: "unknown_dataset",
          detail: `There is no dataset ${JSON.stringify(query.dataset)} here.`,
        },
      ],
    };
  const issues: ValidationIssue[] = [];
  const refuse = (pointer: string, code: string, detail: string): void => {
    issues.push({ pointer, code, detail });
  };
  const sources = columnsOf(dataset, timeZoneOf(query.timeZone ?? "UTC"), refuse);

  // The range of time.
  const time =
    query.timeColumn === undefined ? undefined : sources.findTimes(query.timeColumn, "/timeColumn");
  if (query.timeColumn === undefined)
    for (const member of ["last", "relativeTo", "compare"] as const)
      if (query[member] !== undefined)
        refuse(`/${member}`, "time_column_required", `\`${member}\` needs a \`timeColumn\`.`);
  /** What relative times count back from, as a column stores it; undefined for the present. */
  const anchorOn = (line: TimeLine): StoredValue | undefined => {
    if (query.relativeTo !== "latest" || time === undefined) return undefined;
    const latest = timeBoundsOf(dataset, time.source.column.name)?.[1];
    if (latest === undefined || line.type === time.line.type) return latest;
    return boundsOf(
      { from: line.type === "date" ? new Date(Number(latest)).toISOString() : String(latest) },
      line,
    ).from;
  };
  const { range: requested, sectionLast } = asked;
  const narrowed = ((): StoredRange | undefined => {
    if (time === undefined) return undefined;
    if (requested !== undefined && !("last" in requested)) return boundsOf(requested, time.line);
    const last = requested?.last ?? query.last ?? sectionLast;
    return last === undefined || last === "all"
      ? undefined
      : lastUnits(last, time.line, anchorOn(time.line), asked.now);
  })();

  const filter = query.filter && resolveFilter(query.filter, sources, refuse, anchorOn, asked.now);
  const { columns, keys, values, add } = resolveSelection(query.select, sources, refuse);
  const hasAggregates = query.select.some((selection) => "aggregate" in selection);

  // The largest groups.
  const top = ((): ResolvedQuery["top"] => {
    if (query.top === undefined) return undefined;
    const { column, by, count, others } = query.top;
    const key = keys.findIndex(
      ({ result, bucket }) => bucket === null && columns[result]?.name === column,
    );
    const value = values.findIndex(({ result }) => columns[result]?.name === by);
    if (key === -1)
      refuse(
        "/top/column",
        "unknown_column",
        `The rows are not grouped by a column ${JSON.stringify(column)}.`,
      );
    else if (keys[key]?.source.column.type !== "text")
      refuse("/top/column", "not_a_text", `The column ${JSON.stringify(column)} is no text.`);
    if (value === -1)
      refuse("/top/by", "unknown_column", `The result has no aggregate ${JSON.stringify(by)}.`);
    else if (!numeric.includes(columns[values[value]?.result ?? 0]?.type ?? "text"))
      refuse("/top/by", "not_a_number", `${JSON.stringify(by)} is no number.`);
    return { key, value, count, others };
  })();

  // The period before.
  const compares = query.compare !== undefined;
  if (compares && time !== undefined) {
    if (!hasAggregates)
      refuse(
        "/compare",
        "not_comparable",
        "Only aggregates can be compared with the period before.",
      );
    else if (
      keys.length > 1 ||
      keys.some(({ bucket, source }) => bucket === null || source !== time.source)
    )
      refuse(
        "/compare",
        "not_comparable",
        "Only a result without groups, or one grouped by a bucket of the time column alone, can be compared with the period before.",
      );
    for (const { result } of values) {
      const { name, label, ...rest } = columns[result] as ResultColumn;
      add(
        { ...rest, name: `${name} (previous)`, label: `${label} (previous)`, previousOf: name },
        "/compare",
      );
    }
  }

  // The order, by the result's columns.
  const namedOrder = ((): readonly Order[] => {
    if (query.orderBy !== undefined) return query.orderBy;
    const along = columns.find(({ name }) => name === asked.along);
    if (along !== undefined && (isTime(along.type) || numeric.includes(along.type)))
      return [{ name: along.name, direction: "ascending" }];
    return hasAggregates
      ? keys.flatMap(({ bucket, result }) =>
          bucket === null
            ? []
            : [{ name: (columns[result] as ResultColumn).name, direction: "ascending" }],
        )
      : [];
  })();
  const inResult = (name: string): number | undefined => {
    const position = columns.findIndex((column) => column.name === name);
    return position === -1 ? undefined : position;
  };
  const order = namedOrder.flatMap(({ name, direction }, index): ResolvedOrder[] => {
    const by = inResult(name) ?? (hasAggregates ? undefined : sources.known.get(name));
    if (by !== undefined) return [{ direction, by }];
    refuse(
      `/orderBy/${index}/name`,
      "unknown_column",
      `The result has no column ${JSON.stringify(name)}.`,
    );
    return [];
  });
  const { page } = asked;
  const sort = ((): ResolvedOrder | undefined => {
    if (page?.sort === undefined) return undefined;
    const { name, direction } = page.sort;
    const by = inResult(name);
    if (by !== undefined) return { direction, by };
    refuse(sortPointer, "unknown_column", `The result has no column ${JSON.stringify(name)}.`);
    return undefined;
  })();

  if (issues.length > 0) return { ok: false, issues };
  const show = (stored: StoredValue | undefined): string | null =>
    stored === undefined || stored === null
      ? null
      : typeof stored === "string"
        ? stored
        : new Date(Math.min(Math.max(stored, -8.64e15), 8.64e15)).toISOString();
  return {
    ok: true,
    columns,
    time,
    narrowed,
    filter,
    keys,
    values,
    hasAggregates,
    top,
    compares,
    order,
    sort,
    rows: query.limit ?? (page === undefined ? (asked.rows ?? rowCeiling) : undefined),
    ...(narrowed !== undefined &&
      (narrowed.from ?? narrowed.to) !== undefined && {
        range: { from: show(narrowed.from), to: show(narrowed.to) },
      }),
    ...(query.timeZone !== undefined && query.timeZone !== "UTC" && { timeZone: query.timeZone }),
  };
};

/** The columns of a query's result, or every reason why the query does not fit its dataset. */
type DescribeResult = (
  query: Query,
  dataset: DatasetShape | undefined,
) => { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused;
export const describeResult: DescribeResult = (query, dataset) =>
  resolveQuery(query, dataset, { now: 0 });
