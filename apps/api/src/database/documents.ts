/** The shapes of the JSON that is stored inside rows. */

export const columnTypes = ["text", "integer", "decimal", "boolean", "date", "timestamp"] as const;
export type ColumnType = (typeof columnTypes)[number];

/** A column of a dataset. Its name is data; in SQL it is only ever called by its position (`c0`, `c1`, …). */
export interface DatasetColumn {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  readonly unit?: string;
}

export type Value = string | number | boolean | null;

export type Filter =
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly column: string; readonly is: "equal" | "notEqual" | "less" | "atMost" | "greater" | "atLeast" | "contains"; readonly value: Value }
  | { readonly column: string; readonly is: "in"; readonly values: readonly Value[] }
  | { readonly column: string; readonly is: "null" | "notNull" };

export type Aggregate = "sum" | "average" | "count" | "distinct" | "minimum" | "maximum";

/** One column of a query's result: a dataset's column as it is, or an aggregate. */
export type Selection =
  | { readonly column: string; readonly label?: string }
  | { readonly aggregate: Aggregate; /** Only `count` can do without one. */ readonly column?: string; readonly name: string; readonly label?: string; readonly unit?: string };

/** With an aggregate in `select`, the plain columns are what the rows are grouped by. */
export interface Query {
  readonly dataset: string;
  readonly select: readonly Selection[];
  readonly filter?: Filter;
  readonly orderBy?: readonly { readonly name: string; readonly direction: "ascending" | "descending" }[];
  readonly limit?: number;
  /** The column that `from` and `to` of a request narrow. */
  readonly timeColumn?: string;
}

interface PanelBase {
  readonly title: string;
  readonly description?: string;
  readonly width: number;
}
export type PanelDefinition =
  | (PanelBase & { readonly kind: "metric"; readonly query: Query })
  | (PanelBase & { readonly kind: "table"; readonly query: Query })
  | (PanelBase & { readonly kind: "markdown"; readonly text: string });
