/**
 * The HTTP server, and its end: every request that it has accepted is answered, and no client is
 * left with a connection that is closed under its next request.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { Server as NetServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { arrive, mostConnectionsTold } from "./arrivals.ts";
import type { UnreadableRequests } from "./unreadable-requests.ts";

/**
 * Longer than proxies keep theirs (nginx: 60 s): who closes first must be the one that sends
 * requests.
 */
const keepAliveMilliseconds = 75_000;
/**
 * A connection on which nothing has arrived for so long, once no other is accepted, is not about to
 * be used.
 */
const quietMilliseconds = 500;
const lookEveryMilliseconds = 50;

export interface ApiServer {
  readonly server: Server;
  /** From now on each answer is the last of its connection. Others are still accepted. */
  takeLeave(): void;
  /**
   * Accepts no more connections and waits for those there are. To be called a moment after
   * `takeLeave`.
   * @returns whether all of them came to their end within that time; the others are cut off
   */
  close(milliseconds: number): Promise<boolean>;
}

interface Open {
  underWay: number;
  bytesRead: number;
  quietSince: number;
}

export const createApiServer = (
  { answerUnreadable, answerExpectation }: UnreadableRequests,
  listener: RequestListener,
): ApiServer => {
  const connections = new Map<Socket, Open>();
  const unanswered = new Set<ServerResponse>();
  let isLeaving = false;

  /** @returns whether it is the only one under way on its connection */
  const follow = (incoming: IncomingMessage, outgoing: ServerResponse): boolean => {
    const open = connections.get(incoming.socket);
    if (open) open.underWay += 1;
    unanswered.add(outgoing);
    if (isLeaving) outgoing.setHeader("Connection", "close");
    outgoing.once("close", () => {
      unanswered.delete(outgoing);
      if (!open) return;
      open.underWay -= 1;
      open.quietSince = performance.now();
    });
    return open?.underWay === 1;
  };

  // Requests without a Host are refused by the adapter, in words.
  const server = createServer({ requireHostHeader: false }, (incoming, outgoing) => {
    const isAlone = follow(incoming, outgoing);
    arrive(isAlone && connections.size < mostConnectionsTold, () => listener(incoming, outgoing));
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  server.on("clientError", answerUnreadable);
  server.on("checkExpectation", answerExpectation);
  server.on("connection", (socket) => {
    connections.set(socket, { underWay: 0, bytesRead: 0, quietSince: performance.now() });
    socket.once("close", () => connections.delete(socket));
  });

  const closeQuietOnes = (): void => {
    const now = performance.now();
    for (const [socket, open] of connections) {
      if (socket.bytesRead !== open.bytesRead) {
        open.bytesRead = socket.bytesRead;
        open.quietSince = now;
      }
      if (open.underWay === 0 && now - open.quietSince >= quietMilliseconds) socket.destroySoon();
    }
  };

  return {
    server,
    takeLeave: () => {
      isLeaving = true;
      for (const outgoing of unanswered)
        if (!outgoing.headersSent) outgoing.setHeader("Connection", "close");
    },
    close: async (milliseconds) => {
      // The server of HTTP would first close every connection on which no request has arrived yet,
      // those included that it has just accepted.
      const closed = new Promise<void>((resolve) =>
        NetServer.prototype.close.call(server, () => resolve()),
      );
      const now = performance.now();
      for (const open of connections.values()) open.quietSince = Math.max(open.quietSince, now);
      const looking = setInterval(closeQuietOnes, lookEveryMilliseconds);
      const overdue = new AbortController();
      const isClosed = await Promise.race([
        closed.then(() => true),
        wait(milliseconds, false, { signal: overdue.signal }).catch(() => false),
      ]);
      overdue.abort();
      clearInterval(looking);
      if (!isClosed) server.closeAllConnections();
      await closed;
      return isClosed;
    },
  };
};
