import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { staticPage, tellBasePath } from "./static-page.ts";

/** What `npm start` answers with, before a page whose policy is `default-src 'self'`. */
const headersOfPreview = async (): Promise<Headers> => {
  const root = await mkdtemp(join(tmpdir(), "sallyport-page-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "dist"));
  await writeFile(
    join(root, "dist/index.html"),
    `<meta http-equiv="Content-Security-Policy" content="default-src 'self'" />`,
  );
  const server = await preview({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [staticPage()],
    preview: { port: 0, host: "127.0.0.1" },
  });
  onTestFinished(() => server.close());
  return (await fetch(`http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`))
    .headers;
};

test("the preview sends what a page cannot say of itself: that nobody may frame it, above all", async () => {
  const headers = await headersOfPreview();
  expect(
    Object.fromEntries(
      [
        "content-security-policy",
        "cross-origin-opener-policy",
        "referrer-policy",
        "x-content-type-options",
      ].map((name) => [name, headers.get(name)]),
    ),
  ).toEqual({
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "strict-origin",
    "x-content-type-options": "nosniff",
  });
});

test("the README tells other web servers to send the same", async () => {
  const headers = await headersOfPreview();
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const told = Object.fromEntries(
    [...readme.matchAll(/^ *add_header (\S+) (?:"([^"]+)"|(\S+)) always;$/gm)].map(
      ([, name = "", quoted, plain]) => [name, quoted ?? plain],
    ),
  );
  expect(told).toEqual({
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": headers.get("cross-origin-opener-policy"),
    "Referrer-Policy": headers.get("referrer-policy"),
    "X-Content-Type-Options": headers.get("x-content-type-options"),
    "Strict-Transport-Security": "max-age=63072000",
  });
});

test("a page is told its folder, and a build that is told nonsense stops", async () => {
  const page = await readFile(new URL("../index.html", import.meta.url), "utf8");
  expect(tellBasePath(page, "/team/")).toContain('<html data-base="/team/" lang="en">');
  expect(tellBasePath(page, undefined)).toBe(page);
  for (const nonsense of ["team", "/team", "//evil/", '/a"b/'])
    expect(() => staticPage({ basePath: nonsense })).toThrow(/begin and end with a slash/);
});
