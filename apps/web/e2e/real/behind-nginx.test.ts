import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { createClient } from "@sallyport/shared/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { minutes, startInstallation, type Installation } from "./installation.ts";
import { freePort, nginxPath, startNginx } from "./nginx.ts";
import {
  connectionBanner,
  expectNoDialog,
  heading,
  isMarked,
  markPage,
  sectionIsShown,
  sectionLink,
  signIn,
} from "./screens.ts";

interface BehindNginx extends Pick<Installation, "newContext" | "at" | "apiUrl" | "wire"> {
  readonly installation: Installation;
  /**
   * Every request to the API is answered with a page of nginx's own, as while somebody maintains
   * it.
   */
  maintain(on: boolean): Promise<void>;
}

/**
 * The site and, under `/api/`, the API behind one nginx, as one origin: the answers that nginx
 * gives of its own are seen by the page.
 */
const startBehindNginx = async (inApi = ""): Promise<BehindNginx> => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const apiUrl = `${origin}/api`;
  const installation = await startInstallation({
    environment: { SALLYPORT_PUBLIC_URL: origin, SALLYPORT_WEB_ORIGINS: origin },
  });
  const folder = await startNginx(
    port,
    (own) => `
    limit_req_zone $binary_remote_addr zone=few:1m rate=2r/s;
    server {
      listen 127.0.0.1:${port};
      root ${inject("siteDirectory")};
      location = /config.json {
        default_type application/json;
        return 200 '{"apiUrl":"${apiUrl}"}';
      }
      location / { try_files $uri /index.html; }
      location /api/ {
        ${inApi}
        error_page 503 /maintenance.html;
        if (-f ${own}/down) { return 503; }
        client_max_body_size 1k;
        proxy_pass http://127.0.0.1:${installation.wire.port}/;
        proxy_set_header Host $http_host;
        proxy_http_version 1.1;
        proxy_buffering off;
      }
      location = /maintenance.html { internal; default_type text/html; return 503 '<h1>Back soon</h1>'; }
    }`,
  );
  const down = join(folder, "down");
  return {
    installation,
    newContext: installation.newContext,
    at: (path) => origin + path,
    apiUrl,
    wire: installation.wire,
    maintain: (on) => (on ? writeFile(down, "") : rm(down)),
  };
};

test.skipIf(!nginxPath)(
  "eight tabs at once behind nginx's limit of requests all come to their page, and none gives up",
  async () => {
    const behind = await startBehindNginx("limit_req zone=few burst=2 nodelay;");
    const context = await behind.newContext();
    const first = await context.newPage();
    const refused: number[] = [];
    context.on("response", (response) => {
      // A tab may come with the old token while another refreshes it, and be told so (401).
      const isRefused = response.status() >= 400 && response.status() !== 401;
      if (response.url().startsWith(behind.apiUrl) && isRefused) refused.push(response.status());
    });
    await signIn(behind, first, "mica");
    // Also with a refresh to be made, once for all of them.
    await behind.installation.timePasses(minutes(6));
    const tabs = await Promise.all(Array.from({ length: 8 }, () => context.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto(behind.at("/sections/finance"))));
    for (const tab of tabs) {
      await sectionIsShown(tab, "Finance");
      await expectNoDialog(tab);
      expect(await tab.getByText("SALLYPORT_WEB_ORIGINS").count()).toBe(0);
    }
    // How many depends on how far apart the tabs come.
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused)).toEqual(new Set([503]));
  },
);

test.skipIf(!nginxPath)(
  "a page of nginx's own in the API's place is a lost connection: the page stays, says after half a minute what it is, and goes on",
  async () => {
    const behind = await startBehindNginx();
    const context = await behind.newContext();
    const page = await context.newPage();
    await page.clock.install();
    await signIn(behind, page, "mica");
    await markPage(page);
    await behind.maintain(true);
    await sectionLink(page, "People").click();
    await connectionBanner(page).waitFor();
    expect(await page.getByText("answers in its place").count()).toBe(0);
    await page.clock.fastForward(31_000);
    await page.getByText("answers in its place (status 503)").waitFor();
    await expectNoDialog(page);

    // Who opens a page meanwhile is told so, and need not reload it.
    const later = await context.newPage();
    await later.goto(behind.at("/sections/finance"));
    await heading(later, "The server has not been reached").waitFor();
    await later.getByText("with status 503").waitFor();

    await behind.maintain(false);
    await sectionIsShown(later, "Finance");
    await page.clock.fastForward(31_000);
    await sectionIsShown(page, "People");
    await connectionBanner(page).waitFor({ state: "detached" });
    expect(await isMarked(page)).toBe(true);
    await expectNoDialog(page);
  },
);

test.skipIf(!nginxPath)(
  "a body that nginx refuses (413) is a NetworkError that names the status, and is sent once",
  async () => {
    const behind = await startBehindNginx();
    const client = createClient({
      baseUrl: behind.apiUrl,
      delivery: "bearer",
      environment: {
        fetch: (url, init) =>
          fetch(url, { ...init, headers: { ...init.headers, origin: new URL(url).origin } }),
      },
    });
    onTestFinished(() => client.dispose());
    await client.signIn({ username: "mica", password: samplePasswordOf("mica") });
    behind.wire.forget();
    await expect(
      client.call("PUT /datasets/:name/rows", {
        params: { name: "films" },
        upload: { type: "text/csv", content: "price\n".repeat(1000) },
      }),
    ).rejects.toMatchObject({
      name: "NetworkError",
      status: 413,
      aborted: false,
      message:
        "Something else than the API refused PUT /datasets/:name/rows for its size (413). In nginx, raise client_max_body_size.",
    });
    expect(client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
    await expect.poll(() => client.state().connection).toBe("online");
    expect(behind.wire.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /healthz",
    ]);
  },
);
