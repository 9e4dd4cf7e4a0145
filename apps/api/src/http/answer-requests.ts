/**
 * Hono around the core's adapter: what node-server hands over goes in, and what the core answers
 * goes out.
 */
import type { Context, Hono } from "hono";
import { contract, methodOf, pathOf, type ContractKey } from "@sallyport/shared/contract";
import { AppError } from "@sallyport/shared/core";
import type { Answering, GivenAnswer, ReceivedRequest } from "@sallyport/shared/handlers";
import { cutOffWhereItFails } from "./cut-off-bodies.ts";
import { isBodyUnread, textBeforeBody } from "./unread-bodies.ts";
import { receivedFrom, type NodeBindings } from "./request.ts";

type Env = { Bindings: NodeBindings };

export interface ServingDependencies {
  readAddress(remote: string | undefined, header: (name: string) => string | undefined): string;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
  /**
   * Null where everything that an answer can rest on is durable; otherwise resolves when it is.
   * @throws AppError (in the promise) `busy` when the disk fails
   */
  settled(): Promise<void> | null;
}

const noParameters = Object.freeze({});

const respond = (
  context: Context<Env>,
  { status, headers, cookies, body }: GivenAnswer,
): Response => {
  const { incoming, outgoing } = context.env ?? {};
  let sent = body;
  // A file; streams of events end where they fail.
  if (outgoing && sent instanceof ReadableStream && headers["Content-Disposition"] !== undefined)
    sent = cutOffWhereItFails(sent, outgoing);
  if (isBodyUnread(incoming) && !(sent instanceof ReadableStream)) {
    headers["Connection"] = "close";
    if (sent !== null) headers["Content-Length"] = String(Buffer.byteLength(sent));
    sent = textBeforeBody(sent, incoming);
  }
  if (cookies.length === 0) return new Response(sent, { status, headers });
  // node-server hands a plain object to Node as it is, where a list makes one Set-Cookie each. For
  // anything else it builds a Headers object.
  if (outgoing && context.req.method !== "HEAD")
    return new Response(sent, {
      status,
      headers: { ...headers, "Set-Cookie": cookies } as unknown as Record<string, string>,
    });
  return new Response(sent, {
    status,
    headers: [
      ...Object.entries(headers),
      ...cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]),
    ],
  });
};

/** Mounts every endpoint of the contract, and what answers for everything else. */
export const answerRequests = (
  app: Hono<Env>,
  answering: Answering,
  { readAddress, reportFault, settled }: ServingDependencies,
): void => {
  /**
   * What a request that may change something is told would be wrong if what it rests on were lost:
   * a repeated refresh, for one, is told of a rotation that it can see, and that may not be on disk
   * yet.
   */
  const settle = (
    received: ReceivedRequest,
    answered: GivenAnswer,
  ): GivenAnswer | Promise<GivenAnswer> => {
    // A failure tells of nothing, and one of the disk has its own words.
    const settling = answered.status >= 500 ? null : settled();
    if (settling === null) return answered;
    return settling.then(
      () => answered,
      (error: unknown) =>
        answering.fail(received, error instanceof AppError ? error : new AppError("internal")),
    );
  };

  for (const key of Object.keys(contract) as ContractKey[]) {
    const route = pathOf(key);
    const answer = answering.endpoint(key);
    const hasParameters = route.includes(":");
    const onlyReads = methodOf(key) === "GET";
    app.on(methodOf(key), route, (context): Response | Promise<Response> => {
      const received = receivedFrom(context, readAddress);
      const answered = answer(received, hasParameters ? context.req.param() : noParameters);
      const finish = (known: GivenAnswer): Response | Promise<Response> => {
        const given = onlyReads ? known : settle(received, known);
        return given instanceof Promise
          ? given.then((last) => respond(context, last))
          : respond(context, given);
      };
      return answered instanceof Promise ? answered.then(finish) : finish(answered);
    });
  }
  // Looked up only when no endpoint answers: a second handler on each path would send every request
  // through Hono's chain of handlers.
  app.notFound((context) =>
    respond(context, answering.otherwise(receivedFrom(context, readAddress))),
  );
  app.onError((error, context) => {
    reportFault(error, "");
    return respond(
      context,
      answering.fail(receivedFrom(context, readAddress), new AppError("internal")),
    );
  });
};
