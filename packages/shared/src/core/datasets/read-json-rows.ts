/**
 * Rows as JSON: an array of objects, or one object on each line (NDJSON). Read as a stream, one row
 * in memory at a time.
 */
import type { DatasetColumn } from "../../contract/contract.ts";
import { decodeText, NotText } from "./decode-text.ts";
import { gatherBadRows, issueCeiling, RowsRejected, type RowIssue } from "./rows-rejected.ts";
import { encodeValue, type StoredValue } from "./values.ts";

/** As for a record of a CSV file. */
const longestRow = 1_048_576;

type Row = Readonly<Record<string, unknown>>;

/** The text of one row and its place: the line in the file, or the count of the row, from one. */
interface RowText {
  readonly text: string;
  readonly place: number;
}

const unreadable = (line: number, detail: string): RowsRejected =>
  new RowsRejected([{ line, column: null, code: "unreadable", detail }]);

async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  try {
    yield* decodeText(chunks, "utf-8");
  } catch (error) {
    throw error instanceof NotText ? new NotJson("The body is not UTF-8.") : error;
  }
}

/** The document is not what its type says, as a whole. */
export class NotJson extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = "NotJson";
  }
}

async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<RowText> {
  let place = 0;
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      place += 1;
      if (line.trim() !== "") yield { text: line, place };
    }
    if (rest.length > longestRow)
      throw unreadable(place + 1, `Longer than ${longestRow} characters.`);
  }
  if (rest.trim() !== "") yield { text: rest, place: place + 1 };
}

const space = /[ \t\r\n]/;

/** Cuts the elements out of an array, each as it stands there. */
async function* splitArray(chunks: AsyncIterable<string>): AsyncGenerator<RowText> {
  let state = "before" as "before" | "first" | "element" | "next" | "after";
  let place = 0;
  let gathered = "";
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  for await (const chunk of chunks) {
    /** Where the element that is being read begins in this chunk. */
    let from = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const character = chunk[index] as string;
      if (state === "element") {
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (character === "\\") isEscaped = true;
          else if (character === '"') inString = false;
          continue;
        }
        if (character === '"') inString = true;
        else if (character === "{" || character === "[") depth += 1;
        else if ((character === "}" || character === "]") && depth > 0) depth -= 1;
        else if (depth === 0 && (character === "," || character === "]")) {
          yield { text: gathered + chunk.slice(from, index), place };
          gathered = "";
          state = character === "," ? "next" : "after";
        }
        continue;
      }
      if (space.test(character)) continue;
      if (state === "before" && character === "[") state = "first";
      else if (state === "first" && character === "]") state = "after";
      else if ((state === "first" || state === "next") && character !== "," && character !== "]") {
        state = "element";
        place += 1;
        from = index;
        inString = character === '"';
        depth = character === "{" || character === "[" ? 1 : 0;
      } else
        throw new NotJson(
          state === "before"
            ? "The body is no array of rows: send `[{ … }]`, also for a single one."
            : `The array is broken after ${place} ${place === 1 ? "row" : "rows"}.`,
        );
    }
    if (state === "element") gathered += chunk.slice(from);
    if (gathered.length > longestRow)
      throw unreadable(place, `Longer than ${longestRow} characters.`);
  }
  if (state !== "after")
    throw new NotJson(state === "before" ? "The body is empty." : "The array does not end.");
}

/** @returns the row as the dataset stores it, or null with what is wrong added to the issues */
export const createRowEncoder = (
  columns: readonly DatasetColumn[],
): ((row: Row, line: number, issues: RowIssue[]) => StoredValue[] | null) => {
  const names = new Set(columns.map((column) => column.name));
  return (row, line, issues) => {
    const before = issues.length;
    for (const name of Object.keys(row))
      if (!names.has(name))
        issues.push({
          line,
          column: name.slice(0, 100),
          code: "unknown_column",
          detail: "The dataset has no such column.",
        });
    const encodedRow = columns.map((column) => {
      const value = Object.hasOwn(row, column.name) ? (row[column.name] ?? null) : null;
      if (value === null) return null;
      const encoded = encodeValue(column.type, value);
      if (encoded.ok) return encoded.value;
      issues.push({
        line,
        column: column.name,
        code: "wrong_value",
        detail: `Not ${encoded.expected}.`,
      });
      return null;
    });
    return issues.length === before ? encodedRow : null;
  };
};

const parseRow = (text: string): Row | undefined => {
  const row: unknown = JSON.parse(text);
  return typeof row === "object" && row !== null && !Array.isArray(row) ? (row as Row) : undefined;
};

/**
 * Reads rows as JSON and yields each as a dataset with these columns stores it. A member that is
 * missing is null; dates and timestamps are ISO 8601 texts.
 * @throws NotJson when the document as a whole is none; RowsRejected, after the last good row, with
 * every bad one (the first hundred); so nothing may be kept of what was yielded before the end is
 * reached
 */
export async function* readJsonRows(
  columns: readonly DatasetColumn[],
  chunks: AsyncIterable<Uint8Array>,
  format: "json" | "ndjson",
): AsyncGenerator<StoredValue[]> {
  const encode = createRowEncoder(columns);
  const issues: RowIssue[] = [];
  const bad = gatherBadRows();
  const texts = decode(chunks);
  for await (const { text, place } of format === "json" ? splitArray(texts) : splitLines(texts)) {
    const before = issues.length;
    let row: Row | undefined;
    try {
      row = parseRow(text);
      if (row === undefined)
        issues.push({ line: place, column: null, code: "unreadable", detail: "No object." });
    } catch {
      // What follows something broken inside an array is anybody's guess; what follows a line is
      // another line.
      if (format === "json") throw new NotJson(`Row ${place} is no JSON.`);
      issues.push({ line: place, column: null, code: "unreadable", detail: "No JSON." });
    }
    if (row !== undefined) {
      const encoded = encode(row, place, issues);
      if (encoded !== null && issues.length === 0) yield encoded;
    }
    if (issues.length > before) bad.note(place, [text.trim()]);
    if (issues.length >= issueCeiling) break;
  }
  if (issues.length === 0) return;
  const told = issues.slice(0, issueCeiling);
  throw new RowsRejected(told, bad.with(told, ["row"]));
}

/** The rows at the beginning of a file, as far as they are whole. */
export interface JsonBeginning {
  readonly rows: readonly Row[];
  /** How many of them are no objects, or no JSON. */
  readonly unreadable: number;
}

/**
 * Looks at the beginning of a file of JSON rows.
 * @param isCut the file goes on behind the sample: what does not end in it is no mistake
 * @throws NotJson, RowsRejected
 */
export const readJsonBeginning = async (
  sample: Uint8Array,
  isCut: boolean,
  format: "json" | "ndjson",
): Promise<JsonBeginning> => {
  async function* beginning(): AsyncGenerator<string> {
    // The last bytes may be the beginning of a character whose end has been cut off.
    yield new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: isCut });
  }
  const rows: Row[] = [];
  let unreadable = 0;
  let last: string | undefined;
  const see = (text: string): void => {
    try {
      const row = parseRow(text);
      if (row === undefined) unreadable += 1;
      else rows.push(row);
    } catch {
      unreadable += 1;
    }
  };
  try {
    for await (const { text } of format === "json"
      ? splitArray(beginning())
      : splitLines(beginning())) {
      if (last !== undefined) see(last);
      last = text;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new NotJson("The file is not UTF-8.");
    // An array that does not end has given every element before the cut.
    if (!(error instanceof NotJson && isCut && (last !== undefined || rows.length > 0)))
      throw error;
    if (last !== undefined) see(last);
    return { rows, unreadable };
  }
  // The last line may be half of one.
  if (last !== undefined && (format === "json" || !isCut)) see(last);
  return { rows, unreadable };
};
