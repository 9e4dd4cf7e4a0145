/**
 * The endpoint adapter: what every request goes through, in this order, whatever it asks for.
 * Origin, identity, CSRF, access, validation, handler, validation of the answer; then one response with all
 * its headers. An endpoint adds nothing to this but its object in the contract and its handler.
 */
import { randomUUID } from "node:crypto";
import type { Context, Hono } from "hono";
import * as z from "zod";
import {
  contract,
  errorsOf,
  isEventStream,
  isUnsafe,
  methodOf,
  pathOf,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
} from "@sallyport/shared/contract";
import type { Access } from "@sallyport/shared/contract";
import {
  addressesOf,
  allowedHeaders,
  AppError,
  challengeOf,
  exposedHeaders,
  inputPartsOf,
  isKnown,
  locateUnder,
  problemOf,
  problemPagePolicy,
  streamEvents,
  validateInput,
  wantsPage,
  type Answer,
  type Caller,
  type Origins,
  type StreamedEvent,
} from "@sallyport/shared/rules";
import { after } from "./after.ts";
import { encodeAnswer, encodePage, type EncodedAnswer } from "./encode-answer.ts";
import type { Handler, Handlers, RequestContext } from "./endpoint.ts";
import { diskUnwritable, isUnwritableDisk } from "./unwritable-disk.ts";
import { isBodyUnread, textBeforeBody } from "./unread-bodies.ts";
import { headerReader, openUpload, readJsonBody, readQuery, type NodeBindings } from "./request.ts";

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

export interface AnsweringDependencies {
  readonly publicUrl: string;
  readonly origins: Origins;
  readonly bodyLimitBytes: number;
  /** Of bodies that are read as they arrive. */
  readonly uploadLimitBytes: number;
  /** Who presents which identity. @throws AppError when what is presented is dead */
  identify(header: (name: string) => string | undefined): Caller | null | Promise<Caller | null>;
  /** @throws AppError when the caller may not */
  authorize(
    access: Access,
    caller: Caller | null,
    params: Readonly<Record<string, string>>,
    query: Readonly<Record<string, string | string[]>>,
  ): void | Promise<void>;
  checkCsrfToken(caller: Caller, token: string | undefined): boolean;
  /** Somebody signed in was refused what they asked for. Nobody waits for the record. */
  recordDenial(denial: {
    readonly caller: Caller;
    readonly code: string;
    readonly target: string;
    readonly context: RequestContext;
  }): void;
  readAddress(remote: string | undefined, header: (name: string) => string | undefined): string;
  /** A page on an origin that is not listed asks for something. Its browser shows it no answer, so that only we can say why. */
  noteUnlistedOrigin(origin: string): void;
  logRequest(entry: RequestLog): void;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
}

type Env = { Bindings: NodeBindings };

const nothing = Object.freeze({});
const ok = (status: number, body: unknown, extras?: object): object => ({
  status,
  body,
  ...extras,
});

/** Mounts every endpoint of the contract, answers for everything else, and says how each request is answered. */
export const answerRequests = (
  app: Hono<Env>,
  handlers: Handlers,
  dependencies: AnsweringDependencies,
): void => {
  const { publicUrl, origins, bodyLimitBytes, uploadLimitBytes } = dependencies;
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, "");
  const isSecure = publicUrl.startsWith("https://");

  const fixedHeaders: Readonly<Record<string, string>> = {
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin",
    ...(isSecure && { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" }),
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

  const respond = (
    context: Context<Env>,
    status: number,
    body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
    headers: Record<string, string>,
    cookies: readonly string[] | undefined,
  ): Response => {
    const incoming = context.env?.incoming;
    if (isBodyUnread(incoming) && !(body instanceof ReadableStream)) {
      headers["Connection"] = "close";
      headers["Content-Length"] = String(Buffer.byteLength(body ?? ""));
      body = textBeforeBody(body, incoming);
    }
    if (!cookies || cookies.length === 0) return new Response(body, { status, headers });
    // node-server hands a plain object to Node as it is, where a list makes one Set-Cookie each. For anything else it builds a Headers object.
    if (context.env?.outgoing && context.req.method !== "HEAD")
      return new Response(body, {
        status,
        headers: { ...headers, "Set-Cookie": cookies } as unknown as Record<string, string>,
      });
    return new Response(body, {
      status,
      headers: [
        ...Object.entries(headers),
        ...cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]),
      ],
    });
  };

  const respondWithProblem = (
    context: Context<Env>,
    error: AppError,
    requestId: string,
    headers: Record<string, string>,
  ): Response => {
    const { retryAfterSeconds, headers: extra, cookies } = error.members;
    const problem = problemOf(error, requestId, publicUrl);
    const challenge = challengeOf(error);
    Object.assign(headers, extra, { "Content-Type": "application/problem+json" });
    if (challenge !== null) headers["WWW-Authenticate"] = challenge;
    if (retryAfterSeconds !== undefined)
      headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
    return respond(
      context,
      problem.status,
      JSON.stringify(problem),
      headers,
      // As the browser sees it: it may have cookies of any folder above.
      cookies?.(basePath + new URL(context.req.url).pathname),
    );
  };

  const addressOf = (context: Context<Env>, header: (name: string) => string | undefined): string =>
    dependencies.readAddress(context.env?.incoming?.socket.remoteAddress, header);

  const mount = <K extends ContractKey>(key: K, handler: Handler<K>): void => {
    const definition: Endpoint = contract[key];
    const method = methodOf(key);
    const route = pathOf(key);
    const declared = new Set(errorsOf(key, definition));
    const unsafe = isUnsafe(method);
    const looks = readsAccessToken(definition.access);
    const isStream = Object.values(definition.responses).some(isEventStream);
    const hasParameters = route.includes(":");
    const headerNames = definition.headers ? Object.keys(definition.headers._zod.def.shape) : [];
    const parts = inputPartsOf(definition);
    const withoutBody = parts.filter(({ name }) => name !== "body");

    const { upload } = definition;

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

    /** @throws AppError */
    const answer = (
      context: Context<Env>,
      requestContext: RequestContext & { caller: Caller | null },
    ): Answer<K> | Promise<Answer<K>> => {
      const { header, origin } = requestContext;
      if (unsafe) origins.requireNotForeign(origin);
      return after(looks ? dependencies.identify(header) : null, (caller) => {
        requestContext.caller = caller;
        if (unsafe && caller?.via === "cookie") {
          origins.requireForCookies(origin, header("sec-fetch-site"));
          if (!dependencies.checkCsrfToken(caller, header("x-csrf-token")))
            throw new AppError("csrf_failed");
        }
        const params = hasParameters ? context.req.param() : nothing;
        const query = readQuery(context.req.url);
        return after(
          definition.access === "public"
            ? undefined
            : dependencies.authorize(definition.access, caller, params, query),
          () =>
            after(
              unsafe && !upload
                ? readJsonBody(context.req.raw, header, definition.bodyLimitBytes ?? bodyLimitBytes)
                : undefined,
              (body) => {
                const input: Record<string, unknown> = {
                  params: nothing,
                  query: nothing,
                  headers: nothing,
                  body: undefined,
                  context: requestContext,
                  ok,
                };
                const given = {
                  params,
                  query,
                  headers: headerNames.length > 0 ? readHeaders(header) : nothing,
                  body,
                };
                validateInput(
                  body === undefined && definition.bodyOptional ? withoutBody : parts,
                  given,
                  input,
                  safeParse,
                );
                if (upload)
                  input["upload"] = openUpload(
                    context.req.raw,
                    header,
                    upload,
                    definition.bodyLimitBytes ?? uploadLimitBytes,
                  );
                return handler(input as unknown as Parameters<Handler<K>>[0]);
              },
            ),
        );
      });
    };

    const serialize = (
      { status, body }: Answer<K>,
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
        : encodeAnswer(body, () => JSON.stringify(z.parse(schema, body)));
    };

    app.on(method, route, (context) => {
      const startedAt = performance.now();
      const requestId = randomUUID();
      const header = headerReader(context);
      const origin = header("origin");
      const headers = headersFor(requestId, origin);
      const requestContext = {
        requestId,
        address: addressOf(context, header),
        userAgent: (header("user-agent") ?? "").slice(0, 512),
        origin,
        caller: null as Caller | null,
        header,
      };

      const logged = (response: Response, status: number, code?: string): Response => {
        const { caller, address } = requestContext;
        dependencies.logRequest({
          requestId,
          method,
          route,
          status,
          milliseconds: performance.now() - startedAt,
          address,
          ...(caller && { userId: caller.userId, sessionId: caller.sessionId }),
          ...(code !== undefined && { code }),
        });
        return response;
      };

      const succeed = (given: Answer<K>): Response => {
        const encoded = serialize(given, context.req.method === "HEAD", requestId);
        if (isStream) {
          headers["Content-Type"] = "text/event-stream";
          // To proxies that would collect events until they are worth sending.
          headers["X-Accel-Buffering"] = "no";
        } else if (encoded !== null) headers["Content-Type"] = "application/json";
        let page: EncodedAnswer | null = null;
        if (given.page) {
          headers["Vary"] = "Origin, Accept";
          if (wantsPage(header("accept"))) {
            page = encodePage(given.body, given.page);
            headers["Content-Type"] = "text/html; charset=utf-8";
            headers["Content-Security-Policy"] = problemPagePolicy;
          }
        }
        if (given.headers) Object.assign(headers, locateUnder(basePath, given.headers));
        if (requestContext.caller) headers["Sallyport-Session"] = requestContext.caller.sessionId;
        const whole = page ?? encoded;
        const answer = whole === null || whole instanceof ReadableStream ? null : whole;
        if (definition.revalidates === true && answer !== null) {
          headers["ETag"] = answer.entityTag();
          if (isKnown(headers["ETag"], header("if-none-match"))) {
            delete headers["Content-Type"];
            return logged(respond(context, 304, null, headers, given.cookies), 304);
          }
        }
        const body =
          answer === null ? (encoded as ReadableStream<Uint8Array> | null) : answer.body();
        return logged(respond(context, given.status, body, headers, given.cookies), given.status);
      };

      const fail = (thrown: unknown): Response => {
        let error: AppError;
        if (thrown instanceof AppError && declared.has(thrown.code)) error = thrown;
        else if (isUnwritableDisk(thrown) && declared.has("busy")) error = diskUnwritable(thrown);
        else {
          dependencies.reportFault(
            thrown instanceof AppError
              ? new Error(`${key} gave ${thrown.code}, which the contract does not declare`, {
                  cause: thrown,
                })
              : thrown,
            requestId,
          );
          error = new AppError("internal");
        }
        if (requestContext.caller) headers["Sallyport-Session"] = requestContext.caller.sessionId;
        const response = respondWithProblem(context, error, requestId, headers);
        const { caller } = requestContext;
        if (response.status === 403 && caller)
          dependencies.recordDenial({
            caller,
            code: error.code,
            target: `${method} ${context.req.path.slice(0, 200)}`,
            context: requestContext,
          });
        return logged(response, response.status, error.code);
      };

      try {
        const given = answer(context, requestContext);
        return given instanceof Promise ? given.then(succeed).catch(fail) : succeed(given);
      } catch (thrown) {
        return fail(thrown);
      }
    });
  };

  /** For what no endpoint answers. */
  const refuse = (context: Context<Env>, error: AppError): Response => {
    const requestId = randomUUID();
    const header = headerReader(context);
    const response = respondWithProblem(
      context,
      error,
      requestId,
      headersFor(requestId, header("origin")),
    );
    dependencies.logRequest({
      requestId,
      method: context.req.method,
      route: "*",
      status: response.status,
      milliseconds: 0,
      address: addressOf(context, header),
      code: error.code,
    });
    return response;
  };

  // Preflights name fixed headers and methods: nothing that the request asks for is parsed or reflected.
  app.options("*", (context) => {
    const header = headerReader(context);
    if (!origins.isAllowed(header("origin")))
      return refuse(context, new AppError("origin_forbidden"));
    return new Response(null, {
      status: 204,
      headers: {
        ...headersFor(randomUUID(), header("origin")),
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": allowedHeaders,
        "Access-Control-Max-Age": "600",
      },
    });
  });

  const keys = Object.keys(contract) as ContractKey[];
  for (const key of keys)
    (mount as (key: ContractKey, handler: unknown) => void)(key, handlers[key]);

  // Looked up only when no endpoint answers: a second handler on each path would send every request through Hono's chain of handlers.
  const addresses = addressesOf(keys);
  app.notFound((context) => {
    // For crawlers, in the only form that they read: nothing here is for them.
    if (context.req.path === "/robots.txt" && /^(GET|HEAD)$/.test(context.req.method))
      return new Response("User-agent: *\nDisallow: /\n", {
        headers: {
          ...headersFor(randomUUID(), headerReader(context)("origin")),
          "Content-Type": "text/plain; charset=utf-8",
        },
      });
    const known = addresses.find(({ pattern }) => pattern.test(context.req.path));
    return known
      ? refuse(
          context,
          new AppError("method_not_allowed", {
            detail: `${known.path} answers ${known.allow}.`,
            headers: { Allow: known.allow },
          }),
        )
      : refuse(context, new AppError("not_found", { detail: "Nothing is at this address." }));
  });
  app.onError((error, context) => {
    dependencies.reportFault(error, "");
    return refuse(context, new AppError("internal"));
  });
};
