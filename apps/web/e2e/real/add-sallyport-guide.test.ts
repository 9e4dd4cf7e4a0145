/**
 * The guide docs/add-sallyport.md, as one project outside this repository: every block of it is run
 * here.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { samplePasswordOf } from "@sallyport/shared/sample";
import type { Page } from "playwright-core";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createTestApp } from "../../../api/test/test-app.ts";
import {
  complaintsOfProject,
  complaintsOfTypes,
  openGuide,
  packagesOf,
} from "../../../../packages/shared/test/guide.ts";
import {
  installPackage,
  type InstalledProject,
} from "../../../../packages/shared/test/installed-package.ts";
import {
  minutes,
  startInstallation,
  type Installation,
  type InstallationOptions,
} from "./installation.ts";

const guide = await openGuide("add-sallyport.md");
const apiOfGuide = "https://api.example.com";
const usedInReact = ["react", "react-dom", "@tanstack/react-query", "react-router"];
const usedToBuild = ["vite", "@types/node", "@types/react", "@types/react-dom"];
const minute = 60_000;

/**
 * What the modules of the guide export that no page of it calls, for the test to call in the page.
 */
interface Exposed {
  listSections(): Promise<ResponseBody<Contract["GET /sections"]>["items"]>;
  readMonth(
    slug: string,
    signal?: AbortSignal,
  ): Promise<ResponseBody<Contract["GET /sections/:slug"]>>;
  renameSection(slug: string, title: string): Promise<void>;
  dismissNotice(noticeId: string): Promise<undefined>;
  countPanels(slug: string): Promise<number>;
  readonly checkedClient: Client;
}
type GuidePage = typeof globalThis & { guide: Exposed; news: string[] };
const exposing = `
import * as calls from "./calls.ts";
import { checkedClient } from "./checked-client.ts";
import { countPanels } from "./count-panels.ts";
import { renameSection } from "./rename.ts";
Object.assign(globalThis, { guide: { ...calls, checkedClient, countPanels, renameSection } });
`;

let project: InstalledProject;
beforeAll(async () => {
  project = await installPackage([...usedInReact, ...usedToBuild]);
  await guide.writeFiles(project.directory, () => false);
  return () => project.remove();
}, 5 * minute);

const built = new Map<string, Promise<string>>();
/** Deployed, the page lies in a folder of its host; built for development, at the root. */
const bases = { production: "/dashboards/", development: "/" } as const;

/**
 * The project as it is deployed, or as a build for development. @returns its folder, not to be
 * changed
 */
const buildOnce = (mode: "production" | "development"): Promise<string> => {
  const build = async (): Promise<string> => {
    guide.take("vite.config.ts");
    const [compile, bundle = ""] = guide.take("build").trim().split("\n");
    // What the compiler says is a test of its own.
    expect(compile).toBe("npx tsc");
    expect(await project.run(guide.take("copy-client"))).toMatchObject({ exitCode: 0 });
    const page = guide.take("index.html");
    await project.write({
      "src/expose.ts": exposing,
      "index.html": page.replace(
        "</body>",
        '<script type="module" src="/src/expose.ts"></script></body>',
      ),
    });
    expect(
      await project.run(
        `NODE_ENV=${mode} ${bundle.replace(bases.production, bases[mode])} --mode ${mode} --outDir dist-${mode} --logLevel error`,
      ),
    ).toEqual({ exitCode: 0, output: "" });
    return join(project.directory, `dist-${mode}`);
  };
  const known = built.get(mode) ?? build();
  built.set(mode, known);
  return known;
};

/** Deploys it: the names of the guide become those of this machine. */
const deploy = async (
  mode: "production" | "development" = "production",
  options: InstallationOptions = {},
): Promise<Installation> => {
  const source = await buildOnce(mode);
  const directory = await mkdtemp(join(tmpdir(), "sallyport-guide-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(source, directory, { recursive: true });
  const installation = await startInstallation({
    directory,
    basePath: bases[mode],
    hosts: { site: "app.example.test", api: "api.example.test" },
    ...options,
  });
  for (const name of await readdir(directory, { recursive: true })) {
    if (!/\.(js|html)$/.test(name)) continue;
    await writeFile(
      join(directory, name),
      (await readFile(join(directory, name), "utf8")).replaceAll(apiOfGuide, installation.apiUrl),
    );
  }
  // As hosts of SPAs do.
  await cp(join(directory, "index.html"), join(directory, "404.html"));
  return installation;
};

const heading = (page: Page, name: string | RegExp) =>
  page.getByRole("heading", { level: 1, name, ...(typeof name === "string" && { exact: true }) });
const submit = async (
  page: Page,
  username: string,
  password = samplePasswordOf(username),
): Promise<void> => {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.locator("form").getByRole("button", { name: "Sign in" }).click();
};
/**
 * Everything that the page's status has said since it was opened, since the next piece of news
 * takes the place of the last.
 */
const expectNews = (page: Page, text: string): Promise<void> =>
  expect.poll(() => page.evaluate(() => (globalThis as GuidePage).news)).toContain(text);
const collectNews = (): void => {
  const news: string[] = [];
  Object.assign(globalThis, { news });
  addEventListener("DOMContentLoaded", () => {
    const status = document.getElementById("news");
    if (status)
      new MutationObserver(() => news.push(status.textContent)).observe(status, {
        childList: true,
      });
  });
};
const openAt = async (installation: Installation, path: string): Promise<Page> => {
  const context = await installation.newContext();
  await context.addInitScript(collectNews);
  const page = await context.newPage();
  await page.goto(installation.at(path));
  return page;
};
const signedInAt = async (
  installation: Installation,
  path: string,
  username = "mica",
): Promise<Page> => {
  const page = await openAt(installation, path);
  await submit(page, username);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
};

test(
  "the package is packed and installed as the guide says",
  async () => {
    expect(guide.take("pack")).toBe("cd packages/shared\nnpm pack\n");
    const install = guide.take("install");
    expect(install).toContain(basename(project.tarball));
    await cp(project.tarball, join(project.directory, basename(project.tarball)));
    expect(await project.run(install)).toMatchObject({ exitCode: 0 });
    const { dependencies } = JSON.parse(
      await readFile(join(project.directory, "package.json"), "utf8"),
    ) as { dependencies: Record<string, string> };
    expect(dependencies["@sallyport/shared"]).toBe(`file:${basename(project.tarball)}`);
    // No registry is asked for these here; they are what the workspace has installed.
    expect(guide.take("install-react").trim()).toBe(`npm install ${usedInReact.join(" ")}`);
    for (const name of usedInReact) expect(dependencies).toHaveProperty([name]);
    // The compiler is the workspace's.
    expect(packagesOf(guide.take("project"))).toEqual(expect.arrayContaining(usedToBuild));
  },
  minute,
);

test(
  "its TypeScript is right, by the package's own types",
  async () => {
    expect(
      await complaintsOfTypes(project.directory, {
        types: ["node", "vite/client"],
        customConditions: [],
      }),
    ).toBe("");
    await project.write({
      "src/wrong.ts":
        'import { client } from "./sallyport.ts";\nawait client.call("GET /nowhere");\n',
    });
    expect(
      await complaintsOfTypes(project.directory, {
        types: ["node", "vite/client"],
        customConditions: [],
      }),
    ).toContain("src/wrong.ts(2,19)");
    await rm(join(project.directory, "src/wrong.ts"));
    await project.write({ "tsconfig.json": guide.take("tsconfig.json") });
    expect(await complaintsOfProject(project.directory)).toBe("");
  },
  minute,
);

test.each([
  ["try", "http://localhost:5173", /; SameSite=Strict$/],
  ["settings", "https://app.example.com", /; SameSite=Strict$/],
  ["cross-site-settings", "https://name.github.io", /; SameSite=None; Partitioned$/],
])(
  "with its %s the API lets the page on %s sign in, and no other",
  async (name, origin, cookie) => {
    const environment = Object.fromEntries(
      [...guide.take(name).matchAll(/(\w+)=(\S+)/g)].map(([, setting, value]) => [setting, value]),
    );
    const api = await createTestApp({ environment });
    onTestFinished(() => api.close());
    const signIn = async (from: string): Promise<Response> =>
      api.app.fetch(
        new Request(`${apiOfGuide}/login`, {
          method: "POST",
          headers: { origin: from, "content-type": "application/json" },
          body: JSON.stringify({ username: "mike", password: samplePasswordOf("mike") }),
        }),
      );
    const response = await signIn(origin);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.getSetCookie()).toHaveLength(3);
    for (const set of response.headers.getSetCookie()) expect(set).toMatch(cookie);
    expect((await signIn("https://elsewhere.example")).status).toBe(403);
  },
);

test(
  "signing in leads to where one was going; a wrong password and a server that is away are told",
  async () => {
    const installation = await deploy();
    for (const name of [
      "src/sallyport.ts",
      "src/announce.ts",
      "src/sign-in.ts",
      "src/main.tsx",
      "src/pages.tsx",
      "src/routes.tsx",
    ])
      guide.take(name);
    const page = await openAt(installation, "/sections/finance?from=bookmark");
    await heading(page, "Sign in").waitFor();
    expect(new URL(page.url()).searchParams.get("next")).toBe("/sections/finance?from=bookmark");
    await submit(page, "mica", "not-the-passphrase-of-mica");
    await page
      .getByRole("alert")
      .getByText("The user name or the password is not right.")
      .waitFor();
    expect(await page.getByLabel("User name").inputValue()).toBe("mica");
    expect(await page.getByLabel("Password").inputValue()).toBe("");
    await installation.wire.unplug();
    await submit(page, "mica");
    await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    await installation.wire.plugIn();
    await submit(page, "mica");
    await heading(page, "Finance").waitFor();
    expect(page.url()).toBe(installation.at("/sections/finance?from=bookmark"));
    await page.getByText(/^S&P 500: \d/).waitFor();
    const before = installation.wire.count("GET /sections/finance");
    await page.getByRole("button", { name: "A year" }).click();
    await expect
      .poll(
        () => installation.wire.requests.filter(({ query }) => query.includes("last=P1Y")).length,
      )
      .toBe(1);
    expect(installation.wire.count("GET /sections/finance")).toBe(before + 1);
    await page.reload();
    await heading(page, "Finance").waitFor();
  },
  2 * minute,
);

test("too many wrong passwords, and a browser that blocks the cookies, are told in words", async () => {
  const installation = await deploy("production", {
    environment: { SALLYPORT_COOKIE_MODE: "same-site" },
    hosts: { site: "app.example.test", api: "api.elsewhere.test" },
  });
  const page = await openAt(installation, "/sign-in");
  await submit(page, "mica");
  await expectNews(page, "This browser blocks the cookies that keep you signed in.");
  for (let attempt = 0; attempt < 6; attempt++) {
    await page.evaluate(
      async (api) =>
        void (await fetch(`${api}/login`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"username":"mike","password":"wrong-passphrase-of-mike"}',
        })),
      installation.apiUrl,
    );
  }
  await page.goto(installation.at("/sign-in"));
  await submit(page, "mike");
  await page
    .getByRole("alert")
    .getByText(/^Try again in \d+ seconds\.$/)
    .waitFor();
});

test(
  "guards and rights: who may not open a page is refused, and what is shown follows the rights without a reload",
  async () => {
    const installation = await deploy();
    guide.take("src/events.ts");
    const page = await signedInAt(installation, "/", "mike");
    await heading(page, "Hello").waitFor();
    expect(await page.getByRole("link").allInnerTexts()).toEqual(["Welcome", "Marketing"]);
    for (const path of ["/admin", "/sections/finance"]) {
      await page.goto(installation.at(path));
      await heading(page, "You have no access to this page").waitFor();
    }
    await page.goto(installation.at("/sections/marketing"));
    await heading(page, "Marketing").waitFor();
    const sql = (text: string) => installation.api.runSql(text);
    sql(
      "update grants set section_id = (select id from sections where slug = 'finance') where section_id = (select id from sections where slug = 'marketing')",
    );
    await expectNews(page, "You could open 2 sections, now 2.");
    await heading(page, "This has been taken from you").waitFor();
    expect(await page.getByRole("link").allInnerTexts()).toEqual(["Welcome", "Finance"]);

    const admin = await signedInAt(installation, "/admin");
    await heading(admin, "5 sections").waitFor();
    await admin.goto(installation.at("/"));
    await heading(admin, "Hello, big spender").waitFor();
  },
  2 * minute,
);

test(
  "events tell what happens in another tab, on the server and to the connection",
  async () => {
    const installation = await deploy();
    const page = await signedInAt(installation, "/");
    await expectNews(page, "Signed in as Mica Okafor.");
    const other = await page.context().newPage();
    await other.goto(installation.at("/sections/finance"));
    await heading(other, "Finance").waitFor();
    expect(await other.evaluate(() => (globalThis as GuidePage).news)).toEqual([]);

    await expect.poll(() => installation.wire.count("GET /session/events")).toBeGreaterThan(0);
    installation.api.runSql(
      "update sections set description = 'Other words' where slug = 'finance'",
    );
    await expectNews(page, "New numbers: finance.");

    await installation.wire.unplug();
    await other.getByRole("button", { name: "A year" }).click();
    await expectNews(other, "Connection lost.");
    await installation.wire.plugIn();
    await expectNews(other, "Connected again.");

    installation.api.runSql(
      `update sessions set ended_at = ${Date.now()}, end_reason = 'endedByAdmin'`,
    );
    const dialog = other.getByRole("dialog", { name: "Sign in again" });
    await dialog.waitFor();
    await submit(other, "mica");
    await dialog.waitFor({ state: "detached" });
    await expectNews(page, "Signed in as Mica Okafor.");

    await other.getByRole("button", { name: "Sign out" }).click();
    for (const tab of [page, other]) {
      await expectNews(tab, "You are signed out.");
      await heading(tab, "Sign in").waitFor();
    }
    await submit(other, "mike");
    await expectNews(page, "Signed in as Mike Lindqvist.");
    await page.evaluate(() => void Object.assign(globalThis, { marked: true }));
    // No form of the guide lets somebody else sign in meanwhile; a client of the same page does.
    await other.evaluate(
      (password) =>
        (globalThis as GuidePage).guide.checkedClient.signIn({ username: "mica", password }),
      samplePasswordOf("mica"),
    );
    await page.waitForFunction(() => !("marked" in globalThis));
  },
  2 * minute,
);
test("calls are made as written, by the page and by its worker, over an expired token too", async () => {
  const installation = await deploy();
  for (const name of ["src/calls.ts", "src/rename.ts", "src/worker.ts", "src/count-panels.ts"])
    guide.take(name);
  const page = await signedInAt(installation, "/");
  const slugs = () =>
    page.evaluate(async () =>
      (await (globalThis as GuidePage).guide.listSections()).map(({ slug }) => slug),
    );
  expect(await slugs()).toContain("finance");
  installation.serverClockAdvances(minutes(6));
  installation.wire.forget();
  const [month, panels] = await Promise.all([
    page.evaluate(
      async () => (await (globalThis as GuidePage).guide.readMonth("finance")).panels.length,
    ),
    page.evaluate(() => (globalThis as GuidePage).guide.countPanels("finance")),
  ]);
  expect(month).toBeGreaterThan(3);
  expect(panels).toBe(month);
  expect(installation.wire.count("POST /refresh")).toBe(1);
  expect(
    await page.evaluate(() =>
      (globalThis as GuidePage).guide
        .readMonth("finance", AbortSignal.abort())
        .catch(({ name, aborted }: Error & { aborted: boolean }) => `${name} ${aborted}`),
    ),
  ).toBe("NetworkError true");
  await page.evaluate(() =>
    (globalThis as GuidePage).guide.dismissNotice("ntc_1mFh0Yw2o3RlHqBVhWQy0A"),
  );
  expect(installation.wire.requests.at(-1)).toMatchObject({ method: "DELETE", status: 204 });

  await page.evaluate(() => (globalThis as GuidePage).guide.renameSection("finance", "Money"));
  const replaced = installation.wire.requests.findLast(({ method }) => method === "PUT");
  expect(replaced).toMatchObject({ method: "PUT", status: 200 });
  expect(replaced?.headers["if-match"]).toMatch(/^"/);
  expect(
    await page.evaluate(async () =>
      (await (globalThis as GuidePage).guide.listSections()).map(({ title }) => title),
    ),
  ).toContain("Money");
});

test("an error in a guard is told by the page's own boundary, and a session that was over says why at the sign-in page", async () => {
  const installation = await deploy();
  const page = await signedInAt(installation, "/", "mike");
  await heading(page, "Hello").waitFor();
  // The guard asks for a section that the session does not list, and the API fails.
  await page.route(`${installation.apiUrl}/sections/nowhere`, (route) =>
    route.fulfill({
      status: 500,
      body: JSON.stringify({
        type: `${installation.apiUrl}/problems/internal`,
        title: "Something went wrong",
        status: 500,
        detail: "It is not your fault.",
        code: "internal",
        requestId: "req_1",
      }),
      headers: {
        "content-type": "application/problem+json",
        "x-request-id": "req_1",
        "access-control-allow-origin": installation.siteOrigin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-request-id",
      },
    }),
  );
  await page.goto(installation.at("/sections/nowhere"));
  await heading(page, "Something went wrong").waitFor();
  expect(await page.getByText("Unexpected Application Error").count()).toBe(0);
  await page.goto("about:blank");
  installation.api.runSql("update sessions set ended_at = 1, end_reason = 'idle'");
  await page.goto(installation.at("/sections/marketing"));
  await heading(page, "Sign in").waitFor();
  await page.getByText("You were away for a long time").waitFor();
  await submit(page, "mike");
  await heading(page, "Marketing").waitFor();
});

test("a page without a bundler knows who is there, and hears of a sign-in in the other page", async () => {
  const installation = await deploy();
  guide.take("public/plain.html");
  const page = await openAt(installation, "/plain.html");
  await heading(page, "Hello, stranger").waitFor();
  const other = await page.context().newPage();
  await other.goto(installation.at("/sign-in"));
  await submit(other, "mica");
  await heading(page, "Hello, Mica Okafor").waitFor();
  await page.reload();
  await heading(page, "Hello, Mica Okafor").waitFor();
  expect(installation.wire.count("POST /login")).toBe(1);
});

test("the script for Node lists sections with tokens in its memory, signs out and ends", async () => {
  const installation = await startInstallation();
  guide.take("report.ts");
  const line = `API_URL=${installation.apiUrl} PASSWORD=${samplePasswordOf("mike")} ${guide.take("report")}`;
  expect(await project.run(line)).toEqual({
    exitCode: 0,
    output: "welcome: Welcome\nmarketing: Marketing\n",
  });
  expect(
    installation.wire.requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
  ).toEqual(["POST /login 200", "GET /sections 200", "POST /logout 204"]);
});

test(
  "answers are held to the contract in a build for development, and the schemas are not in a build for production",
  async () => {
    guide.take("src/checked-client.ts");
    const outcome = async (mode: "production" | "development"): Promise<string> => {
      const installation = await deploy(mode);
      const page = await openAt(installation, "/sign-in");
      await page.route(`${installation.apiUrl}/healthz`, (route) =>
        route.fulfill({
          json: { status: "splendid" },
          headers: {
            "x-request-id": "req_1",
            "access-control-allow-origin": installation.siteOrigin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "x-request-id",
          },
        }),
      );
      return page.evaluate(() =>
        (globalThis as GuidePage).guide.checkedClient
          .call("GET /healthz", undefined, { sessionless: true })
          .then(
            () => "believed",
            ({ name }: Error) => name,
          ),
      );
    };
    expect(await outcome("production")).toBe("believed");
    expect(await outcome("development")).toBe("ContractError");
    const scripts = async (mode: "production" | "development"): Promise<string> => {
      const folder = join(await buildOnce(mode), "assets");
      return (
        await Promise.all(
          (await readdir(folder))
            .filter((name) => name.endsWith(".js"))
            .map((name) => readFile(join(folder, name), "utf8")),
        )
      ).join("\n");
    };
    // Words of a schema.
    expect(await scripts("development")).toContain("Which of the cookies came back");
    expect(await scripts("production")).not.toContain("Which of the cookies came back");
  },
  2 * minute,
);
