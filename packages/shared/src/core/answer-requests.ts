/**
 * The adapter between requests and handlers: what every request goes through, in this order, whatever it asks for.
 * Origin, identity, CSRF, access, validation, handler, validation of the answer; then one answer with all its headers.
 * An endpoint adds nothing to this but its object in the contract and its handler. It knows no HTTP framework.
 */
import * as z from "zod";
import {
  contract,
  errorsOf,
  isEventStream,
  isUnsafe,
  makesSomething,
  methodOf,
  pathOf,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
  type Upload,
} from "../contract/contract.ts";
import type { Authorize } from "./sessions/authorize.ts";
import type { Denial } from "./audit/denials.ts";
import type { KeptAnswer } from "./idempotency/idempotency-key-store.ts";
import type { KeyedRequest, KeyedRequests } from "./idempotency/keyed-requests.ts";
import type { Chance, CsrfTokens, Digests } from "./ports.ts";
import { after, type Awaitable } from "./awaitable.ts";
import { addressesOf } from "./answering/addresses.ts";
import { encodeBase64Url } from "./answering/base64url.ts";
import { encodeAnswer, encodePage, type EncodedAnswer } from "./answering/encode-answer.ts";
import type { Answer, Caller, Handler, Handlers, RequestContext } from "./answering/endpoint.ts";
import { isKnown } from "./answering/entity-tags.ts";
import { AppError } from "./answering/errors.ts";
import { streamEvents, type StreamedEvent } from "./answering/event-stream.ts";
import { allowedHeaders, exposedHeaders } from "./answering/headers.ts";
import { locateUnder } from "./answering/locate.ts";
import type { Origins } from "./answering/origins.ts";
import { challengeOf, problemOf } from "./answering/problem.ts";
import { problemPagePolicy, wantsPage } from "./answering/problem-pages.ts";
import {
  openUpload,
  readJsonBody,
  readQuery,
  type Gunzip,
  type ReceivedRequest,
} from "./answering/read-request.ts";
import { inputPartsOf, validateInput } from "./answering/validation-issues.ts";

export interface RequestLog {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly address: string;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly code?: string;
}

/** What a request meets on its way where somebody plays with it, as a mock does. Each may throw the AppError that it meets. */
export interface Detours {
  /** Before anything is looked at. */
  begin(key: ContractKey, request: ReceivedRequest): void;
  /** Once it is known who asks. @returns false where access is not to be asked for */
  access(key: ContractKey, params: Readonly<Record<string, string>>): boolean;
  /** Once its body has been read. */
  body(key: ContractKey, params: Readonly<Record<string, string>>, body: unknown): void;
  /** Once it is known to be well-formed. */
  handle(key: ContractKey, request: ReceivedRequest): void;
}

export interface AnsweringDependencies {
  readonly publicUrl: string;
  readonly origins: Origins;
  readonly bodyLimitBytes: number;
  /** Of bodies that are read as they arrive. */
  readonly uploadLimitBytes: number;
  readonly chance: Pick<Chance, "requestId">;
  readonly digests: Digests;
  readonly csrfTokens: Pick<CsrfTokens, "isOf">;
  readonly gunzip: Gunzip;
  readonly keyedRequests: KeyedRequests;
  /** Who presents which identity. @throws AppError when what is presented is dead */
  identify(header: (name: string) => string | undefined): Awaitable<Caller | null>;
  /** @throws AppError when the caller may not */
  readonly authorize: Authorize;
  /** Milliseconds that pass evenly, for how long an answer took. */
  elapsed(): number;
  /** Somebody signed in was refused what they asked for. Nobody waits for the record. */
  recordDenial(denial: Denial): void;
  /** A page on an origin that is not listed asks for something. Its browser shows it no answer, so that only we can say why. */
  noteUnlistedOrigin(origin: string): void;
  logRequest(entry: RequestLog): void;
  /** What is expected to be thrown by whatever runs us, such as by a full disk; null for anything else. */
  expectedOf(thrown: unknown): AppError | null;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
  readonly detours?: Detours;
}

/** An answer in plain terms. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Set-Cookie values. */
  readonly cookies: readonly string[];
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

export interface Answering {
  /** What answers this endpoint; `params` are those of its path, decoded. */
  endpoint(
    key: ContractKey,
  ): (request: ReceivedRequest, params: Readonly<Record<string, string>>) => Awaitable<GivenAnswer>;
  /** Answers what no endpoint does: preflights, wrong methods, unknown addresses. */
  otherwise(request: ReceivedRequest): GivenAnswer;
  /** Answers what could not even be handed to an endpoint. */
  fail(request: ReceivedRequest, error: AppError): GivenAnswer;
}

/** What was done under a key: now, or when the same was asked for the first time. */
class AnsweredOnce {
  readonly kept: KeptAnswer;
  readonly isRepeated: boolean;
  constructor(kept: KeptAnswer, isRepeated: boolean) {
    this.kept = kept;
    this.isRepeated = isRepeated;
  }
}

const nothing = Object.freeze({});
const textOf = (body: string | Uint8Array): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);
const noCookies: readonly string[] = Object.freeze([]);
const ok = (status: number, body: unknown, extras?: object): object => ({
  status,
  body,
  ...extras,
});

export const createAnswering = (
  handlers: Handlers,
  dependencies: AnsweringDependencies,
): Answering => {
  const { publicUrl, origins, bodyLimitBytes, uploadLimitBytes, digests, detours } = dependencies;
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, "");
  const digest = (text: string): string => digests.tag(text);

  const fixedHeaders: Readonly<Record<string, string>> = {
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin",
    ...(publicUrl.startsWith("https://") && {
      "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    }),
    Vary: "Origin",
    "X-Content-Type-Options": "nosniff",
  };

  const headersFor = (requestId: string, origin: string | undefined): Record<string, string> => {
    const headers: Record<string, string> = { ...fixedHeaders, "X-Request-Id": requestId };
    if (origins.isAllowed(origin)) {
      headers["Access-Control-Allow-Origin"] = origin as string;
      headers["Access-Control-Allow-Credentials"] = "true";
      headers["Access-Control-Expose-Headers"] = exposedHeaders;
    } else if (origin !== undefined) dependencies.noteUnlistedOrigin(origin);
    return headers;
  };

  const problemAnswer = (
    { rawPath }: ReceivedRequest,
    error: AppError,
    requestId: string,
    headers: Record<string, string>,
  ): GivenAnswer => {
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
      // As the browser sees it: it may have cookies of any folder above.
      cookies: cookies?.(basePath + rawPath) ?? noCookies,
      body: JSON.stringify(problem),
    };
  };

  const endpoint: Answering["endpoint"] = (key) => {
    const handler = handlers[key] as unknown as Handler<ContractKey>;
    const definition: Endpoint = contract[key];
    const method = methodOf(key);
    const route = pathOf(key);
    const declared = new Set(errorsOf(key, definition));
    const unsafe = isUnsafe(method);
    const looks = readsAccessToken(definition.access);
    const isStream = Object.values(definition.responses).some(isEventStream);
    const headerNames = definition.headers ? Object.keys(definition.headers._zod.def.shape) : [];
    const parts = inputPartsOf(definition);
    const withoutBody = parts.filter(({ name }) => name !== "body");
    const { upload } = definition;
    const mostBodyBytes = definition.bodyLimitBytes ?? bodyLimitBytes;
    const mostUploadBytes = definition.bodyLimitBytes ?? uploadLimitBytes;

    const takesKey = makesSomething(definition);

    /** By the object that `readQuery` gives for them, which is the same for the same text. */
    const validQueries = new WeakMap<object, z.ZodSafeParseResult<unknown>>();
    /** A query that has been found right once is right: what it is held to depends on nothing else. */
    const safeParse = ((schema: z.core.$ZodType, value: unknown, options) => {
      if (schema !== definition.query) return z.safeParse(schema, value, options);
      const known = validQueries.get(value as object);
      if (known) return known;
      const result = z.safeParse(schema, value, options);
      if (result.success) {
        for (const member of Object.values(Object.freeze(result.data) as object))
          if (Array.isArray(member)) Object.freeze(member);
        validQueries.set(value as object, result);
      }
      return result;
    }) as typeof z.safeParse;

    const readHeaders = (header: (name: string) => string | undefined): Record<string, string> => {
      const found: Record<string, string> = {};
      for (const name of headerNames) {
        const value = header(name);
        if (value !== undefined) found[name] = value;
      }
      return found;
    };

    type Input = Parameters<Handler<ContractKey>>[0];
    type Given = Answer<ContractKey> | AnsweredOnce;
    /** Carries out a request that has a key, unless that has been done; then its answer is given again. */
    const handleOnce = async (keyed: KeyedRequest, input: Input): Promise<AnsweredOnce> => {
      const { query, headers, body, context } = input;
      const parameters = JSON.stringify([query, { ...headers, "idempotency-key": "" }, body]);
      let handed = input;
      let before: KeptAnswer | null = null;
      if ("upload" in input) {
        // What is sent is compared as it is read, and held by nobody.
        const sent = input.upload as Upload;
        const { mediaType, charset, bytes } = sent;
        const pieces = digests.pieces();
        const requestHash = (): Uint8Array =>
          digests.hash(`${parameters} ${mediaType} ${charset} ${encodeBase64Url(pieces.end())}`);
        if (await keyed.mayBeRepeated()) {
          for await (const piece of bytes) pieces.add(piece);
          return new AnsweredOnce(await keyed.recall(requestHash()), true);
        }
        async function* read(): AsyncGenerator<Uint8Array> {
          for await (const piece of bytes) {
            pieces.add(piece);
            yield piece;
          }
          // The handler learns that this was all of it once the key is taken. Another one may have been quicker.
          before = await keyed.claim(requestHash());
          if (before !== null) throw new AppError("idempotency_key_in_use");
        }
        handed = { ...input, upload: { ...sent, bytes: read() } } as unknown as Input;
      } else before = await keyed.claim(digests.hash(parameters));
      if (before !== null) return new AnsweredOnce(before, true);
      try {
        const given = await handler(handed);
        const encoded = encode(given, false, context.requestId);
        const kept = {
          status: given.status,
          headers: given.headers ?? nothing,
          body:
            encoded === null || encoded instanceof ReadableStream ? null : textOf(encoded.body()),
        };
        await keyed.keep(kept, given.work);
        return new AnsweredOnce(kept, false);
      } catch (thrown) {
        if (before !== null) return new AnsweredOnce(before, true);
        await keyed.letGo();
        throw thrown;
      }
    };

    /** @throws AppError */
    const answer = (
      request: ReceivedRequest,
      params: Readonly<Record<string, string>>,
      context: RequestContext & { caller: Caller | null },
    ): Awaitable<Given> => {
      const { header, origin } = context;
      detours?.begin(key, request);
      if (unsafe) origins.requireNotForeign(origin);
      return after(looks ? dependencies.identify(header) : null, (caller) => {
        context.caller = caller;
        if (unsafe && caller?.via === "cookie") {
          origins.requireForCookies(origin, header("sec-fetch-site"));
          if (!dependencies.csrfTokens.isOf(caller.sessionId, header("x-csrf-token")))
            throw new AppError("csrf_failed");
        }
        const query = readQuery(request.search);
        return after(
          definition.access === "public" || detours?.access(key, params) === false
            ? undefined
            : dependencies.authorize(definition.access, caller, params, query),
          () =>
            after(
              unsafe && !upload ? readJsonBody(request, mostBodyBytes) : undefined,
              (body): Awaitable<Given> => {
                detours?.body(key, params, body);
                const input: Record<string, unknown> = {
                  params: nothing,
                  query: nothing,
                  headers: nothing,
                  body: undefined,
                  context,
                  ok,
                };
                validateInput(
                  body === undefined && definition.bodyOptional ? withoutBody : parts,
                  {
                    params,
                    query,
                    headers: headerNames.length > 0 ? readHeaders(header) : nothing,
                    body,
                  },
                  input,
                  safeParse,
                );
                detours?.handle(key, request);
                if (upload)
                  input["upload"] = openUpload(
                    request,
                    upload,
                    mostUploadBytes,
                    dependencies.gunzip,
                  );
                const idempotencyKey = takesKey ? header("idempotency-key") : undefined;
                if (idempotencyKey !== undefined && caller !== null)
                  return handleOnce(
                    dependencies.keyedRequests.open({
                      callerId: caller.userId,
                      place: JSON.stringify([key, params]),
                      key: idempotencyKey,
                      requestId: context.requestId,
                    }),
                    input as unknown as Input,
                  );
                return handler(input as unknown as Input);
              },
            ),
        );
      });
    };

    const encode = (
      { status, body }: Answer<ContractKey>,
      isHead: boolean,
      requestId: string,
    ): EncodedAnswer | ReadableStream<Uint8Array> | null => {
      const schema = definition.responses[status];
      if (schema === undefined)
        throw new Error(`${key} answered ${status}, which the contract does not declare`);
      if (isEventStream(schema))
        return streamEvents(
          schema,
          body as AsyncIterable<StreamedEvent | null>,
          isHead,
          (error) => dependencies.reportFault(error, requestId),
          z.parse,
        );
      // Parsing what we send strips whatever the contract does not name, so that a row's other columns cannot leak.
      return schema === null
        ? null
        : encodeAnswer(body, () => JSON.stringify(z.parse(schema, body)), digest);
    };

    return (request, params) => {
      const startedAt = dependencies.elapsed();
      const requestId = dependencies.chance.requestId();
      const { header, address } = request;
      const origin = header("origin");
      const headers = headersFor(requestId, origin);
      const context = {
        requestId,
        address,
        userAgent: (header("user-agent") ?? "").slice(0, 512),
        origin,
        caller: null as Caller | null,
        header,
      };

      const logged = (given: GivenAnswer, code?: string): GivenAnswer => {
        const { caller } = context;
        dependencies.logRequest({
          requestId,
          method,
          route,
          status: given.status,
          milliseconds: dependencies.elapsed() - startedAt,
          address,
          ...(caller && { userId: caller.userId, sessionId: caller.sessionId }),
          ...(code !== undefined && { code }),
        });
        return given;
      };

      const succeed = (given: Given): GivenAnswer => {
        if (given instanceof AnsweredOnce) {
          const { status, headers: own, body } = given.kept;
          Object.assign(headers, locateUnder(basePath, own));
          if (body !== null) headers["Content-Type"] = "application/json";
          if (given.isRepeated) headers["Idempotency-Replayed"] = "true";
          if (context.caller) headers["Sallyport-Session"] = context.caller.sessionId;
          return logged({ status, headers, cookies: noCookies, body });
        }
        const { status, cookies = noCookies } = given;
        const encoded = encode(given, request.method === "HEAD", requestId);
        if (isStream) {
          headers["Content-Type"] = "text/event-stream";
          // To proxies that would collect events until they are worth sending.
          headers["X-Accel-Buffering"] = "no";
        } else if (encoded !== null) headers["Content-Type"] = "application/json";
        let page: EncodedAnswer | null = null;
        if (given.page) {
          headers["Vary"] = "Origin, Accept";
          if (wantsPage(header("accept"))) {
            page = encodePage(given.body, given.page, digest);
            headers["Content-Type"] = "text/html; charset=utf-8";
            headers["Content-Security-Policy"] = problemPagePolicy;
          }
        }
        if (given.headers) Object.assign(headers, locateUnder(basePath, given.headers));
        if (context.caller) headers["Sallyport-Session"] = context.caller.sessionId;
        const whole = page ?? encoded;
        if (whole === null || whole instanceof ReadableStream)
          return logged({ status, headers, cookies, body: whole });
        if (definition.revalidates === true) {
          headers["ETag"] = whole.entityTag();
          if (isKnown(headers["ETag"], header("if-none-match"))) {
            delete headers["Content-Type"];
            return logged({ status: 304, headers, cookies, body: null });
          }
        }
        return logged({ status, headers, cookies, body: whole.body() });
      };

      const fail = (thrown: unknown): GivenAnswer => {
        const expected = thrown instanceof AppError ? thrown : dependencies.expectedOf(thrown);
        let error = new AppError("internal");
        if (expected !== null && declared.has(expected.code)) error = expected;
        else
          dependencies.reportFault(
            thrown instanceof AppError
              ? new Error(`${key} gave ${thrown.code}, which the contract does not declare`, {
                  cause: thrown,
                })
              : thrown,
            requestId,
          );
        const { caller } = context;
        if (caller) headers["Sallyport-Session"] = caller.sessionId;
        const given = problemAnswer(request, error, requestId, headers);
        if (given.status === 403 && caller)
          dependencies.recordDenial({
            caller,
            code: error.code,
            target: `${method} ${request.path.slice(0, 200)}`,
            context,
          });
        return logged(given, error.code);
      };

      try {
        const given = answer(request, params, context);
        return given instanceof Promise ? given.then(succeed).catch(fail) : succeed(given);
      } catch (thrown) {
        return fail(thrown);
      }
    };
  };

  const fail: Answering["fail"] = (request, error) => {
    const requestId = dependencies.chance.requestId();
    const given = problemAnswer(
      request,
      error,
      requestId,
      headersFor(requestId, request.header("origin")),
    );
    dependencies.logRequest({
      requestId,
      method: request.method,
      route: "*",
      status: given.status,
      milliseconds: 0,
      address: request.address,
      code: error.code,
    });
    return given;
  };

  // One list, for all methods that an address does not take.
  const addresses = addressesOf(Object.keys(contract) as ContractKey[]);

  const otherwise: Answering["otherwise"] = (request) => {
    const { method, path } = request;
    const origin = request.header("origin");
    const head = (): Record<string, string> => headersFor(dependencies.chance.requestId(), origin);
    // Preflights name fixed headers and methods: nothing that the request asks for is parsed or reflected.
    if (method === "OPTIONS")
      return origins.isAllowed(origin)
        ? {
            status: 204,
            headers: {
              ...head(),
              "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
              "Access-Control-Allow-Headers": allowedHeaders,
              "Access-Control-Max-Age": "600",
            },
            cookies: noCookies,
            body: null,
          }
        : fail(request, new AppError("origin_forbidden"));
    // For crawlers, in the only form that they read: nothing here is for them.
    if (path === "/robots.txt" && (method === "GET" || method === "HEAD"))
      return {
        status: 200,
        headers: { ...head(), "Content-Type": "text/plain; charset=utf-8" },
        cookies: noCookies,
        body: "User-agent: *\nDisallow: /\n",
      };
    const known = addresses.find(({ pattern }) => pattern.test(path));
    return fail(
      request,
      known
        ? new AppError("method_not_allowed", {
            detail: `${known.path} answers ${known.allow}.`,
            headers: { Allow: known.allow },
          })
        : new AppError("not_found", { detail: "Nothing is at this address." }),
    );
  };

  return { endpoint, otherwise, fail };
};
