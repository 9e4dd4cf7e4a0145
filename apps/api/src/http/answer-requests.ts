/**
 * The endpoint adapter: what every request goes through, in this order, whatever it asks for.
 * Origin, identity, CSRF, access, validation, handler, validation of the answer; then one response with all
 * its headers. An endpoint adds nothing to this but its object in the contract and its handler.
 */
import { randomUUID } from "node:crypto";
import type { Context, Hono } from "hono";
import * as z from "zod";
import { contract, errorsOf, isUnsafe, methodOf, pathOf, readsAccessToken, type ContractKey, type Endpoint } from "@sallyport/shared/contract";
import type { Access } from "@sallyport/shared/contract";
import { AppError, type ValidationIssue } from "./errors.ts";
import type { Answer, Caller, Handler, Handlers, RequestContext } from "./endpoint.ts";
import type { Origins } from "./origins.ts";
import { challengeOf, problemOf } from "./problem.ts";
import { headerReader, readJsonBody, readQuery, type NodeBindings } from "./request.ts";

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
  /** Who presents which identity. @throws AppError when what is presented is dead */
  identify(header: (name: string) => string | undefined): Caller | null | Promise<Caller | null>;
  /** @throws AppError when the caller may not */
  authorize(access: Access, caller: Caller | null, params: Readonly<Record<string, string>>, query: Readonly<Record<string, string | string[]>>): void | Promise<void>;
  checkCsrfToken(caller: Caller, token: string | undefined): boolean;
  readAddress(remote: string | undefined, forwardedFor: string | undefined): string;
  logRequest(entry: RequestLog): void;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
}

type Env = { Bindings: NodeBindings };

const allowedHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-CSRF-Token";
const exposedHeaders = "ETag, Idempotency-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, Sallyport-Session, WWW-Authenticate, X-Request-Id";

const issuesOf = (part: string, error: z.core.$ZodError): ValidationIssue[] =>
  error.issues.map((issue) => ({
    pointer: [part, ...issue.path.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"))].filter((step) => step !== "").join("/").replace(/^\/?/, "/"),
    code: issue.code,
    detail: issue.message,
  }));

const validate = (parts: readonly (readonly [name: string, prefix: string, schema: z.core.$ZodType | undefined, value: unknown])[]): Record<string, unknown> => {
  const values: Record<string, unknown> = {};
  const issues: ValidationIssue[] = [];
  for (const [name, prefix, schema, value] of parts) {
    if (!schema) {
      values[name] = {};
      continue;
    }
    const result = z.safeParse(schema, value);
    if (result.success) values[name] = result.data;
    else issues.push(...issuesOf(prefix, result.error));
  }
  if (issues.length > 0) throw new AppError("validation_failed", { detail: issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join("; "), errors: issues });
  return values;
};

/** Mounts every endpoint of the contract, answers for everything else, and says how each request is answered. */
export const answerRequests = (app: Hono<Env>, handlers: Handlers, dependencies: AnsweringDependencies): void => {
  const { publicUrl, origins, bodyLimitBytes } = dependencies;
  const isSecure = publicUrl.startsWith("https://");

  const fixedHeaders: Readonly<Record<string, string>> = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
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
    }
    return headers;
  };

  const respond = (status: number, body: string | null, headers: Record<string, string>, cookies: readonly string[] | undefined): Response => {
    if (!cookies || cookies.length === 0) return new Response(body, { status, headers });
    return new Response(body, { status, headers: [...Object.entries(headers), ...cookies.map((cookie): [string, string] => ["Set-Cookie", cookie])] });
  };

  const respondWithProblem = (error: AppError, requestId: string, headers: Record<string, string>): Response => {
    const { retryAfterSeconds, headers: extra, cookies } = error.members;
    const problem = problemOf(error, requestId, publicUrl);
    const challenge = challengeOf(error);
    Object.assign(headers, extra, { "Content-Type": "application/problem+json" });
    if (challenge !== null) headers["WWW-Authenticate"] = challenge;
    if (retryAfterSeconds !== undefined) headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
    return respond(problem.status, JSON.stringify(problem), headers, cookies);
  };

  const addressOf = (context: Context<Env>, header: (name: string) => string | undefined): string =>
    dependencies.readAddress(context.env?.incoming?.socket.remoteAddress, header("x-forwarded-for"));

  const mount = <K extends ContractKey>(key: K, handler: Handler<K>): void => {
    const definition: Endpoint = contract[key];
    const method = methodOf(key);
    const route = pathOf(key);
    const declared = new Set(errorsOf(key, definition));
    const unsafe = isUnsafe(method);
    const looks = readsAccessToken(definition.access);
    const hasParameters = route.includes(":");

    /** @throws AppError */
    const answer = async (context: Context<Env>, requestContext: RequestContext & { caller: Caller | null }): Promise<Answer<K>> => {
      const { header, origin } = requestContext;
      if (unsafe) origins.requireNotForeign(origin);
      if (looks) {
        const identified = dependencies.identify(header);
        const caller = identified instanceof Promise ? await identified : identified;
        requestContext.caller = caller;
        if (unsafe && caller?.via === "cookie") {
          origins.requireForCookies(origin, header("sec-fetch-site"));
          if (!dependencies.checkCsrfToken(caller, header("x-csrf-token"))) throw new AppError("csrf_failed");
        }
      }
      const params = hasParameters ? context.req.param() : {};
      const query = definition.query || typeof definition.access === "object" ? readQuery(context.req.url) : {};
      if (definition.access !== "public") {
        const authorized = dependencies.authorize(definition.access, requestContext.caller, params, query);
        if (authorized instanceof Promise) await authorized;
      }
      const body = unsafe ? await readJsonBody(context.req.raw, header, bodyLimitBytes) : undefined;
      const headers = definition.headers && Object.fromEntries(Object.keys(definition.headers._zod.def.shape).flatMap((name) => (header(name) === undefined ? [] : [[name, header(name)]])));
      const input = validate([
        ["params", "params", definition.params, params],
        ["query", "query", definition.query, query],
        ["headers", "headers", definition.headers, headers],
        ["body", "", body === undefined && definition.bodyOptional ? undefined : definition.body, body],
      ]);
      if (body === undefined || !definition.body) input["body"] = undefined;
      return handler({ ...input, context: requestContext, ok: (status: number, value: unknown, extras?: object) => ({ status, body: value, ...extras }) } as unknown as Parameters<Handler<K>>[0]);
    };

    const serialize = ({ status, body }: Answer<K>): string | null => {
      const schema = definition.responses[status];
      if (schema === undefined) throw new Error(`${key} answered ${status}, which the contract does not declare`);
      // Parsing what we send strips whatever the contract does not name, so that a row's other columns cannot leak.
      return schema === null ? null : JSON.stringify(z.parse(schema, body));
    };

    app.on(method, route, async (context) => {
      const startedAt = performance.now();
      const requestId = randomUUID();
      const header = headerReader(context);
      const origin = header("origin");
      const headers = headersFor(requestId, origin);
      const requestContext = { requestId, address: addressOf(context, header), userAgent: (header("user-agent") ?? "").slice(0, 512), origin, caller: null as Caller | null, header };
      let response: Response;
      let code: string | undefined;
      try {
        const given = await answer(context, requestContext);
        const text = serialize(given);
        if (text !== null) headers["Content-Type"] = "application/json";
        if (given.headers) Object.assign(headers, given.headers);
        if (requestContext.caller) headers["Sallyport-Session"] = requestContext.caller.sessionId;
        response = respond(given.status, text, headers, given.cookies);
      } catch (thrown) {
        let error: AppError;
        if (thrown instanceof AppError && declared.has(thrown.code)) error = thrown;
        else {
          dependencies.reportFault(thrown instanceof AppError ? new Error(`${key} gave ${thrown.code}, which the contract does not declare`, { cause: thrown }) : thrown, requestId);
          error = new AppError("internal");
        }
        code = error.code;
        if (requestContext.caller) headers["Sallyport-Session"] = requestContext.caller.sessionId;
        response = respondWithProblem(error, requestId, headers);
      }
      dependencies.logRequest({
        requestId,
        method,
        route,
        status: response.status,
        milliseconds: performance.now() - startedAt,
        address: requestContext.address,
        ...(requestContext.caller && { userId: requestContext.caller.userId, sessionId: requestContext.caller.sessionId }),
        ...(code && { code }),
      });
      return response;
    });
  };

  /** For what no endpoint answers. */
  const refuse = (context: Context<Env>, error: AppError): Response => {
    const requestId = randomUUID();
    const header = headerReader(context);
    const response = respondWithProblem(error, requestId, headersFor(requestId, header("origin")));
    dependencies.logRequest({ requestId, method: context.req.method, route: "*", status: response.status, milliseconds: 0, address: addressOf(context, header), code: error.code });
    return response;
  };

  // Preflights name fixed headers and methods: nothing that the request asks for is parsed or reflected.
  app.options("*", (context) => {
    const header = headerReader(context);
    if (!origins.isAllowed(header("origin"))) return refuse(context, new AppError("origin_forbidden"));
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
  for (const key of keys) (mount as (key: ContractKey, handler: unknown) => void)(key, handlers[key]);

  for (const [path, ofPath] of Map.groupBy(keys, pathOf)) {
    const methods = ofPath.map(methodOf);
    const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
    app.all(path, (context) => refuse(context, new AppError("method_not_allowed", { detail: `${path} answers ${allow}.`, headers: { Allow: allow } })));
  }
  app.notFound((context) => refuse(context, new AppError("not_found", { detail: "Nothing is at this address." })));
  app.onError((error, context) => {
    dependencies.reportFault(error, "");
    return refuse(context, new AppError("internal"));
  });
};
