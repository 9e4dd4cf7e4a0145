/** Rows on their way into a dataset of the mock: read by the server's own rules, and all at once. */
import { CsvError, parse } from "csv-parse/browser/esm/sync";
import type { DatasetColumn, Detection } from "../contract/contract.ts";
import {
  AppError,
  decodeText,
  detectColumns,
  joinBytes,
  NotJson,
  readCsvRows,
  readJsonRows,
  recogniseCsv,
  recogniseEncodingOf,
  recordOf,
  recordOptions,
  refuseCompressed,
  rejectionOf,
  RowsRejected,
  sampleBytes,
  type CsvOptions,
  type CsvRecord,
  type RowFormat,
  type StoredValue,
} from "../rules/rules.ts";

/** As many bytes at a time as a file gives: what cannot be read is told by the piece that it stands in. */
const pieceBytes = 65_536;
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes)
    yield bytes.subarray(from, from + pieceBytes);
}

export const readBytes = async (bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return joinBytes(pieces);
};

/** The records up to the end of the file, or to what cannot be read; that is thrown after them. */
async function* readRecords(
  bytes: Uint8Array,
  { delimiter, encoding = "utf-8" }: CsvOptions,
): AsyncGenerator<CsvRecord> {
  let text = "";
  let end: unknown;
  try {
    for await (const part of decodeText(piecesOf(bytes), encoding)) text += part;
  } catch (error) {
    // What stands before it is looked at all the same; the last record ends in the middle.
    end = error;
    text = text.replace(/[^\n\r]*$/, "");
  }
  const { record_delimiter, info: _, ...options } = recordOptions(delimiter);
  const records: CsvRecord[] = [];
  let failure: unknown;
  try {
    parse(text, {
      ...options,
      record_delimiter: [...record_delimiter],
      on_record: (record: string[], { lines }) => {
        records.push(recordOf(record, lines));
        return null;
      },
    });
  } catch (error) {
    failure = error;
  }
  if (
    end !== undefined &&
    (failure as { code?: unknown } | undefined)?.code === "CSV_QUOTE_NOT_CLOSED"
  )
    failure = undefined;
  failure ??= end;
  yield* records;
  if (failure !== undefined) throw failure;
}

const isParserError = (error: unknown): error is CsvError & { readonly lines?: unknown } =>
  error instanceof CsvError;

/** What the sender is told of a body that cannot be read. */
const told = (thrown: unknown, format: RowFormat): unknown => {
  if (thrown instanceof RowsRejected) return rejectionOf(thrown.issues, format);
  return thrown instanceof NotJson
    ? new AppError("malformed_json", { detail: thrown.message })
    : thrown;
};

/**
 * The rows of a body as a table stores them, and how a CSV file was read.
 * @throws AppError `rows_rejected`, `malformed_json`
 */
export const readRows = async (
  columns: readonly DatasetColumn[],
  bytes: Uint8Array,
  format: RowFormat,
  given: CsvOptions,
): Promise<{ readonly rows: readonly (readonly StoredValue[])[]; readonly read: CsvOptions }> => {
  try {
    let read: CsvOptions = {};
    if (format === "csv") {
      const sample = bytes.subarray(0, sampleBytes);
      refuseCompressed(sample);
      read = recogniseCsv(parse, sample, {
        ...given,
        encoding: given.encoding ?? (await recogniseEncodingOf(piecesOf(bytes))),
      });
    }
    const rows: StoredValue[][] = [];
    for await (const row of format === "csv"
      ? readCsvRows(columns, readRecords(bytes, read), read, isParserError)
      : readJsonRows(columns, piecesOf(bytes), format))
      rows.push(row);
    return { rows, read };
  } catch (error) {
    throw told(error, format);
  }
};

/** @throws AppError `rows_rejected` */
export const detect = (sample: Uint8Array, isCut: boolean, given: CsvOptions): Detection => {
  try {
    return detectColumns(parse, sample, isCut, given);
  } catch (error) {
    throw told(error, "csv");
  }
};
