/**
 * Cuts CSV (RFC 4180) into records, from text that arrives in any pieces. What it gives does not
 * depend on the pieces, and each trouble is told by the line and the cell in which it begins.
 */

/** A missing closing quote must not gather the rest of the file in memory. */
const longestRecord = 1_048_576;
const lineBreak = /\r\n|\n|\r/g;

/** A record with something in it, and the line that it begins on. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** The positions of the cells that were in quotes. */
  readonly quoted: readonly number[];
  readonly line: number;
}

/** What cannot be read, and where. */
export class CsvTrouble extends Error {
  readonly line: number;
  /**
   * The position of the cell in its record, from zero; null where the record as a whole is meant.
   */
  readonly position: number | null;
  constructor(line: number, position: number | null, detail: string) {
    super(position === null ? detail : `Cell ${position + 1}: ${detail}`);
    this.name = "CsvTrouble";
    this.line = line;
    this.position = position;
  }
}

export interface CsvCutter {
  /**
   * Adds the records that are whole by now to the list. @throws CsvTrouble, after those that stand
   * before it
   */
  push(text: string, records: CsvRecord[]): void;
  /** The same for what has no line break behind it. */
  end(records: CsvRecord[]): void;
  /** How many lines with nothing but delimiters and blanks in them were passed over. */
  readonly blankRows: number;
}

interface CutterOptions {
  /** One character. */
  readonly delimiter: string;
  /** A quote where none may stand is taken as it is, and a record that does not end is left out. */
  readonly isLenient?: boolean;
}

/**
 * `sep=;`, as Excel writes and reads it; quoted by some, and with delimiters behind it where all
 * rows were given the same length.
 */
const separatorLine =
  /^\uFEFF?(?:sep=(\\t|[^\p{L}\p{N}\s"]|\t)|"sep=(\\t|[^\p{L}\p{N}\s"]|\t)")[,;|\t ]*(?:\r\n|\n|\r|$)/iu;
const longestSeparatorLine = 512;

/**
 * The delimiter that the first line of a file names, in the way of Excel, and how long that line
 * is.
 */
export const readSeparatorLine = (
  beginning: string,
): { readonly delimiter: string; readonly length: number } | undefined => {
  const found = separatorLine.exec(beginning.slice(0, longestSeparatorLine));
  if (found === null) return undefined;
  const named = (found[1] ?? found[2]) as string;
  return { delimiter: named === "\\t" ? "\t" : named, length: found[0].length };
};

const [lineFeed, carriageReturn, quote, space, tab] = [10, 13, 34, 32, 9];
const none: readonly number[] = [];
const isBlank = (cell: string): boolean => cell.trim() === "";

export const createCsvCutter = ({ delimiter, isLenient = false }: CutterOptions): CsvCutter => {
  const delimiterCode = delimiter.charCodeAt(0);
  let text = "";
  /** Where the record begins that is not cut yet. */
  let from = 0;
  let line = 1;
  let isBeginning = true;
  let isEnd = false;
  let blankRows = 0;

  const lineAt = (at: number): number =>
    line + (text.slice(from, at).match(lineBreak)?.length ?? 0);
  const trouble = (at: number, position: number, detail: string): CsvTrouble =>
    new CsvTrouble(lineAt(at), position, detail);
  const tooLong = (): CsvTrouble =>
    new CsvTrouble(
      line,
      null,
      `The row that begins on this line is longer than ${longestRecord} characters. Perhaps a quote in it is opened and never closed.`,
    );
  const skipBlanks = (start: number): number => {
    let at = start;
    for (let code = text.charCodeAt(at); ; code = text.charCodeAt(at)) {
      if (code !== space && (code !== tab || delimiterCode === tab)) return at;
      at += 1;
    }
  };
  const isCellEnd = (at: number): boolean => {
    const code = text.charCodeAt(at);
    return (
      code === delimiterCode ||
      code === lineFeed ||
      code === carriageReturn ||
      (at >= text.length && isEnd)
    );
  };

  /**
   * The cell whose opening quote stands at the place. @returns where it ends, or undefined where
   * its end has not arrived
   */
  const cutQuoted = (opening: number, cells: string[]): number | undefined => {
    let value = "";
    for (let start = opening + 1; ;) {
      const closing = text.indexOf('"', start);
      if (closing === -1) {
        if (isEnd && !isLenient)
          throw trouble(opening, cells.length, "the quote that opens it is never closed.");
        return undefined;
      }
      if (text.charCodeAt(closing + 1) === quote) {
        value += text.slice(start, closing + 1);
        start = closing + 2;
        continue;
      }
      const end = skipBlanks(closing + 1);
      if (end >= text.length && !isEnd) return undefined;
      if (isCellEnd(end)) {
        cells.push(value + text.slice(start, closing));
        return end;
      }
      if (!isLenient)
        throw trouble(
          closing,
          cells.length,
          `${JSON.stringify(String.fromCodePoint(text.codePointAt(end) as number))} follows the closing quote, where a delimiter or the end of the line has to be. A quote inside a quoted cell is written twice: "5"" disk".`,
        );
      value += text.slice(start, closing + 1);
      start = closing + 1;
    }
  };

  /** The same for a cell without quotes. Blanks belong to it. */
  const cutPlain = (start: number, cells: string[]): number | undefined => {
    let at = start;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === delimiterCode || code === lineFeed || code === carriageReturn) break;
      if (code === quote && !isLenient)
        throw trouble(
          at,
          cells.length,
          'it has a quote inside, but does not begin with one. Put the whole cell in quotes, with the quote in it written twice: "5"" disk".',
        );
    }
    if (at >= text.length && !isEnd) return undefined;
    cells.push(text.slice(start, at));
    return at;
  };

  /**
   * @returns where the next record begins, or undefined where this one has not arrived to its end
   */
  const cutRecord = (records: CsvRecord[]): number | undefined => {
    const cells: string[] = [];
    let quoted: number[] | undefined;
    for (let at = from; ;) {
      const first = skipBlanks(at);
      if (first >= text.length && !isEnd) return undefined;
      let end: number | undefined;
      // Blanks before an opening quote and behind a closing one mean nothing: the cell is what
      // stands in the quotes.
      if (text.charCodeAt(first) === quote) {
        (quoted ??= []).push(cells.length);
        end = cutQuoted(first, cells);
      } else end = cutPlain(at, cells);
      if (end === undefined) return undefined;
      if (text.charCodeAt(end) === delimiterCode) {
        at = end + 1;
        continue;
      }
      // Whether a line feed belongs to a carriage return shows when the next piece is there.
      if (text.charCodeAt(end) === carriageReturn && end + 1 === text.length && !isEnd)
        return undefined;
      if (end - from > longestRecord) throw tooLong();
      if (quoted === undefined && cells.every(isBlank)) {
        blankRows += 1;
      } else records.push({ cells, quoted: quoted ?? none, line });
      const next =
        text.charCodeAt(end) === carriageReturn && text.charCodeAt(end + 1) === lineFeed
          ? end + 2
          : end + 1;
      if (end < text.length) line += 1;
      if (quoted !== undefined) line += text.slice(from, end).match(lineBreak)?.length ?? 0;
      return next;
    }
  };

  const cut = (records: CsvRecord[]): void => {
    try {
      if (isBeginning) {
        if (!isEnd && text.length < longestSeparatorLine && !/[\n\r]./s.test(text)) return;
        isBeginning = false;
        const separator = readSeparatorLine(text);
        if (separator !== undefined) {
          from = separator.length;
          line += 1;
        } else if (text.startsWith("\uFEFF")) from = 1;
      }
      while (from < text.length) {
        const next = cutRecord(records);
        if (next === undefined) break;
        from = Math.min(next, text.length);
      }
      if (text.length - from > longestRecord && !isLenient) throw tooLong();
    } finally {
      text = text.slice(from);
      from = 0;
    }
  };

  return {
    push: (piece, records) => {
      text += piece;
      cut(records);
    },
    end: (records) => {
      isEnd = true;
      cut(records);
    },
    get blankRows() {
      return blankRows;
    },
  };
};
