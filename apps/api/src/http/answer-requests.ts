/** Hono around the core's adapter: what node-server hands over goes in, and what the core answers goes out. */
import type { Context, Hono } from "hono";
import { contract, methodOf, pathOf, type ContractKey } from "@sallyport/shared/contract";
import { AppError } from "@sallyport/shared/core";
import type { Answering, GivenAnswer } from "@sallyport/shared/handlers";
import { isBodyUnread, textBeforeBody } from "./unread-bodies.ts";
import { receivedFrom, type NodeBindings } from "./request.ts";

type Env = { Bindings: NodeBindings };

export interface ServingDependencies {
  readAddress(remote: string | undefined, header: (name: string) => string | undefined): string;
  /** Something is wrong with us, not with the request. */
  reportFault(error: unknown, requestId: string): void;
}

const noParameters = Object.freeze({});

const respond = (
  context: Context<Env>,
  { status, headers, cookies, body }: GivenAnswer,
): Response => {
  const incoming = context.env?.incoming;
  let sent = body;
  if (isBodyUnread(incoming) && !(sent instanceof ReadableStream)) {
    headers["Connection"] = "close";
    if (sent !== null) headers["Content-Length"] = String(Buffer.byteLength(sent));
    sent = textBeforeBody(sent, incoming);
  }
  if (cookies.length === 0) return new Response(sent, { status, headers });
  // node-server hands a plain object to Node as it is, where a list makes one Set-Cookie each. For anything else it builds a Headers object.
  if (context.env?.outgoing && context.req.method !== "HEAD")
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
  { readAddress, reportFault }: ServingDependencies,
): void => {
  for (const key of Object.keys(contract) as ContractKey[]) {
    const route = pathOf(key);
    const answer = answering.endpoint(key);
    const hasParameters = route.includes(":");
    app.on(methodOf(key), route, (context): Response | Promise<Response> => {
      const given = answer(
        receivedFrom(context, readAddress),
        hasParameters ? context.req.param() : noParameters,
      );
      return given instanceof Promise
        ? given.then((answered) => respond(context, answered))
        : respond(context, given);
    });
  }
  // Looked up only when no endpoint answers: a second handler on each path would send every request through Hono's chain of handlers.
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
