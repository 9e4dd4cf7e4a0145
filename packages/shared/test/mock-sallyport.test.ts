/**
 * docs/mock-sallyport.md is true: its files and those of docs/add-sallyport.md make one project,
 * its commands run in it, and its tables are those of the code.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "@playwright/test";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { closablePages } from "../../../.ci/chromium.mjs";
import { headlessChromium } from "../../../.ci/programs.mjs";
import { everySection } from "../src/contract/permissions.ts";
import {
  createMockApi,
  limitations,
  personas,
  readMockParameter,
  scenarios,
} from "../src/mock/mock.ts";
import { samplePeople, sampleRoles } from "../src/sample/sample.ts";
import {
  complaintsOfProject,
  complaintsOfTypes,
  openGuide,
  packagesOf,
  readGuide,
} from "./guide.ts";
import { installPackage, packageRoot, type InstalledProject } from "./installed-package.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const guide = await openGuide("mock-sallyport.md");
/** Run by a test of its own, against the real API; here it is what the mock is added to. */
const guideBefore = readGuide(
  await readFile(new URL("../../../docs/add-sallyport.md", import.meta.url), "utf8"),
);
const text = await readFile(new URL("../../../docs/mock-sallyport.md", import.meta.url), "utf8");
const browserFlags = [
  closablePages,
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let project: InstalledProject;
let browser: Browser;
let executablePath: string;

beforeAll(async () => {
  project = await installPackage([
    "@playwright/test",
    "@storybook/react-vite",
    "@tanstack/react-query",
    "@types/node",
    "@types/react",
    "@types/react-dom",
    "react",
    "react-dom",
    "react-router",
    "storybook",
    "typescript-7",
    "vite",
    "vitest",
  ]);
  await guideBefore.writeFiles(project.directory, () => false);
  await guide.writeFiles(project.directory, () => false);
  await install();
  executablePath = headlessChromium();
  browser = await chromium.launch({ executablePath, args: browserFlags });
});
afterAll(async () => {
  await browser?.close();
  await project?.remove();
});

/**
 * The command of the guide, but from what the workspace has installed, if that is of the range that
 * the guide names.
 */
const install = async (): Promise<void> => {
  const command = guide.take("install").trim();
  const [, name = "", range = ""] = /^npm install --save-dev (\S+)@\^(\S+)$/.exec(command) ?? [];
  const { version } = JSON.parse(
    await readFile(join(packageRoot, "node_modules", name, "package.json"), "utf8"),
  ) as { version: string };
  expect([
    version.split(".")[0],
    version.localeCompare(range, "en", { numeric: true }) >= 0,
  ]).toEqual([range.split(".")[0], true]);
  const { exitCode, output } = await project.run(
    command.replace(`${name}@^${range}`, `${name}@file:${join(packageRoot, "node_modules", name)}`),
  );
  expect([exitCode, output]).toEqual([0, expect.any(String)]);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
};

/** Serves a site until the test is over. @returns its address, with a slash at the end */
const serve = async (command: string, base = "/"): Promise<string> => {
  const port = await freePort();
  const child = spawn("sh", ["-c", `exec ${command} --base ${base} --port ${port} --strictPort`], {
    cwd: project.directory,
    env: project.environment,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    const ended = once(child, "exit");
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid);
    if (child.exitCode === null) await ended;
  });
  // Read to its end: to leave a loop over what it says would close the pipe, and the next line that
  // the server says would end it.
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${command} has ended:\n${said}`)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes(String(port))) resolve();
    });
  });
  return `http://localhost:${port}${base}`;
};

/** A page of its own; what it throws fails the test. */
const newPage = async (): Promise<Page> => {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  return page;
};
/** What the page shows once it knows who looks at it. */
const headingOf = (page: Page): Promise<string | null> =>
  page.getByRole("heading").filter({ hasNotText: "One moment" }).first().textContent();

const takeFiles = (...names: readonly string[]): void => names.forEach((name) => guide.take(name));

test("every file of the guide has the types that it needs", async () => {
  expect(
    await complaintsOfTypes(project.directory, {
      types: ["node", "vite/client"],
      customConditions: [],
    }),
  ).toBe("");
  await project.write({ "tsconfig.json": guideBefore.take("tsconfig.json") });
  expect(await complaintsOfProject(project.directory)).toBe("");
});

test("what the guides import and run they have said how to install", async () => {
  const said = [
    ...["project", "install-react"].map((name) => guideBefore.take(name)),
    ...["install-vitest", "install-storybook", "install-playwright"].map((name) =>
      guide.take(name),
    ),
  ].flatMap(packagesOf);
  const { dependencies } = JSON.parse(
    await readFile(join(project.directory, "package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };
  for (const name of said)
    expect(dependencies).toHaveProperty([name.replace(/^typescript$/, "typescript-7")]);
  const files = [...guideBefore.blocks, ...guide.blocks].filter(({ language }) =>
    /^tsx?$/.test(language),
  );
  const imported = files.flatMap(({ code }) =>
    [...code.matchAll(/from "(@[\w-]+\/[\w-]+|[\w-]+)/g)].map(([, name]) => name),
  );
  expect(new Set([...said, "@sallyport/shared", "msw"])).toEqual(new Set([...imported, ...said]));
});

test("what both guides name is one project: nothing of the first gets lost in the second", () => {
  const both = guide.blocks.filter(({ name }) =>
    guideBefore.blocks.some((block) => block.name === name),
  );
  expect(both.map(({ name }) => name).sort()).toEqual([
    "install",
    "src/main.tsx",
    "vite.config.ts",
  ]);
  const linesOf = (code: string): string[] => code.split("\n");
  const before = guideBefore.take("src/main.tsx");
  const after = guide.take("src/main.tsx");
  expect(
    linesOf(after)
      .filter((line) => !line.includes("import.meta.env.DEV"))
      .join("\n"),
  ).toBe(before.replace("\n\nconst root", "\n\n\nconst root"));
  expect(guideBefore.take("vite.config.ts")).toContain('worker: { format: "es" }');
  expect(guide.take("vite.config.ts")).toContain('worker: { format: "es" }');
});

/** What the line of news at the top of the page has said since the page was loaded. */
const collectNews = (): void => {
  const news: string[] = [];
  Object.assign(globalThis, { news });
  addEventListener("DOMContentLoaded", () => {
    const line = document.getElementById("news");
    if (line)
      new MutationObserver(() => news.push(line.textContent)).observe(line, { childList: true });
  });
};
type GuidePage = typeof globalThis & {
  readonly news: readonly string[];
  readonly __mock: ReturnType<typeof createMockApi>;
};

test.each(["/", "/dashboards/"])(
  "Vite serves the page of the guides at %s, the mock answers it, and to load it again is no change",
  async (base) => {
    const address = await serve(guide.take("serve").trim(), base);
    const page = await newPage();
    await page.addInitScript(collectNews);
    const link = page.getByRole("link", { name: "Marketing" });
    // Of each load the stream of its own, or the change below would be made before there is one.
    const stream = (): Promise<unknown> => page.waitForResponse(/\/session\/events/);
    await Promise.all([stream(), page.goto(address), link.waitFor()]);
    await Promise.all([stream(), page.reload()]);
    await link.click();
    await page.getByRole("heading", { name: "Marketing" }).waitFor();
    expect(page.url()).toBe(`${address}sections/marketing`);
    await page.evaluate(() =>
      (globalThis as GuidePage).__mock.change((state) => {
        for (const dataset of state.datasets) dataset.version += 1;
      }),
    );
    const numbers = (): Promise<string[]> =>
      page.evaluate(() =>
        (globalThis as GuidePage).news.filter((text) => text.startsWith("New numbers")),
      );
    await expect
      .poll(numbers, { timeout: 30_000 })
      .toContainEqual(expect.stringContaining("marketing"));
    expect(await numbers()).toHaveLength(1);
    takeFiles("src/mocks/sallyport.ts", "src/mocks/browser.ts");
  },
);

test("MSW's own command puts the worker where it can be served from", async () => {
  const { exitCode } = await project.run(guide.take("worker"));
  expect(exitCode).toBe(0);
  expect(await readdir(join(project.directory, "public"))).toContain("mockServiceWorker.js");
  await rm(join(project.directory, "public", "mockServiceWorker.js"));
});

test("nothing of the mock is in the page's production build", async () => {
  const { exitCode, output } = await project.run("npx vite build --outDir production");
  expect([exitCode, output]).toEqual([0, expect.any(String)]);
  const names = (await readdir(join(project.directory, "production"), { recursive: true })).filter(
    (name) => /\.(js|html)$/.test(name),
  );
  const texts = await Promise.all(
    names.map((name) => readFile(join(project.directory, "production", name), "utf8")),
  );
  expect(texts.join("\n")).toContain("This has been taken from you");
  expect(names.filter((name) => name.includes("mock"))).toEqual([]);
  expect(texts.join("\n")).not.toMatch(
    /mockServiceWorker|__mock|persona|sample-\w+-passphrase|msw/i,
  );
});

/**
 * Of the behaviours those that show what each endpoint does, and what is none of one endpoint. All
 * of them have run on the mock, in `src/mock/behaviour.test.ts`; here the guide's way to them is
 * what is in question.
 */
const withoutRefusals =
  process.env["THOROUGH"] === "1" ? "" : ` -t '^(?!my server .*\\([a-z_]+\\))'`;

test("the guide's tests pass in Vitest", async () => {
  const { exitCode, output } = await project.run(
    `${guide.take("unit").trim()} --expect.poll.timeout=20000${withoutRefusals}`,
  );
  expect([exitCode, output]).toEqual([0, expect.stringMatching(/Tests +\d+ passed/)]);
  for (const file of ["src/sallyport.test.ts", "src/behaviour.test.ts"])
    expect(output).toMatch(new RegExp(`✓ ${file} \\(\\d+ tests`));
  takeFiles(
    "vitest.config.ts",
    "src/mocks/vitest.ts",
    "src/sallyport.test.ts",
    "src/subject.ts",
    "src/behaviour.test.ts",
  );
});

test("Storybook shows each story with its persona and its scenario", async () => {
  const { exitCode, output } = await project.run(guide.take("stories"));
  expect([exitCode, output]).toEqual([0, expect.any(String)]);
  const site = await serve("npx vite preview --outDir storybook-static");
  const { entries } = JSON.parse(
    await readFile(join(project.directory, "storybook-static", "index.json"), "utf8"),
  ) as { entries: Record<string, { name: string }> };
  const shown: Record<string, string | null> = {};
  for (const [id, { name }] of Object.entries(entries)) {
    const page = await newPage();
    await page.goto(`${site}iframe.html?id=${id}&viewMode=story`);
    shown[name] = await headingOf(page);
  }
  expect(shown).toEqual({
    Mike: "Hello, Mike Lindqvist",
    Frida: "Hello, Frida Marchetti",
    Visitor: "Please sign in",
    Offline: "No connection",
  });
  takeFiles(
    ".storybook/main.ts",
    ".storybook/preview.tsx",
    "src/overview.tsx",
    "src/overview.stories.tsx",
  );
});

test("the guide's tests pass in Playwright, where the page lies in a folder", async () => {
  const port = await freePort();
  await project.write({
    "playwright.config.ts": guide
      .take("playwright.config.ts")
      .replace("npx vite", "npx vite --base /dashboards/")
      .replaceAll("localhost:5173/", "localhost:5173/dashboards/")
      .replaceAll("5173", String(port)),
    // With the browser of this machine, since Playwright has none of its own here, and with time
    // for a machine that is busy.
    "here.config.ts": `
      import config from "./playwright.config";
      export default { ...config, timeout: 120_000, expect: { timeout: 30_000 }, use: { ...config.use, launchOptions: ${JSON.stringify({ executablePath, args: browserFlags })} } };
    `,
  });
  const { exitCode, output } = await project.run(
    `${guide.take("browser").trim()} -c here.config.ts`,
  );
  expect([exitCode, output]).toEqual([0, expect.stringMatching(/\d+ passed/)]);
  takeFiles("e2e/pages.spec.ts");
});

/**
 * The rows of the table below a heading, without the two that make its head; each cell as it is
 * written.
 */
const tableBelow = (heading: string): string[][] => {
  const [, section = ""] =
    new RegExp(`^## ${heading}\n([^]*?)(?=^## |(?![^]))`, "m").exec(text) ?? [];
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
};
/** The names between back quotes at the beginning of each row. */
const namesBelow = (heading: string): string[] =>
  tableBelow(heading).map(([first = ""]) => /^`(\w+)/.exec(first)?.[1] ?? first);
const complaintOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};
/** What a refusal says there is. */
const listedIn = (complaint: string): string[] =>
  (/(?:There are|It knows): ([\w, ]+)/.exec(complaint)?.[1] ?? "")
    .replace(/, as in $/, "")
    .split(", ");

test("the guide's options are those that there are", () => {
  const unknown = { baseUrl: "https://api.example.com", nothing: true };
  expect(namesBelow("Options")).toEqual(listedIn(complaintOf(() => createMockApi(unknown))));
});

test("the guide's personas are those that there are, with what they may see", () => {
  const rows = personas.map((persona) => {
    const person = samplePeople.find(({ username }) => username === persona);
    if (!person) return [`\`${persona}\``, "nobody", "", ""];
    const slugs = [
      ...person.sections,
      ...sampleRoles
        .filter(({ name }) => person.roles.includes(name))
        .flatMap(({ sections }) => sections),
    ];
    const name = person.active ? person.displayName : `${person.displayName}, deactivated`;
    return [
      `\`${persona}\``,
      name,
      person.roles.join(", "),
      slugs.map((slug) => (slug === everySection ? "every one" : slug)).join(", "),
    ];
  });
  expect(tableBelow("Personas")).toEqual(rows);
});

test("the guide's scenarios are those that there are, in their own words", () => {
  expect(tableBelow("Scenarios")).toEqual(
    Object.entries(scenarios).map(([name, { description }]) => [`\`${name}\``, description]),
  );
});

test("the guide tells of everything that a mock can be told while a page is open, and of nothing else", () => {
  const mock = createMockApi({ baseUrl: "https://api.example.com" });
  onTestFinished(() => mock.dispose());
  expect(new Set(namesBelow("While a page is open"))).toEqual(new Set(Object.keys(mock)));
  const known = listedIn(complaintOf(() => readMockParameter("?mock=nothing:1")));
  expect(text).toContain(
    `The page's address knows ${known
      .slice(0, -1)
      .map((name) => `\`${name}\``)
      .join(", ")} and \`${known.at(-1)}\`:`,
  );
});

test("the guide lists everything that the mock cannot do", () => {
  const [, list = ""] = /^## What it cannot do\n\n([^]*?)\n\n/m.exec(text) ?? [];
  expect(list.split("\n")).toEqual(limitations.map((sentence) => `- ${sentence}`));
});

test("an input that asks for an error gets it, as the guide says", async () => {
  const mock = createMockApi({ baseUrl: "https://api.example.com", persona: "mike" });
  onTestFinished(() => mock.dispose());
  const codeOf = async (path: string, init?: RequestInit): Promise<unknown> =>
    (
      (await (await mock.fetch(path, { credentials: "include", ...init })).json()) as {
        code?: unknown;
      }
    ).code;
  const signIn = (username: string) =>
    codeOf("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password: "sample-mike-passphrase" }),
    });
  expect(await signIn("mock-error-rate_limited")).toBe("rate_limited");
  expect(await codeOf("/sections/mock-error-section-forbidden")).toBe("section_forbidden");
  const said = vi.spyOn(console, "error").mockReturnValue(undefined);
  onTestFinished(() => said.mockRestore());
  expect(await signIn("mock-error-section_forbidden")).toBe("internal");
  expect(said).toHaveBeenCalledOnce();
});
