/**
 * The adapter between requests and handlers: what every request goes through, in this order,
 * whatever it asks for. Origin, identity, CSRF, access, validation, fresh sign-in, handler,
 * validation of the answer; then one answer with all its headers. An endpoint adds nothing to this
 * but its object in the contract and its handler. It knows no HTTP framework.
 */
import {
  contract,
  errorCatalogue,
  errorsOf,
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
import { requireFreshSignIn, wantsFreshSignIn } from "./access/fresh-sign-in.ts";
import type { Denial } from "./audit/denials.ts";
import { AnsweredOnce, answerOnce, type CarriedOut } from "./idempotency/answer-once.ts";
import type { KeyedRequests } from "./idempotency/keyed-requests.ts";
import type { Chance, CsrfTokens, Digests } from "./ports.ts";
import { after, type Awaitable } from "./awaitable.ts";
import { createAnswerHeaders } from "./answering/answer-headers.ts";
import { createAnswerOtherwise } from "./answering/answer-otherwise.ts";
import { createInputCheck } from "./answering/check-input.ts";
import type {
  Answer,
  Caller,
  Display,
  Handler,
  Handlers,
  RequestContext,
} from "./answering/endpoint.ts";
import { AppError } from "./answering/errors.ts";
import { noCookies, type GivenAnswer } from "./answering/given-answer.ts";
import { locateUnder } from "./answering/locate.ts";
import type { Origins } from "./answering/origins.ts";
import { createProblemAnswer } from "./answering/problem-answer.ts";
import { createSuccessAnswer } from "./answering/success-answer.ts";
import {
  openUpload,
  readJsonBody,
  readQuery,
  type Gunzip,
  type ReceivedRequest,
} from "./answering/read-request.ts";

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

/**
 * What a request meets on its way where somebody plays with it, as a mock does. Each may throw the
 * AppError that it meets.
 */
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
  identify(header: (name: string) => string | undefined): Awaitable<Caller | Display | null>;
  /** @throws AppError when the caller may not */
  readonly authorize: Authorize;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that pass evenly, for how long an answer took. */
  elapsed(): number;
  /** Somebody signed in was refused what they asked for. Nobody waits for the record. */
  recordDenial(denial: Denial): void;
  /**
   * A page on an origin that is not listed asks for something. Its browser shows it no answer, so
   * that only we can say why.
   */
  noteUnlistedOrigin(origin: string): void;
  logRequest(entry: RequestLog): void;
  /**
   * What is expected to be thrown by whatever runs us, such as by a full disk; null for anything
   * else.
   */
  expectedOf(thrown: unknown): AppError | null;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
  readonly detours?: Detours;
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

const nothing = Object.freeze({});
const textOf = (body: string | Uint8Array): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);
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

  const headersFor = createAnswerHeaders(dependencies);
  const problemAnswer = createProblemAnswer(publicUrl);

  const endpoint: Answering["endpoint"] = (key) => {
    const handler = handlers[key] as unknown as Handler<ContractKey>;
    const definition: Endpoint = contract[key];
    const method = methodOf(key);
    const route = pathOf(key);
    const declared = new Set(errorsOf(key, definition));
    const unsafe = isUnsafe(method);
    const looks = readsAccessToken(definition.access);
    const checkInput = createInputCheck(definition);
    const { upload, freshSignIn } = definition;
    const mostBodyBytes = definition.bodyLimitBytes ?? bodyLimitBytes;
    const mostUploadBytes = definition.bodyLimitBytes ?? uploadLimitBytes;

    const takesKey = makesSomething(definition);

    type Input = Parameters<Handler<ContractKey>>[0];
    type Given = Answer<ContractKey> | AnsweredOnce;
    const { encode, successAnswer } = createSuccessAnswer(key, definition, {
      basePath,
      digest: digests.tag,
      reportFault: dependencies.reportFault,
    });

    /** For whoever may ask for it again: the answer as it is kept. */
    const carryOut = async (input: Input): Promise<CarriedOut> => {
      const given = await handler(input);
      const encoded = encode(given, false, input.context.requestId);
      const body =
        encoded === null || encoded instanceof ReadableStream ? null : textOf(encoded.body());
      const kept = { status: given.status, headers: given.headers ?? nothing, body };
      return { kept, work: given.work };
    };

    /** @throws AppError */
    const answer = (
      request: ReceivedRequest,
      params: Readonly<Record<string, string>>,
      context: RequestContext & { caller: Caller | null; display: Display | null },
    ): Awaitable<Given> => {
      const { header, origin } = context;
      detours?.begin(key, request);
      if (unsafe) origins.requireNotForeign(origin);
      return after(looks ? dependencies.identify(header) : null, (identity) => {
        const isDisplay = identity !== null && "displayLinkId" in identity;
        const display = isDisplay ? identity : null;
        const caller = isDisplay ? null : identity;
        Object.assign(context, { caller, display });
        if (display !== null && definition.displays !== true)
          throw new AppError("token_invalid", {
            detail: "A display link shows its section, and is good for nothing else.",
          });
        if (unsafe && caller?.via === "cookie") {
          origins.requireForCookies(origin, header("sec-fetch-site"));
          if (!dependencies.csrfTokens.isOf(caller.sessionId, header("x-csrf-token")))
            throw new AppError("csrf_failed");
        }
        const query = readQuery(request.search);
        return after(
          definition.access === "public" || detours?.access(key, params) === false
            ? undefined
            : dependencies.authorize(
                definition.access,
                display === null ? caller : { sections: [display.section] },
                params,
                query,
              ),
          () =>
            after(
              unsafe && !upload ? readJsonBody(request, mostBodyBytes) : undefined,
              (body): Awaitable<Given> => {
                detours?.body(key, params, body);
                const input = checkInput({ params, query, header, body });
                input["context"] = context;
                input["ok"] = ok;
                detours?.handle(key, request);
                // Of a request that could be carried out: whoever has proved who they are is not
                // told afterwards that it was in vain.
                if (caller && freshSignIn && wantsFreshSignIn(freshSignIn, input["body"]))
                  requireFreshSignIn(caller, dependencies.now());
                if (upload)
                  input["upload"] = openUpload(
                    request,
                    upload,
                    mostUploadBytes,
                    dependencies.gunzip,
                  );
                const idempotencyKey = takesKey ? header("idempotency-key") : undefined;
                if (idempotencyKey !== undefined && caller !== null)
                  return answerOnce(
                    dependencies.keyedRequests.open({
                      callerId: caller.userId,
                      place: JSON.stringify([key, params]),
                      key: idempotencyKey,
                      requestId: context.requestId,
                    }),
                    input as unknown as Input & { readonly upload?: Upload },
                    digests,
                    carryOut,
                  );
                return handler(input as unknown as Input);
              },
            ),
        );
      });
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
        display: null as Display | null,
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
        if (context.caller) headers["Sallyport-Session"] = context.caller.sessionId;
        return logged(successAnswer(given, request, requestId, headers));
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
        if (caller && errorCatalogue[error.code].status !== 401)
          headers["Sallyport-Session"] = caller.sessionId;
        const given = problemAnswer(request, error, requestId, headers);
        // Whoever is asked for their password has been refused nothing yet.
        if (given.status === 403 && caller && error.code !== "fresh_sign_in_required")
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

  const otherwise = createAnswerOtherwise(
    Object.keys(contract) as ContractKey[],
    origins,
    (request) => headersFor(dependencies.chance.requestId(), request.header("origin")),
    fail,
  );
  return { endpoint, otherwise, fail };
};
