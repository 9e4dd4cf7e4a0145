/**
 * The API as a process of its own, on a real port, for what can only be seen from outside: that it
 * dies and comes back.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown> | null;
}

/**
 * Sends a JSON request and reads the whole answer. Rejects when the connection breaks before that.
 */
export const send = (
  agent: Agent,
  port: number,
  method: string,
  path: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: object } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const text = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      ...options.headers,
      ...(text === undefined
        ? { "Content-Length": "0" }
        : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }),
    };
    const outgoing = request(
      { agent, host: "127.0.0.1", port, method, path, headers },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const received = Buffer.concat(chunks).toString("utf8");
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: received === "" ? null : (JSON.parse(received) as Record<string, unknown>),
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(text);
  });

export const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/** Makes a process of the tests start in half the time. */
export const quickStart = fileURLToPath(new URL("../../../.ci/quick-start.mjs", import.meta.url));

export interface ApiProcess {
  /** SIGKILL: nothing is flushed and nothing is closed. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts the API from its sources and resolves when it is ready to serve. */
export const startApiProcess = async (
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<ApiProcess> => {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      "--import",
      quickStart,
      "--conditions=sallyport-source",
      fileURLToPath(new URL("../src/main.ts", import.meta.url)),
      "serve",
    ],
    {
      env: { PATH: process.env["PATH"], SALLYPORT_PORT: String(port), ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const complaints: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
  const exited = once(child, "exit");
  const agent = new Agent({ keepAlive: false });
  for (;;) {
    const answered = await send(agent, port, "GET", "/readyz").catch(() => null);
    if (answered?.status === 200) break;
    if (child.exitCode !== null)
      throw new Error(`The API ended before it was ready: ${complaints.join("")}`);
    await wait(10);
  }
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
};
