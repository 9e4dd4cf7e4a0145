import type {
  ColumnType,
  DatasetColumn,
  Detection,
  FileDetection,
} from "../../contract/contract.ts";
import type { CsvRecord } from "./cut-csv.ts";
import { withoutTrailingBlanks } from "./read-csv.ts";
import {
  readBeginning,
  recogniseDecimalMark,
  recogniseDelimiter,
  recogniseEncoding,
  refuseCompressed,
  type CsvOptions,
} from "./recognise-csv.ts";
import { detectNumberFormat } from "./number-formats.ts";
import { readJsonBeginning } from "./read-json-rows.ts";
import { RowsRejected, type RowFormat } from "./rows-rejected.ts";
import { encodeText, encodeValue, type DecimalMark } from "./values.ts";

const shownRows = 5;
/** As `POST /imports` takes it. */
const longestSource = 1_000;
const longestShownCell = 200;
const longestName = 100;
const mostColumns = 200;

/** Of the types that a column can be, the one that says the most comes first. */
const order = [
  "boolean",
  "integer",
  "decimal",
  "date",
  "timestamp",
] as const satisfies readonly ColumnType[];

/**
 * An article number, a postcode, a telephone number: digits that are no quantity and would lose
 * something as a number.
 */
const isCodeOfDigits = (text: string): boolean => /^[+-]?0\d/.test(text) || text.startsWith("+");

const fits = (type: (typeof order)[number], text: string, decimalMark: DecimalMark): boolean => {
  if (type === "boolean") return /^(?:true|false)$/i.test(text);
  if ((type === "integer" || type === "decimal") && isCodeOfDigits(text)) return false;
  // Neither is a whole number that is too large to be exact: it is somebody's id.
  if (type === "decimal" && /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)))
    return false;
  return encodeText(type, text, decimalMark).ok;
};

/**
 * The type that all of the cells have that are not null: text where there is no other, and where
 * there are none.
 */
const detectType = (
  records: readonly CsvRecord[],
  position: number,
  decimalMark: DecimalMark,
  isNull: (text: string) => boolean,
): ColumnType => {
  let candidates: (typeof order)[number][] = [...order];
  let isEmpty = true;
  for (const { cells } of records) {
    const text = (cells[position] ?? "").trim();
    if (text === "" || isNull(text)) continue;
    isEmpty = false;
    candidates = candidates.filter((type) => fits(type, text, decimalMark));
    if (candidates.length === 0) return "text";
  }
  return isEmpty ? "text" : (candidates[0] ?? "text");
};

/**
 * What people and programs write where there is no value. Each may as well be a text that somebody
 * means.
 */
const usualNullMarkers = /^(?:#?n\/?a|n\.a\.?|\(?null\)?|nan|none|nil|\\n|--?|[–—?.])$/i;

/** The markers in columns of text that would have another type without them. */
const suggestNullMarkers = (
  records: readonly CsvRecord[],
  columns: readonly DatasetColumn[],
  decimalMark: DecimalMark,
  isNull: (text: string) => boolean,
): string[] => {
  const found = new Set<string>();
  const isUsual = (text: string): boolean => usualNullMarkers.test(text) || isNull(text);
  for (const [position, { type }] of columns.entries()) {
    if (type !== "text" || detectType(records, position, decimalMark, isUsual) === "text") continue;
    for (const { cells } of records) {
      const text = (cells[position] ?? "").trim();
      if (text !== "" && isUsual(text) && !isNull(text)) found.add(text);
    }
  }
  return [...found].sort();
};

/** Of so many cells, one that does not fit is a mistake rather than what the column is. */
const cellsForAStray = 10;

/** Columns that are text because of a few cells, and what the others are. */
const findStrays = (
  records: readonly CsvRecord[],
  columns: readonly DatasetColumn[],
  decimalMark: DecimalMark,
  isNull: (text: string) => boolean,
): Detection["strays"] =>
  columns.flatMap(({ name, type }, position) => {
    if (type !== "text") return [];
    const isValue = (text: string): boolean =>
      text !== "" && !isNull(text) && !usualNullMarkers.test(text);
    const cells = records.flatMap(({ line, cells: row }) => {
      const text = (row[position] ?? "").trim();
      return isValue(text) ? [{ line, text }] : [];
    });
    const most = Math.floor(cells.length / cellsForAStray);
    const found = order
      .map((candidate) => {
        const others: typeof cells = [];
        for (const cell of cells) {
          if (others.length > most) break;
          if (!fits(candidate, cell.text, decimalMark)) others.push(cell);
        }
        return { candidate, others };
      })
      .filter(({ others }) => others.length > 0 && others.length <= most)
      .sort((a, b) => a.others.length - b.others.length)[0];
    const first = found?.others[0];
    return found && first
      ? [
          {
            column: name,
            type: found.candidate,
            count: found.others.length,
            line: first.line,
            text: cut(first.text, longestShownCell),
          },
        ]
      : [];
  });

const isNoName = (cell: string, decimalMark: DecimalMark): boolean => {
  const text = cell.trim();
  return order.some((type) => encodeText(type, text, decimalMark).ok && text !== "");
};

/** No longer than that, and without half a character at its end. */
const cut = (text: string, length: number): string => {
  const beginning = text.slice(0, length);
  return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
};

/** The name in words; the name itself where there are no words in it. */
const labelOf = (name: string): string => {
  const words = name
    .replaceAll(/[\s_]+/g, " ")
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .trim();
  return cut(words.charAt(0).toUpperCase() + words.slice(1), longestName) || name;
};

/** A name for each column that no other one has. */
const nameColumns = (header: readonly string[]): string[] => {
  const taken = new Set<string>();
  return header.map((cell, index) => {
    const wanted = cut(cell.replaceAll("\0", "").trim(), longestName) || `column ${index + 1}`;
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1)
      name = `${cut(wanted, longestName - 5)} ${count}`;
    taken.add(name);
    return name;
  });
};

const refuseTooManyColumns = (count: number, line: number): void => {
  if (count > mostColumns)
    throw new RowsRejected([
      {
        line,
        column: null,
        code: "wrong_cell_count",
        detail: `${count} columns, and a dataset has at most ${mostColumns}.`,
      },
    ]);
};

/**
 * Looks at the beginning of a CSV file and says how it is to be read, and which columns a dataset
 * for it would have. Every column that is said to have a type has it in each row of the sample that
 * has a value at all.
 * @param isCut the file goes on behind the sample
 * @throws RowsRejected when there is nothing in it, no text, or more columns than a dataset can
 * have
 */
export const detectColumns = (
  sample: Uint8Array,
  isCut: boolean,
  given: CsvOptions = {},
): Detection => {
  refuseCompressed(sample);
  const encoding = given.encoding ?? recogniseEncoding(sample);
  const text = new TextDecoder(encoding).decode(sample, { stream: true });
  const mayBeCut = isCut || !/[\r\n]$/.test(text);
  const delimiter = given.delimiter ?? recogniseDelimiter(text, mayBeCut);
  const { records, blankRows } = readBeginning(text, delimiter, mayBeCut);
  const [firstRecord] = records;
  if (firstRecord === undefined)
    throw new RowsRejected([
      { line: 1, column: null, code: "unreadable", detail: "The file is empty." },
    ]);
  // Delimiters behind the last cell of each row make no columns.
  const width = records.reduce(
    (widest, { cells }) =>
      cells.length === firstRecord.cells.length
        ? Math.max(widest, withoutTrailingBlanks(cells).length)
        : widest,
    1,
  );
  const first = firstRecord.cells.slice(0, width);
  refuseTooManyColumns(first.length, firstRecord.line);
  const decimal = given.decimal ?? recogniseDecimalMark(records, delimiter);
  const looksLikeHeader =
    first.some((cell) => cell.trim() !== "") && !first.some((cell) => isNoName(cell, decimal));
  const hasHeader = given.header === undefined ? looksLikeHeader : given.header !== "absent";
  const names = nameColumns(hasHeader ? first : first.map(() => ""));
  const rows = (hasHeader ? records.slice(1) : records).filter(
    ({ cells }) => cells.length >= width && withoutTrailingBlanks(cells).length <= width,
  );
  const nullMarkers = new Set(given.nullMarkers);
  const isNull = (text: string): boolean => nullMarkers.has(text);
  const columns = names.map((name, position): DatasetColumn => {
    const type = detectType(rows, position, decimal, isNull);
    const texts = rows.flatMap(({ cells }) => {
      const text = (cells[position] ?? "").trim();
      return text === "" || isNull(text) ? [] : [text];
    });
    const format = detectNumberFormat(name, type, texts);
    return { name, label: labelOf(name), type, ...(format && { format }) };
  });
  // A header whose names cannot all be names of columns is read over.
  const header = !hasHeader
    ? "absent"
    : given.header !== "skip" && names.every((name, index) => name === first[index]?.trim())
      ? "names"
      : "skip";
  return {
    delimiter,
    encoding,
    decimal,
    header,
    columns,
    rows: rows
      .slice(0, shownRows)
      .map(({ cells }) => cells.slice(0, width).map((cell) => cut(cell, longestShownCell))),
    rowsSeen: rows.length,
    blankRows,
    suggestedNullMarkers: suggestNullMarkers(rows, columns, decimal, isNull),
    strays: findStrays(rows, columns, decimal, isNull),
  };
};

/** The type that all of the values have that are not null: text where there is no other. */
const detectValueType = (values: readonly unknown[]): ColumnType =>
  (values.length > 0 &&
    order.find((type) => values.every((value) => encodeValue(type, value).ok))) ||
  "text";

/** Of anything that JSON can hold: what is nested deeper than can be written is not shown. */
const textOfValue = (value: unknown): string => {
  if (value == null) return "";
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return Array.isArray(value) ? "[…]" : "{…}";
    throw error;
  }
};

/**
 * The same for rows as JSON. A column is a member of any row, in the order in which they appear.
 * @throws NotJson; RowsRejected when there is no row in it, or more columns than a dataset can have
 */
const detectJsonColumns = async (
  sample: Uint8Array,
  isCut: boolean,
  format: "json" | "ndjson",
): Promise<FileDetection> => {
  refuseCompressed(sample);
  const { rows, unreadable } = await readJsonBeginning(sample, isCut, format);
  if (rows.length === 0)
    throw new RowsRejected([
      {
        line: 1,
        column: null,
        code: "unreadable",
        detail:
          unreadable === 0
            ? "There are no rows in the file."
            : "The rows of the file are no objects.",
      },
    ]);
  const members = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  refuseTooManyColumns(members.length, 1);
  const tooLong = members.find((member) => member.length > longestSource);
  if (tooLong !== undefined)
    throw new RowsRejected([
      {
        line: 1,
        column: cut(tooLong, longestName),
        code: "unknown_column",
        detail: `Its name has more than ${longestSource} characters.`,
      },
    ]);
  const names = nameColumns(members);
  const columns = members.map((source, position) => {
    const name = names[position] ?? source;
    const values = rows.flatMap((row) => {
      const value = Object.hasOwn(row, source) ? row[source] : null;
      return value == null ? [] : [value];
    });
    const type = detectValueType(values);
    // Anything else may be an object that is no text, or that has too much in it for one.
    const isNumber = type === "integer" || type === "decimal";
    const detected = isNumber && detectNumberFormat(name, type, values.map(String));
    return {
      name,
      label: labelOf(name),
      type,
      ...(detected && { format: detected }),
      ...(name !== source && { source }),
    };
  });
  const textOf = (value: unknown): string => cut(textOfValue(value), longestShownCell);
  return {
    format,
    columns,
    rows: rows
      .slice(0, shownRows)
      .map((row) =>
        members.map((member) => textOf(Object.hasOwn(row, member) ? row[member] : null)),
      ),
    rowsSeen: rows.length,
    blankRows: 0,
    suggestedNullMarkers: [],
    strays: [],
  };
};

/** What a file of rows looks like, of whichever kind. @throws NotJson, RowsRejected */
export const detectFile = async (
  sample: Uint8Array,
  isCut: boolean,
  { format, csv }: { readonly format: RowFormat; readonly csv: CsvOptions },
): Promise<FileDetection> =>
  format === "csv"
    ? { format, ...detectColumns(sample, isCut, csv) }
    : detectJsonColumns(sample, isCut, format);
