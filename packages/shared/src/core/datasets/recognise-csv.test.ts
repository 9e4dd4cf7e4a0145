import { describe, expect, it } from "vitest";
import { detectColumns } from "./detect-columns.ts";
import {
  recogniseCsv,
  recogniseDecimalMark,
  recogniseDelimiter,
  recogniseEncoding,
  recogniseEncodingOf,
} from "./recognise-csv.ts";

const bytes = (text: string, encoding: BufferEncoding = "utf8"): Uint8Array =>
  Buffer.from(text, encoding);
const bigEndian = (text: string): Uint8Array => Buffer.from(text, "utf16le").swap16();
async function* pieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < whole.length; from += size) yield whole.subarray(from, from + size);
}
const detect = (text: string, isCut = false) => detectColumns(bytes(text), isCut);
const typesOf = (text: string) => detect(text).columns.map(({ type }) => type);

describe("the encoding", () => {
  it("is known by the byte order mark, by where the zeros are, or by what the bytes are", () => {
    expect(recogniseEncoding(bytes("\ufeffname\nFrançois\n"))).toBe("utf-8");
    expect(recogniseEncoding(bytes("name\nFrançois\n"))).toBe("utf-8");
    expect(recogniseEncoding(bytes("\ufeffname\n", "utf16le"))).toBe("utf-16le");
    expect(recogniseEncoding(bytes("name,count\nmoña,1\n", "utf16le"))).toBe("utf-16le");
    expect(recogniseEncoding(bigEndian("\ufeffname\n"))).toBe("utf-16be");
    expect(recogniseEncoding(bigEndian("name,count\n行,1\n"))).toBe("utf-16be");
    expect(recogniseEncoding(bytes("name\nFrançois\n", "latin1"))).toBe("windows-1252");
    expect(recogniseEncoding(bytes(""))).toBe("utf-8");
  });

  it("is not mistaken where a sample ends inside a character", () => {
    for (const cut of [1, 2, 3])
      expect(recogniseEncoding(bytes("name\n👋").subarray(0, -cut))).toBe("utf-8");
  });

  it("is looked for in the whole file, since the first letter that tells may stand at its end", async () => {
    const text = `name\n${"plain\n".repeat(2_000)}Zoë\n`;
    for (const size of [1, 7, 1_000]) {
      expect(await recogniseEncodingOf(pieces(bytes(text), size))).toBe("utf-8");
      expect(await recogniseEncodingOf(pieces(bytes(text, "latin1"), size))).toBe("windows-1252");
    }
    expect(await recogniseEncodingOf(pieces(bytes("name\nZo\u00c3", "latin1"), 3))).toBe(
      "windows-1252",
    );
    expect(await recogniseEncodingOf(pieces(bytes(text, "utf16le"), 1_000))).toBe("utf-16le");
  });
});

describe("the delimiter", () => {
  it("is the one that makes rows of one length", () => {
    expect(recogniseDelimiter("a,b\n1,2\n", false)).toBe("comma");
    expect(recogniseDelimiter("a;b\n1,5;2,5\n3;4\n", false)).toBe("semicolon");
    expect(recogniseDelimiter("a\tb, c\n1\t2\n", false)).toBe("tab");
    expect(recogniseDelimiter('a|"b|c"|d\n1|2|3\n', false)).toBe("pipe");
    expect(recogniseDelimiter("title,note\nOne,one; two; three\nTwo,none\n", false)).toBe("comma");
    expect(recogniseDelimiter("alone\n1\n", false)).toBe("comma");
    expect(recogniseDelimiter("", false)).toBe("comma");
  });
});

describe("the decimal mark", () => {
  const mark = (delimiter: "comma" | "semicolon", ...cells: string[]) =>
    recogniseDecimalMark(
      cells.map((cell) => ({ cells: [cell] })),
      delimiter,
    );

  it("is a comma only where a number cannot be read otherwise", () => {
    expect(mark("semicolon", "1,5", "2")).toBe("comma");
    expect(mark("semicolon", "1.234,5")).toBe("comma");
    expect(mark("semicolon", "1,234")).toBe("point");
    expect(mark("semicolon", "1,234", "0,5")).toBe("comma");
    expect(mark("semicolon", "1,5", "1.5")).toBe("point");
    expect(mark("comma", "1,5")).toBe("point");
    expect(mark("semicolon", "a, b", "")).toBe("point");
  });
});

describe("the type of a column", () => {
  it("is one that every value in it has", () => {
    expect(
      typesOf(
        "a,b,c,d,e,f\n1,1,true,2026-01-31,2026-01-31T09:30:00Z,x\n-2,2.5,FALSE,2026-02-01,2026-01-31 09:30+01:00,1\n",
      ),
    ).toEqual(["integer", "decimal", "boolean", "date", "timestamp", "text"]);
    expect(typesOf("a,b,c\n1,2026-01-31,true\nx,2026-02-30,1\n")).toEqual(["text", "text", "text"]);
  });

  it("is text for digits that are no quantity, and where there is nothing to go by", () => {
    expect(typesOf("a,b,c,d\n007,+4930123,12345678901234567890,\n123,+1,1,\n")).toEqual([
      "text",
      "text",
      "text",
      "text",
    ]);
    expect(typesOf("a\n0\n0.5\n")).toEqual(["decimal"]);
  });

  it("does not come from a row that a cut has left half", () => {
    expect(detect("day,n\n2026-01-31,1\n2026-01-31,2\n2026-0", true)).toMatchObject({
      columns: [{ type: "date" }, { type: "integer" }],
      rowsSeen: 2,
    });
    expect(detect('day,n\n2026-01-31,1\n2026-01-31,"2', true)).toMatchObject({
      columns: [{ type: "date" }, { type: "integer" }],
    });
  });

  it("goes with a name and a label for each column, taken from the header where there is one", () => {
    expect(detect("unit_price,orderId,__proto__\n1,2,3\n")).toMatchObject({
      header: "names",
      columns: [
        { name: "unit_price", label: "Unit price" },
        { name: "orderId", label: "Order Id" },
        { name: "__proto__", label: "Proto" },
      ],
    });
    expect(detect("1,a\n2,b\n")).toMatchObject({
      header: "absent",
      columns: [
        { name: "column 1", type: "integer" },
        { name: "column 2", type: "text" },
      ],
      rowsSeen: 2,
    });
    // Years are names as well as numbers: whoever sent the file knows.
    const years = bytes("country,2000,2001\nFrance,1.5,2\n");
    expect(detectColumns(years, false)).toMatchObject({ header: "absent", rowsSeen: 2 });
    expect(detectColumns(years, false, { header: "names" })).toMatchObject({
      header: "names",
      columns: [
        { name: "country", type: "text" },
        { name: "2000", type: "decimal" },
        { name: "2001", type: "integer" },
      ],
      rowsSeen: 1,
    });
    expect(detectColumns(years, false, { header: "skip" })).toMatchObject({
      header: "skip",
      rowsSeen: 1,
    });
    expect(detectColumns(bytes("a,b\nc,d\n"), false, { header: "absent" })).toMatchObject({
      header: "absent",
      rowsSeen: 2,
    });
    // Names that no dataset can have are read over.
    expect(detect(",a,a\n0,x,y\n")).toMatchObject({
      header: "skip",
      columns: [{ name: "column 1" }, { name: "a" }, { name: "a 2" }],
    });
  });
});

describe("a file with the habits of spreadsheets", () => {
  it("names its delimiter in a first line, which is neither header nor row", () => {
    for (const beginning of ["sep=;\n", "\ufeffsep=;\r\n", '"sep=;"\r'])
      expect(detect(`${beginning}day;amount\n2026-01-01;1,5\n2026-01-02;2,5\n`)).toMatchObject({
        delimiter: "semicolon",
        decimal: "comma",
        header: "names",
        columns: [
          { name: "day", type: "date" },
          { name: "amount", type: "decimal" },
        ],
        rowsSeen: 2,
      });
    // Also where the rows look otherwise.
    expect(detect("sep=\t\na,b\n1,2\n")).toMatchObject({
      delimiter: "tab",
      columns: [{ name: "a,b" }],
    });
    expect(detect("sep=|\r\na|b")).toMatchObject({ delimiter: "pipe", rowsSeen: 0 });
    expect(recogniseCsv(bytes("sep=;\na;b\n"), { encoding: "utf-8" }).delimiter).toBe("semicolon");
    // The caller's word counts before the file's.
    expect(
      detectColumns(bytes("sep=;\na,b\n1,2\n"), false, { delimiter: "comma" }).columns,
    ).toHaveLength(2);
    for (const empty of ["sep=;", "sep=;\n", "\ufeff", "\n,\n"])
      expect(() => detect(empty)).toThrow("empty");
    for (const unknown of ["sep=:\na:b\n", '"sep=^"\na^b\n'])
      expect(() => detect(unknown)).toThrow(/separates the cells.*comma, semicolon, tab, pipe/);
    expect(detect("sep=x\n1\n").columns).toMatchObject([{ name: "sep=x" }]);
  });

  it("has blank rows, and delimiters behind its last column, and is no wider or longer for it", () => {
    expect(detect(",,,\nday,amount,,\n2026-01-01,1,,\n,,,\n\n2026-01-02,2\n,\n")).toMatchObject({
      columns: [
        { name: "day", type: "date" },
        { name: "amount", type: "integer" },
      ],
      rows: [
        ["2026-01-01", "1"],
        ["2026-01-02", "2"],
      ],
      rowsSeen: 2,
      blankRows: 4,
    });
    expect(detect("name;\nA;\nB;\n")).toMatchObject({
      delimiter: "semicolon",
      columns: [{ name: "name" }],
      rowsSeen: 2,
    });
    expect(detect("1,2,\n3,4,\n")).toMatchObject({ header: "absent", rowsSeen: 2 });
    expect(detect("1,2,\n3,4,\n").columns).toHaveLength(2);
    // A column without a name that has values is a column.
    expect(detect("a,b,\n1,2,\n1,2,3\n")).toMatchObject({ header: "skip", rowsSeen: 2 });
    expect(detect("a,b,\n1,2,\n1,2,3\n").columns).toHaveLength(3);
  });

  it("has blanks before its quotes", () => {
    expect(detect('"a", "b", "c"\n"d", "2", "2026-01-01"\n')).toMatchObject({
      columns: [
        { name: "a", type: "text" },
        { name: "b", type: "integer" },
        { name: "c", type: "date" },
      ],
      rows: [["d", "2", "2026-01-01"]],
    });
  });

  it("says NA where it has nothing, which is text until somebody says what it is", () => {
    const file = bytes(
      'day,amount,code,note\n2026-01-01,NA,NA,-\n-,"1.5",DE,n/a\n2026-01-03,7,FR,\n',
    );
    expect(detectColumns(file, false)).toMatchObject({
      columns: [{ type: "text" }, { type: "text" }, { type: "text" }, { type: "text" }],
      suggestedNullMarkers: ["-", "NA"],
    });
    expect(detectColumns(file, false, { nullMarkers: ["NA", "-"] })).toMatchObject({
      columns: [{ type: "date" }, { type: "decimal" }, { type: "text" }, { type: "text" }],
      suggestedNullMarkers: [],
    });
    expect(detectColumns(file, false, { nullMarkers: ["NA"] }).suggestedNullMarkers).toEqual(["-"]);
    expect(detect("a\nNA\nx\n").suggestedNullMarkers).toEqual([]);
  });

  it("says which cells make a text of a column that is none but for them", () => {
    const days = Array.from({ length: 20 }, (_, index) => 10 + index);
    const rows = days.map((day) => `2026-01-${day},${day},${day}.5,${day % 2 ? "x" : day},x`);
    rows[3] = "2026-13-45,many,1.5,x,";
    rows[7] = '2026-01-17,-,"a, b",x,x';
    rows[8] = "2026-01-18,18,18,x,x";
    rows[9] = '2026-01-19,19,"c",x,x';
    const found = detect(`day,visits,spend,mixed,text\n${rows.join("\n")}\n`);
    expect(found.columns.map(({ type }) => type)).toEqual(Array(5).fill("text"));
    expect(found.strays).toEqual([
      { column: "day", type: "date", count: 1, line: 5, text: "2026-13-45" },
      { column: "visits", type: "integer", count: 1, line: 5, text: "many" },
      { column: "spend", type: "decimal", count: 2, line: 9, text: "a, b" },
    ]);
    expect(detect("n\n1\n2\nx\n").strays).toEqual([]);
  });
});
