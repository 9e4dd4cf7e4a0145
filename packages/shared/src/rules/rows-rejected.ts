/** What can be wrong with a row; public, since callers branch on it. */
export type RowIssueCode = "wrong_value" | "unknown_column" | "missing_column" | "duplicate_column" | "wrong_cell_count" | "unreadable";

export interface RowIssue {
  /** The line of the file on which the row begins; of rows from a JSON array, their count from one. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RowIssueCode;
  readonly detail: string;
}

/** So many are told at once: whoever has more has one mistake in every row. */
export const issueCeiling = 100;

export const describeIssue = ({ line, column, detail }: RowIssue, what: "Line" | "Row" = "Line"): string =>
  `${what} ${line}${column === null ? "" : `, column ${JSON.stringify(column)}`}: ${detail}`;

/** Some rows do not fit the dataset, so none of them was stored. */
export class RowsRejected extends Error {
  readonly issues: readonly RowIssue[];
  constructor(issues: readonly RowIssue[]) {
    const [first] = issues;
    super(first === undefined ? "Rows rejected" : describeIssue(first));
    this.name = "RowsRejected";
    this.issues = issues;
  }
}
