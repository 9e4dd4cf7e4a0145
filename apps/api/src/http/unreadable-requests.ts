/** Answers to what is no readable HTTP request, and so never reaches an endpoint: problems (RFC 9457) of no code of ours. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";

/** The id is how a client tells our answers from those of whatever stands between. */
const answerOf = (
  status: number,
  detail: string,
): { readonly body: string; readonly headers: Record<string, string> } => {
  const requestId = randomUUID();
  return {
    body: JSON.stringify({
      type: "about:blank",
      title: STATUS_CODES[status],
      status,
      detail,
      requestId,
    }),
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "X-Request-Id": requestId,
      Connection: "close",
    },
  };
};

const answers: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The headers are too large. In a browser, clear this site's cookies."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunk extensions are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request took too long to arrive."],
};

/** For `clientError` of Node's server: answers unless the client has gone or an answer is under way, and closes the connection. */
export const answerUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // As Node's own listener looks it up: after the first bytes of an answer, a second one would stand in the middle of it.
  const underWay = (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (error.code === "ECONNRESET" || !socket.writable || underWay?.headersSent)
    return void socket.destroy(error);
  const [status, detail] = answers[error.code ?? ""] ?? [400, "This is no readable HTTP request."];
  const { body, headers } = answerOf(status, detail);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy(error));
};

/** For the adapter between Node's requests and ours. */
export const answerUnadaptable = (error: unknown): Response => {
  const [status, detail] =
    error instanceof RequestError
      ? [400, "The Host header or the address of the request is not valid."]
      : [500, "Something went wrong."];
  const { body, headers } = answerOf(status, detail);
  return new Response(body, { status, headers });
};

/** For `checkExpectation` of Node's server: it wants something else before it sends its body than to be told to go on. */
export const answerExpectation = (_: IncomingMessage, outgoing: ServerResponse): void => {
  const { body, headers } = answerOf(417, "Of the header Expect, only 100-continue is understood.");
  outgoing.writeHead(417, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
};
