import { parse } from "csv-parse";
import { Readable } from "node:stream";
import type { DatasetColumn } from "@sallyport/shared/contract";
import { RowsRejected, type RowIssue } from "./rows-rejected.ts";
import { encodeText, type StoredValue } from "./values.ts";

/** A missing closing quote must not gather the rest of the file in memory. */
const longestRecord = 1_048_576;
const issueCeiling = 100;
const lineBreak = /\r\n|\n|\r/;

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** For each column of the dataset, where it stands in the file. */
const matchHeader = (header: readonly string[], columns: readonly DatasetColumn[], line: number): number[] => {
  const names = header.map((name) => name.trim());
  const issues: RowIssue[] = [];
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) issues.push({ line, column: name, detail: "The header names this column twice." });
    else if (!columns.some((column) => column.name === name)) issues.push({ line, column: name, detail: "The dataset has no such column." });
  }
  for (const { name } of columns) if (!names.includes(name)) issues.push({ line, column: name, detail: "The header lacks this column." });
  if (issues.length > 0) throw new RowsRejected(issues);
  return columns.map((column) => names.indexOf(column.name));
};

/** The records of the file with the line each begins on, blank lines left out. */
async function* readRecords(source: string | Readable): AsyncGenerator<{ readonly cells: string[]; readonly line: number }> {
  // `relax_column_count`: a record of the wrong length is reported like any other bad row, and not as the end of the file.
  const parser = parse({ bom: true, info: true, skip_empty_lines: true, relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"], max_record_size: longestRecord });
  const stream = typeof source === "string" ? Readable.from([source]) : source;
  stream.once("error", (error) => parser.destroy(error));
  stream.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
      // `info.lines` counts the lines up to the record's end, and a quoted cell may hold line breaks.
      const ownLineBreaks = record.reduce((sum, cell) => sum + cell.split(lineBreak).length - 1, 0);
      yield { cells: record, line: info.lines - ownLineBreaks };
    }
  } finally {
    stream.destroy();
  }
}

const isCsvError = (error: unknown): error is Error & { readonly lines?: number } => error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");

/**
 * Reads CSV (RFC 4180, UTF-8, a header row) as a stream and yields each row as a dataset with these columns stores it.
 * The header names exactly the dataset's columns, in any order. An empty cell is null.
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first hundred); so nothing may be
 * kept of what was yielded before the end is reached
 */
export async function* readCsv(columns: readonly DatasetColumn[], source: string | Readable): AsyncGenerator<StoredValue[]> {
  const issues: RowIssue[] = [];
  let positions: number[] | undefined;
  let width = 0;
  let lastLine = 0;
  try {
    for await (const { cells, line } of readRecords(source)) {
      lastLine = line;
      if (positions === undefined) {
        positions = matchHeader(cells, columns, line);
        width = cells.length;
        continue;
      }
      if (cells.length !== width) {
        issues.push({ line, column: null, detail: `${cells.length} cells instead of ${width}.` });
      } else {
        const row: StoredValue[] = [];
        for (const [index, column] of columns.entries()) {
          const encoded = encodeText(column.type, cells[positions[index] as number] as string);
          if (encoded.ok) row.push(encoded.value);
          else issues.push({ line, column: column.name, detail: `Not ${encoded.expected}.` });
        }
        if (issues.length === 0) yield row;
      }
      if (issues.length >= issueCeiling) break;
    }
  } catch (error) {
    if (!isCsvError(error)) throw error;
    issues.push({ line: error.lines ?? lastLine + 1, column: null, detail: error.message });
  }
  if (positions === undefined && issues.length === 0) issues.push({ line: 1, column: null, detail: "The file is empty: it has no header." });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
}
