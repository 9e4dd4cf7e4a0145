/**
 * The wire between the browsers and the API: it notes every request, and a test can make it slow,
 * lossy or dead.
 */
import {
  createServer,
  request as sendRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** One request as it was seen on the wire. */
export interface Seen {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Its place in the order of everything that happened on this wire. */
  readonly begunAt: number;
  /** `null` until the server's answer has been handed on, or for ever where it never was. */
  endedAt: number | null;
  /** What the server answered, whether or not the browser heard of it. */
  status: number | null;
}

/** What happens to one request. */
export interface Fate {
  /** Waited for before the server gets it. */
  readonly before?: Promise<unknown>;
  /** The connection breaks before the server gets it. */
  readonly lose?: boolean;
  /** Waited for when the server has answered. */
  readonly after?: Promise<unknown>;
  /** The connection breaks when the server has answered, before the browser hears a word of it. */
  readonly cut?: boolean;
  /** The browser keeps none of the cookies that come with the answer. */
  readonly dropCookies?: boolean;
}

export interface Wire {
  readonly port: number;
  /** Every request but preflights, in the order of arrival. */
  readonly requests: readonly Seen[];
  /** `"POST /refresh"` and the like. */
  count(what: string): number;
  forget(): void;
  /**
   * Decides on every request from now on; what it leaves undecided goes on to whoever was asked
   * before. Returns how to stop.
   */
  interfere(decide: (seen: Seen) => Fate | undefined): () => void;
  /** Nobody listens any more, and what was connected is not. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

export const openWire = async (
  upstreamPort: () => number,
  certificate: Certificate | null,
): Promise<Wire> => {
  const requests: Seen[] = [];
  const deciders: ((seen: Seen) => Fate | undefined)[] = [];
  const sockets = new Set<Socket>();
  let moment = 0;

  /** The whole answer; of one that goes on, a stream of events, its beginning. */
  const forward = (
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer | IncomingMessage }> =>
    new Promise((resolve, reject) => {
      const outgoing = sendRequest(
        {
          host: "127.0.0.1",
          port: upstreamPort(),
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
          agent: false,
        },
        (answer) => {
          if (answer.headers["content-type"] === "text/event-stream")
            return resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: answer,
            });
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(chunks),
            }),
          );
          answer.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = "", query = ""] = (incoming.url ?? "").split("?");
    const seen: Seen = {
      method: incoming.method ?? "",
      path,
      query,
      headers: incoming.headers,
      begunAt: (moment += 1),
      endedAt: null,
      status: null,
    };
    let fate: Fate = {};
    if (seen.method !== "OPTIONS") {
      requests.push(seen);
      for (const decide of deciders) {
        const decided = decide(seen);
        if (!decided) continue;
        fate = decided;
        break;
      }
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    await fate.before;
    if (fate.lose) return void incoming.socket.destroy();
    const given = await forward(incoming, Buffer.concat(chunks));
    seen.status = given.status;
    await fate.after;
    if (fate.cut) return void incoming.socket.destroy();
    seen.endedAt = moment += 1;
    const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...headers } = given.headers;
    if (fate.dropCookies) delete headers["set-cookie"];
    response.writeHead(given.status, headers);
    if (Buffer.isBuffer(given.body)) return void response.end(given.body);
    const stream = given.body;
    response.on("close", () => stream.destroy());
    stream.on("error", () => response.destroy());
    stream.pipe(response);
  };

  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    answer(incoming, response).catch(() => incoming.socket.destroy());
  };
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => void server.listen(port, "127.0.0.1", resolve));
  const unplug = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    requests,
    count: (what) => requests.filter(({ method, path }) => `${method} ${path}` === what).length,
    forget: () => void requests.splice(0),
    interfere: (decide) => {
      deciders.unshift(decide);
      return () => void deciders.splice(deciders.indexOf(decide), 1);
    },
    unplug,
    plugIn: () => listen(port),
    close: () => (server.listening ? unplug() : Promise.resolve()),
  };
};
