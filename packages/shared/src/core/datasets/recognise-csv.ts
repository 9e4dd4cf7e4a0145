/**
 * What a CSV file does not say of itself: its encoding, its delimiter, the mark before its
 * decimals.
 */
import type { Delimiter, Encoding, HeaderUse } from "../../contract/contract.ts";
import { createCsvCutter, readSeparatorLine, type CsvRecord } from "./cut-csv.ts";
import { RowsRejected } from "./rows-rejected.ts";
import type { DecimalMark } from "./values.ts";

export const characterOf: Readonly<Record<Delimiter, string>> = {
  comma: ",",
  semicolon: ";",
  tab: "\t",
  pipe: "|",
};

/** How a CSV file is to be read. */
export interface CsvOptions {
  readonly delimiter?: Delimiter;
  readonly encoding?: Encoding;
  readonly decimal?: DecimalMark;
  /**
   * Whether the first record names the columns; otherwise they stand in the order of the dataset's.
   */
  readonly header?: HeaderUse;
  /** Cells that stand for null, beside the empty one. */
  readonly nullMarkers?: readonly string[];
}

/** How much of a file its delimiter, its header and its types are recognised by. */
export const sampleBytes = 1_048_576;

/**
 * Gzip, and ZIP, which is what workbooks are: they would be read as one column of strange letters.
 */
const compressedBeginnings = [
  [0x1f, 0x8b],
  [0x50, 0x4b, 0x03, 0x04],
];

/** @throws RowsRejected for a file that is certainly no text */
export const refuseCompressed = (beginning: Uint8Array): void => {
  if (
    compressedBeginnings.some((signature) =>
      signature.every((byte, index) => beginning[index] === byte),
    )
  )
    throw new RowsRejected([
      {
        line: 1,
        column: null,
        code: "unreadable",
        detail:
          "This is a compressed file or a workbook, and no text. Unpack it, or save it as CSV.",
      },
    ]);
};

/** The last bytes may be the beginning of a character whose end has been cut off. */
const isUtf8Beginning = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
};

/**
 * The encoding by the byte order mark or, for UTF-16 without one, by where its zeros are; null
 * where the bytes have to be tried.
 */
const encodingByShape = (bytes: Uint8Array): Encoding | null => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const beginning = bytes.subarray(0, 4_096);
  const zeros: [even: number, odd: number] = [0, 0];
  for (const [index, byte] of beginning.entries())
    if (byte === 0) zeros[index % 2 === 0 ? 0 : 1] += 1;
  // Delimiters, digits and line breaks are there in any script, and each of them has a zero.
  const few = beginning.length / 20;
  if (zeros[1] > few && zeros[0] === 0) return "utf-16le";
  return zeros[0] > few && zeros[1] === 0 ? "utf-16be" : null;
};

/**
 * By the beginning of a file. What is no UTF-8 is taken for Windows-1252, in which every byte is a
 * character.
 */
export const recogniseEncoding = (beginning: Uint8Array): Encoding =>
  encodingByShape(beginning) ?? (isUtf8Beginning(beginning) ? "utf-8" : "windows-1252");

/** By the whole file, as the first letter that is not ASCII may stand far behind. */
export const recogniseEncodingOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Encoding> => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of chunks) {
      const byShape = isFirst ? encodingByShape(chunk) : null;
      if (byShape !== null) return byShape;
      isFirst = false;
      decoder.decode(chunk, { stream: true });
    }
    decoder.decode();
    return "utf-8";
  } catch (error) {
    if (error instanceof TypeError) return "windows-1252";
    throw error;
  }
};

/** The first records of a file, and how many blank rows stand between them. */
export interface Beginning {
  readonly records: readonly CsvRecord[];
  readonly blankRows: number;
}

/**
 * Reads what can be read at all: a quote that the cut has left open is no mistake of the file.
 * @param isCut the text ends somewhere in the middle of the file: the last record may not be whole,
 * and is left out
 */
export const readBeginning = (text: string, delimiter: Delimiter, isCut: boolean): Beginning => {
  const cutter = createCsvCutter({ delimiter: characterOf[delimiter], isLenient: true });
  const records: CsvRecord[] = [];
  cutter.push(text, records);
  const whole = records.length;
  cutter.end(records);
  return {
    records: isCut && records.length > 2 ? records.slice(0, whole) : records,
    blankRows: cutter.blankRows,
  };
};

const countedRecords = 100;

/** @throws RowsRejected for one that no file is read with */
const namedDelimiter = (text: string): Delimiter | undefined => {
  const separator = readSeparatorLine(text);
  if (separator === undefined) return undefined;
  const delimiters = Object.keys(characterOf) as Delimiter[];
  const named = delimiters.find((delimiter) => characterOf[delimiter] === separator.delimiter);
  if (named === undefined)
    throw new RowsRejected([
      {
        line: 1,
        column: null,
        code: "unreadable",
        detail: `The first line says that ${JSON.stringify(separator.delimiter)} separates the cells. What can be read is separated by one of: ${delimiters.join(", ")}.`,
      },
    ]);
  return named;
};

/**
 * The delimiter that the file itself names, in a first line such as `sep=;`. Otherwise the one that
 * cuts the first records into the same number of cells, more than one; the comma where none does.
 * @throws RowsRejected for a file that names one that is not known
 */
export const recogniseDelimiter = (text: string, isCut: boolean): Delimiter => {
  const named = namedDelimiter(text);
  if (named !== undefined) return named;
  const beginning = text.slice(0, 65_536);
  const scores = (Object.keys(characterOf) as Delimiter[]).map((delimiter) => {
    const { records } = readBeginning(
      beginning,
      delimiter,
      isCut || beginning.length < text.length,
    );
    const counted = records.slice(0, countedRecords);
    const width = counted[0]?.cells.length ?? 0;
    const alike =
      counted.filter(({ cells }) => cells.length === width).length / Math.max(1, counted.length);
    // A delimiter that also stands in texts gives rows of many lengths; of two that are regular,
    // the one with more columns is right.
    return { delimiter, score: width < 2 ? 0 : alike * alike * alike * (1 + Math.log2(width)) };
  });
  const best = scores.reduce((one, other) => (other.score > one.score ? other : one));
  return best.score === 0 ? "comma" : best.delimiter;
};

const withComma = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;
/** With three digits behind it, the comma may as well group thousands. */
const withDoubtfulComma = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const withPointAlone = /^[+-]?\d*\.\d+$/;
const withGroupingPoint = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

/**
 * A comma only where it is the only reading: the file is not separated by commas, and no number in
 * it has a decimal point.
 */
export const recogniseDecimalMark = (
  records: readonly Pick<CsvRecord, "cells">[],
  delimiter: Delimiter,
): DecimalMark => {
  if (delimiter === "comma") return "point";
  let isCertain = false;
  for (const { cells } of records)
    for (const cell of cells) {
      const text = cell.trim();
      if (withPointAlone.test(text) && !withGroupingPoint.test(text)) return "point";
      isCertain ||= withComma.test(text) && !withDoubtfulComma.test(text);
    }
  return isCertain ? "comma" : "point";
};

/** How a file is read, every question answered. */
export type CsvReading = Required<Omit<CsvOptions, "nullMarkers">> &
  Pick<CsvOptions, "nullMarkers">;

/**
 * How a file is to be read: as is given, and as the file looks where nothing is.
 * @param sample its beginning
 * @param given its encoding, and what else is known
 * @throws RowsRejected for a file that names a delimiter that is not known
 */
export const recogniseCsv = (
  sample: Uint8Array,
  given: CsvOptions & { readonly encoding: Encoding },
): CsvReading => {
  const text = new TextDecoder(given.encoding).decode(sample, { stream: true });
  const isCut = sample.length >= sampleBytes;
  const delimiter = given.delimiter ?? recogniseDelimiter(text, isCut);
  const decimal =
    given.decimal ?? recogniseDecimalMark(readBeginning(text, delimiter, isCut).records, delimiter);
  return {
    delimiter,
    encoding: given.encoding,
    decimal,
    header: given.header ?? "names",
    ...(given.nullMarkers !== undefined && { nullMarkers: given.nullMarkers }),
  };
};
