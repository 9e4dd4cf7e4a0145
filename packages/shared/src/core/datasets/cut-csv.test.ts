import { CsvError, parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCsvCutter, CsvTrouble, type CsvRecord } from "./cut-csv.ts";

/** What is read of a text that arrives in these pieces, and the line of what cannot be. */
const cut = (pieces: readonly string[], delimiter: string) => {
  const cutter = createCsvCutter({ delimiter });
  const records: CsvRecord[] = [];
  let trouble: CsvTrouble | undefined;
  try {
    for (const piece of pieces) cutter.push(piece, records);
    cutter.end(records);
  } catch (error) {
    if (!(error instanceof CsvTrouble)) throw error;
    trouble = error;
  }
  return { records, trouble, blankRows: cutter.blankRows };
};

interface ParsedCell {
  readonly value: string;
  readonly isQuoted: boolean;
}
/** The same by csv-parse, without the rows that are blank; null where it reads no further. */
const parsed = (text: string, delimiter: string, trim = false): ParsedCell[][] | null => {
  try {
    const records = parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      trim,
      cast: (value, { quoting }) => ({ value, isQuoted: quoting }),
    }) as unknown as ParsedCell[][];
    return records.filter((cells) =>
      cells.some(({ value, isQuoted }) => isQuoted || value.trim() !== ""),
    );
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
};
const cellsOf = ({ cells, quoted }: CsvRecord): ParsedCell[] =>
  cells.map((value, position) => ({ value, isQuoted: quoted.includes(position) }));

const delimiters = fc.constantFrom(",", ";", "\t", "|");
/** No decoder cuts a character in two. */
const inPieces = (text: string, lengths: readonly number[]): string[] => {
  const characters = [...text];
  return [...lengths.map((length) => characters.splice(0, length).join("")), characters.join("")];
};
const lengths = fc.array(fc.nat(7), { maxLength: 20 });
/** Mostly what matters to a reader of CSV. */
const texts = fc
  .array(
    fc.constantFrom('"', '"', ",", ",", ";", "\t", " ", "\n", "\r", "\r\n", "a", "1", "é", "👋"),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

test("whatever csv-parse reads is read alike, in any pieces; what is read beyond it has blanks around quotes", () => {
  fc.assert(
    fc.property(texts, delimiters, lengths, fc.boolean(), (body, delimiter, cuts, hasMark) => {
      const text = hasMark ? `\ufeff${body}` : body;
      const { records, trouble } = cut(inPieces(text, cuts), delimiter);
      const strict = parsed(text, delimiter);
      if (strict !== null) {
        expect(trouble).toBeUndefined();
        expect(records.map(cellsOf)).toEqual(strict);
      } else if (trouble === undefined) {
        const trimmed = records.map((record) =>
          cellsOf(record).map(({ value, isQuoted }) => ({
            value: isQuoted ? value : value.trim(),
            isQuoted,
          })),
        );
        expect(trimmed).toEqual(parsed(text, delimiter, true));
      }
    }),
    { numRuns: 3_000 },
  );
});

test("the pieces in which a text arrives change nothing, neither what is told of its mistakes", () => {
  fc.assert(
    fc.property(texts, delimiters, lengths, (text, delimiter, cuts) => {
      const whole = cut([text], delimiter);
      const inParts = cut(inPieces(text, cuts), delimiter);
      expect(inParts).toEqual(whole);
      expect([inParts.trouble?.line, inParts.trouble?.position]).toEqual([
        whole.trouble?.line,
        whole.trouble?.position,
      ]);
    }),
    { numRuns: 2_000 },
  );
});

test("what is written is read again, with its line, its quotes and its blank rows", () => {
  const cell = fc.record({
    value: fc.string({
      unit: fc.constantFrom("a", "7", " ", '"', ",", ";", "\n", "é"),
      maxLength: 6,
    }),
    blanksBefore: fc.constantFrom("", " ", "  "),
    blanksAfter: fc.constantFrom("", " "),
  });
  const row = fc.oneof(
    { weight: 4, arbitrary: fc.array(cell, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom("", ",,,", " , ") },
  );
  const ends = fc.constantFrom("\n", "\r\n", "\r");
  const separators = fc.constantFrom("", "sep=,", '"sep=,"', "sep=,,,,", "Sep=;");
  fc.assert(
    fc.property(fc.array(row), ends, separators, fc.boolean(), (rows, end, separator, hasMark) => {
      let line = separator === "" ? 1 : 2;
      const written = rows.map((row) => {
        const first = line;
        const text =
          typeof row === "string"
            ? row
            : row
                .map(
                  ({ value, blanksBefore, blanksAfter }) =>
                    `${blanksBefore}"${value.replaceAll('"', '""')}"${blanksAfter}`,
                )
                .join(",");
        line += 1 + (text.match(/\n/g)?.length ?? 0);
        return { text, line: first, row };
      });
      const text = `${hasMark ? "\ufeff" : ""}${separator && separator + end}${written.map(({ text }) => text + end).join("")}`;
      expect(cut([text], ",")).toEqual({
        records: written.flatMap(({ line, row }) =>
          typeof row === "string"
            ? []
            : [
                {
                  line,
                  cells: row.map(({ value }) => value),
                  quoted: row.map((_, index) => index),
                },
              ],
        ),
        trouble: undefined,
        blankRows: rows.filter((row) => typeof row === "string").length,
      });
    }),
    { numRuns: 1_000 },
  );
});
