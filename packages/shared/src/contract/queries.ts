/**
 * What a panel may ask of a dataset: the query language, as data. Names and values in it never
 * become SQL.
 */
import * as z from "zod";
import { columnTypes, fitsFormat, formatMisfit, numberStyles } from "./number-formats.ts";

export { columnTypes, type ColumnType } from "./number-formats.ts";

/** SQLite's LIKE reads a text only as far as its first NUL, so that no text may hold one. */
const withoutNul = /^[^\0]*$/;
export const columnName = z
  .string()
  .min(1)
  .max(100)
  .regex(withoutNul, "This must not hold a NUL character.");
export const datasetName = z
  .string()
  .regex(
    /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/,
    "This must be lower-case letters and digits, with single hyphens or underscores between them.",
  )
  .max(64)
  .meta({ example: "orders" });
const label = z.string().min(1).max(100);
const unit = z.string().min(1).max(20).meta({
  description:
    "As shown beside the number, for example `USD` or `°C`. A code of ISO 4217 is shown as that currency.",
});

/** How a number is written, where its own digits will not do. */
export const numberFormat = z
  .strictObject({
    digits: z.int().min(0).max(6).exactOptional().meta({ description: "Digits after the point." }),
    style: z.enum(numberStyles).exactOptional().meta({
      description:
        "`compact`: 1.2M, the whole column in one unit. `percent`: 0.12 as 12%. `code`: a whole number that is a name, such as an id or a year, digit by digit: 20417 and not 20,417.",
    }),
  })
  .refine(
    ({ style, digits }) => style !== "code" || digits === undefined,
    "A code has no digits after the point.",
  )
  .readonly()
  .meta({ id: "NumberFormat" });
export type NumberFormat = z.output<typeof numberFormat>;

/**
 * A column of a dataset. Its name is data; in SQL it is only ever called by its position (`c0`,
 * `c1`, …).
 */
export const datasetColumn = z
  .strictObject({
    name: columnName,
    label,
    type: z.enum(columnTypes),
    unit: unit.exactOptional(),
    format: numberFormat.exactOptional().meta({
      description:
        "How panels write the numbers of this column, where they do not say it themselves. Without it, whole numbers called `id`, `year` or `code` are written as codes.",
    }),
  })
  .refine(({ type, format }) => format === undefined || fitsFormat(type, format), {
    path: ["format"],
    error: formatMisfit,
  })
  .readonly()
  .meta({ id: "DatasetColumn" });
export type DatasetColumn = z.output<typeof datasetColumn>;

/** Of a bucket of time. Weeks begin on Monday (ISO 8601). */
export const timeUnits = ["minute", "hour", "day", "week", "month", "quarter", "year"] as const;
export type TimeUnit = (typeof timeUnits)[number];

/**
 * A length of time of one component: `P30D`, `P12M`, `P1Y`, `P2W`, `PT6H`, `PT15M` (ISO 8601).
 * "The last P30D" are thirty whole days in the query's time zone, the present one included.
 */
export const duration = z
  .string()
  .regex(
    /^P(?:[1-9]\d{0,3}[YMWD]|T[1-9]\d{0,3}[HM])$/,
    "This must be an ISO 8601 duration of one component, such as P30D or PT6H.",
  )
  .meta({ id: "Duration", example: "P30D" });

/** Read from the ICU data of whoever checks. */
export const isTimeZone = (name: string): boolean => {
  try {
    // An offset such as +01:00 knows no summer, and is no name of a place.
    return (
      /^[A-Za-z]/.test(name) &&
      new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== ""
    );
  } catch {
    return false;
  }
};
export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, "This must be an IANA time zone, such as Europe/Paris.")
  .meta({ example: "Europe/Paris" });

/** What a filter compares with. Null has comparisons of its own: `null` and `notNull`. */
export const value = z.union(
  [
    z.string().max(1_000).regex(withoutNul, "This must not hold a NUL character."),
    z.number(),
    z.boolean(),
  ],
  "This must be a text of at most 1000 characters without NUL, a number or a boolean. Null has comparisons of its own, `null` and `notNull`.",
);
export type Value = z.output<typeof value>;

const condition = z
  .discriminatedUnion("is", [
    z
      .strictObject({
        column: columnName,
        is: z.enum(["equal", "notEqual", "less", "atMost", "greater", "atLeast", "contains"]),
        value,
      })
      .readonly(),
    z
      .strictObject({
        column: columnName,
        is: z.literal("in"),
        values: z.array(value).min(1).max(100).readonly(),
      })
      .readonly(),
    z.strictObject({ column: columnName, is: z.enum(["null", "notNull"]) }).readonly(),
    z.strictObject({ column: columnName, is: z.literal("last"), duration }).readonly(),
  ])
  .meta({ id: "Condition" });
export type Condition = z.output<typeof condition>;

export type Filter =
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | Condition;

/**
 * Levels of `and` and `or` inside each other. Built level by level, so that hostile nesting ends in
 * an error and not in a full stack.
 */
const filterLevels = 5;
const filterOfLevels = (levels: number): z.ZodType<Filter, Filter> => {
  if (levels === 0) return condition;
  const parts = z
    .array(filterOfLevels(levels - 1))
    .min(1)
    .max(50)
    .readonly();
  // Not a union, which would tell only what the first form misses; here and in selections each form
  // tells.
  return z
    .xor([
      condition,
      z.strictObject({ and: parts }).readonly(),
      z.strictObject({ or: parts }).readonly(),
    ])
    .meta({ id: levels === filterLevels ? "Filter" : `Filter${levels}` });
};
export const filter = filterOfLevels(filterLevels);

export const aggregates = [
  "sum",
  "average",
  "count",
  "distinct",
  "minimum",
  "maximum",
  "median",
  "percentile",
] as const;
export type Aggregate = (typeof aggregates)[number];

/**
 * One column of a query's result: a dataset's column as it is, the bucket of time its value falls
 * into, or an aggregate. Only `count` can do without a column; `percentile` needs the member of
 * that name.
 */
export const selection = z
  .xor([
    z
      .strictObject({
        column: columnName,
        label: label.exactOptional(),
        format: numberFormat.exactOptional(),
      })
      .readonly(),
    z
      .strictObject({
        bucket: z.enum(timeUnits),
        column: columnName,
        name: columnName.exactOptional(),
        label: label.exactOptional(),
      })
      .readonly(),
    z
      .strictObject({
        aggregate: z.enum(aggregates),
        percentile: z.number().min(0).max(100).exactOptional(),
        column: columnName.exactOptional(),
        name: columnName,
        label: label.exactOptional(),
        unit: unit.exactOptional(),
        format: numberFormat.exactOptional(),
      })
      .readonly(),
  ])
  .meta({ id: "Selection" });
export type Selection = z.output<typeof selection>;

/**
 * With an aggregate in `select`, the plain columns and the buckets are what the rows are grouped
 * by.
 */
export const query = z
  .strictObject({
    dataset: datasetName.meta({ description: "The name of the dataset." }),
    select: z.array(selection).min(1).max(50).readonly(),
    filter: filter.exactOptional(),
    orderBy: z
      .array(
        z
          .strictObject({ name: columnName, direction: z.enum(["ascending", "descending"]) })
          .readonly(),
      )
      .max(10)
      .readonly()
      .exactOptional()
      .meta({
        description:
          "By the names of the result; without aggregates also by columns that are not selected. Null comes last either way.",
      }),
    limit: z.int().min(1).max(10_000).exactOptional(),
    top: z
      .strictObject({
        column: columnName.meta({
          description: "One of the plain columns that the rows are grouped by, of type text.",
        }),
        by: columnName.meta({ description: "The name of an aggregate of the result." }),
        count: z.int().min(1).max(50),
        others: label.exactOptional().meta({
          description: "What the rest is called, taken together. Without it, the rest is left out.",
        }),
      })
      .readonly()
      .exactOptional()
      .meta({ description: "Only the groups with the largest values, the rest together as one." }),
    timeColumn: columnName.exactOptional().meta({
      description: "The column that a range of time narrows. Without one, a range changes nothing.",
    }),
    timeZone: timeZone
      .exactOptional()
      .meta({ description: "Of buckets, and of what is relative to the present. UTC without it." }),
    last: duration
      .exactOptional()
      .meta({ description: "The range where a request names none, and its section neither." }),
    relativeTo: z.enum(["now", "latest"]).exactOptional().meta({
      description:
        "What `last` counts back from: the present, or the latest time in the time column. The present without it.",
    }),
    compare: z.enum(["previousPeriod"]).exactOptional().meta({
      description:
        "Each aggregate once more, over the range of the same length before. Not together with plain columns.",
    }),
  })
  .readonly()
  .meta({ id: "Query" });
export type Query = z.output<typeof query>;
