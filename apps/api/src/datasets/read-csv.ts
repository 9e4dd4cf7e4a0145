import { CsvError, parse } from "csv-parse";
import { Readable } from "node:stream";
import type { DatasetColumn } from "@sallyport/shared/contract";
import { decodeText, readCsvRows, recordOf, recordOptions, type CsvOptions, type CsvRecord, type StoredValue } from "@sallyport/shared/rules";

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** The records of the file with the line each begins on, blank lines left out. */
async function* readRecords(source: string | AsyncIterable<Uint8Array>, { delimiter, encoding = "utf-8" }: CsvOptions): AsyncGenerator<CsvRecord> {
  const { record_delimiter, ...options } = recordOptions(delimiter);
  const parser = parse({ ...options, record_delimiter: [...record_delimiter] });
  const stream = Readable.from(typeof source === "string" ? [source] : decodeText(source, encoding));
  stream.once("error", (error) => parser.destroy(error));
  stream.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) yield recordOf(record, info.lines);
  } finally {
    stream.destroy();
  }
}

const isParserError = (error: unknown): error is CsvError & { readonly lines?: unknown } => error instanceof CsvError;

/**
 * Reads CSV (RFC 4180, a header row unless told otherwise) as a stream and yields each row as a dataset with these
 * columns stores it. The header names exactly the dataset's columns, in any order. An empty cell is null.
 * @param source a text, or the bytes of one in the encoding that the options name, UTF-8 without one
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first hundred); so nothing may be
 * kept of what was yielded before the end is reached
 */
export const readCsv = (columns: readonly DatasetColumn[], source: string | AsyncIterable<Uint8Array>, options: CsvOptions = {}): AsyncGenerator<StoredValue[]> =>
  readCsvRows(columns, readRecords(source, options), options, isParserError);
