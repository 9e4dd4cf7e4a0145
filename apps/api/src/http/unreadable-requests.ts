/** Answers to what is no readable HTTP request, and so never reaches an endpoint. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import type { ErrorCode } from "@sallyport/shared/contract";
import { AppError, problemOf } from "@sallyport/shared/core";

type Refusal = readonly [code: ErrorCode, detail?: string];

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: ["headers_too_large"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["body_too_large", "The chunk extensions are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: ["request_timeout"],
};

export interface UnreadableRequests {
  /**
   * For `clientError` of Node's server: answers unless the client has gone or an answer is under
   * way, and closes the connection.
   */
  answerUnreadable(this: void, error: NodeJS.ErrnoException, socket: Duplex): void;
  /** For the adapter between Node's requests and ours. */
  answerUnadaptable(this: void, error: unknown): Response;
  /**
   * For `checkExpectation` of Node's server: it wants something else before it sends its body than
   * to be told to go on.
   */
  answerExpectation(this: void, incoming: IncomingMessage, outgoing: ServerResponse): void;
}

export const createUnreadableRequests = (publicUrl: string): UnreadableRequests => {
  /** The id and the type are how a client tells our answers from those of what stands between. */
  const answerOf = (...[code, detail]: Refusal) => {
    const requestId = randomUUID();
    const problem = problemOf(
      new AppError(code, detail === undefined ? {} : { detail }),
      requestId,
      publicUrl,
    );
    return {
      status: problem.status,
      body: JSON.stringify(problem),
      headers: {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": requestId,
        Connection: "close",
      },
    };
  };
  return {
    answerUnreadable: (error, socket) => {
      // As Node's own listener looks it up: after the first bytes of an answer, a second one would
      // stand in the middle of it.
      const underWay = (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
      if (error.code === "ECONNRESET" || !socket.writable || underWay?.headersSent)
        return void socket.destroy(error);
      const { status, body, headers } = answerOf(
        ...(refusals[error.code ?? ""] ?? (["request_unreadable"] as const)),
      );
      const head = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        `Content-Length: ${Buffer.byteLength(body)}`,
      ];
      socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy(error));
    },
    answerUnadaptable: (error) => {
      const { status, body, headers } =
        error instanceof RequestError
          ? answerOf(
              "request_unreadable",
              "The Host header or the address of the request is not valid.",
            )
          : answerOf("internal");
      return new Response(body, { status, headers });
    },
    answerExpectation: (_, outgoing) => {
      const { status, body, headers } = answerOf("expectation_failed");
      outgoing
        .writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) })
        .end(body);
    },
  };
};
