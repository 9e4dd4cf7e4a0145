/**
 * Answers as the bytes that they are sent as. Rows were written and hashed in the thread that read
 * them; here they are handed on, so that what the main thread does for an answer is the same for
 * ten of them and for ten thousand. What never changes is written once.
 */
import type { PanelData } from "../../contract/contract.ts";
import { joinBytes } from "./join-bytes.ts";

export interface EncodedRows {
  /** An array of arrays, as JSON. */
  readonly json: Uint8Array;
  /** SHA-256 of it. */
  readonly digest: string;
  /** How many rows there are. */
  readonly count: number;
}

interface RowsAside {
  readonly mark: string;
  readonly rows: readonly EncodedRows[];
}

const encoded = new WeakMap<object, EncodedRows>();
const setAside = new WeakMap<object, RowsAside>();

/** Takes the place of the rows until they are sent. */
export const standInFor = (rows: EncodedRows): PanelData["rows"] => {
  const standIn: PanelData["rows"] = [];
  encoded.set(Object.freeze(standIn), rows);
  return standIn;
};

/** What stands in for no rows is what it is. */
export const encodedRowsOf = (rows: object): EncodedRows | undefined => encoded.get(rows);

/**
 * A body in which each stand-in is one that a schema takes for rows; `encodeAnswer` puts the rows
 * there.
 * @param mark says to the contract's schema that there are rows, and to us which. It must be new
 * for each answer, so that nobody can have written it into a dataset
 */
export const withRowsAside = <B extends object>(body: B, mark: string): B => {
  const aside: EncodedRows[] = [];
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const rows = encoded.get(value);
    if (rows !== undefined) return [[`${mark}${aside.push(rows) - 1}`]];
    if (Array.isArray(value)) return value.map(copy);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
  };
  const marks = copy(body) as B;
  if (aside.length > 0) setAside.set(marks, { mark, rows: aside });
  return marks;
};

/**
 * What is marked as never changing; its bytes and their tag once it has been sent, and those of its
 * page.
 */
const constants = new WeakMap<object, { answer?: EncodedAnswer; page?: EncodedAnswer }>();

/** This body is sent again and again, always the same object with the same in it. */
export const constant = <B extends object>(body: B): B => {
  if (!constants.has(body)) constants.set(body, {});
  return body;
};

/** An answer's bytes, as yet in pieces. */
export interface EncodedAnswer {
  /**
   * A strong entity tag (RFC 9110, 8.8.3): two answers that have the same are the same to the last
   * byte.
   */
  entityTag(): string;
  body(): string | Uint8Array<ArrayBuffer>;
}

/** @returns a digest of the text, in base64url */
type Digest = (text: string) => string;

/**
 * @param body as the handler gave it
 * @param write the same as JSON, after the contract has had a look at it
 */
export const encodeAnswer = (body: unknown, write: () => string, digest: Digest): EncodedAnswer => {
  if (typeof body !== "object" || body === null) return encodeText(write(), digest);
  const kept = constants.get(body);
  if (kept) return (kept.answer ??= encodeOnce(write(), digest));
  const aside = setAside.get(body);
  return aside === undefined ? encodeText(write(), digest) : encodeAround(write(), aside, digest);
};

/**
 * Node writes a short text together with its head, and bytes after it: so many are worth their
 * copying.
 */
const leastBytes = 4_096;

const encodeOnce = (text: string, digest: Digest): EncodedAnswer => {
  let tag: string | undefined;
  const body = text.length < leastBytes ? text : new TextEncoder().encode(text);
  return { entityTag: () => (tag ??= `"${digest(text)}"`), body: () => body };
};

/** The page that stands for a body where a person asks. */
export const encodePage = (body: unknown, write: () => string, digest: Digest): EncodedAnswer => {
  const kept = typeof body === "object" && body !== null ? constants.get(body) : undefined;
  return kept ? (kept.page ??= encodeOnce(write(), digest)) : encodeText(write(), digest);
};

/** A text as it is. */
const encodeText = (text: string, digest: Digest): EncodedAnswer => ({
  entityTag: () => `"${digest(text)}"`,
  body: () => text,
});

/** @param text with a mark in each place where rows belong */
const encodeAround = (text: string, { mark, rows }: RowsAside, digest: Digest): EncodedAnswer => {
  // Every second piece is the number of the rows that stand between.
  const pieces = text.split(new RegExp(`\\[\\["${mark}(\\d+)"\\]\\]`));
  const rowsAt = (number: string): EncodedRows => rows[Number(number)] as EncodedRows;
  const encoder = new TextEncoder();
  return {
    entityTag: () =>
      `"${digest(
        pieces.map((piece, index) => (index % 2 === 0 ? piece : rowsAt(piece).digest)).join("\n"),
      )}"`,
    body: () =>
      joinBytes(
        pieces.map((piece, index) =>
          index % 2 === 0 ? encoder.encode(piece) : rowsAt(piece).json,
        ),
      ),
  };
};
