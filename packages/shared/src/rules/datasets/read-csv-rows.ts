/** From the records of a CSV file to rows. What cuts the file into records is csv-parse, which the server has as a stream and a browser has not. */
import type { DatasetColumn, Delimiter } from "../../contract/contract.ts";
import { NotText } from "./decode-text.ts";
import { characterOf, type CsvOptions } from "./recognise-csv.ts";
import { issueCeiling, RowsRejected, type RowIssue } from "./rows-rejected.ts";
import { encodeText, type StoredValue } from "./values.ts";

/** A missing closing quote must not gather the rest of the file in memory. */
const longestRecord = 1_048_576;
const lineBreak = /\r\n|\n|\r/;

/** A record and the line it begins on. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** How csv-parse has to be told to cut a file into records, with what it knows of each. */
export const recordOptions = (delimiter: Delimiter = "comma") =>
  // `relax_column_count`: a record of the wrong length is reported like any other bad row, and not as the end of the file.
  ({
    delimiter: characterOf[delimiter],
    bom: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: longestRecord,
  }) as const;

/** @param lines how many lines there were up to the record's end, as csv-parse tells */
export const recordOf = (cells: readonly string[], lines: number): CsvRecord => {
  // A quoted cell may hold line breaks.
  const ownLineBreaks = cells.reduce(
    (sum, cell) =>
      sum + (cell.includes("\n") || cell.includes("\r") ? cell.split(lineBreak).length - 1 : 0),
    0,
  );
  return { cells, line: lines - ownLineBreaks };
};

/** What the parser stumbles over, by its codes, and how to mend it. It tells the line that it has come to, not the one where the trouble began. */
const troubles: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE:
    'A quote in a cell that does not begin with one. Put the cell in quotes, with the quote in it written twice: "5"" disk".',
  CSV_INVALID_CLOSING_QUOTE:
    'Something other than a delimiter follows a closing quote. A quote inside a quoted cell is written twice: "5"" disk".',
  CSV_QUOTE_NOT_CLOSED: "A quote that is opened on this line or further up is never closed.",
  CSV_MAX_RECORD_SIZE: `The row that this line belongs to is longer than ${longestRecord} bytes. Perhaps a quote is opened further up and never closed.`,
};

/** For each column of the dataset, where it stands in the file. */
const matchHeader = (
  header: readonly string[],
  columns: readonly DatasetColumn[],
  line: number,
): number[] => {
  const names = header.map((name) => name.trim());
  const issues: RowIssue[] = [];
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      issues.push({
        line,
        column: name,
        code: "duplicate_column",
        detail: "The header names this column twice.",
      });
    else if (!columns.some((column) => column.name === name))
      issues.push({
        line,
        column: name,
        code: "unknown_column",
        detail: "The dataset has no such column.",
      });
  }
  for (const { name } of columns)
    if (!names.includes(name))
      issues.push({
        line,
        column: name,
        code: "missing_column",
        detail: "The header lacks this column.",
      });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
  return columns.map((column) => names.indexOf(column.name));
};

/**
 * Yields each record as a dataset with these columns stores it. The header names exactly the dataset's columns, in any
 * order. An empty cell is null.
 * @param records what throws NotText or an error of csv-parse has come to the end of what can be read
 * @param isParserError whether an error is csv-parse's own
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first hundred); so nothing may be
 * kept of what was yielded before the end is reached
 */
export async function* readCsvRows(
  columns: readonly DatasetColumn[],
  records: AsyncIterable<CsvRecord> | Iterable<CsvRecord>,
  { header = "names", decimal = "point" }: CsvOptions,
  isParserError: (
    error: unknown,
  ) => error is Error & { readonly code: string; readonly lines?: unknown },
): AsyncGenerator<StoredValue[]> {
  const issues: RowIssue[] = [];
  let positions: number[] | undefined =
    header === "absent" ? columns.map((_, index) => index) : undefined;
  let width = columns.length;
  let lastLine = 0;
  try {
    for await (const { cells, line } of records) {
      lastLine = line;
      if (positions === undefined) {
        positions =
          header === "skip" ? columns.map((_, index) => index) : matchHeader(cells, columns, line);
        if (header === "names") width = cells.length;
        continue;
      }
      if (cells.length !== width) {
        issues.push({
          line,
          column: null,
          code: "wrong_cell_count",
          detail: `${cells.length} ${cells.length === 1 ? "cell" : "cells"} instead of ${width}.`,
        });
      } else {
        const row: StoredValue[] = [];
        for (const [index, column] of columns.entries()) {
          const encoded = encodeText(
            column.type,
            cells[positions[index] as number] as string,
            decimal,
          );
          if (encoded.ok) row.push(encoded.value);
          else
            issues.push({
              line,
              column: column.name,
              code: "wrong_value",
              detail: `Not ${encoded.expected}.`,
            });
        }
        if (issues.length === 0) yield row;
      }
      if (issues.length >= issueCeiling) break;
    }
  } catch (error) {
    if (error instanceof NotText)
      issues.push({
        line: lastLine + 1,
        column: null,
        code: "unreadable",
        detail: `Here or a little later are bytes that are no text in ${error.encoding}.`,
      });
    else if (isParserError(error))
      issues.push({
        line: typeof error.lines === "number" ? error.lines : lastLine + 1,
        column: null,
        code: "unreadable",
        detail: troubles[error.code] ?? "No CSV.",
      });
    else throw error;
  }
  if (positions === undefined && issues.length === 0)
    issues.push({
      line: 1,
      column: null,
      code: "unreadable",
      detail: "The file is empty: it has no header.",
    });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
}
