import { CsvError, parse } from "csv-parse";
import { Readable } from "node:stream";
import type { DatasetColumn, Delimiter, Encoding, HeaderUse } from "@sallyport/shared/contract";
import { type DecimalMark, encodeText, issueCeiling, type RowIssue, RowsRejected, type StoredValue } from "@sallyport/shared/rules";
import { characterOf } from "./recognise.ts";

/** A missing closing quote must not gather the rest of the file in memory. */
const longestRecord = 1_048_576;
const lineBreak = /\r\n|\n|\r/;

/** How a CSV file is to be read. */
export interface CsvOptions {
  readonly delimiter?: Delimiter;
  readonly encoding?: Encoding;
  readonly decimal?: DecimalMark;
  /** Whether the first record names the columns; otherwise they stand in the order of the dataset's. */
  readonly header?: HeaderUse;
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** For each column of the dataset, where it stands in the file. */
const matchHeader = (header: readonly string[], columns: readonly DatasetColumn[], line: number): number[] => {
  const names = header.map((name) => name.trim());
  const issues: RowIssue[] = [];
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) issues.push({ line, column: name, code: "duplicate_column", detail: "The header names this column twice." });
    else if (!columns.some((column) => column.name === name)) issues.push({ line, column: name, code: "unknown_column", detail: "The dataset has no such column." });
  }
  for (const { name } of columns) if (!names.includes(name)) issues.push({ line, column: name, code: "missing_column", detail: "The header lacks this column." });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
  return columns.map((column) => names.indexOf(column.name));
};

/** @throws TypeError, by the decoder, at bytes that are no text in this encoding */
async function* decode(chunks: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The records of the file with the line each begins on, blank lines left out. */
async function* readRecords(
  source: string | AsyncIterable<Uint8Array>,
  { delimiter = "comma", encoding = "utf-8" }: CsvOptions,
): AsyncGenerator<{ readonly cells: string[]; readonly line: number }> {
  // `relax_column_count`: a record of the wrong length is reported like any other bad row, and not as the end of the file.
  const parser = parse({
    delimiter: characterOf[delimiter],
    bom: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: longestRecord,
  });
  const stream = Readable.from(typeof source === "string" ? [source] : decode(source, encoding));
  stream.once("error", (error) => parser.destroy(error));
  stream.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
      // `info.lines` counts the lines up to the record's end, and a quoted cell may hold line breaks.
      const ownLineBreaks = record.reduce((sum, cell) => sum + (cell.includes("\n") || cell.includes("\r") ? cell.split(lineBreak).length - 1 : 0), 0);
      yield { cells: record, line: info.lines - ownLineBreaks };
    }
  } finally {
    stream.destroy();
  }
}

/** What the parser stumbles over, by its codes, and how to mend it. It tells the line that it has come to, not the one where the trouble began. */
const troubles: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE: 'A quote in a cell that does not begin with one. Put the cell in quotes, with the quote in it written twice: "5"" disk".',
  CSV_INVALID_CLOSING_QUOTE: 'Something other than a delimiter follows a closing quote. A quote inside a quoted cell is written twice: "5"" disk".',
  CSV_QUOTE_NOT_CLOSED: "A quote that is opened on this line or further up is never closed.",
  CSV_MAX_RECORD_SIZE: `The row that this line belongs to is longer than ${longestRecord} bytes. Perhaps a quote is opened further up and never closed.`,
};

const isDecodingError = (error: unknown): boolean => error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA";

/**
 * Reads CSV (RFC 4180, a header row unless told otherwise) as a stream and yields each row as a dataset with these
 * columns stores it. The header names exactly the dataset's columns, in any order. An empty cell is null.
 * @param source a text, or the bytes of one in the encoding that the options name, UTF-8 without one
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first hundred); so nothing may be
 * kept of what was yielded before the end is reached
 */
export async function* readCsv(columns: readonly DatasetColumn[], source: string | AsyncIterable<Uint8Array>, options: CsvOptions = {}): AsyncGenerator<StoredValue[]> {
  const { header = "names", decimal = "point" } = options;
  const issues: RowIssue[] = [];
  let positions: number[] | undefined = header === "absent" ? columns.map((_, index) => index) : undefined;
  let width = columns.length;
  let lastLine = 0;
  try {
    for await (const { cells, line } of readRecords(source, options)) {
      lastLine = line;
      if (positions === undefined) {
        positions = header === "skip" ? columns.map((_, index) => index) : matchHeader(cells, columns, line);
        if (header === "names") width = cells.length;
        continue;
      }
      if (cells.length !== width) {
        issues.push({ line, column: null, code: "wrong_cell_count", detail: `${cells.length} ${cells.length === 1 ? "cell" : "cells"} instead of ${width}.` });
      } else {
        const row: StoredValue[] = [];
        for (const [index, column] of columns.entries()) {
          const encoded = encodeText(column.type, cells[positions[index] as number] as string, decimal);
          if (encoded.ok) row.push(encoded.value);
          else issues.push({ line, column: column.name, code: "wrong_value", detail: `Not ${encoded.expected}.` });
        }
        if (issues.length === 0) yield row;
      }
      if (issues.length >= issueCeiling) break;
    }
  } catch (error) {
    if (isDecodingError(error))
      issues.push({ line: lastLine + 1, column: null, code: "unreadable", detail: `Here or a little later are bytes that are no text in ${options.encoding ?? "utf-8"}.` });
    else if (error instanceof CsvError)
      issues.push({ line: typeof error["lines"] === "number" ? error["lines"] : lastLine + 1, column: null, code: "unreadable", detail: troubles[error.code] ?? "No CSV." });
    else throw error;
  }
  if (positions === undefined && issues.length === 0) issues.push({ line: 1, column: null, code: "unreadable", detail: "The file is empty: it has no header." });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
}
