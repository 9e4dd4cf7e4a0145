// The three ways to start everything on one machine, as somebody starts them: in a process, until
// Ctrl-C.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const isReached = async (url) => {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
};

/** Starts it and waits until it says that it is ready. */
const start = async (...options) => {
  const [apiPort, webPort] = [await freePort(), await freePort()];
  const data = mkdtempSync(join(tmpdir(), "sallyport-start-"));
  const { NODE_ENV: _, VITEST: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(root, "deploy", "start.mjs"), ...options], {
    cwd: root,
    env: {
      ...inherited,
      SALLYPORT_PORT: String(apiPort),
      SALLYPORT_WEB_PORT: String(webPort),
      SALLYPORT_DATA_DIR: data,
      SALLYPORT_SAMPLE_DATA: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  const ready = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
        if (said.includes("Sallyport is ready")) resolve();
      });
    void ended.then((code) => reject(new Error(`It ended with ${code} and had said:\n${said}`)));
  });
  const stop = async () => {
    child.kill("SIGINT");
    return ended;
  };
  onTestFinished(async () => {
    await stop();
    rmSync(data, { recursive: true, force: true });
  });
  await ready;
  return {
    api: `http://localhost:${apiPort}`,
    web: `http://localhost:${webPort}`,
    stop,
    said: () => said,
  };
};

const textOf = async (url) => (await fetch(url)).text();

test(
  "npm start serves the built page and an API with the sample, and Ctrl-C leaves neither behind",
  { timeout: 180_000 },
  async () => {
    const { api, web, stop, said } = await start();
    expect(await textOf(`${web}/`)).toContain("<title>Sallyport</title>");
    expect(JSON.parse(await textOf(`${web}/config.json`))).toEqual({ apiUrl: api });
    expect((await fetch(`${api}/readyz`)).status).toBe(200);
    expect(said()).toContain("mica");
    const signIn = await fetch(`${api}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        username: "mike",
        password: "sample-mike-passphrase",
        delivery: "body",
      }),
    });
    expect(signIn.status).toBe(200);
    expect(await stop()).toBe(0);
    expect([await isReached(api), await isReached(web)]).toEqual([false, false]);
  },
);

test("npm run dev serves both from their sources", { timeout: 180_000 }, async () => {
  const { api, web, stop } = await start("--dev");
  expect(await textOf(`${web}/`)).toContain("@vite/client");
  expect(await textOf(`${web}/src/main.tsx`)).toContain("createRoot");
  expect(
    (await fetch(`${api}/sections`, { headers: { origin: web } })).headers.get(
      "access-control-allow-origin",
    ),
  ).toBe(web);
  expect(await stop()).toBe(0);
  expect([await isReached(api), await isReached(web)]).toEqual([false, false]);
});

test(
  "npm run dev:mock serves the page and the mock's worker, and no API",
  { timeout: 180_000 },
  async () => {
    const { api, web, stop } = await start("--mock");
    expect(await textOf(`${web}/src/main.tsx`)).toContain("/src/mock/start-mock.tsx");
    expect(await textOf(`${web}/mockServiceWorker.js`)).toContain("Mock Service Worker");
    expect(await isReached(api)).toBe(false);
    expect(await stop()).toBe(0);
    expect(await isReached(web)).toBe(false);
  },
);

/** How a start ends that cannot be one. */
const refusal = (apiPort, webPort) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "deploy", "start.mjs")], {
      cwd: root,
      env: {
        ...process.env,
        SALLYPORT_PORT: String(apiPort),
        SALLYPORT_WEB_PORT: String(webPort),
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => (said += chunk));
    child.once("close", (code) => resolve({ code, said }));
  });

test("A port that is taken is named with a free one in its place, which is not the other one either", async () => {
  const taken = createServer();
  await new Promise((resolve) => void taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address();
  const { code, said } = await refusal(port, port + 1);
  expect(code).toBe(1);
  expect(said).toContain(`Port ${port}, wanted for the API, is taken by process ${process.pid}`);
  const [, advised] = /SALLYPORT_PORT=(\d+) npm start/.exec(said) ?? [];
  expect(Number(advised)).toBeGreaterThan(port + 1);
  const free = createServer();
  await new Promise((resolve, reject) => {
    free.once("error", reject);
    free.listen(Number(advised), "127.0.0.1", resolve);
  });
  free.close();
});

test("One port for both is refused", async () => {
  const port = await freePort();
  expect(await refusal(port, port)).toEqual({
    code: 1,
    said: expect.stringContaining("SALLYPORT_PORT and SALLYPORT_WEB_PORT are both"),
  });
});
