import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DatasetColumn } from "../../contract/contract.ts";
import { detectFile } from "./detect-columns.ts";
import { NotJson, readJsonRows } from "./read-json-rows.ts";

const columns: DatasetColumn[] = [
  { name: "text", label: "Text", type: "text" },
  { name: "n", label: "N", type: "decimal" },
];
async function* pieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < whole.length; from += size) yield whole.subarray(from, from + size);
}
const read = async (text: string, format: "json" | "ndjson", size = 5): Promise<unknown[]> => {
  const rows = [];
  for await (const row of readJsonRows(columns, pieces(Buffer.from(text), size), format))
    rows.push(row);
  return rows;
};

describe("rows as JSON", () => {
  it("are what JSON.parse would read, however they are written and in whatever pieces they arrive", async () => {
    const value = fc.record(
      {
        text: fc.option(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""))),
        n: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { maxLength: 10 }),
        fc.nat({ max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, indent, size) => {
          const expected = rows.map(({ text = null, n = null }) => [
            text,
            n === null ? null : Number(JSON.stringify(n)),
          ]);
          expect(await read(JSON.stringify(rows, null, indent), "json", size)).toEqual(expected);
          expect(
            await read(rows.map((row) => JSON.stringify(row)).join("\r\n"), "ndjson", size),
          ).toEqual(expected);
        },
      ),
    );
  });

  it("are refused as a whole when they are no array", async () => {
    for (const text of [
      "",
      "{}",
      "[",
      "[1",
      "[{},]",
      "[,]",
      "[{}]]",
      "[{} {}]",
      '[{"text":"]}]',
      "[{}}",
    ])
      await expect(read(text, "json"), text).rejects.toBeInstanceOf(NotJson);
    await expect(
      readJsonRows(columns, pieces(Buffer.from([0x5b, 0xff, 0x5d]), 1), "json").next(),
    ).rejects.toBeInstanceOf(NotJson);
  });

  it("are refused one by one when they are no objects", async () => {
    await expect(read('[{},1,[],"x",null]', "json")).rejects.toMatchObject({
      issues: [2, 3, 4, 5].map((line) => ({ line, code: "unreadable" })),
    });
  });

  it("may not be longer than a megabyte each", async () => {
    const long = JSON.stringify({ text: "x".repeat(2_000_000) });
    await expect(read(`[${long}]`, "json", 65_536)).rejects.toMatchObject({
      issues: [{ line: 1, code: "unreadable" }],
    });
    await expect(read(`{}\n${long}`, "ndjson", 65_536)).rejects.toMatchObject({
      issues: [{ line: 2, code: "unreadable" }],
    });
  });

  it("are looked at whatever stands in them", async () => {
    const detect = (text: string) =>
      detectFile(Buffer.from(text), false, { format: "ndjson", csv: {} });
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    await expect(
      detect(`{"a":{"toString":1,"valueOf":1},"b":[{"c":2}]}\n{"a":${deep}}`),
    ).resolves.toMatchObject({
      columns: [
        { name: "a", type: "text" },
        { name: "b", type: "text" },
      ],
      rows: [
        ['{"toString":1,"valueOf":1}', '[{"c":2}]'],
        ["[…]", ""],
      ],
    });
    await expect(detect(`{"${"x".repeat(1_001)}":1}`)).rejects.toMatchObject({
      issues: [{ column: "x".repeat(100), code: "unknown_column" }],
    });
  });
});
