/**
 * Answers to what is no readable HTTP request, and so never reaches an endpoint: problems (RFC
 * 9457) as all others, but for their `type`.
 */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { errorCatalogue, type ErrorCode, type Problem } from "@sallyport/shared/contract";

/** The id and the code are how a client tells our answers from those of whatever stands between. */
const answerOf = (
  code: ErrorCode,
  detail?: string,
): {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string>;
} => {
  const requestId = randomUUID();
  const { status, title, help } = errorCatalogue[code];
  const problem: Problem = {
    type: "about:blank",
    title,
    status,
    detail: detail ?? help,
    code,
    requestId,
  };
  return {
    status,
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

const answers: Readonly<Record<string, readonly [code: ErrorCode, detail?: string]>> = {
  HPE_HEADER_OVERFLOW: ["headers_too_large"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["body_too_large", "The chunk extensions are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: ["request_timeout"],
};

/**
 * For `clientError` of Node's server: answers unless the client has gone or an answer is under way,
 * and closes the connection.
 */
export const answerUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // As Node's own listener looks it up: after the first bytes of an answer, a second one would
  // stand in the middle of it.
  const underWay = (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (error.code === "ECONNRESET" || !socket.writable || underWay?.headersSent)
    return void socket.destroy(error);
  const { status, body, headers } = answerOf(
    ...(answers[error.code ?? ""] ?? (["request_unreadable"] as const)),
  );
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy(error));
};

/** For the adapter between Node's requests and ours. */
export const answerUnadaptable = (error: unknown): Response => {
  const { status, body, headers } =
    error instanceof RequestError
      ? answerOf(
          "request_unreadable",
          "The Host header or the address of the request is not valid.",
        )
      : answerOf("internal");
  return new Response(body, { status, headers });
};

/**
 * For `checkExpectation` of Node's server: it wants something else before it sends its body than to
 * be told to go on.
 */
export const answerExpectation = (_: IncomingMessage, outgoing: ServerResponse): void => {
  const { status, body, headers } = answerOf("expectation_failed");
  outgoing.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
};
