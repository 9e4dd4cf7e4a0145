/** What is known of a file of rows before it has been looked at, and what is made of one. Pure. */
import type { Contract, ResponseBody } from "@sallyport/shared/client";

type BadRows = NonNullable<
  NonNullable<ResponseBody<Contract["GET /imports/:importId"]>["problem"]>["badRows"]
>;
type RowsType = Contract["PUT /imports/:importId/rows"]["upload"][number];

/** By its name; what says nothing is taken for CSV, which the server refuses if it is none. */
export const rowsTypeOf = (fileName: string): RowsType =>
  /\.(?:ndjson|jsonl)$/i.test(fileName)
    ? "application/x-ndjson"
    : /\.json$/i.test(fileName)
      ? "application/json"
      : "text/csv";

/** A name for a dataset, as its contract has them. */
export const datasetNameOf = (text: string): string =>
  text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, "");

/** `orders of 2026.csv` as words: `Orders of 2026`. */
export const titleOf = (fileName: string): string =>
  fileName
    .replace(/\.[a-z0-9]+$/i, "")
    .replaceAll(/[_-]+/g, " ")
    .trim()
    .slice(0, 100)
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

const cell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * Rows that did not fit as a CSV file: as they were, and behind their cells the line and the
 * reason. Nothing of them is changed, so that they can be mended and imported.
 */
export const badRowsAsCsv = ({ header, rows }: BadRows): string => {
  const width = Math.max(header.length, ...rows.map(({ cells }) => cells.length));
  const padded = (cells: readonly string[]): readonly string[] =>
    Array.from({ length: width }, (_, index) => cells[index] ?? "");
  return [
    [...padded(header), "line", "reason"],
    ...rows.map(({ line, cells, reason }) => [...padded(cells), String(line), reason]),
  ]
    .map((cells) => `${cells.map(cell).join(",")}\r\n`)
    .join("");
};
