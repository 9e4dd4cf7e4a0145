/** Rows on their way into a dataset of the mock: read by the server's own code, and all at once. */
import type { DatasetColumn, FileDetection } from "../../contract/contract.ts";
import {
  AppError,
  detectFile,
  NotJson,
  readCsv,
  readJsonRows,
  recogniseCsv,
  recogniseEncodingOf,
  refuseCompressed,
  rejectionOf,
  RowsRejected,
  sampleBytes,
  type CsvOptions,
  type CsvTally,
  type RowFormat,
  type StoredValue,
} from "../../core/core.ts";

/**
 * As many bytes at a time as a file gives: what cannot be read is told by the piece that it stands
 * in.
 */
const pieceBytes = 65_536;
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes)
    yield bytes.subarray(from, from + pieceBytes);
}

/** What the sender is told of a body that cannot be read. */
const told = (thrown: unknown, format: RowFormat): unknown => {
  if (thrown instanceof RowsRejected) return rejectionOf(thrown, format);
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
): Promise<{
  readonly rows: readonly (readonly StoredValue[])[];
  readonly read: CsvOptions & Partial<CsvTally>;
}> => {
  try {
    let read: CsvOptions = {};
    if (format === "csv") {
      const sample = bytes.subarray(0, sampleBytes);
      refuseCompressed(sample);
      read = recogniseCsv(sample, {
        ...given,
        encoding: given.encoding ?? (await recogniseEncodingOf(piecesOf(bytes))),
      });
    }
    const rows: StoredValue[][] = [];
    const tally: CsvTally = { blankRows: 0 };
    for await (const row of format === "csv"
      ? readCsv(columns, piecesOf(bytes), read, tally)
      : readJsonRows(columns, piecesOf(bytes), format))
      rows.push(row);
    return { rows, read: format === "csv" ? { ...read, ...tally } : {} };
  } catch (error) {
    throw told(error, format);
  }
};

/** @throws AppError `rows_rejected`, `malformed_json` */
export const detect = async (
  sample: Uint8Array,
  isCut: boolean,
  given: { readonly format: RowFormat; readonly csv: CsvOptions },
): Promise<FileDetection> => {
  try {
    return await detectFile(sample, isCut, given);
  } catch (error) {
    throw told(error, given.format);
  }
};
