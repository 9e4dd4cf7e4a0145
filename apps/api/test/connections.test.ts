/**
 * What happens to connections: answers given before a body was read, what the HTTP parser answers,
 * and the end of the process.
 */
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { problem } from "@sallyport/shared/contract";
import { createApiServer, type ApiServer } from "../src/http/api-server.ts";
import { createUnreadableRequests } from "../src/http/unreadable-requests.ts";
import { findFreePort } from "./api-process.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { webOrigin } from "./test-browser.ts";
import { createDirectory, start } from "./tool.ts";

vi.setConfig({ testTimeout: 60_000 });

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Sends so many bytes, as fast as they are taken, to the end or until the connection breaks; an
 * answer counts whenever it comes.
 */
const send = (
  agent: Agent,
  port: number,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  bytes = 0,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest({ agent, port, host: "127.0.0.1", method, path, headers });
    let answer: Answer | undefined;
    outgoing.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
        resolve(answer);
      });
      incoming.on("error", reject);
    });
    outgoing.on("error", (error) => {
      if (answer === undefined) reject(error);
    });
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    const write = (left: number): void => {
      if (left <= 0 || outgoing.destroyed) return void outgoing.end();
      const wasTaken = outgoing.write(chunk.subarray(0, Math.min(left, chunk.length)));
      const goOn = (): void => write(left - chunk.length);
      if (wasTaken) setImmediate(goOn);
      else outgoing.once("drain", goOn);
    };
    write(bytes);
  });

describe("an answer that comes before the body was read", () => {
  const mebibyte = 1024 * 1024;
  let app: TestApp;
  let api: ApiServer;
  let port: number;
  let bearer: Record<string, string>;
  beforeAll(async () => {
    app = await createTestApp({ environment: { SALLYPORT_UPLOAD_LIMIT_MIB: "1" } });
    const unreadable = createUnreadableRequests("http://localhost:4000");
    const listener = getRequestListener(app.app.fetch, {
      autoCleanupIncoming: true,
      errorHandler: unreadable.answerUnadaptable,
    });
    api = createApiServer(unreadable, (incoming, outgoing) => void listener(incoming, outgoing));
    api.server.listen(0, "127.0.0.1");
    await once(api.server, "listening");
    ({ port } = api.server.address() as AddressInfo);
    const signedIn = await fetch(`http://127.0.0.1:${port}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        username: "mica",
        password: "sample-mica-passphrase",
        delivery: "body",
      }),
    });
    const { accessToken } = (await signedIn.json()) as { accessToken: string };
    bearer = { authorization: `Bearer ${accessToken}` };
  });
  afterAll(async () => {
    api.takeLeave();
    await api.close(5_000);
    await app.close();
  });

  const json = { "content-type": "application/json" };
  const csv = { "content-type": "text/csv" };
  const declared = (bytes: number) => ({ "content-length": bytes });
  const cases: [
    what: string,
    method: string,
    path: string,
    status: number,
    headers: () => Record<string, string | number>,
    bytes: number,
  ][] = [
    [
      "JSON that says it is too large",
      "POST",
      "/login",
      413,
      () => ({ ...json, ...declared(3 * mebibyte) }),
      3 * mebibyte,
    ],
    ["JSON that turns out too large", "POST", "/login", 413, () => json, 3 * mebibyte],
    [
      "rows that say they are too many",
      "POST",
      "/datasets/stocks/rows",
      413,
      () => ({ ...bearer, ...csv, ...declared(9 * mebibyte) }),
      9 * mebibyte,
    ],
    [
      "rows that turn out too many",
      "POST",
      "/datasets/stocks/rows",
      413,
      () => ({ ...bearer, ...csv }),
      9 * mebibyte,
    ],
    ["rows of nobody", "PUT", "/datasets/stocks/rows", 401, () => csv, 9 * mebibyte],
    [
      "rows of a foreign type",
      "PUT",
      "/datasets/stocks/rows",
      415,
      () => ({ ...bearer, "content-type": "text/html" }),
      9 * mebibyte,
    ],
    [
      "a body for what takes none",
      "GET",
      "/healthz",
      200,
      () => declared(3 * mebibyte),
      3 * mebibyte,
    ],
    [
      "a preflight with a body",
      "OPTIONS",
      "/login",
      204,
      () => ({ origin: webOrigin, ...declared(3 * mebibyte) }),
      3 * mebibyte,
    ],
    [
      "a body for what has not changed",
      "GET",
      "/openapi.json",
      304,
      () => ({ "if-none-match": "*", ...declared(3 * mebibyte) }),
      3 * mebibyte,
    ],
    ["a body for what is nowhere", "POST", "/nowhere", 404, () => json, 3 * mebibyte],
    [
      "a small body for what is nowhere",
      "POST",
      "/nowhere",
      404,
      () => ({ ...json, ...declared(1_000) }),
      1_000,
    ],
  ];
  it.each(cases)(
    "to %s arrives, and the next request of the same agent does as well",
    async (_, method, path, status, headers, bytes) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let turn = 0; turn < 5; turn += 1) {
        const answer = await send(agent, port, method, path, headers(), bytes);
        expect(answer.status).toBe(status);
        if (bytes > 64 * 1024) expect(answer.headers.connection).toBe("close");
        // RFC 9110, 8.6: there is nothing that it could be the length of.
        if (status === 204 || status === 304)
          expect(answer.headers["content-length"]).toBeUndefined();
        expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
        expect(await send(agent, port, "GET", "/healthz")).toMatchObject({
          status: 200,
          text: '{"status":"ok"}',
        });
      }
      agent.destroy();
      expect(app.faults).toEqual([]);
    },
  );

  it("that is a fault of ours arrives, and the next request as well", async () => {
    const receive = vi.spyOn(app.dependencies.imports, "receive");
    receive.mockImplementation(async (bytes) => {
      for await (const chunk of bytes) throw new Error(`a fault after ${chunk.byteLength} bytes`);
      throw new Error("nothing came");
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const rows = { ...bearer, ...csv };
    expect(
      await send(agent, port, "POST", "/datasets/stocks/rows", rows, 9 * mebibyte),
    ).toMatchObject({ status: 500, headers: { connection: "close" } });
    expect(await send(agent, port, "GET", "/healthz")).toMatchObject({ status: 200 });
    agent.destroy();
    receive.mockRestore();
    expect(app.faults).toHaveLength(1);
  });

  it("leaves a connection alone whose body is read, or is none", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const [method, path, headers, bytes] of [
      ["GET", "/healthz", {}, 0],
      ["POST", "/login", json, 2_000],
      ["POST", "/logout", declared(0), 0],
    ] as const) {
      const answer = await send(agent, port, method, path, headers, bytes);
      expect(answer.headers.connection).toBe("keep-alive");
      expect(answer.headers["keep-alive"]).toBe("timeout=75");
    }
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    agent.destroy();
  });

  it.each([
    [400, "nonsense\r\n\r\n"],
    [400, "GET / HTTP/1.1\r\n\r\n"],
    [400, "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n"],
    [400, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    [417, "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: a pony\r\n\r\n"],
    [431, `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${"x".repeat(20_000)}\r\n\r\n`],
    [404, "DELETE /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
    [
      204,
      "OPTIONS /login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\nConnection: close\r\n\r\n",
    ],
  ])(
    "is ours by its X-Request-Id and its type, also as %i from the HTTP parser: %#",
    async (status, text) => {
      const socket = connect(port, "127.0.0.1");
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      socket.on("error", () => {});
      socket.write(text);
      await once(socket, "close");
      const [head = "", body = ""] = received.split("\r\n\r\n");
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      const id = /^X-Request-Id: ([0-9a-f-]{36})$/im.exec(head)?.[1];
      expect(id).toBeDefined();
      if (status === 204) return;
      const told = problem.parse(JSON.parse(body));
      expect(told).toMatchObject({ status, requestId: id });
      // The other half of being ours.
      expect(told.type).toBe(`http://localhost:4000/problems/${told.code}`);
    },
  );
});

describe("a process that is told to stop", () => {
  it("goes on accepting for a moment, and resets no request that it has accepted", async () => {
    const port = await findFreePort();
    const { child, outcome, said } = start(["serve"], {
      SALLYPORT_DATA_DIR: createDirectory(),
      SALLYPORT_PORT: String(port),
      SALLYPORT_SHUTDOWN_DELAY_SECONDS: "4",
    });
    await said("There is no admin yet");
    const path = "/healthz";
    let isReady = true;
    const statuses: number[] = [];
    const broken: unknown[] = [];
    let lastAnswers = 0;

    /** As a proxy does: it sends until it has learnt that it is to send nothing more. */
    const load = async (keepAlive: boolean): Promise<void> => {
      const agent = new Agent({ keepAlive, maxSockets: 1 });
      while (isReady) {
        try {
          const { status, headers } = await send(agent, port, "GET", path);
          statuses.push(status);
          if (keepAlive && headers.connection === "close") lastAnswers += 1;
        } catch (error) {
          broken.push(error);
        }
      }
      agent.destroy();
    };
    const watch = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: false });
      while (isReady) isReady = (await send(agent, port, "GET", "/readyz")).status === 200;
    };
    /** Opens a connection and takes its time until it sends something. */
    const hesitate = async (): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      while (isReady) await new Promise((resolve) => setImmediate(resolve));
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      let received = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      await once(socket, "close");
      return received;
    };

    const all = [
      ...Array.from({ length: 4 }, () => load(true)),
      ...Array.from({ length: 4 }, () => load(false)),
    ];
    const hesitating = Array.from({ length: 4 }, hesitate);
    const watching = watch();
    await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(100), { timeout: 20_000 });
    child.kill("SIGTERM");
    await Promise.all([...all, watching]);
    expect(broken).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(lastAnswers).toBeGreaterThan(0);
    for (const received of await Promise.all(hesitating))
      expect(received).toMatch(/^HTTP\/1\.1 200 [\s\S]*Connection: close[\s\S]*\{"status":"ok"\}$/);
    expect(await outcome).toMatchObject({ code: 0 });
    expect((await outcome).stdout).not.toMatch(/still under way|"level":(50|60)/);
  });
});
