import { AppError, type ValidationIssue } from "../answering/errors.ts";

/** What can be wrong with a row; public, since callers branch on it. */
export type RowIssueCode =
  | "wrong_value"
  | "unknown_column"
  | "missing_column"
  | "duplicate_column"
  | "wrong_cell_count"
  | "unreadable";

export interface RowIssue {
  /**
   * The line of the file on which the row begins; of rows from a JSON array, their count from one.
   */
  readonly line: number;
  readonly column: string | null;
  readonly code: RowIssueCode;
  readonly detail: string;
}

/** So many are told at once: whoever has more has one mistake in every row. */
export const issueCeiling = 100;

const describeIssue = ({ line, column, detail }: RowIssue, what: "Line" | "Row" = "Line"): string =>
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

export type RowFormat = "csv" | "json" | "ndjson";

const escapePointer = (text: string): string => text.replaceAll("~", "~0").replaceAll("/", "~1");

const issueOf = ({ line, column, code, detail }: RowIssue, format: RowFormat): ValidationIssue => ({
  pointer: `${format === "json" ? `/${line - 1}` : `/lines/${line}`}${column === null ? "" : `/${escapePointer(column)}`}`,
  code,
  detail,
});

/**
 * What the sender of rows is told of those that do not fit: `rows_rejected`, with a pointer to each
 * mistake.
 */
export const rejectionOf = (issues: readonly RowIssue[], format: RowFormat): AppError => {
  const [first] = issues;
  const more =
    issues.length === 1
      ? ""
      : issues.length >= issueCeiling
        ? " The first hundred mistakes are listed."
        : ` ${issues.length} mistakes are listed.`;
  const detail =
    first === undefined
      ? ""
      : describeIssue(
          { ...first, column: first.column?.slice(0, 100) ?? null },
          format === "json" ? "Row" : "Line",
        );
  return new AppError("rows_rejected", {
    detail: `${detail}${more}`,
    errors: issues.map((issue) => issueOf(issue, format)),
  });
};
