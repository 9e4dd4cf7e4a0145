export interface RowIssue {
  /** The line of the CSV file on which the row begins; of rows from JSON, their count from one. */
  readonly line: number;
  readonly column: string | null;
  readonly detail: string;
}

/** Some rows do not fit the dataset, so none of them was stored. */
export class RowsRejected extends Error {
  readonly issues: readonly RowIssue[];
  constructor(issues: readonly RowIssue[]) {
    const [first] = issues;
    super(first === undefined ? "Rows rejected" : `Line ${first.line}${first.column === null ? "" : `, column ${JSON.stringify(first.column)}`}: ${first.detail}`);
    this.name = "RowsRejected";
    this.issues = issues;
  }
}
