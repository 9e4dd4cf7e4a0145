/** From a CSV file to rows as a dataset stores them. */
import type { DatasetColumn } from "../../contract/contract.ts";
import { createCsvCutter, CsvTrouble, type CsvRecord } from "./cut-csv.ts";
import { decodeText, NotText } from "./decode-text.ts";
import { characterOf, type CsvOptions } from "./recognise-csv.ts";
import { gatherBadRows, issueCeiling, RowsRejected, type RowIssue } from "./rows-rejected.ts";
import { encodeText, type StoredValue } from "./values.ts";

async function* readRecords(
  source: string | AsyncIterable<Uint8Array>,
  { delimiter = "comma", encoding = "utf-8" }: CsvOptions,
  tally: CsvTally,
): AsyncGenerator<CsvRecord> {
  const cutter = createCsvCutter({ delimiter: characterOf[delimiter] });
  const records: CsvRecord[] = [];
  const found = (cut: () => void): { readonly trouble?: unknown } => {
    try {
      cut();
      return {};
    } catch (trouble) {
      return { trouble };
    } finally {
      tally.blankRows = cutter.blankRows;
    }
  };
  for await (const text of typeof source === "string" ? [source] : decodeText(source, encoding)) {
    const { trouble } = found(() => cutter.push(text, records));
    yield* records.splice(0);
    if (trouble !== undefined) throw trouble;
  }
  const { trouble } = found(() => cutter.end(records));
  yield* records.splice(0);
  if (trouble !== undefined) throw trouble;
}

/** What there was in a file beside its rows. */
export interface CsvTally {
  /** Lines with nothing but delimiters and blanks in them, which are no rows. */
  blankRows: number;
}

/**
 * A header's cells up to the last one with a name: spreadsheets write delimiters behind it, as far
 * as any row goes.
 */
export const withoutTrailingBlanks = (cells: readonly string[]): readonly string[] =>
  cells.slice(0, cells.findLastIndex((cell) => cell.trim() !== "") + 1);

/** For each column of the dataset, where it stands in the file. */
const matchHeader = (
  header: readonly string[],
  columns: readonly DatasetColumn[],
  line: number,
): number[] => {
  const names = header.map((name) => name.trim());
  const issues: RowIssue[] = [];
  /** A megabyte of header has half a million names. */
  const placeOf = new Map<string, number>();
  const known = new Set(columns.map((column) => column.name));
  for (const [index, name] of names.entries()) {
    if (placeOf.has(name))
      issues.push({
        line,
        column: name.slice(0, 100),
        code: "duplicate_column",
        detail: "The header names this column twice.",
      });
    else if (!known.has(name))
      issues.push({
        line,
        column: name.slice(0, 100),
        code: "unknown_column",
        detail:
          name === ""
            ? `The header has no name for the column in cell ${index + 1}.`
            : "The dataset has no such column.",
      });
    if (!placeOf.has(name)) placeOf.set(name, index);
  }
  for (const { name } of columns)
    if (!placeOf.has(name))
      issues.push({
        line,
        column: name,
        code: "missing_column",
        detail: "The header lacks this column.",
      });
  if (issues.length > 0) throw new RowsRejected(issues.slice(0, issueCeiling));
  return columns.map((column) => placeOf.get(column.name) ?? -1);
};

/**
 * Reads CSV (RFC 4180, a header row unless told otherwise) as a stream and yields each row as a
 * dataset with these columns stores it. The header names exactly the dataset's columns, in any
 * order. An empty cell is null, and so is one that is a null marker; but a text in quotes is a
 * text. Blank rows are passed over, and so are empty cells behind the last column.
 * @param source a text, or the bytes of one in the encoding that the options name, UTF-8 without
 * one
 * @param tally is told what there was beside the rows
 * @throws RowsRejected, after the last good row, with every bad row by its line (the first
 * hundred); so nothing may be kept of what was yielded before the end is reached
 */
export async function* readCsv(
  columns: readonly DatasetColumn[],
  source: string | AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
  tally: CsvTally = { blankRows: 0 },
): AsyncGenerator<StoredValue[]> {
  const { header = "names", decimal = "point" } = options;
  const nullMarkers = new Set(options.nullMarkers);
  const isNull = (cell: string, { type }: DatasetColumn, position: number, record: CsvRecord) =>
    nullMarkers.has(cell.trim()) && !(type === "text" && record.quoted.includes(position));
  const issues: RowIssue[] = [];
  const bad = gatherBadRows();
  let names = columns.map((column) => column.name);
  let positions: number[] | undefined =
    header === "absent" ? columns.map((_, index) => index) : undefined;
  let lastLine = 0;
  try {
    for await (const record of readRecords(source, options, tally)) {
      const { cells, line } = record;
      lastLine = line;
      if (positions === undefined) {
        names = [...withoutTrailingBlanks(cells)];
        positions =
          header === "skip"
            ? columns.map((_, index) => index)
            : matchHeader(withoutTrailingBlanks(cells), columns, line);
        continue;
      }
      const isTooLong =
        cells.length > columns.length &&
        cells.slice(columns.length).some((cell) => cell.trim() !== "");
      if (cells.length < columns.length || isTooLong) {
        bad.note(line, cells);
        issues.push({
          line,
          column: null,
          code: "wrong_cell_count",
          detail: `${cells.length} ${cells.length === 1 ? "cell" : "cells"} instead of ${columns.length}.`,
        });
      } else {
        const row: StoredValue[] = [];
        for (const [index, column] of columns.entries()) {
          const position = positions[index] as number;
          const cell = cells[position] as string;
          const encoded = encodeText(
            column.type,
            nullMarkers.size > 0 && isNull(cell, column, position, record) ? "" : cell,
            decimal,
          );
          if (encoded.ok) row.push(encoded.value);
          else {
            bad.note(line, cells);
            issues.push({
              line,
              column: column.name,
              code: "wrong_value",
              detail: `Not ${encoded.expected}.`,
            });
          }
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
    else if (error instanceof CsvTrouble) {
      const { line, position, message } = error;
      const column = position === null ? -1 : (positions?.indexOf(position) ?? -1);
      issues.push({
        line,
        column: columns[column]?.name ?? null,
        code: "unreadable",
        detail: message,
      });
    } else throw error;
  }
  if (positions === undefined && issues.length === 0)
    issues.push({
      line: 1,
      column: null,
      code: "unreadable",
      detail: "The file is empty: it has no header.",
    });
  if (issues.length === 0) return;
  const told = issues.slice(0, issueCeiling);
  throw new RowsRejected(told, bad.with(told, names));
}
