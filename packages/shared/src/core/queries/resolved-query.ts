/** What a query turns out to mean on a dataset: its columns found, its values in stored form. */
import type {
  Aggregate,
  ColumnType,
  DatasetColumn,
  NumberFormat,
  Query,
  TimeUnit,
} from "../../contract/contract.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import type { TimeBounds } from "../datasets/time-bounds.ts";
import type { StoredValue } from "../datasets/values.ts";
import type { AskedRange, StoredRange, TimeLine } from "./time-ranges.ts";

/** What has to be known about a dataset. */
export interface DatasetShape {
  readonly name: string;
  readonly columns: readonly DatasetColumn[];
  readonly timeBounds: TimeBounds;
}

/** What is asked of a query when it is run, beside what stands in it. */
export interface Asked {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The request's range of time: it goes before the query's own, and that before the section's. */
  readonly range?: AskedRange;
  readonly sectionLast?: string;
  /** One page of the result, as a table shows it. `sort` names a column of the result. */
  readonly page?: { readonly sort?: Order; readonly offset: number; readonly limit: number };
  /**
   * A column of the result: where it holds times or numbers and the query names no order, the rows
   * are ordered by it.
   */
  readonly along?: string;
  /** How many rows at most, where neither the query nor a page says; `rowCeiling` without it. */
  readonly rows?: number;
}

export type Order = NonNullable<Query["orderBy"]>[number];

export interface ResultColumn {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  readonly unit?: string;
  readonly format?: NumberFormat;
  /** The unit of time whose first moment stands in this column. */
  readonly bucket?: TimeUnit;
  /** The name of the column whose values of the period before stand in this one. */
  readonly previousOf?: string;
}

export interface Refused {
  readonly ok: false;
  readonly issues: readonly ValidationIssue[];
}

/** A column of the dataset, and where it stands among them. */
export interface SourceColumn {
  readonly position: number;
  readonly column: DatasetColumn;
}

/** Every value is one that the column can hold, in stored form. */
export type ResolvedFilter =
  | { readonly is: "and" | "or"; readonly parts: readonly ResolvedFilter[] }
  | { readonly is: "within"; readonly source: SourceColumn; readonly range: StoredRange }
  | { readonly is: "null" | "notNull"; readonly source: SourceColumn }
  | { readonly is: "in"; readonly source: SourceColumn; readonly values: readonly StoredValue[] }
  | { readonly is: "contains"; readonly source: SourceColumn; readonly text: string }
  | {
      readonly is: "equal" | "notEqual" | "less" | "atMost" | "greater" | "atLeast";
      readonly source: SourceColumn;
      readonly value: StoredValue;
    };

/** What the rows of a result are grouped by: a column as it is, or a bucket of time. */
export interface ResolvedKey {
  /** Its position in the result. */
  readonly result: number;
  readonly source: SourceColumn;
  readonly bucket: { readonly unit: TimeUnit; readonly line: TimeLine } | null;
}

export interface ResolvedValue {
  readonly result: number;
  readonly aggregate: Aggregate;
  /** Undefined where rows are counted. */
  readonly source: SourceColumn | undefined;
  readonly percentile: number;
}

export interface ResolvedOrder {
  readonly direction: Order["direction"];
  /**
   * A position in the result; or, of a result without aggregates, a column that is not selected.
   */
  readonly by: number | SourceColumn;
}

export interface ResolvedQuery {
  readonly ok: true;
  /** The result's columns, in order. */
  readonly columns: readonly ResultColumn[];
  /** The column that a range of time narrows, and to what. */
  readonly time: { readonly source: SourceColumn; readonly line: TimeLine } | undefined;
  readonly narrowed: StoredRange | undefined;
  readonly filter: ResolvedFilter | undefined;
  readonly keys: readonly ResolvedKey[];
  readonly values: readonly ResolvedValue[];
  readonly hasAggregates: boolean;
  /** Positions among the keys and the values. */
  readonly top:
    | {
        readonly key: number;
        readonly value: number;
        readonly count: number;
        readonly others: string | undefined;
      }
    | undefined;
  readonly compares: boolean;
  /** The query's own order, and what the page asks for instead. */
  readonly order: readonly ResolvedOrder[];
  readonly sort: ResolvedOrder | undefined;
  /** How many rows at most; undefined for all that are on pages. */
  readonly rows: number | undefined;
  /** What the time column was narrowed to, as ISO 8601. */
  readonly range?: { readonly from: string | null; readonly to: string | null };
  readonly timeZone?: string;
}
