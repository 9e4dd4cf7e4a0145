/** What a request brings along, read as the contract means it. */
import type { Upload } from "../../contract/contract.ts";
import { AppError } from "./errors.ts";
import { bodyTooLarge, uploadTooLarge } from "./too-large.ts";
import { notGzip, readUploadHeaders } from "./upload-headers.ts";

/** A request as whoever received it hands it over. Nothing of its body has been read. */
export interface ReceivedRequest {
  /** As it was sent. */
  readonly method: string;
  /**
   * Below the API's own address, as routers read it: in characters, but for those that mean
   * something in addresses.
   */
  readonly path: string;
  /** The same as it stands in the address. */
  readonly rawPath: string;
  /** What follows the question mark in the address; empty where nothing does. */
  readonly search: string;
  /** The client's, as far as it can be known. */
  readonly address: string;
  header(name: string): string | undefined;
  /** Is there a body, as far as its head tells? */
  readonly hasBody: boolean;
  /**
   * The whole body. @throws AppError `body_too_large`, `malformed_json` when it ends early (in the
   * promise)
   */
  readText(mostBytes: number): Promise<string>;
  /** The body as it arrives. Its bytes throw `malformed_json` when it ends early. */
  readBytes(): AsyncIterable<Uint8Array>;
}

/** Unpacks gzip (RFC 1952). What it throws is no gzip, or breaks off. */
export type Gunzip = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const isJson = (contentType: string): boolean => /^application\/json\s*(?:;|$)/i.test(contentType);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("malformed_json");
  }
};

/**
 * The parsed JSON body, or undefined when there is none.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `malformed_json`
 */
export const readJsonBody = async (
  request: ReceivedRequest,
  mostBytes: number,
): Promise<unknown> => {
  const contentType = request.header("content-type");
  if (contentType !== undefined && !isJson(contentType))
    throw new AppError("unsupported_media_type");
  if (!request.hasBody) return undefined;
  if (Number(request.header("content-length")) > mostBytes) throw bodyTooLarge(mostBytes);
  const text = await request.readText(mostBytes);
  if (text === "") return undefined;
  if (contentType === undefined) throw new AppError("unsupported_media_type");
  return parseJson(text);
};

async function* limit(
  chunks: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > mostBytes) throw uploadTooLarge(mostBytes);
    yield chunk;
  }
}

async function* unpack(
  chunks: AsyncIterable<Uint8Array>,
  gunzip: Gunzip,
): AsyncGenerator<Uint8Array> {
  // What the sender is told of bytes that did not arrive is not what it is told of bytes that are
  // no gzip.
  let lost: unknown;
  async function* noting(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      lost = error;
      throw error;
    }
  }
  try {
    yield* gunzip(noting());
  } catch (error) {
    throw lost ?? (error instanceof AppError ? error : notGzip(error));
  }
}

/**
 * A body that whoever answers reads as it arrives. Not a byte of it has been read yet.
 * @throws AppError `unsupported_media_type`, `body_too_large`; its bytes throw `body_too_large`,
 * `malformed_json` when it ends early, `validation_failed` when it is not compressed as it says
 */
export const openUpload = (
  request: ReceivedRequest,
  mediaTypes: readonly string[],
  mostBytes: number,
  gunzip: Gunzip,
): Upload => {
  const { isCompressed, ...how } = readUploadHeaders(request.header, mediaTypes);
  if (Number(request.header("content-length")) > mostBytes) throw uploadTooLarge(mostBytes);
  const received = limit(request.readBytes(), mostBytes);
  return { ...how, bytes: isCompressed ? limit(unpack(received, gunzip), mostBytes) : received };
};

export type QueryValues = Readonly<Record<string, string | string[]>>;
const noQuery = Object.freeze(Object.create(null)) as Record<string, never>;

/**
 * Of the last queries, the object that each gave: pages and their clients ask the same again and
 * again.
 */
const queries = new Map<string, QueryValues>();
const mostQueries = 1_000;
const longestKeptQuery = 256;

const parseQuery = (search: string): QueryValues => {
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [key, value] of new URLSearchParams(search)) {
    const before = query[key];
    query[key] =
      before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return Object.freeze(query);
};

/**
 * The query as an object: a repeated key is an array, which only passes where the contract declares
 * one. While it is remembered, the same text gives the same object.
 */
export const readQuery = (search: string): QueryValues => {
  if (search === "") return noQuery;
  const known = queries.get(search);
  if (known) return known;
  const query = parseQuery(search);
  if (search.length <= longestKeptQuery) {
    if (queries.size >= mostQueries) queries.delete(queries.keys().next().value as string);
    queries.set(search, query);
  }
  return query;
};
