/**
 * Another process changes the database while the API has its hands full. Whatever is sent after the
 * change was committed sees it, however many requests share one look at the database
 * (`http/arrivals.ts`).
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { findFreePort, send, startApiProcess } from "./api-process.ts";
import { openElsewhere } from "./test-app.ts";
import { isThorough } from "./thorough.ts";

const rounds = isThorough ? 2_000 : 600;
const origin = "http://localhost:5173";

interface Received {
  readonly head: string;
  readonly body: string;
}

/** One connection, over which requests go one after the other. */
const createConnection = async (port: number) => {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  onTestFinished(() => void socket.destroy());
  let pending = "";
  const waiting: ((received: Received) => void)[] = [];
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    pending += chunk;
    for (;;) {
      const end = pending.indexOf("\r\n\r\n");
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(pending)?.[1] ?? 0);
      if (end < 0 || pending.length < end + 4 + length) return;
      const received = {
        head: pending.slice(0, end),
        body: pending.slice(end + 4, end + 4 + length),
      };
      pending = pending.slice(end + 4 + length);
      waiting.shift()?.(received);
    }
  });
  return (request: string): Promise<Received> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      socket.write(request);
    });
};

it(
  `sees each of ${rounds} changes that another process has committed before the request was sent`,
  { timeout: 120_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "sallyport-meanwhile-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const port = await findFreePort();
    const api = await startApiProcess(port, {
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_SAMPLE_DATA: "1",
      SALLYPORT_WEB_ORIGINS: origin,
      SALLYPORT_REFRESH_PER_MINUTE: "1000000",
    });
    onTestFinished(api.kill);
    const agent = new Agent({ keepAlive: false });
    const signIn = async (delivery: "cookie" | "body") => {
      const { headers, body } = await send(agent, port, "POST", "/login", {
        headers: { Origin: origin },
        body: { username: "mike", password: samplePasswordOf("mike"), delivery },
      });
      const cookies = headers["set-cookie"]?.map((cookie) => cookie.split(";", 1)[0]).join("; ");
      return { cookies, refreshToken: String(body?.["refreshToken"]) };
    };
    const { cookies } = await signIn("cookie");
    const list = `GET /sections HTTP/1.1\r\nHost: x\r\nCookie: ${cookies}\r\n\r\n`;

    // Others read and refresh all the while, so that looks are shared, and taken at every place of
    // the event loop.
    let isOver = false;
    const others = [
      ...Array.from({ length: 12 }, async () => {
        const ask = await createConnection(port);
        while (!isOver) expect((await ask(list)).head).toContain("200 OK");
      }),
      ...Array.from({ length: 4 }, async () => {
        const ask = await createConnection(port);
        let { refreshToken } = await signIn("body");
        while (!isOver) {
          const body = JSON.stringify({ refreshToken });
          const answer = await ask(
            `POST /refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
          ({ refreshToken } = JSON.parse(answer.body) as { refreshToken: string });
        }
      }),
    ];

    const elsewhere = openElsewhere(directory);
    onTestFinished(elsewhere.close);
    const ask = await createConnection(port);
    const titleIn = ({ body }: Received): string | undefined =>
      (JSON.parse(body) as { items: { slug: string; title: string }[] }).items.find(
        ({ slug }) => slug === "marketing",
      )?.title;
    const missed: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const title = `Round ${round}`;
      // Every other time the request follows another on its connection, which is not answered yet.
      const before = round % 2 === 0 ? null : ask(list);
      elsewhere.runSql("UPDATE sections SET title = ? WHERE slug = 'marketing'", title);
      const seen = titleIn(await ask(list));
      if (seen !== title) missed.push(`${title} saw ${seen}`);
      await before;
    }
    isOver = true;
    await Promise.all(others);
    expect(missed).toEqual([]);
  },
);
