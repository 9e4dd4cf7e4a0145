import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { samplePasswordOf } from "@sallyport/shared/sample";
import type { BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { buildBrowserClient } from "../../../../packages/shared/build/browser-client.ts";
import { minutes, startInstallation, type Installation } from "./installation.ts";

const example = fileURLToPath(new URL("../../../../docs/examples/plain-html", import.meta.url));
let client: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-client-"));
  client = join(folder, "client.js");
  await buildBrowserClient(client);
  return () => rm(folder, { recursive: true });
});

/**
 * The example as its README says: its files, the client beside them, and the API's address in the
 * page.
 */
const startExample = async (): Promise<Installation> => {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-plain-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(example, directory, { recursive: true });
  await cp(client, join(directory, "sallyport-client.js"));
  const installation = await startInstallation({ directory });
  const page = await readFile(join(example, "index.html"), "utf8");
  expect(page).toContain('content="http://localhost:4000"');
  await writeFile(
    join(directory, "index.html"),
    page.replace("http://localhost:4000", installation.apiUrl),
  );
  return installation;
};

const submit = async (
  page: Page,
  username: string,
  password = samplePasswordOf(username),
): Promise<void> => {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
};
const heading = (page: Page, name: string) =>
  page.getByRole("heading", { level: 1, name, exact: true });
const titles = (page: Page) =>
  page.getByRole("navigation", { name: "Sections" }).getByRole("link").allInnerTexts();
const openTab = async (
  installation: Installation,
  context: BrowserContext,
  address = "/",
): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(installation.at(address));
  return page;
};
const signedInTab = async (
  installation: Installation,
  context: BrowserContext,
  username = "mica",
): Promise<Page> => {
  const page = await openTab(installation, context);
  await submit(page, username);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
};
const expectAccessible = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
};

test("signing in with a wrong password says so, and with the right one shows who is there, their sections and their numbers", async () => {
  const installation = await startExample();
  const page = await openTab(installation, await installation.newContext());
  await expect
    .poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement).name))
    .toBe("username");
  await expectAccessible(page);
  await submit(page, "mike", "not-the-passphrase-of-mike");
  await page.getByRole("alert").getByText("The user name or the password is not right.").waitFor();
  expect(await page.getByLabel("Password").inputValue()).toBe("");
  expect(await page.getByLabel("User name").inputValue()).toBe("mike");
  await submit(page, "mike");
  await page.getByText("Mike Lindqvist").waitFor();
  await page.locator(".panels").waitFor();
  expect(await titles(page)).toEqual(["Welcome", "Marketing"]);
  await page.getByRole("link", { name: "Marketing" }).click();
  await heading(page, "Marketing").waitFor();
  expect(await page.getByRole("link", { name: "Marketing" }).getAttribute("aria-current")).toBe(
    "page",
  );
  expect(await page.locator(".metric .figure").first().innerText()).toMatch(/\d/);
  expect(await page.getByRole("row").count()).toBeGreaterThan(3);
  await expectAccessible(page);
});

test("a section that is not granted is refused in words, and one that does not exist alike", async () => {
  const installation = await startExample();
  const page = await signedInTab(installation, await installation.newContext(), "mike");
  for (const slug of ["finance", "no-such-section"]) {
    await page.goto(installation.at(`/#${slug}`));
    await heading(page, "You have no access to this page").waitFor();
    expect(await titles(page)).toEqual(["Welcome", "Marketing"]);
  }
});

test("the page carries on unseen when its access token has expired, and a reload of a section stays there, signed in", async () => {
  const installation = await startExample();
  const page = await signedInTab(installation, await installation.newContext());
  installation.serverClockAdvances(minutes(6));
  installation.wire.forget();
  await page.getByRole("link", { name: "Finance" }).click();
  await heading(page, "Finance").waitFor();
  expect(installation.wire.count("POST /refresh")).toBe(1);
  await installation.timePasses(minutes(6));
  await page.reload();
  await heading(page, "Finance").waitFor();
  expect(installation.wire.count("POST /refresh")).toBe(2);
  await page.getByText("Mica Okafor").waitFor();
  expect(await page.locator("#sign-in").isVisible()).toBe(false);
});

test("signing in and out in one tab reaches the other, and two tabs share one refresh", async () => {
  const installation = await startExample();
  const context = await installation.newContext();
  const other = await openTab(installation, context, "/#finance");
  const here = await signedInTab(installation, context);
  await heading(other, "Finance").waitFor();
  installation.serverClockAdvances(minutes(6));
  installation.wire.forget();
  await Promise.all(
    [here, other].map((page) => page.getByRole("link", { name: "People" }).click()),
  );
  await Promise.all([here, other].map((page) => heading(page, "People").waitFor()));
  expect(installation.wire.count("POST /refresh")).toBe(1);
  await here.getByRole("button", { name: "Sign out" }).click();
  for (const page of [here, other]) {
    await heading(page, "Sign in").waitFor();
    expect(await page.locator("#section").innerText()).toBe("");
  }
  await other.reload();
  await heading(other, "Sign in").waitFor();
});

test("what is taken away leaves the page without a reload", async () => {
  const installation = await startExample();
  const page = await signedInTab(installation, await installation.newContext(), "mica");
  await page.getByRole("link", { name: "Finance" }).click();
  await heading(page, "Finance").waitFor();
  installation.api.runSql("update sections set visibility = 'restricted'");
  installation.api.runSql("delete from grants");
  await page.getByRole("status").getByText("Some of your sections were taken away.").waitFor();
  await heading(page, "You have no access to this page").waitFor();
  expect(await titles(page)).toEqual([]);
});

test("a session that is over is asked for again over the page, which goes on where it was", async () => {
  const installation = await startExample();
  const page = await signedInTab(installation, await installation.newContext());
  await page.getByRole("link", { name: "Finance" }).click();
  await heading(page, "Finance").waitFor();
  installation.api.runSql(
    "update sessions set ended_at = ?, end_reason = 'endedByAdmin'",
    Date.now(),
  );
  await page.getByText("An admin ended your session. Sign in to go on where you were.").waitFor();
  expect(await page.getByLabel("User name").inputValue()).toBe("mica");
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe(
    "password",
  );
  await expectAccessible(page);
  await submit(page, "mica");
  await heading(page, "Finance").waitFor();
  await page.locator("#sign-in").waitFor({ state: "hidden" });
});

test("a lost connection is said, keeps the page, and is over by itself", async () => {
  const installation = await startExample();
  const page = await signedInTab(installation, await installation.newContext());
  await installation.wire.unplug();
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("status").getByText("Connection lost.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await installation.wire.plugIn();
  await expect.poll(() => page.getByRole("status").innerText()).toBe("");
});

test("it is at home in light and dark, and on a narrow screen", async () => {
  const installation = await startExample();
  for (const [name, options] of Object.entries({
    light: { viewport: { width: 1100, height: 900 } },
    dark: { viewport: { width: 1100, height: 900 }, colorScheme: "dark" },
    narrow: { viewport: { width: 320, height: 800 } },
  } as const)) {
    const page = await openTab(installation, await installation.newContext(options));
    await page.screenshot({
      path: join(inject("screenshotDirectory"), `plain-${name}-sign-in.png`),
    });
    await submit(page, "mica");
    await page.getByRole("link", { name: "Finance" }).click();
    await heading(page, "Finance").waitFor();
    await page.screenshot({ path: join(inject("screenshotDirectory"), `plain-${name}.png`) });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      options.viewport.width,
    );
    const button = await page.getByRole("button", { name: "Sign out" }).boundingBox();
    expect(button!.x + button!.width).toBeLessThanOrEqual(options.viewport.width - 12);
  }
});
