/**
 * The load: keep-alive connections over plain sockets, each with one request under way, in a
 * process of its own. It reads of an answer only what it needs, so that the server and not the load
 * is what is measured.
 */
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";

export type Traffic =
  | { readonly kind: "fixed"; readonly request: string }
  /** One of these for each connection, in turn. */
  | { readonly kind: "various"; readonly requests: readonly string[] }
  /**
   * Each connection takes its share of the tokens of that name in turn and keeps what it is given
   * for each.
   */
  | { readonly kind: "refresh"; readonly chains: string };

export interface Group {
  readonly port: number;
  readonly connections: number;
  readonly traffic: Traffic;
}

export type Order =
  | { readonly chains: string; readonly tokens: readonly string[] }
  | { readonly seconds: number; readonly groups: readonly Group[] };

export interface Measured {
  readonly perSecond: number;
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx, by their first line. */
  readonly wrong: Readonly<Record<string, number>>;
}

const chains = new Map<string, string[]>();
const cookie = "sallyport-refresh-4000=";
const origin = "http://localhost:5173";

const refreshRequest = (port: number, token: string): string =>
  `POST /refresh HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${origin}\r\nCookie: ${cookie}${token}\r\nIdempotency-Key: ${randomUUID()}\r\nContent-Length: 0\r\n\r\n`;

/**
 * Calls back with each whole answer on the connection: its head, since nobody here needs a body.
 */
const onAnswers = (socket: Socket, take: (head: string) => void): void => {
  let pending = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    pending += chunk;
    const end = pending.indexOf("\r\n\r\n");
    if (end === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(pending)?.[1] ?? 0);
    if (pending.length < end + 4 + length) return;
    const head = pending.slice(0, end);
    pending = "";
    take(head);
  });
};

const runGroup = async (
  { port, connections, traffic }: Group,
  seconds: number,
): Promise<Measured> => {
  const latencies: number[] = [];
  const wrong: Record<string, number> = {};
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;

  const runConnection = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const tokens = traffic.kind === "refresh" ? (chains.get(traffic.chains) as string[]) : [];
      let place = index;
      let sentAt = 0;
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      const next = (): void => {
        sentAt = performance.now();
        if (sentAt >= until) {
          socket.destroy();
          resolve();
        } else if (traffic.kind === "refresh")
          socket.write(refreshRequest(port, tokens[place] as string), "latin1");
        else
          socket.write(
            traffic.kind === "fixed"
              ? traffic.request
              : (traffic.requests[index % traffic.requests.length] as string),
            "latin1",
          );
      };
      socket.on("connect", next);
      socket.on("error", reject);
      onAnswers(socket, (head) => {
        latencies.push(performance.now() - sentAt);
        const status = head.slice(9, 12);
        if (status.startsWith("2")) {
          if (traffic.kind === "refresh") {
            const start = head.indexOf(cookie) + cookie.length;
            tokens[place] = head.slice(start, head.indexOf(";", start));
            place += connections;
            if (place >= tokens.length) place = index;
          }
        } else wrong[status] = (wrong[status] ?? 0) + 1;
        next();
      });
    });

  await Promise.all(Array.from({ length: connections }, (_, index) => runConnection(index)));
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    perSecond: latencies.length / elapsed,
    count: latencies.length,
    p50: at(0.5),
    p99: at(0.99),
    wrong,
  };
};

process.on("message", (order: Order) => {
  if ("chains" in order) {
    chains.set(order.chains, [...order.tokens]);
    process.send?.([]);
  } else
    void Promise.all(order.groups.map((group) => runGroup(group, order.seconds))).then(
      (measured) => process.send?.(measured),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
});
process.on("disconnect", () => process.exit());
