/**
 * What a query means, evaluated on rows in memory, as plainly as can be. Nothing of the core and of
 * the compiler is used here, so that the compiler can be held to it.
 */
import type { Filter, Query, Selection, TimeUnit, Value } from "../../contract/contract.ts";

export type Cell = Value | null;
export type Row = Readonly<Record<string, Cell>>;
export interface Evaluation {
  readonly now: number;
  readonly range?: { readonly from?: string; readonly to?: string } | { readonly last: string };
  readonly sectionLast?: string;
  readonly page?: {
    readonly sort?: { readonly name: string; readonly direction: "ascending" | "descending" };
    readonly offset: number;
    readonly limit: number;
  };
}
/** Of the columns that hold times. */
export type TimeTypes = Readonly<Record<string, "date" | "timestamp">>;

const minute = 60_000;
const day = 86_400_000;
const floorDivide = (value: number, by: number): number => Math.floor(value / by);

const formats = new Map<string, Intl.DateTimeFormat>();
/** What local clocks show, written as if it were UTC. */
const localOf = (instant: number, zone: string): number => {
  if (zone === "UTC") return instant;
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  formats.set(zone, format);
  const parts = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const whole = Date.UTC(
    parts["year"] as number,
    (parts["month"] as number) - 1,
    parts["day"],
    parts["hour"],
    parts["minute"],
    parts["second"],
  );
  return whole + (((instant % 1000) + 1000) % 1000);
};

/** The instant at which local clocks show a time, given as if it were UTC. */
const instantOf = (local: number, zone: string): number => {
  const guess = local - (localOf(local, zone) - local);
  return local - (localOf(guess, zone) - guess);
};

/** Which day, week, month, quarter or year a local time is in, counted from some beginning. */
const indexOf = (unit: Exclude<TimeUnit, "minute" | "hour">, local: number): number => {
  const date = new Date(local);
  if (unit === "day") return floorDivide(local, day);
  // The first of January 1970 was a Thursday.
  if (unit === "week") return floorDivide(floorDivide(local, day) + 3, 7);
  if (unit === "year") return date.getUTCFullYear();
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return unit === "month" ? month : floorDivide(month, 3);
};

/** Also of years before 100, which `Date.UTC` takes for those of the twentieth century. */
const utcMonth = (index: number): number =>
  new Date(0).setUTCFullYear(floorDivide(index, 12), ((index % 12) + 12) % 12, 1);

const firstDayOf = (unit: Exclude<TimeUnit, "minute" | "hour">, index: number): string =>
  new Date(
    {
      day: index * day,
      week: (index * 7 - 3) * day,
      month: utcMonth(index),
      quarter: utcMonth(index * 3),
      year: utcMonth(index * 12),
    }[unit],
  )
    .toISOString()
    .slice(0, 10);

/** Clocks of before the railways differ from UTC by seconds, too. */
const startOfMinute = (instant: number, zone: string): number =>
  instant - (localOf(instant, zone) - floorDivide(localOf(instant, zone), minute) * minute);

/**
 * Goes back minute by minute for as long as local clocks show the same hour and have not been
 * changed.
 */
const startOfHour = (instant: number, zone: string): number => {
  if (zone === "UTC") return floorDivide(instant, 60 * minute) * 60 * minute;
  const hourOf = (at: number): string =>
    `${floorDivide(localOf(at, zone), 60 * minute)} ${localOf(at, zone) - at}`;
  let start = startOfMinute(instant, zone);
  while (hourOf(start - minute) === hourOf(start)) start -= minute;
  return start;
};
const startOfClock = (unit: "minute" | "hour", instant: number, zone: string): number =>
  unit === "hour" ? startOfHour(instant, zone) : startOfMinute(instant, zone);

/** In the order of code points, which is that of the bytes of UTF-8. */
const compareTexts = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one !== other) return weightOf(one) - weightOf(other);
  }
  return left.length - right.length;
};
/** Halves of characters beyond the sixteen bits come after all characters within them. */
const weightOf = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;

export const compareValues = (left: Value, right: Value): number => {
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  return Number(left) - Number(right);
};
/** Null comes last either way. */
const compareCells = (
  left: Cell,
  right: Cell,
  direction: "ascending" | "descending" = "ascending",
): number => {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return direction === "ascending" ? compareValues(left, right) : compareValues(right, left);
};

/** ASCII only, as LIKE has it. */
const lowerAscii = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * With what each addition has lost added in the end (Kahan, Babuška, Neumaier), as SQLite has it:
 * the order hardly matters then.
 */
const sumOf = (values: readonly number[]): number => {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) > Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
};

const aggregate = (
  selection: Extract<Selection, { aggregate: string }>,
  rows: readonly Row[],
): Cell => {
  const { column } = selection;
  const values =
    column === undefined
      ? rows.map(() => true)
      : rows.map((row) => row[column] ?? null).filter((one) => one !== null);
  const sort = (): Value[] => values.toSorted(compareValues);
  const sum = (): number => sumOf(values.map(Number));
  switch (selection.aggregate) {
    case "count":
      return values.length;
    case "distinct":
      return new Set(values).size;
    case "minimum":
      return sort()[0] ?? null;
    case "maximum":
      return sort().at(-1) ?? null;
    case "sum":
      return values.length === 0 ? null : sum();
    case "average":
      return values.length === 0 ? null : sum() / values.length;
    case "median":
    case "percentile": {
      if (values.length === 0) return null;
      const sorted = sort();
      const place = ((selection.percentile ?? 50) * (sorted.length - 1)) / 100;
      const [below, above] = [Number(sorted[Math.floor(place)]), Number(sorted[Math.ceil(place)])];
      return below + (above - below) * (place - Math.floor(place));
    }
  }
};

const isAggregate = (
  selection: Selection,
): selection is Extract<Selection, { aggregate: string }> => "aggregate" in selection;
const isBucket = (selection: Selection): selection is Extract<Selection, { bucket: TimeUnit }> =>
  "bucket" in selection;
export const nameOf = (selection: Selection): string =>
  isAggregate(selection)
    ? selection.name
    : isBucket(selection)
      ? (selection.name ?? selection.column)
      : selection.column;

/** A predicate on times, and the one of the period before. */
interface Narrowing {
  readonly current: (value: Cell) => boolean;
  readonly previous: ((value: Cell) => boolean) | null;
  /** Where both periods begin, as local clocks show it. */
  readonly starts?: readonly [current: number, previous: number];
}

/**
 * Rows and columns of the result, in order.
 * @param rows with times as JSON has them: dates, and timestamps in UTC
 */
export const evaluateQuery = (
  query: Query,
  rows: readonly Row[],
  types: TimeTypes,
  asked: Evaluation,
): { readonly rows: readonly (readonly Cell[])[]; readonly total: number } => {
  const zone = query.timeZone ?? "UTC";
  const localTime = (column: string, value: Cell): number =>
    types[column] === "date" ? Date.parse(String(value)) : localOf(Date.parse(String(value)), zone);
  const { timeColumn } = query;

  const latestOf = (column: string): Cell =>
    rows
      .map((row) => row[column] ?? null)
      .reduce<Cell>(
        (last, one) => (last === null || (one !== null && String(one) > String(last)) ? one : last),
        null,
      );

  /** By local clocks. */
  const between = (column: string, first: number, end: number, before: number): Narrowing => {
    const within = (start: number, until: number) => (value: Cell) =>
      value !== null && localTime(column, value) >= start && localTime(column, value) < until;
    return {
      current: within(first, end),
      previous: within(before, first),
      starts: [first, before],
    };
  };

  const narrowByLast = (column: string, duration: string): Narrowing => {
    const [, isTime, digits, letter] = /^P(T?)(\d+)(.)$/.exec(duration) as unknown as [
      string,
      string,
      string,
      string,
    ];
    const count = Number(digits);
    const latest =
      query.relativeTo === "latest" && timeColumn !== undefined ? latestOf(timeColumn) : null;
    const anchorLocal =
      latest === null ? localOf(asked.now, zone) : localTime(timeColumn as string, latest);
    if (isTime === "T") {
      const length = letter === "H" ? 60 * minute : minute;
      // Of a day, the last moment.
      const anchor =
        latest === null
          ? asked.now
          : types[timeColumn as string] === "date"
            ? instantOf(anchorLocal + day, zone) - 1
            : Date.parse(String(latest));
      const start = startOfClock(letter === "H" ? "hour" : "minute", anchor, zone);
      const [from, to] = [start - (count - 1) * length, start + length];
      if (types[column] === "date") {
        const [first, end] = [
          floorDivide(localOf(from, zone), day) * day,
          (floorDivide(localOf(to - 1, zone), day) + 1) * day,
        ];
        return between(column, first, end, 2 * first - end);
      }
      const within = (first: number, end: number) => (value: Cell) =>
        value !== null && Date.parse(String(value)) >= first && Date.parse(String(value)) < end;
      const before = from - count * length;
      return {
        current: within(from, to),
        previous: within(before, from),
        starts: [localOf(from, zone), localOf(before, zone)],
      };
    }
    const unit = ({ Y: "year", M: "month", W: "week", D: "day" } as const)[letter as "Y"];
    const anchor = indexOf(unit, anchorLocal);
    const within = (past: number) => (value: Cell) => {
      if (value === null) return false;
      const index = indexOf(unit, localTime(column, value)) + past;
      return index > anchor - count && index <= anchor;
    };
    const startOf = (index: number): number =>
      ({
        year: utcMonth(index * 12),
        month: utcMonth(index),
        week: (index * 7 - 3) * day,
        day: index * day,
      })[unit];
    return {
      current: within(0),
      previous: within(count),
      starts: [startOf(anchor - count + 1), startOf(anchor - 2 * count + 1)],
    };
  };

  const narrowByBounds = (
    column: string,
    { from, to }: { readonly from?: string; readonly to?: string },
  ): Narrowing => {
    const isDate = types[column] === "date";
    const isDay = (bound: string): boolean => !bound.includes("T");
    /** Dates are compared by the calendar, instants as such. */
    const reaches = (value: Cell, bound: string): boolean => {
      if (isDay(bound)) return localTime(column, value) >= Date.parse(bound);
      return isDate
        ? localTime(column, value) >= localOf(Date.parse(bound), zone)
        : Date.parse(String(value)) >= Date.parse(bound);
    };
    const current = (value: Cell): boolean =>
      value !== null &&
      (from === undefined || reaches(value, from)) &&
      (to === undefined || !reaches(value, to));
    if (from === undefined || to === undefined) return { current, previous: null };
    if (isDate || (isDay(from) && isDay(to))) {
      // In days, however many hours they have. A bound within a day is the next one.
      const dayOf = (bound: string): number =>
        isDay(bound) ? Date.parse(bound) : Math.ceil(localOf(Date.parse(bound), zone) / day) * day;
      return { ...between(column, dayOf(from), dayOf(to), 2 * dayOf(from) - dayOf(to)), current };
    }
    const at = (bound: string): number =>
      isDay(bound) ? instantOf(Date.parse(bound), zone) : Date.parse(bound);
    const before = 2 * at(from) - at(to);
    return {
      current,
      previous: (value) =>
        value !== null && Date.parse(String(value)) >= before && !reaches(value, from),
      starts: [localOf(at(from), zone), localOf(before, zone)],
    };
  };

  const { range } = asked;
  const last =
    range !== undefined && "last" in range ? range.last : (query.last ?? asked.sectionLast);
  const narrowing = ((): Narrowing | null => {
    if (timeColumn === undefined) return null;
    if (range !== undefined && !("last" in range)) return narrowByBounds(timeColumn, range);
    return last === undefined || last === "all" ? null : narrowByLast(timeColumn, last);
  })();

  const holds = (filter: Filter, row: Row): boolean => {
    if ("and" in filter) return filter.and.every((part) => holds(part, row));
    if ("or" in filter) return filter.or.some((part) => holds(part, row));
    const actual = row[filter.column] ?? null;
    /** Compares with a value of the filter, which may be another way to write the same time. */
    const compareWith = (value: Value): number =>
      compareValues(
        actual as Value,
        types[filter.column] === "timestamp"
          ? new Date(String(value).replace(" ", "T")).toISOString()
          : value,
      );
    if (!("value" in filter || "values" in filter || "duration" in filter))
      return (actual === null) === (filter.is === "null");
    if (filter.is === "notEqual") return actual === null || compareWith(filter.value) !== 0;
    if (actual === null) return false;
    if (filter.is === "last") return narrowByLast(filter.column, filter.duration).current(actual);
    if (filter.is === "in") return filter.values.some((one) => compareWith(one) === 0);
    if (filter.is === "contains")
      return lowerAscii(String(actual)).includes(lowerAscii(String(filter.value)));
    const order = compareWith(filter.value);
    return {
      equal: order === 0,
      less: order < 0,
      atMost: order <= 0,
      greater: order > 0,
      atLeast: order >= 0,
    }[filter.is];
  };

  const matching = rows.filter((row) => query.filter === undefined || holds(query.filter, row));
  const inTime = (narrow: ((value: Cell) => boolean) | undefined): Row[] =>
    narrow === undefined
      ? matching
      : matching.filter((row) => narrow(row[timeColumn as string] ?? null));
  const current = inTime(narrowing?.current);
  const previous =
    query.compare === undefined || narrowing?.previous == null ? null : inTime(narrowing.previous);

  /** How many buckets lie between the one in which a period begins and that of a time. */
  const placeOf = (bucket: TimeUnit, column: string, value: Cell, start: number): number => {
    if (bucket !== "minute" && bucket !== "hour")
      return indexOf(bucket, localTime(column, value)) - indexOf(bucket, start);
    return floorDivide(
      startOfClock(bucket, Date.parse(String(value)), zone) -
        startOfClock(bucket, instantOf(start, zone), zone),
      bucket === "hour" ? 60 * minute : minute,
    );
  };

  const keyOf = (selection: Selection, row: Row): Cell => {
    if (!isBucket(selection)) return row[(selection as { column: string }).column] ?? null;
    const { bucket, column } = selection;
    const value = row[column] ?? null;
    if (value === null) return null;
    if (bucket === "minute" || bucket === "hour")
      return new Date(startOfClock(bucket, Date.parse(String(value)), zone)).toISOString();
    return firstDayOf(bucket, indexOf(bucket, localTime(column, value)));
  };

  const hasAggregates = query.select.some(isAggregate);
  const keys = query.select.filter((selection) => !isAggregate(selection));
  const values = query.select.filter(isAggregate);
  const names = [
    ...query.select.map(nameOf),
    ...(query.compare === undefined ? [] : values.map(({ name }) => `${name} (previous)`)),
  ];

  interface Line {
    readonly cells: readonly Cell[];
    /** Columns that are not selected can order a result without aggregates. */
    readonly row: Row;
    readonly index: number;
    readonly place: number | null;
  }
  const lines = ((): Line[] => {
    if (!hasAggregates)
      return current.map((row, index) => ({
        cells: query.select.map((selection) => keyOf(selection, row)),
        row,
        index,
        place: 0,
      }));
    const { top } = query;
    const ranked = ((): Cell[] => {
      if (top === undefined) return [];
      const by = values.find(({ name }) => name === top.by) as (typeof values)[number];
      const groups = [...Map.groupBy(current, (row) => row[top.column] ?? null)].map(
        ([key, of]) => ({ key, value: aggregate(by, of) }),
      );
      return groups
        .sort((a, b) => compareCells(a.value, b.value, "descending") || compareCells(a.key, b.key))
        .slice(0, top.count)
        .map(({ key }) => key);
    })();
    const isKept = (row: Row): boolean =>
      top === undefined || ranked.includes(row[top.column] ?? null);
    const grouped =
      top !== undefined && top.others === undefined ? current.filter(isKept) : current;
    const groups = Map.groupBy(grouped, (row) =>
      JSON.stringify([
        isKept(row),
        ...keys.map((key) =>
          top !== undefined && nameOf(key) === top.column && !isKept(row) ? null : keyOf(key, row),
        ),
      ]),
    );
    const ofGroups = keys.length === 0 ? [grouped] : [...groups.values()];
    return ofGroups.map((group, index) => {
      const [first] = group;
      const kept = first === undefined || isKept(first);
      const cells = query.select.map((selection): Cell => {
        if (isAggregate(selection)) return aggregate(selection, group);
        return top !== undefined && nameOf(selection) === top.column && !kept
          ? (top.others as string)
          : keyOf(selection, first as Row);
      });
      const before = ((): Cell[] => {
        if (query.compare === undefined) return [];
        if (previous === null) return values.map(() => null);
        const [key] = keys;
        if (key === undefined) return values.map((value) => aggregate(value, previous));
        const { bucket, column } = key as Extract<Selection, { bucket: TimeUnit }>;
        const [start, startBefore] = narrowing?.starts ?? [0, 0];
        const place = placeOf(bucket, column, (first as Row)[column] ?? null, start);
        const beside = previous.filter(
          (row) => placeOf(bucket, column, row[column] ?? null, startBefore) === place,
        );
        return values.map((value) => (beside.length === 0 ? null : aggregate(value, beside)));
      })();
      return {
        cells: [...cells, ...before],
        row: {},
        index,
        place:
          top === undefined ? 0 : kept ? ranked.indexOf((first as Row)[top.column] ?? null) : null,
      };
    });
  })();

  type Order = readonly { readonly name: string; readonly direction: "ascending" | "descending" }[];
  const bucketNames = keys.filter(isBucket).map(nameOf);
  const inOrder = (unordered: readonly Line[], order: Order, ties: "rows" | "cells"): Line[] =>
    unordered.toSorted((a, b) => {
      const cellOf = (line: Line, name: string): Cell =>
        names.includes(name) ? (line.cells[names.indexOf(name)] ?? null) : (line.row[name] ?? null);
      let isRestCompared = false;
      const compareRest = (): number =>
        isRestCompared
          ? 0
          : ((isRestCompared = true), Number(a.place === null) - Number(b.place === null));
      for (const { name, direction } of order) {
        const difference =
          (bucketNames.includes(name) ? 0 : compareRest()) ||
          compareCells(cellOf(a, name), cellOf(b, name), direction);
        if (difference !== 0) return difference;
      }
      if (!hasAggregates) {
        if (ties === "rows")
          return order.at(-1)?.direction === "descending" ? b.index - a.index : a.index - b.index;
        return (
          names
            .map((name) => compareCells(cellOf(a, name), cellOf(b, name)))
            .find((difference) => difference !== 0) ?? 0
        );
      }
      return (
        compareRest() ||
        (a.place ?? 0) - (b.place ?? 0) ||
        (keys
          .map((key) => compareCells(cellOf(a, nameOf(key)), cellOf(b, nameOf(key))))
          .find((difference) => difference !== 0) ??
          0)
      );
    });
  const ownOrder: Order =
    query.orderBy ??
    (hasAggregates ? bucketNames.map((name) => ({ name, direction: "ascending" as const })) : []);
  const ordered = inOrder(lines, ownOrder, "rows");
  const limited = ordered.slice(0, query.limit ?? ordered.length);
  const { page } = asked;
  const sorted =
    page?.sort === undefined
      ? limited
      : inOrder(limited, [page.sort], query.limit === undefined ? "rows" : "cells");
  const shown = page === undefined ? sorted : sorted.slice(page.offset, page.offset + page.limit);
  return { rows: shown.map(({ cells }) => cells), total: limited.length };
};
