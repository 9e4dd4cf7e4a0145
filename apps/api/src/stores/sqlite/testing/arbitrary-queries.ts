/** Rows and queries of every kind, made up at random, for what has to hold for all of them. */
import {
  aggregates,
  timeUnits,
  type ColumnType,
  type Filter,
  type Query,
  type Selection,
  type Value,
} from "@sallyport/shared/contract";
import { nameOf, type Evaluation, type Row } from "@sallyport/shared/mock";
import fc from "fast-check";
import { shopColumns as columns } from "./stored-dataset.ts";

export const queryOn = (rest: Omit<Query, "dataset">): Query => ({ dataset: "shops", ...rest });

export const zones = [
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
] as const;

/**
 * Moments at which clocks were changed in these zones, and the ends of days, months and years
 * around them.
 */
export const moments = [
  "2011-12-30T10:00:00Z",
  "2011-12-31T10:00:00Z",
  "2025-03-30T01:00:00Z",
  "2025-10-26T01:00:00Z",
  "2025-11-02T06:00:00Z",
  "2025-03-09T07:00:00Z",
  "2025-04-05T15:00:00Z",
  "2025-10-04T15:30:00Z",
  "2025-12-31T18:30:00Z",
  "2025-12-31T23:00:00Z",
  "2026-01-01T05:00:00Z",
  "2026-11-22T09:00:00Z",
].map((text) => Date.parse(text));

const instant = fc.oneof(
  fc
    .tuple(fc.constantFrom(...moments), fc.integer({ min: -180, max: 180 }))
    .map(([moment, minutes]) => moment + minutes * 60_000),
  fc
    .tuple(fc.constantFrom(...moments), fc.constantFrom(-1, 0, 1))
    .map(([moment, difference]) => moment + difference),
  fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) }),
  // Around the present, where the last units of time begin and end.
  fc.integer({ min: Date.UTC(2026, 10, 8), max: Date.UTC(2026, 11, 2) }),
  fc.integer({ min: Date.UTC(1955, 0), max: Date.UTC(1972, 0) }),
);

export const toDate = (at: number): string => new Date(at).toISOString().slice(0, 10);

const valueOf: Record<ColumnType, fc.Arbitrary<Value>> = {
  text: fc.constantFrom(
    "a",
    "A",
    "b%",
    "b_",
    "é",
    "É",
    "\\",
    "%",
    "_",
    "ab",
    "😀",
    "\uffee",
    "Others",
    "'; DROP TABLE users; --",
  ),
  integer: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -1e12, max: 1e12 })),
  decimal: fc.integer({ min: -40, max: 40 }).map((quarter) => quarter / 4 + 0),
  boolean: fc.boolean(),
  date: instant.map(toDate),
  timestamp: instant.map((at) => new Date(at).toISOString()),
};

export const row: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(
    columns.map(({ name, type }) => [name, fc.option(valueOf[type], { freq: 6 })]),
  ),
);

export const duration = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom("Y", "M", "W", "D"))
    .map(([count, letter]) => `P${count}${letter}`),
  fc.constantFrom("P1D", "P1M", "P1Y", "P30D", "P12M"),
);

const clockDuration = fc
  .tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom("H", "M"))
  .map(([count, letter]) => `PT${count}${letter}`);

const condition = fc.constantFrom(...columns).chain(({ name, type }): fc.Arbitrary<Filter> => {
  const of = valueOf[type];
  const compared =
    type === "boolean"
      ? (["equal", "notEqual"] as const)
      : (["equal", "notEqual", "less", "atMost", "greater", "atLeast"] as const);
  return fc.oneof(
    fc.record({ column: fc.constant(name), is: fc.constantFrom(...compared), value: of }),
    fc.record({
      column: fc.constant(name),
      is: fc.constant("in" as const),
      values: fc.array(of, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      column: fc.constant(name),
      is: fc.constantFrom("null" as const, "notNull" as const),
    }),
    ...(type === "text"
      ? [fc.record({ column: fc.constant(name), is: fc.constant("contains" as const), value: of })]
      : []),
    ...(type === "date"
      ? [fc.record({ column: fc.constant(name), is: fc.constant("last" as const), duration })]
      : []),
    ...(type === "timestamp"
      ? [
          fc.record({
            column: fc.constant(name),
            is: fc.constant("last" as const),
            duration: fc.oneof(duration, clockDuration),
          }),
        ]
      : []),
  );
});

const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, depthIdentifier: "filter" },
    condition,
    fc.record({ and: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
  ),
})).filter;

const aggregated = fc
  .oneof(
    fc
      .constantFrom("visits", "takings")
      .chain((column) =>
        fc.constantFrom(...aggregates).map((aggregate) => ({ aggregate, column })),
      ),
    fc
      .constantFrom("city", "day", "at")
      .chain((column) =>
        fc
          .constantFrom(
            "count" as const,
            "distinct" as const,
            "minimum" as const,
            "maximum" as const,
          )
          .map((aggregate) => ({ aggregate, column })),
      ),
    fc.constant({ aggregate: "count" as const }),
  )
  .chain((one) =>
    fc
      .constantFrom(0, 25, 50, 90, 100)
      .map((percentile) => ({ ...one, ...(one.aggregate === "percentile" && { percentile }) })),
  );

const bucketOn = (column: "day" | "at") =>
  fc
    .constantFrom(
      ...timeUnits.filter((unit) => column === "at" || (unit !== "minute" && unit !== "hour")),
    )
    .map((bucket) => ({ bucket, column, name: `${column} by ${bucket}` }));

const named = (chosen: readonly (typeof aggregated extends fc.Arbitrary<infer T> ? T : never)[]) =>
  chosen.map((one, index) => ({ ...one, name: `aggregate ${index}` }));

/** What a query on times has beside what it selects. */
const timing = fc.record(
  {
    timeColumn: fc.constantFrom("day" as const, "at" as const),
    timeZone: fc.constantFrom(...zones),
    relativeTo: fc.constantFrom("now" as const, "latest" as const),
    last: duration,
  },
  { requiredKeys: ["timeColumn"] },
);

const orderOn = (names: readonly string[]): fc.Arbitrary<NonNullable<Query["orderBy"]>> =>
  fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      direction: fc.constantFrom("ascending" as const, "descending" as const),
    }),
    { maxLength: 2 },
  );

export const namesIn = (select: readonly Selection[], compares = false): string[] => [
  ...select.map(nameOf),
  ...(compares
    ? select.flatMap((one) => ("aggregate" in one ? [`${one.name} (previous)`] : []))
    : []),
];

const withRest = (
  select: readonly Selection[],
  extra: Omit<Query, "dataset" | "select"> = {},
  others: readonly string[] = [],
): fc.Arbitrary<Query> =>
  fc
    .record(
      {
        filter,
        orderBy: orderOn([...namesIn(select, extra.compare !== undefined), ...others]),
        limit: fc.integer({ min: 1, max: 20 }),
        time: timing,
        zone: fc.constantFrom(...zones),
      },
      { requiredKeys: [] },
    )
    .map(({ time, zone, ...rest }) =>
      queryOn({ select, ...(zone && { timeZone: zone }), ...rest, ...time, ...extra }),
    );

export const plainQuery = fc
  .tuple(
    fc.subarray(columns.map(({ name }) => name)),
    fc.array(fc.constantFrom("day" as const, "at" as const).chain(bucketOn), { maxLength: 1 }),
  )
  .filter(([plain, buckets]) => plain.length + buckets.length > 0)
  .chain(([plain, buckets]) =>
    withRest(
      [...plain.map((column) => ({ column })), ...buckets],
      {},
      columns.map(({ name }) => name),
    ),
  );

export const groupedQuery = fc
  .tuple(
    fc.subarray(columns.map(({ name }) => name)),
    fc.array(fc.constantFrom("day" as const, "at" as const).chain(bucketOn), { maxLength: 1 }),
    fc.array(aggregated, { minLength: 1, maxLength: 3 }),
  )
  .chain(([plain, buckets, chosen]) =>
    withRest([...buckets, ...plain.map((column) => ({ column })), ...named(chosen)]),
  );

export const topQuery = fc
  .tuple(
    fc.array(fc.constantFrom("day" as const, "at" as const).chain(bucketOn), { maxLength: 1 }),
    fc.array(
      fc
        .constantFrom("visits", "takings")
        .chain((column) =>
          fc
            .constantFrom(
              "sum" as const,
              "count" as const,
              "distinct" as const,
              "average" as const,
              "minimum" as const,
            )
            .map((aggregate) => ({ aggregate, column })),
        ),
      { minLength: 1, maxLength: 2 },
    ),
    fc.integer({ min: 1, max: 5 }),
    fc.option(fc.constantFrom("Others", "a", "'); --"), { nil: undefined }),
  )
  .chain(([buckets, chosen, count, others]) =>
    withRest([...buckets, { column: "city" }, ...named(chosen)], {
      top: { column: "city", by: "aggregate 0", count, ...(others !== undefined && { others }) },
    }),
  );

export const comparedQuery = fc
  .tuple(
    fc
      .constantFrom("day" as const, "at" as const)
      .chain((column) =>
        fc.tuple(
          fc.constant(column),
          fc.array(
            fc.constantFrom(
              "day" as const,
              "week" as const,
              "month" as const,
              "quarter" as const,
              "year" as const,
            ),
            { maxLength: 1 },
          ),
        ),
      ),
    fc.array(aggregated, { minLength: 1, maxLength: 2 }),
    fc.record(
      {
        timeZone: fc.constantFrom(...zones),
        relativeTo: fc.constantFrom("now" as const, "latest" as const),
        last: duration,
      },
      { requiredKeys: ["last"] },
    ),
  )
  .chain(([[timeColumn, buckets], chosen, time]) =>
    withRest(
      [
        ...buckets.map((bucket) => ({ bucket, column: timeColumn, name: "bucket" })),
        ...named(chosen),
      ],
      { ...time, timeColumn, compare: "previousPeriod" },
    ),
  );

const bound = fc.oneof(
  instant.map(toDate),
  instant.map((at) => new Date(at).toISOString()),
);

export const asking: fc.Arbitrary<Omit<Evaluation, "now">> = fc
  .record({
    range: fc.option(
      fc.oneof(
        fc.record({ from: bound, to: bound }),
        fc.record({ from: bound }),
        fc.record({ to: bound }),
        fc.record({ last: fc.oneof(duration, fc.constant("all")) }),
      ),
      { nil: undefined, freq: 2 },
    ),
    sectionLast: fc.option(duration, { nil: undefined, freq: 1 }),
  })
  .map(({ range, sectionLast }) => ({
    ...(range && { range }),
    ...(sectionLast !== undefined && { sectionLast }),
  }));
