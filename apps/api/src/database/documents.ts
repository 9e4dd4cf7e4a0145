/** The shapes of the JSON that is stored inside rows: one schema each, which every writer goes through. */
import * as z from "zod";

export const columnTypes = ["text", "integer", "decimal", "boolean", "date", "timestamp"] as const;
export type ColumnType = (typeof columnTypes)[number];

/** SQLite's LIKE reads a text only as far as its first NUL, so that no text may hold one. */
const withoutNul = (text: string): boolean => !text.includes("\0");
const name = z.string().min(1).max(100).refine(withoutNul, "no NUL character");
const label = z.string().min(1).max(100);
const unit = z.string().min(1).max(20);

/** A column of a dataset. Its name is data; in SQL it is only ever called by its position (`c0`, `c1`, …). */
export const datasetColumn = z.strictObject({ name, label, type: z.enum(columnTypes), unit: unit.exactOptional() }).readonly();
export type DatasetColumn = z.output<typeof datasetColumn>;

/** What a filter compares with. Null has comparisons of its own: `null` and `notNull`. */
export const value = z.union([z.string().max(1_000).refine(withoutNul, "no NUL character"), z.number(), z.boolean()]);
export type Value = z.output<typeof value>;

const condition = z.discriminatedUnion("is", [
  z.strictObject({ column: name, is: z.enum(["equal", "notEqual", "less", "atMost", "greater", "atLeast", "contains"]), value }).readonly(),
  z.strictObject({ column: name, is: z.literal("in"), values: z.array(value).min(1).max(100).readonly() }).readonly(),
  z.strictObject({ column: name, is: z.enum(["null", "notNull"]) }).readonly(),
]);
export type Condition = z.output<typeof condition>;

export type Filter = { readonly and: readonly Filter[] } | { readonly or: readonly Filter[] } | Condition;

/** Levels of `and` and `or` inside each other. Built level by level, so that hostile nesting ends in an error and not in a full stack. */
const filterLevels = 5;
const filterOfLevels = (levels: number): z.ZodType<Filter> => {
  if (levels === 0) return condition;
  const parts = z
    .array(filterOfLevels(levels - 1))
    .min(1)
    .max(50)
    .readonly();
  return z.union([condition, z.strictObject({ and: parts }).readonly(), z.strictObject({ or: parts }).readonly()]);
};
export const filter = filterOfLevels(filterLevels);

export const aggregates = ["sum", "average", "count", "distinct", "minimum", "maximum"] as const;
export type Aggregate = (typeof aggregates)[number];

/** One column of a query's result: a dataset's column as it is, or an aggregate. Only `count` can do without a column. */
export const selection = z.union([
  z.strictObject({ column: name, label: label.exactOptional() }).readonly(),
  z.strictObject({ aggregate: z.enum(aggregates), column: name.exactOptional(), name, label: label.exactOptional(), unit: unit.exactOptional() }).readonly(),
]);
export type Selection = z.output<typeof selection>;

/** With an aggregate in `select`, the plain columns are what the rows are grouped by. */
export const query = z
  .strictObject({
    /** The name of the dataset. */
    dataset: name,
    select: z.array(selection).min(1).max(50).readonly(),
    filter: filter.exactOptional(),
    /** By the names of the result; without aggregates also by columns that are not selected. Null comes last either way. */
    orderBy: z
      .array(z.strictObject({ name, direction: z.enum(["ascending", "descending"]) }).readonly())
      .max(10)
      .readonly()
      .exactOptional(),
    limit: z.int().min(1).exactOptional(),
    /** The column that `from` and `to` of a request narrow. Without one, they change nothing. */
    timeColumn: name.exactOptional(),
  })
  .readonly();
export type Query = z.output<typeof query>;

const panelBase = { title: z.string().min(1).max(100), description: z.string().max(500).exactOptional(), width: z.int().min(1).max(12) };

export const panelDefinition = z.discriminatedUnion("kind", [
  /** The number is the first column of the first row; further columns say what it is the number of, or what it is compared with. */
  z.strictObject({ ...panelBase, kind: z.literal("metric"), query }).readonly(),
  z.strictObject({ ...panelBase, kind: z.literal("table"), query }).readonly(),
  z.strictObject({ ...panelBase, kind: z.literal("markdown"), text: z.string().max(20_000) }).readonly(),
]);
export type PanelDefinition = z.output<typeof panelDefinition>;
