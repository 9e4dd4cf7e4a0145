import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Context } from "hono";
import type { Upload } from "@sallyport/shared/contract";
import {
  AppError,
  bodyTooLarge,
  notGzip,
  readUploadHeaders,
  uploadTooLarge,
} from "@sallyport/shared/rules";

/** What node-server puts beside each request; absent when a test calls the app directly. */
export interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** Reads a header from what Node has parsed already, which costs nothing; a Headers object would first be built. */
export const headerReader = (
  context: Context<{ Bindings: NodeBindings }>,
): ((name: string) => string | undefined) => {
  const incoming = context.env?.incoming;
  if (!incoming) return (name) => context.req.raw.headers.get(name) ?? undefined;
  return (name) => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
};

const isJson = (contentType: string): boolean => /^application\/json\s*(?:;|$)/i.test(contentType);

const readLimited = async (request: Request, limit: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body)
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) throw bodyTooLarge(limit);
      chunks.push(chunk);
    }
  // As `Request.text` decodes: a byte order mark is no part of the text.
  return new TextDecoder().decode(Buffer.concat(chunks));
};

/** Reading touches nothing but the connection. When it fails, the client hung up, or was cut off when the process stopped. */
const readText = async (
  request: Request,
  length: string | undefined,
  limit: number,
): Promise<string> => {
  try {
    return await (length === undefined ? readLimited(request, limit) : request.text());
  } catch (error) {
    throw error instanceof AppError
      ? error
      : new AppError("malformed_json", { detail: "The body ended early.", cause: error });
  }
};

/**
 * The parsed JSON body, or undefined when there is none.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `malformed_json`
 */
export const readJsonBody = async (
  request: Request,
  header: (name: string) => string | undefined,
  limit: number,
): Promise<unknown> => {
  const length = header("content-length");
  const contentType = header("content-type");
  if (contentType !== undefined && !isJson(contentType))
    throw new AppError("unsupported_media_type");
  if (
    length === "0" ||
    (length === undefined && header("transfer-encoding") === undefined && request.body === null)
  )
    return undefined;
  if (Number(length) > limit) throw bodyTooLarge(limit);
  const text = await readText(request, length, limit);
  if (text === "") return undefined;
  if (contentType === undefined) throw new AppError("unsupported_media_type");
  if (Buffer.byteLength(text) > limit) throw bodyTooLarge(limit);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("malformed_json");
  }
};

async function* limit(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > most) throw uploadTooLarge(most);
    yield chunk;
  }
}

async function* receive(request: Request): AsyncGenerator<Uint8Array> {
  try {
    if (request.body) yield* request.body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new AppError("malformed_json", { detail: "The body ended early.", cause: error });
  }
}

async function* unzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // Its errors reach whoever reads it.
  pipeline(Readable.from(chunks), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("Z_")))
      throw error;
    throw notGzip(error);
  }
}

/**
 * A body that whoever answers reads as it arrives. Not a byte of it has been read yet.
 * @throws AppError `unsupported_media_type`, `body_too_large`; its bytes throw `body_too_large`, `malformed_json` when it
 * ends early, `validation_failed` when it is not compressed as it says
 */
export const openUpload = (
  request: Request,
  header: (name: string) => string | undefined,
  mediaTypes: readonly string[],
  most: number,
): Upload => {
  const { isCompressed, ...how } = readUploadHeaders(header, mediaTypes);
  if (Number(header("content-length")) > most) throw uploadTooLarge(most);
  const received = limit(receive(request), most);
  return { ...how, bytes: isCompressed ? limit(unzip(received), most) : received };
};

const noQuery = Object.freeze(Object.create(null)) as Record<string, never>;

type Query = Readonly<Record<string, string | string[]>>;

/** Of the last queries, the object that each gave: pages and their clients ask the same again and again. */
const queries = new Map<string, Query>();
const mostQueries = 1_000;
const longestKeptQuery = 256;

const parseQuery = (text: string): Query => {
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [key, value] of new URLSearchParams(text)) {
    const before = query[key];
    query[key] =
      before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return Object.freeze(query);
};

/**
 * The query as an object: a repeated key is an array, which only passes where the contract declares one. While it is
 * remembered, the same text gives the same object.
 */
export const readQuery = (url: string): Query => {
  const mark = url.indexOf("?");
  if (mark === -1) return noQuery;
  const end = url.indexOf("#", mark);
  const text = end === -1 ? url.slice(mark + 1) : url.slice(mark + 1, end);
  const known = queries.get(text);
  if (known) return known;
  const query = parseQuery(text);
  if (text.length <= longestKeptQuery) {
    if (queries.size >= mostQueries) queries.delete(queries.keys().next().value as string);
    queries.set(text, query);
  }
  return query;
};
