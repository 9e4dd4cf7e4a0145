import { CsvError, parse } from "csv-parse";
import type { DatasetColumn } from "@sallyport/shared/contract";
import {
  decodeText,
  readCsvRows,
  recordOf,
  recordOptions,
  type CsvOptions,
  type CsvRecord,
  type StoredValue,
} from "@sallyport/shared/rules";

/** The records of the file with the line each begins on, blank lines left out: all there are up to what cannot be read. */
async function* readRecords(
  source: string | AsyncIterable<Uint8Array>,
  { delimiter, encoding = "utf-8" }: CsvOptions,
): AsyncGenerator<CsvRecord> {
  const { record_delimiter, info: _, ...options } = recordOptions(delimiter);
  const records: CsvRecord[] = [];
  const parser = parse({
    ...options,
    record_delimiter: [...record_delimiter],
    // As a stream, the parser would throw the records away that it has found in the same piece as something unreadable.
    on_record: (record: string[], { lines }) => {
      records.push(recordOf(record, lines));
      return null;
    },
  });
  let failure: Error | null | undefined;
  parser.on("error", (error: Error) => (failure = error));
  const settled = (act: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve) =>
      act((error) => {
        failure ??= error;
        resolve();
      }),
    );
  try {
    for await (const text of typeof source === "string" ? [source] : decodeText(source, encoding)) {
      await settled((done) => parser.write(text, done));
      yield* records.splice(0);
      if (failure) throw failure;
    }
    await settled((done) => parser.end(done));
    yield* records.splice(0);
    if (failure) throw failure;
  } finally {
    parser.destroy();
  }
}

const isParserError = (error: unknown): error is CsvError & { readonly lines?: unknown } =>
  error instanceof CsvError;

/**
 * Reads CSV (RFC 4180, a header row unless told otherwise) as a stream and yields each row as a dataset with these
 * columns stores it. The header names exactly the dataset's columns, in any order. An empty cell is null.
 * @param source a text, or the bytes of one in the encoding that the options name, UTF-8 without one
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first hundred); so nothing may be
 * kept of what was yielded before the end is reached
 */
export const readCsv = (
  columns: readonly DatasetColumn[],
  source: string | AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): AsyncGenerator<StoredValue[]> =>
  readCsvRows(columns, readRecords(source, options), options, isParserError);
