/**
 * What of answering only a mock has: errors that somebody asks for, and the browser's reading of a
 * request.
 */
import {
  contract,
  errorCatalogue,
  errorsOf,
  pathOf,
  type ContractKey,
  type Endpoint,
  type ErrorCode,
  type Method,
} from "../contract/contract.ts";
import { addressesOf, AppError, bodyTooLarge, defaults, refusalOfRefresh } from "../core/core.ts";
import type { Answering, Detours, GivenAnswer, ReceivedRequest } from "../core/handlers.ts";
import { clientAddress } from "./begin-session.ts";
import { tellDeveloper } from "./tell-developer.ts";

const keys = Object.keys(contract) as ContractKey[];
const addresses = addressesOf(keys);
const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);
const declaredOf = new Map(
  keys.map((key) => [key, new Set<ErrorCode>(errorsOf(key, contract[key] as Endpoint))]),
);
const declares = (key: ContractKey, code: ErrorCode): boolean =>
  declaredOf.get(key)?.has(code) === true;

/** An error with all that goes with its code, for whoever sends cookies and whoever has none. */
const errorOfCode = (code: ErrorCode, hasCookies: boolean): AppError => {
  const detail = `${errorCatalogue[code].title}: the mock was asked for this error.`;
  switch (code) {
    case "rate_limited":
      return new AppError(code, {
        detail,
        retryAfterSeconds: 30,
        headers: { RateLimit: '"mock";r=0;t=30', "RateLimit-Policy": '"mock";q=1;w=60' },
      });
    case "busy":
      return new AppError(code, { detail, retryAfterSeconds: 1 });
    case "refresh_conflict":
      return refusalOfRefresh({ outcome: "conflict" }, hasCookies ? "cookie" : "body");
    case "validation_failed":
    case "rows_rejected":
      return new AppError(code, {
        detail,
        errors: [
          { pointer: code === "rows_rejected" ? "/lines/2" : "/", code: "mock_error", detail },
        ],
      });
    default:
      return new AppError(code, { detail });
  }
};

const sentinel = /^mock-error-(.+)$/;

/**
 * The error that somebody asks for by a value such as `mock-error-rate_limited` in the path, or as
 * a user name or a title.
 */
const askedError = (key: ContractKey, values: readonly unknown[]): AppError | null => {
  const value = values.find((one): one is string => typeof one === "string" && sentinel.test(one));
  if (value === undefined) return null;
  // Slugs know hyphens only.
  const code = (sentinel.exec(value)?.[1] ?? "").replaceAll("-", "_");
  if (isErrorCode(code) && declares(key, code)) return errorOfCode(code, false);
  const known = [...(declaredOf.get(key) ?? [])].sort().join(", ");
  const detail = `${value} asks for ${isErrorCode(code) ? "an error that this endpoint does not declare" : "no error that there is"}. ${key} declares ${known}.`;
  tellDeveloper(detail);
  return new AppError("internal", { detail });
};

/** @param failures the endpoints that give one error whatever they are asked */
export const createDetours = (
  failures: () => Readonly<Partial<Record<ContractKey, ErrorCode>>>,
): Detours & {
  /** The next request meets this error on its way, before anything has been done. */
  give(code: ErrorCode | null): void;
} => {
  let given: ErrorCode | null = null;
  const hasCookies = ({ header }: ReceivedRequest): boolean => header("cookie") !== undefined;
  return {
    give: (code) => {
      given = code;
    },
    begin: (key, request) => {
      const code = given;
      given = null;
      if (code !== null)
        throw errorOfCode(declares(key, code) ? code : "internal", hasCookies(request));
    },
    // Whoever asks for an error asks for a section that there is not.
    access: (_, params) => !Object.values(params).some((value) => sentinel.test(value)),
    body: (key, params, body) => {
      const { username, title } = (typeof body === "object" && body !== null ? body : {}) as Record<
        string,
        unknown
      >;
      const asked = askedError(key, [...Object.values(params), username, title]);
      if (asked) throw asked;
    },
    handle: (key, request) => {
      const forced = failures()[key];
      if (forced !== undefined) throw errorOfCode(forced, hasCookies(request));
    },
  };
};

/** Which endpoint is asked; null where none answers. */
export const findEndpoint = (method: string, path: string): ContractKey | null =>
  addresses.flatMap(({ pattern, keys: of }) =>
    pattern.test(path) ? (of[(method === "HEAD" ? "GET" : method) as Method] ?? []) : [],
  )[0] ?? null;

/**
 * A path as routers read it: in characters, but for those that mean something in addresses. What is
 * no UTF-8 stays as it is.
 */
const decodePath = (path: string): string =>
  path.replaceAll(/(?:%(?!25)[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURI(encoded);
    } catch {
      return encoded;
    }
  });

const decodePart = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    // As it stands: no endpoint knows such a name.
    return part;
  }
};

const paramsOf = (key: ContractKey, path: string): Readonly<Record<string, string>> => {
  const groups = addresses.find(({ path: of }) => of === pathOf(key))?.pattern.exec(path)?.groups;
  return Object.fromEntries(
    Object.entries(groups ?? {}).map(([name, value]) => [name, decodePart(value)]),
  );
};

/**
 * A request whose body has been read, as the core takes it.
 * @param rawPath below the mock's address
 * @param header of the browser's cookies and the page's origin, too
 */
export const receivedFrom = (
  method: string,
  rawPath: string,
  search: string,
  header: (name: string) => string | undefined,
  body: Uint8Array<ArrayBuffer> | null,
): ReceivedRequest => ({
  method,
  path: decodePath(rawPath),
  rawPath,
  search: search.replace(/^\?/, ""),
  address: clientAddress,
  // Senders tell beforehand how much it is, as all do that have the whole of it.
  header: (name) =>
    name === "content-length" && body !== null ? String(body.byteLength) : header(name),
  hasBody: body !== null && body.byteLength > 0,
  readText: async (mostBytes) => {
    if (body !== null && body.byteLength > mostBytes) throw bodyTooLarge(mostBytes);
    return new TextDecoder().decode(body ?? new Uint8Array());
  },
  readBytes: async function* () {
    yield body ?? new Uint8Array();
  },
});

/** Unpacks as the browser does. */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of bytes) pieces.push(new Uint8Array(piece));
  const reader = new Blob(pieces).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

export const answerWith = async (
  answering: Answering,
  key: ContractKey | null,
  request: ReceivedRequest,
): Promise<GivenAnswer> => {
  const given =
    key === null
      ? answering.otherwise(request)
      : await answering.endpoint(key)(request, paramsOf(key, request.path));
  return request.method === "HEAD" ? { ...given, body: null } : given;
};

export const uploadLimitBytesOf = (mebibytes: number = defaults.uploadLimitMebibytes): number =>
  mebibytes * 1024 * 1024;
