/**
 * Serves built files as GitHub Pages does: nothing is rewritten, and what is not there is
 * `404.html` with status 404, or as other hosts do `index.html` with status 200.
 */
import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Certificate } from "./wire.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

export interface StaticHost {
  readonly port: number;
  /**
   * From now on, what has such a path is answered as a limit of requests or a restart behind a
   * proxy would; null ends it.
   */
  refuse(paths: RegExp | null, status?: number): void;
  close(): Promise<void>;
}

/**
 * @param readConfig the text of `config.json`; `null` where the site has none
 * @param onRequest is told the path of every request
 */
export const openStaticHost = async (
  directory: string,
  basePath: string,
  readConfig: () => string | null,
  certificate: Certificate | null,
  onRequest: (path: string) => void = () => undefined,
  fallsBackToIndex = false,
): Promise<StaticHost> => {
  const send = async (response: ServerResponse, status: number, file: string): Promise<void> => {
    const body = await readFile(file);
    response.writeHead(status, {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      "Cache-Control": "max-age=600",
    });
    response.end(body);
  };
  let refusal: { readonly paths: RegExp; readonly status: number } | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    onRequest(pathname);
    if (refusal?.paths.test(pathname) === true) {
      response.writeHead(refusal.status, {
        "Content-Type": "text/html",
        "Cache-Control": "no-store",
      });
      response.end("<h1>Not now</h1>");
      return;
    }
    if (!pathname.startsWith(basePath)) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end("There is no site here.");
      return;
    }
    const name = normalize(decodeURIComponent(pathname.slice(basePath.length)));
    if (name === "config.json") {
      const config = readConfig();
      if (config === null) return send(response, 404, join(directory, "404.html"));
      response.writeHead(200, {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "max-age=600",
      });
      response.end(config);
      return;
    }
    const file = join(directory, pathname.endsWith("/") ? join(name, "index.html") : name);
    const isFile =
      file.startsWith(directory) && (await stat(file).catch(() => null))?.isFile() === true;
    if (isFile) await send(response, 200, file);
    else if (fallsBackToIndex) await send(response, 200, join(directory, "index.html"));
    else await send(response, 404, join(directory, "404.html"));
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => response.destroy());
  };
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    refuse: (paths, status = 503) => {
      refusal = paths && { paths, status };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
