/**
 * The API behind a real nginx, with the configuration that docs/reverse-proxy.md gives, taken from
 * there.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { Agent } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createApiServer } from "../src/http/api-server.ts";
import { createUnreadableRequests } from "../src/http/unreadable-requests.ts";
import { findFreePort, send } from "./api-process.ts";
import { createTestApp, type TestApp } from "./test-app.ts";

vi.setConfig({ testTimeout: 60_000 });

const guide = readFileSync(new URL("../../../docs/reverse-proxy.md", import.meta.url), "utf8");
const configurations = [...guide.matchAll(/^```nginx\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text as string,
);

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;
if (!hasNginx)
  process.stderr.write(
    "Left out: the tests behind nginx, since there is none. Debian's package is called nginx.\n",
  );

/**
 * Starts the API and, before it, nginx with this configuration; certificates and ports are all that
 * differs from the text.
 */
const serve = async (
  configuration: string,
  path: string,
  environment: Record<string, string> = {},
): Promise<{ app: TestApp; url: string; port: number }> => {
  const port = await findFreePort();
  const url = `http://localhost:${port}${path}`;
  const app = await createTestApp({
    environment: {
      SALLYPORT_PUBLIC_URL: url,
      SALLYPORT_WEB_ORIGINS: `http://localhost:${port}`,
      SALLYPORT_TRUSTED_PROXIES: "127.0.0.1",
      ...environment,
    },
  });
  const unreadable = createUnreadableRequests(url);
  const listener = getRequestListener(app.app.fetch, {
    autoCleanupIncoming: true,
    errorHandler: unreadable.answerUnadaptable,
  });
  const api = createApiServer(
    unreadable,
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  api.server.listen(0, "127.0.0.1");
  await once(api.server, "listening");

  const directory = mkdtempSync(join(tmpdir(), "sallyport-nginx-"));
  const pages = join(directory, "pages");
  mkdirSync(pages);
  writeFileSync(join(pages, "index.html"), "<!doctype html>the pages");
  const own = configuration
    .replaceAll(/^ *ssl_certificate.*\n/gm, "")
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
    .replace(
      "server 127.0.0.1:4000;",
      `server 127.0.0.1:${(api.server.address() as AddressInfo).port};`,
    )
    .replace("/var/www/sallyport", pages);
  const file = join(directory, "nginx.conf");
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(directory, name)};`)
    .join("\n");
  writeFileSync(
    file,
    `daemon off;\nmaster_process off;\npid ${join(directory, "pid")};\nerror_log ${join(directory, "error.log")};\nevents {}\nhttp {\naccess_log off;\n${folders}\n${own}\n}\n`,
  );
  const nginx = spawn("nginx", ["-c", file, "-e", join(directory, "error.log")], {
    stdio: "ignore",
  });
  const exited = once(nginx, "exit");
  onTestFinished(async () => {
    nginx.kill("SIGQUIT");
    await exited;
    api.takeLeave();
    await api.close(5_000);
    await app.close();
    rmSync(directory, { recursive: true });
    expect(app.faults).toEqual([]);
  });
  await vi.waitFor(
    async () => {
      if (nginx.exitCode !== null)
        throw new Error(readFileSync(join(directory, "error.log"), "utf8"));
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    },
    { timeout: 20_000, interval: 50 },
  );
  return { app, url, port };
};

const signIn = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      username: "mica",
      password: "sample-mica-passphrase",
      ...(headers["origin"] === undefined && { delivery: "body" }),
    }),
  });
  return { answer, session: (await answer.json()) as { accessToken: string } };
};

describe.runIf(hasNginx)("behind nginx", () => {
  it("on a host of its own, rows of many megabytes arrive, and too many are told so by us", async () => {
    const { app, url, port } = await serve(configurations[0] as string, "", {
      SALLYPORT_UPLOAD_LIMIT_MIB: "8",
    });
    const { session } = await signIn(url);
    const bearer = { authorization: `Bearer ${session.accessToken}` };
    const made = await fetch(`${url}/datasets`, {
      method: "POST",
      headers: { ...bearer, "content-type": "application/json" },
      body: JSON.stringify({
        name: "words",
        title: "Words",
        columns: [{ name: "word", label: "Word", type: "text" }],
      }),
    });
    expect(made.status).toBe(201);
    const upload = (rows: number) =>
      fetch(`${url}/datasets/words/rows`, {
        method: "POST",
        headers: { ...bearer, "content-type": "text/csv" },
        body: `word\n${`${"x".repeat(63)}\n`.repeat(rows)}`,
      });
    expect((await upload(50_000)).status).toBe(200);
    const refused = await upload(500_000);
    expect([refused.status, await refused.json()]).toMatchObject([413, { code: "body_too_large" }]);
    expect(refused.headers.get("x-request-id")).not.toBeNull();

    // Over one connection of the client, and over those that nginx keeps to the API.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; turn < 10; turn += 1) {
      const early = await send(agent, port, "POST", "/login", {
        body: { username: "x".repeat(200_000) },
      });
      expect([early.status, early.body]).toMatchObject([413, { code: "body_too_large" }]);
      expect((await send(agent, port, "GET", "/healthz")).status).toBe(200);
    }
    agent.destroy();

    // nginx says who asks, whatever the client says.
    await signIn(url, { "x-forwarded-for": "203.0.113.9" });
    expect(app.auditEvents("session.signIn").at(-1)?.address).toBe("127.0.0.1");
  });

  it("an event is there when it happens, not when a buffer is full", async () => {
    const { app, url } = await serve(configurations[0] as string, "");
    const { session } = await signIn(url);
    const stream = await fetch(`${url}/session/events`, {
      headers: { authorization: `Bearer ${session.accessToken}` },
    });
    expect(stream.status).toBe(200);
    const reader = (stream.body as ReadableStream<Uint8Array>)
      .pipeThrough(new TextDecoderStream())
      .getReader();
    let received = "";
    app.runSql("UPDATE sections SET title = 'Other'");
    app.clock.advance(1_000);
    while (!received.includes("event: ")) received += (await reader.read()).value;
    expect(received).toMatch(/event: \w+\ndata: /);
    await reader.cancel();
  });

  it("under a path, every link leads to where the API is, and the pages are beside it", async () => {
    const { url, port } = await serve(configurations[1] as string, "/api");
    expect(await (await fetch(`http://localhost:${port}/sections/x`)).text()).toContain(
      "the pages",
    );

    const missing = (await (await fetch(`${url}/nowhere`)).json()) as { type: string };
    expect(missing.type).toBe(`${url}/problems/not_found`);
    expect(await (await fetch(missing.type)).json()).toMatchObject({ code: "not_found" });
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      servers: { url: string }[];
    };
    expect(document.servers).toEqual([expect.objectContaining({ url })]);

    // A page for people, and the links on it.
    const asBrowser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
    const page = await fetch(missing.type, { headers: asBrowser });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("vary")).toBe("Origin, Accept");
    const all = new URL(/href="([^"]+)"/.exec(await page.text())?.[1] ?? "", page.url);
    expect(all.href).toBe(`${url}/problems`);
    const list = await (await fetch(all, { headers: asBrowser })).text();
    const hrefs = [...list.matchAll(/href="([^"]+)"/g)].map(
      ([, href]) => new URL(href as string, all),
    );
    expect(hrefs.map(({ href }) => href)).toContain(`${url}/problems/refresh_conflict`);
    for (const href of hrefs.slice(0, 3)) expect((await fetch(href)).status).toBe(200);

    const { answer, session } = await signIn(url);
    expect(answer.status).toBe(200);
    const bearer = { authorization: `Bearer ${session.accessToken}` };
    const made = await fetch(`${url}/datasets`, {
      method: "POST",
      headers: { ...bearer, "content-type": "application/json" },
      body: JSON.stringify({
        name: "words",
        title: "Words",
        columns: [{ name: "word", label: "Word", type: "text" }],
      }),
    });
    const location = new URL(made.headers.get("location") ?? "", made.url);
    expect(location.href).toBe(`${url}/datasets/words`);
    expect((await fetch(location, { headers: bearer })).status).toBe(200);
    const started = await fetch(`${url}/datasets/words/rows?wait=false`, {
      method: "POST",
      headers: { ...bearer, "content-type": "text/csv" },
      body: "word\nwell\n",
    });
    const status = new URL(started.headers.get("location") ?? "", started.url);
    expect(status.href).toMatch(new RegExp(`^${url}/imports/imp_`));
    expect((await fetch(status, { headers: bearer })).status).toBe(200);
    const first = await fetch(`${url}/datasets?limit=1`, { headers: bearer });
    const next = new URL(
      /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "",
      first.url,
    );
    expect(next.href.startsWith(`${url}/datasets?`)).toBe(true);
    expect((await fetch(next, { headers: bearer })).status).toBe(200);

    // A browser's cookies hold for all of the host, as their prefix demands.
    const { answer: byCookie } = await signIn(url, { origin: `http://localhost:${port}` });
    expect(byCookie.status).toBe(200);
    const cookies = byCookie.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThanOrEqual(2);
    for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/(;|$)/);
    const jar = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
    expect((await fetch(`${url}/session`, { headers: { cookie: jar } })).status).toBe(200);
  });

  it("without the line for large bodies, the answer is nginx's, and can be told from ours", async () => {
    const { url } = await serve(
      (configurations[0] as string).replace(/^ *client_max_body_size.*\n/m, ""),
      "",
    );
    const refused = await fetch(`${url}/login`, { method: "POST", body: "x".repeat(2_000_000) });
    expect(refused.status).toBe(413);
    expect(refused.headers.get("x-request-id")).toBeNull();
    expect(refused.headers.get("content-type")).toMatch(/^text\/html/);
  });
});
