import { describe, expect, it } from "vitest";
import type { DatasetColumn } from "@sallyport/shared/contract";
import { RowsRejected, type CsvOptions, type RowIssue } from "@sallyport/shared/rules";
import { readCsv } from "./read-csv.ts";

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
        [4, null],
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
    expect(await issuesOf('name,count,day\na,1,\n5" disk,1,\n')).toEqual([
      {
        line: 3,
        column: null,
        code: "unreadable",
        detail: expect.stringContaining("written twice"),
      },
    ]);
    expect(await issuesOf('name,count,day\na,1,\n"5"" disk"s,1,\n')).toEqual([
      {
        line: 3,
        column: null,
        code: "unreadable",
        detail: expect.stringContaining("written twice"),
      },
    ]);
    expect(await issuesOf('name,count,day\n"open,1,\nb,1,\n')).toMatchObject([
      { detail: expect.stringContaining("never closed") },
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
