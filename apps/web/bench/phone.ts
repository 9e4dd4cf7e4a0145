/**
 * The sign-in page and a section on a phone, as Lighthouse simulates one (slow 4G, a quarter of
 * this machine's speed). The built SPA is served compressed, as a static host does, and the API is
 * a process of its own with the sample data. `pnpm --filter @sallyport/web bench`, after a build.
 * Lighthouse is fetched by npx; as a dependency it would be a hundred packages for this alone.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { findFreePort, startApiProcess } from "../../api/test/api-process.ts";

const run = promisify(execFile);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const lighthouse = process.env["BENCH_LIGHTHOUSE"]?.split(" ") ?? [
  "npx",
  "-y",
  "lighthouse@12.8.2",
];
const site = fileURLToPath(new URL("../dist/", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/**
 * What a static host does: every file compressed once, the names with a hash kept for ever, the
 * page for each route.
 */
const serveSite = async (apiUrl: () => string): Promise<{ origin: string; close(): void }> => {
  const kept = new Map<string, Buffer>();
  const read = async (file: string): Promise<Buffer> => {
    const known = kept.get(file);
    if (known) return known;
    const plain = await readFile(join(site, file));
    const body = extname(file) === ".woff2" ? plain : brotliCompressSync(plain);
    kept.set(file, body);
    return body;
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    if (pathname === "/config.json") {
      response.writeHead(200, { "Content-Type": types[".json"] });
      response.end(JSON.stringify({ apiUrl: apiUrl() }));
      return;
    }
    const file = extname(pathname) === "" ? "index.html" : normalize(pathname).slice(1);
    read(file)
      .then((body) => {
        response.writeHead(200, {
          "Content-Type": types[extname(file)] ?? "application/octet-stream",
          ...(extname(file) !== ".woff2" && { "Content-Encoding": "br" }),
          "Cache-Control": file.startsWith("assets/") ? "max-age=31536000, immutable" : "no-cache",
        });
        response.end(body);
      })
      .catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
};

interface Measured {
  readonly performance: number;
  readonly "first-contentful-paint": number;
  readonly "largest-contentful-paint": number;
  readonly "total-blocking-time": number;
  readonly "cumulative-layout-shift": number;
}
const audits = [
  "first-contentful-paint",
  "largest-contentful-paint",
  "total-blocking-time",
  "cumulative-layout-shift",
] as const;

/** As a first visit, but for the cookies. */
const measure = async (url: string, port: number): Promise<Measured> => {
  const [program = "", ...options] = lighthouse;
  const { stdout } = await run(
    program,
    [
      ...options,
      url,
      `--port=${port}`,
      "--disable-storage-reset",
      "--only-categories=performance",
      "--output=json",
      "--quiet",
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const report = JSON.parse(stdout) as {
    categories: { performance: { score: number } };
    audits: Record<string, { numericValue: number }>;
  };
  return Object.fromEntries([
    ["performance", report.categories.performance.score * 100],
    ...audits.map((name) => [name, report.audits[name]?.numericValue ?? Number.NaN]),
  ]);
};

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const directory = mkdtempSync(join(tmpdir(), "sallyport-phone-"));
const apiPort = await findFreePort();
const apiUrl = `http://localhost:${apiPort}`;
const web = await serveSite(() => apiUrl);
const api = await startApiProcess(apiPort, {
  SALLYPORT_DATA_DIR: join(directory, "data"),
  SALLYPORT_SAMPLE_DATA: "1",
  SALLYPORT_HOST: "localhost",
  SALLYPORT_PUBLIC_URL: apiUrl,
  SALLYPORT_WEB_ORIGINS: web.origin,
  SALLYPORT_LOG_LEVEL: "silent",
});
const debuggingPort = await findFreePort();
const browser = await chromium.launchPersistentContext(join(directory, "profile"), {
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", `--remote-debugging-port=${debuggingPort}`],
});
try {
  const page = await browser.newPage();
  const report = async (what: string, address: string): Promise<void> => {
    const found: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const blank = await browser.newPage();
      const protocol = await browser.newCDPSession(blank);
      await protocol.send("Network.clearBrowserCache");
      await blank.close();
      found.push(await measure(web.origin + address, debuggingPort));
    }
    const median = (name: keyof Measured): number => medianOf(found.map((one) => one[name]));
    console.log(
      `${what}: performance ${median("performance").toFixed(0)}, FCP ${(median("first-contentful-paint") / 1000).toFixed(2)} s, LCP ${(median("largest-contentful-paint") / 1000).toFixed(2)} s, TBT ${median("total-blocking-time").toFixed(0)} ms, layout shift ${median("cumulative-layout-shift").toFixed(3)}`,
    );
  };
  await report("sign-in page", "/sign-in");
  await page.goto(`${web.origin}/sign-in`);
  await page.getByLabel("User name").fill("mica");
  await page.getByLabel("Password", { exact: true }).fill("sample-mica-passphrase");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.close();
  await report("section", "/sections/marketing");
} finally {
  await browser.close();
  await api.kill();
  web.close();
  rmSync(directory, { recursive: true, force: true });
}
