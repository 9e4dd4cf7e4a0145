/**
 * Answers that are given before the request's body has arrived. Who still sends must get the answer
 * all the same, and must not take the connection for one that can be used again: what is left of
 * the body would be read as the next request, or the connection closed under it.
 */
import type { IncomingMessage } from "node:http";

/**
 * So little is on its way already, whoever sends it. It is read and thrown away by the server, and
 * the connection goes on.
 */
const harmlessBytes = 64 * 1024;
/**
 * What is thrown away at most, and for how long, before the connection is closed on whoever still
 * sends.
 */
const mostBytes = 64 * 1024 * 1024;
const longestMilliseconds = 10_000;

/** Is there more to come of the body than goes away by itself? */
export const isBodyUnread = (
  incoming: IncomingMessage | undefined,
): incoming is IncomingMessage => {
  // A test that calls the app directly hands over no more than headers.
  if (incoming?.complete !== false) return false;
  const length = Number(incoming.headers["content-length"] ?? 0);
  return (
    incoming.headers["transfer-encoding"] !== undefined ||
    length > harmlessBytes ||
    (length > 0 && incoming.readableDidRead)
  );
};

/** Reads what is left and throws it away, within bounds. */
const throwAway = (incoming: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let size = 0;
    const timer = setTimeout(resolve, longestMilliseconds).unref();
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    // Whoever read it before holds it back.
    incoming.removeAllListeners("data");
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > mostBytes) end();
    });
    incoming.once("end", end).once("close", end).once("error", end).resume();
    if (incoming.destroyed) end();
  });

/**
 * The whole text at once, and its end only when the rest of the request's body is gone: a
 * connection is closed at the end of its last answer, and an answer that meets a reset on its way
 * is lost to many clients.
 */
export const textBeforeBody = (
  text: string | Uint8Array | null,
  incoming: IncomingMessage,
): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      if (text !== null && text.length > 0)
        controller.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
      void throwAway(incoming).then(() => {
        try {
          controller.close();
        } catch {
          // The client has gone.
        }
      });
    },
  });
