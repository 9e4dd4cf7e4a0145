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

/** Rows that do not fit, as they stand in their file, for whoever mends them. */
export interface BadRows {
  /**
   * What the cells are: the file's columns in its order, or the text of a row of JSON. Empty where
   * too much would have to be kept.
   */
  readonly header: readonly string[];
  readonly rows: readonly {
    readonly line: number;
    /** None of a row that could not be read, or where too much would have to be kept. */
    readonly cells: readonly string[];
    readonly reason: string;
  }[];
}

/** So much of their text is kept: it waits in memory until somebody asks how the import went. */
const keptCharacters = 262_144;

const lengthOf = (cells: readonly string[]): number =>
  cells.reduce((length, cell) => length + cell.length, 0);

export interface BadRowsSoFar {
  /** The cells of a row in which something is wrong, by its line. */
  note(line: number, cells: readonly string[]): void;
  /** @param header of the file */
  with(issues: readonly RowIssue[], header: readonly string[]): BadRows;
}

/** No more is kept on the way than is told: each row of a file may be a megabyte. */
export const gatherBadRows = (): BadRowsSoFar => {
  const kept = new Map<number, readonly string[]>();
  let left = keptCharacters;
  return {
    note: (line, cells) => {
      if (kept.has(line)) return;
      left -= lengthOf(cells);
      kept.set(line, left < 0 ? [] : cells);
    },
    with: (issues, header) => ({
      header: lengthOf(header) > keptCharacters ? [] : header,
      rows: [...Map.groupBy(issues, ({ line }) => line)].map(([line, ofLine]) => ({
        line,
        cells: kept.get(line) ?? [],
        reason: ofLine
          .map(({ column, detail }) => (column === null ? detail : `${column}: ${detail}`))
          .join(" "),
      })),
    }),
  };
};

/** Some rows do not fit the dataset, so none of them was stored. */
export class RowsRejected extends Error {
  readonly issues: readonly RowIssue[];
  /** Null where the file as a whole is what is wrong. */
  readonly badRows: BadRows | null;
  constructor(issues: readonly RowIssue[], badRows: BadRows | null = null) {
    const [first] = issues;
    super(first === undefined ? "Rows rejected" : describeIssue(first));
    this.name = "RowsRejected";
    this.issues = issues;
    this.badRows = badRows;
  }
}

export type RowFormat = "csv" | "json" | "ndjson";

const escapePointer = (text: string): string => text.replaceAll("~", "~0").replaceAll("/", "~1");

const issueOf = ({ line, column, code, detail }: RowIssue, format: RowFormat): ValidationIssue => ({
  pointer: `${format === "json" ? `/${line - 1}` : `/lines/${line}`}${column === null ? "" : `/${escapePointer(column)}`}`,
  code,
  detail,
});

/** `rows_rejected`, with the rows that it is about, for whoever asks how the import went. */
export class RowsRejection extends AppError {
  readonly badRows: BadRows | null;
  constructor(members: AppError["members"], badRows: BadRows | null) {
    super("rows_rejected", members);
    this.badRows = badRows;
  }
}

/**
 * What the sender of rows is told of those that do not fit: `rows_rejected`, with a pointer to each
 * mistake.
 */
export const rejectionOf = (
  { issues, badRows }: Pick<RowsRejected, "issues" | "badRows">,
  format: RowFormat,
): RowsRejection => {
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
  return new RowsRejection(
    { detail: `${detail}${more}`, errors: issues.map((issue) => issueOf(issue, format)) },
    badRows,
  );
};
