/**
 * Answers requests as the server's adapter does, in the same order, whatever they ask for: origin, identity, CSRF,
 * access, validation, handler, validation of the answer. Everything about an endpoint comes from the contract.
 */
import * as z from "zod";
import {
  contract,
  errorCatalogue,
  errorsOf,
  isEventStream,
  isUnsafe,
  methodOf,
  pathOf,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
  type ErrorCode,
  type Method,
  type Upload,
} from "../contract/contract.ts";
import {
  accessAsked,
  addressesOf,
  allowedHeaders,
  AppError,
  bodyLimitBytes,
  bodyTooLarge,
  challengeOf,
  decideAccess,
  defaults,
  exposedHeaders,
  inputPartsOf,
  isKnown,
  locateUnder,
  notGzip,
  problemOf,
  problemPagePolicy,
  refusalOfRefresh,
  readUploadHeaders,
  streamEvents,
  uploadTooLarge,
  validateInput,
  wantsPage,
  type Answer,
  type InputPart,
  type Origins,
  type StreamedEvent,
} from "../rules/rules.ts";
import { digest, uuidOf } from "./digest.ts";
import type { MockContext, MockHandler, MockHandlers } from "./endpoint.ts";
import { clientAddress, identify } from "./sessions.ts";
import { tellDeveloper } from "./tell-developer.ts";
import { csrfTokenOf } from "./tokens.ts";
import { newId, permissionsOf, userOf, type World } from "./world.ts";

/** A request, its body read. */
export interface Received {
  readonly method: string;
  /** Below the mock's address, with a slash in front and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the browser's cookies and the page's origin, too. */
  header(name: string): string | undefined;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly uploadLimitBytes: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Set-Cookie values. */
  readonly cookies: readonly string[];
  readonly body: string | ReadableStream<Uint8Array> | null;
  /** The endpoint that was asked; null for what none answers. */
  readonly key: ContractKey | null;
}

const keys = Object.keys(contract) as ContractKey[];
const addresses = addressesOf(keys);
const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

const readJson = ({ header, body }: Received, limit: number): unknown => {
  const contentType = header("content-type");
  if (contentType !== undefined && !/^application\/json\s*(?:;|$)/i.test(contentType))
    throw new AppError("unsupported_media_type");
  if (body === null || body.byteLength === 0) return undefined;
  if (body.byteLength > limit) throw bodyTooLarge(limit);
  if (contentType === undefined) throw new AppError("unsupported_media_type");
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new AppError("malformed_json");
  }
};

async function* readUpload(
  body: Uint8Array<ArrayBuffer>,
  isZipped: boolean,
  limit: number,
): AsyncGenerator<Uint8Array> {
  if (!isZipped) return yield body;
  let size = 0;
  try {
    const reader = new Blob([body])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"))
      .getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.byteLength;
      if (size > limit) throw uploadTooLarge(limit);
      yield value;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw notGzip(error);
  }
}

const openUpload = (
  { header, body }: Received,
  mediaTypes: readonly string[],
  limit: number,
): Upload => {
  const { isCompressed, ...how } = readUploadHeaders(header, mediaTypes);
  // Senders tell beforehand how much it is, as all do that have the whole of it.
  if (body !== null && body.byteLength > limit) throw uploadTooLarge(limit);
  return { ...how, bytes: readUpload(body ?? new Uint8Array(), isCompressed, limit) };
};

const readQuery = (search: URLSearchParams): Record<string, string | string[]> => {
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of search) {
    const before = query[name];
    query[name] =
      before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return query;
};

/** An error with all that goes with its code, for whoever sends cookies and whoever has none. */
export const errorOfCode = (code: ErrorCode, hasCookies: boolean): AppError => {
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

const reportFault = (error: unknown): void => tellDeveloper("something is wrong with it.", error);

const sentinel = /^mock-error-(.+)$/;

/** The error that somebody asks for by a value such as `mock-error-rate_limited` in the path, or as a user name or a title. */
const askedError = (
  key: ContractKey,
  declared: ReadonlySet<ErrorCode>,
  params: Readonly<Record<string, string>>,
  body: unknown,
): AppError | null => {
  const { username, title } = (typeof body === "object" && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const value = [...Object.values(params), username, title].find(
    (one): one is string => typeof one === "string" && sentinel.test(one),
  );
  if (value === undefined) return null;
  // Slugs know hyphens only.
  const code = (sentinel.exec(value)?.[1] ?? "").replaceAll("-", "_");
  if (isErrorCode(code) && declared.has(code)) return errorOfCode(code, false);
  const known = [...declared].sort().join(", ");
  const detail = `${value} asks for ${isErrorCode(code) ? "an error that this endpoint does not declare" : "no error that there is"}. ${key} declares ${known}.`;
  tellDeveloper(detail);
  return new AppError("internal", { detail });
};

export interface Answering {
  /** Which endpoint is asked; null where none answers. */
  find(method: string, path: string): ContractKey | null;
  /** @param given an error that the request meets on its way, before anything has been done */
  answer(received: Received, given?: ErrorCode | null): Promise<Answered>;
}

export const createAnswering = (
  world: World,
  handlers: MockHandlers,
  origins: Origins,
): Answering => {
  const { publicUrl } = world;
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, "");

  const find: Answering["find"] = (method, path) =>
    addresses.flatMap(({ pattern, keys: of }) =>
      pattern.test(path) ? (of[(method === "HEAD" ? "GET" : method) as Method] ?? []) : [],
    )[0] ?? null;

  const answer: Answering["answer"] = async (received, given = null) => {
    const { state } = world;
    const { header, method, path } = received;
    const requestId = uuidOf(state.seed, "request", (state.made += 1));
    const origin = header("origin");
    const key = find(method, path);
    const headers: Record<string, string> = {
      "Cache-Control": "no-store",
      Vary: "Origin",
      "X-Request-Id": requestId,
    };
    if (origins.isAllowed(origin))
      Object.assign(headers, {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": exposedHeaders,
      });

    const fail = (error: AppError): Answered => {
      const { retryAfterSeconds, headers: extra, cookies } = error.members;
      const problem = problemOf(error, requestId, publicUrl);
      const challenge = challengeOf(error);
      Object.assign(headers, extra, { "Content-Type": "application/problem+json" });
      if (challenge !== null) headers["WWW-Authenticate"] = challenge;
      if (retryAfterSeconds !== undefined)
        headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
      return {
        status: problem.status,
        headers,
        cookies: cookies?.(path) ?? [],
        body: method === "HEAD" ? null : JSON.stringify(problem),
        key,
      };
    };

    if (method === "OPTIONS") {
      if (!origins.isAllowed(origin)) return fail(new AppError("origin_forbidden"));
      Object.assign(headers, {
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": allowedHeaders,
        "Access-Control-Max-Age": "600",
      });
      return { status: 204, headers, cookies: [], body: null, key };
    }
    if (key === null) {
      const address = addresses.find(({ pattern }) => pattern.test(path));
      return fail(
        address
          ? new AppError("method_not_allowed", {
              detail: `${address.path} answers ${address.allow}.`,
              headers: { Allow: address.allow },
            })
          : new AppError("not_found", { detail: "Nothing is at this address." }),
      );
    }

    const definition: Endpoint = contract[key];
    const declared = new Set(errorsOf(key, definition));
    const unsafe = isUnsafe(methodOf(key));
    const sentinelError = (
      params: Readonly<Record<string, string>>,
      body: unknown,
    ): AppError | null => askedError(key, declared, params, body);
    let caller: MockContext["caller"] = null;

    const hasCookies = header("cookie") !== undefined;
    const handle = async (): Promise<Answer<ContractKey>> => {
      if (given !== null) throw errorOfCode(declared.has(given) ? given : "internal", hasCookies);
      if (unsafe) origins.requireNotForeign(origin);
      const groups =
        addresses.find(({ path: of }) => of === pathOf(key))?.pattern.exec(path)?.groups ?? {};
      const params = Object.fromEntries(
        Object.entries(groups).map(([name, value]) => [name, decodePart(value)]),
      );
      const forced = state.failures[key];
      const readBody = (): unknown =>
        unsafe && !definition.upload
          ? readJson(received, definition.bodyLimitBytes ?? bodyLimitBytes)
          : undefined;

      if (readsAccessToken(definition.access)) caller = identify(world, header);
      if (unsafe && caller?.via === "cookie") {
        origins.requireForCookies(origin, header("sec-fetch-site"));
        if (header("x-csrf-token") !== csrfTokenOf(state, caller.sessionId))
          throw new AppError("csrf_failed");
      }
      const query = readQuery(received.query);
      const access = accessAsked(definition.access, query);
      const user = caller && userOf(state, caller.userId);
      const slug =
        typeof access === "object" && "section" in access ? (params[access.section] ?? "") : null;
      // Whoever asks for an error asks for a section that there is not.
      const asked = sentinelError(params, undefined);
      const refusal =
        asked === null
          ? decideAccess(
              access,
              {
                sections: caller?.sections ?? null,
                permissions: user ? permissionsOf(state, user) : [],
              },
              slug === null
                ? null
                : {
                    slug,
                    visibility:
                      state.sections.find((section) => section.definition.slug === slug)?.definition
                        .visibility ?? null,
                  },
            )
          : null;
      if (refusal !== null) throw new AppError(refusal);

      const body = readBody();
      const wanted = asked ?? sentinelError({}, body);
      if (wanted) throw wanted;

      const context: MockContext = {
        requestId,
        address: clientAddress,
        userAgent: (header("user-agent") ?? "").slice(0, 512),
        origin,
        caller,
        publicUrl,
        now: world.now(),
        state,
        header,
        newId: (prefix) => newId(state, prefix),
      };
      const ok = (status: number, content: unknown, extras?: object): object => ({
        status,
        body: content,
        ...extras,
      });
      const input: Record<string, unknown> = {
        params: {},
        query: {},
        headers: {},
        body: undefined,
        context,
        ok,
      };
      const names = definition.headers ? Object.keys(definition.headers._zod.def.shape) : [];
      const sent = Object.fromEntries(
        names.flatMap((name) => (header(name) === undefined ? [] : [[name, header(name)]])),
      );
      validateInput(
        partsOf(definition, body),
        { params, query, headers: sent, body },
        input,
        z.safeParse,
      );
      if (forced !== undefined) throw errorOfCode(forced, hasCookies);
      if (definition.upload)
        input["upload"] = openUpload(
          received,
          definition.upload,
          definition.bodyLimitBytes ?? received.uploadLimitBytes,
        );
      return (handlers[key] as unknown as MockHandler<ContractKey>)(
        input as unknown as Parameters<MockHandler<ContractKey>>[0],
      );
    };
    const succeed = ({
      status,
      body,
      headers: extra,
      page,
      cookies = [],
    }: Answer<ContractKey>): Answered => {
      const schema = definition.responses[status];
      if (schema === undefined)
        throw new Error(`${key} answered ${status}, which the contract does not declare`);
      let text: Answered["body"];
      if (isEventStream(schema)) {
        text = streamEvents(
          schema,
          body as AsyncIterable<StreamedEvent | null>,
          method === "HEAD",
          reportFault,
          z.parse,
        );
        headers["Content-Type"] = "text/event-stream";
      } else text = schema === null ? null : JSON.stringify(z.parse(schema, body));
      if (typeof text === "string") headers["Content-Type"] = "application/json";
      if (page !== undefined) {
        headers["Vary"] = "Origin, Accept";
        if (wantsPage(header("accept"))) {
          text = page();
          headers["Content-Type"] = "text/html; charset=utf-8";
          headers["Content-Security-Policy"] = problemPagePolicy;
        }
      }
      if (extra) Object.assign(headers, locateUnder(basePath, extra));
      if (caller) headers["Sallyport-Session"] = caller.sessionId;
      if (definition.revalidates === true && typeof text === "string") {
        headers["ETag"] = `"${digest(text)}"`;
        if (isKnown(headers["ETag"], header("if-none-match"))) {
          delete headers["Content-Type"];
          return { status: 304, headers, cookies, body: null, key };
        }
      }
      return { status, headers, cookies, body: method === "HEAD" ? null : text, key };
    };

    try {
      return succeed(await handle());
    } catch (thrown) {
      if (caller !== null)
        headers["Sallyport-Session"] = (caller as NonNullable<MockContext["caller"]>).sessionId;
      if (thrown instanceof AppError && declared.has(thrown.code)) return fail(thrown);
      reportFault(
        thrown instanceof AppError
          ? new Error(`${key} gave ${thrown.code}, which the contract does not declare`, {
              cause: thrown,
            })
          : thrown,
      );
      return fail(new AppError("internal"));
    }
  };

  return { find, answer };
};

/** A path as routers read it: in characters, but for those that mean something in addresses. What is no UTF-8 stays as it is. */
export const decodePath = (path: string): string =>
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

const partsOf = (definition: Endpoint, body: unknown): readonly InputPart[] =>
  inputPartsOf(definition).filter(
    ({ name }) => name !== "body" || body !== undefined || definition.bodyOptional !== true,
  );

export const uploadLimitBytesOf = (mebibytes: number = defaults.uploadLimitMebibytes): number =>
  mebibytes * 1024 * 1024;
