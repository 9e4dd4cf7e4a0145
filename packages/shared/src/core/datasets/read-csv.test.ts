import { describe, expect, it } from "vitest";
import type { DatasetColumn } from "../../contract/contract.ts";
import { readCsv } from "./read-csv.ts";
import type { CsvOptions } from "./recognise-csv.ts";
import { RowsRejected, type RowIssue } from "./rows-rejected.ts";

const columns: DatasetColumn[] = [
  { name: "name", label: "Name", type: "text" },
  { name: "count", label: "Count", type: "integer" },
  { name: "day", label: "Day", type: "date" },
];

const read = async (source: string | AsyncIterable<Uint8Array>, options?: CsvOptions) => {
  const rows = [];
  for await (const row of readCsv(columns, source, options)) rows.push(row);
  return rows;
};
const issuesOf = async (
  source: string | AsyncIterable<Uint8Array>,
  options?: CsvOptions,
): Promise<readonly RowIssue[]> => {
  try {
    await read(source, options);
  } catch (error) {
    if (error instanceof RowsRejected) return error.issues;
    throw error;
  }
  throw new Error("nothing was rejected");
};
const at = (issues: readonly RowIssue[]) => issues.map(({ line, column }) => [line, column]);
async function* pieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < whole.length; from += size) yield whole.subarray(from, from + size);
}

describe("CSV", () => {
  it("is matched by the header in any order, through BOM, CRLF, quotes and blank lines", async () => {
    const csv =
      '\ufeffday,name,count\r\n2026-01-01,"a ""quoted"", name",  7 \r\n\r\n,"two\r\nlines",\r\n';
    expect(await read(csv)).toEqual([
      ['a "quoted", name', 7, "2026-01-01"],
      ["two\r\nlines", null, null],
    ]);
  });

  it("arrives in any pieces and any of its encodings", async () => {
    const text = "name,count,day\né👋,1,2026-01-01\n";
    for (const size of [1, 3, 7]) {
      expect(await read(pieces(Buffer.from(text), size))).toEqual([["é👋", 1, "2026-01-01"]]);
      expect(
        await read(pieces(Buffer.from(`\ufeff${text}`, "utf16le"), size), { encoding: "utf-16le" }),
      ).toEqual([["é👋", 1, "2026-01-01"]]);
      expect(
        await read(pieces(Buffer.from(text.replace("👋", ""), "latin1"), size), {
          encoding: "windows-1252",
        }),
      ).toEqual([["é", 1, "2026-01-01"]]);
    }
  });

  it("is refused for a header of whatever length, of which little is kept", async () => {
    const header = Array.from({ length: 150_000 }, (_, index) => index.toString(36)).join(",");
    expect(await issuesOf(header)).toHaveLength(100);
    expect(at(await issuesOf("x".repeat(900_000)))[0]).toEqual([1, "x".repeat(100)]);
    await expect(read(`${header}\nAda,x,`, { header: "skip" })).rejects.toMatchObject({
      badRows: { header: [], rows: [{ line: 2, cells: ["Ada", "x", ""] }] },
    });
  });

  it("has every bad row named by the line it begins on", async () => {
    const csv =
      'name,count,day\ngood,1,2026-01-01\n"two\nlines",x,2026-01-01\n\nshort,1\n"more\n\nlines",1.5,2026-13-01\n';
    expect(at(await issuesOf(csv))).toEqual([
      [3, "count"],
      [6, null],
      [7, "count"],
      [7, "day"],
    ]);
  });

  it("has what is wrong before the place where it cannot be read any more named as well, whatever the pieces", async () => {
    const csv = Buffer.from('name,count,day\na,x,2026-01-01\nb,1,2026-01-01\nc"d,1,2026-01-01\n');
    for (const size of [1, 20, 1_000])
      expect(at(await issuesOf(pieces(csv, size)))).toEqual([
        [2, "count"],
        [4, "name"],
      ]);
    expect(at(await issuesOf(Buffer.from(csv).toString()))).toHaveLength(2);
  });

  it("has a hundred mistakes named at most", async () => {
    expect(await issuesOf(`name,count,day\n${"a,x,y\n".repeat(5_000)}`)).toHaveLength(100);
  });

  it("is refused when the header names too much, too little or a column twice", async () => {
    expect(
      (await issuesOf("name,count,name,extra\n")).map(({ column, code }) => [column, code]),
    ).toEqual([
      ["name", "duplicate_column"],
      ["extra", "unknown_column"],
      ["day", "missing_column"],
    ]);
    expect(at(await issuesOf(""))).toEqual([[1, null]]);
  });

  it("without a header has its columns in the dataset's order", async () => {
    expect(await read("a,1,2026-01-01\n", { header: "absent" })).toEqual([["a", 1, "2026-01-01"]]);
    expect(await read("x,y,z\na,1,2026-01-01\n", { header: "skip" })).toEqual([
      ["a", 1, "2026-01-01"],
    ]);
    expect(at(await issuesOf("a,1\n", { header: "absent" }))).toEqual([[1, null]]);
    expect(at(await issuesOf("x,y\na,1\n", { header: "skip" }))).toEqual([[2, null]]);
    expect(await read("", { header: "absent" })).toEqual([]);
  });

  it("is refused when a quote is never closed, without gathering the rest in memory", async () => {
    expect(at(await issuesOf('name,count,day\n"open,1,2026-01-01\n'))).toHaveLength(1);
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('name,count,day\n"');
      for (; taken < 10_000; taken += 1) yield Buffer.from("x".repeat(10_000));
    }
    expect(at(await issuesOf(endless()))).toHaveLength(1);
    expect(taken).toBeLessThan(500);
  });

  it("is refused when a quote stands where none may, and says how to mend it", async () => {
    const told = async (csv: string) =>
      (await issuesOf(csv)).map(({ line, column, code, detail }) => {
        expect(code).toBe("unreadable");
        return [line, column, detail];
      });
    const doubled = /written twice: "5"" disk"\.$/;
    expect(await told('name,count,day\na,1,\n5" disk,1,\n')).toEqual([
      [3, "name", expect.stringMatching(/^Cell 1: it has a quote inside/)],
    ]);
    expect(await told('day,name,count\n,a,1\n, "5"" disk"  s,1\n')).toEqual([
      [3, "name", expect.stringMatching(/^Cell 2: "s" follows the closing quote/)],
    ]);
    expect(await told('name,count,day\n"a\nb"c,1,\n')).toEqual([
      [3, "name", expect.stringMatching(doubled)],
    ]);
    expect(await told('name,count,day\na,1,\n"open,1,\nb,1,\n')).toEqual([
      [3, "name", "Cell 1: the quote that opens it is never closed."],
    ]);
    // Where no column is known yet, the cell says it.
    expect(await told('name,co"unt,day\n')).toEqual([
      [1, null, expect.stringMatching(/^Cell 2: /)],
    ]);
  });

  it("may have blanks around quotes, as some write it", async () => {
    expect(
      await read('"name", "count",\t"day"\n"d", "5" ,"2026-01-01"\t\r\n "e ""f""", "6", \n'),
    ).toEqual([
      ["d", 5, "2026-01-01"],
      ['e "f"', 6, null],
    ]);
    // With tabs between the cells, a tab is no blank.
    expect(await read('name\tcount\tday\n"a"\t \t"2026-01-01"\n', { delimiter: "tab" })).toEqual([
      ["a", null, "2026-01-01"],
    ]);
    // Without quotes, the blanks of a text are a part of it.
    expect(await read("name,count,day\n a , 1 ,\n")).toEqual([[" a ", 1, null]]);
  });

  it("may begin with Excel's line about its delimiter, which is no header", async () => {
    for (const [first, delimiter, mark] of [
      ["sep=;", "semicolon", ";"],
      ["\ufeffsep=;", "semicolon", ";"],
      ["SEP=,", "comma", ","],
      ["sep=\t", "tab", "\t"],
      ["sep=\\t", "tab", "\t"],
      ['"sep=|"', "pipe", "|"],
      // As a program leaves it that gives each line the same number of cells.
      ["sep=;;;", "semicolon", ";"],
    ] as const)
      for (const end of ["\n", "\r\n", "\r"]) {
        const csv = [first, ["name", "count", "day"], ["a", "1", ""], ["b", "x", ""]]
          .map((line) => (typeof line === "string" ? line : line.join(mark)))
          .join(end);
        for (const size of [1, 4, 1_000])
          expect(await issuesOf(pieces(Buffer.from(csv), size), { delimiter })).toMatchObject([
            { line: 4, column: "count" },
          ]);
      }
    // What the caller says counts, and the line is none of the rows all the same.
    expect(await read("sep=;\na,1,\n", { header: "absent", delimiter: "comma" })).toEqual([
      ["a", 1, null],
    ]);
    expect(at(await issuesOf("sep=;"))).toEqual([[1, null]]);
    expect(at(await issuesOf("sep=;\r\n"))).toEqual([[1, null]]);
    // Further down, and without a delimiter in it, it is what it says.
    expect(await read("name,count,day\nsep=,,\n")).toEqual([["sep=", null, null]]);
    expect((await issuesOf("sep=a,count\n")).map(({ code }) => code)).toContain("unknown_column");
  });

  it("has blank rows, which are passed over and counted, and empty cells behind the last column", async () => {
    const tally = { blankRows: 0 };
    const rows = async (csv: string, given: readonly DatasetColumn[] = columns) => {
      const found = [];
      for await (const row of readCsv(given, csv, {}, tally)) found.push(row);
      return [tally.blankRows, found];
    };
    expect(
      await rows(",,\n\nname,count,day,,\n,,\na,1,\n , ,\t\n,,,,,\n\nb,2,2026-01-01,,\nc,3,\n\n"),
    ).toEqual([
      7,
      [
        ["a", 1, null],
        ["b", 2, "2026-01-01"],
        ["c", 3, null],
      ],
    ]);
    // A quoted empty cell is a value that is null; in a file of one column nothing else can be one.
    expect(await rows('name\na\n\n""\n"  "\nb\n', columns.slice(0, 1))).toEqual([
      1,
      [["a"], [null], ["  "], ["b"]],
    ]);
    expect(await rows('name,count,day\n"",,\n')).toEqual([0, [[null, null, null]]]);
    expect(at(await issuesOf("name,count,day,\na,1,,x\n"))).toEqual([[2, null]]);
    expect((await issuesOf("name,,count,day\n"))[0]?.detail).toMatch(/no name .* cell 2/);
  });

  it("has null where the caller says what stands for it, and nowhere else", async () => {
    const csv = 'name,count,day\nNA,NA, - \n"NA","NA","-"\nna,1,\n';
    expect(await read(csv, { nullMarkers: ["NA", "-"] })).toEqual([
      [null, null, null],
      ["NA", null, null],
      ["na", 1, null],
    ]);
    expect(at(await issuesOf(csv))).toEqual([
      [2, "count"],
      [2, "day"],
      [3, "count"],
      [3, "day"],
    ]);
  });

  it("is refused at bytes that are no text", async () => {
    expect(
      await issuesOf(pieces(Buffer.from("name,count,day\nZo\xeb,1,\n", "latin1"), 5)),
    ).toMatchObject([{ code: "unreadable" }]);
  });

  it("hands on what breaks its source", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("name,count,day\na,1,2026-01-01\n");
      throw new Error("connection lost");
    }
    await expect(read(broken())).rejects.toThrow("connection lost");
  });
});
