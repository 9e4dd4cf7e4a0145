import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { tellBasePath } from "../../build/static-page.ts";
import { startInstallation } from "./installation.ts";
import { heading, openSection, sectionIsShown, signIn, signOut, submitSignIn } from "./screens.ts";

test("in a folder of a static host, a deep link is served by 404.html and works", async () => {
  const installation = await startInstallation({ basePath: "/team/dashboards/" });
  const page = await installation.newPage();
  const answer = await page.goto(installation.at("/sections/marketing"));
  expect(answer?.status()).toBe(404);
  await heading(page, "Sign in").waitFor();
  expect(page.url()).toBe(installation.at("/sign-in?next=%2Fsections%2Fmarketing"));
  await submitSignIn(page, "mike");
  await sectionIsShown(page, "Marketing");
  expect(page.url()).toBe(installation.at("/sections/marketing"));
  await openSection(page, "Welcome");
  expect(page.url()).toBe(installation.at("/sections/welcome"));
  await page.reload();
  await sectionIsShown(page, "Welcome");
  await page.goto(installation.at("/account"));
  await heading(page, "Your account").waitFor();
  await page.goBack();
  await sectionIsShown(page, "Welcome");
  await signOut(page);
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  expect(page.url()).toBe(installation.at("/sections/welcome"));
});

test("an address that names no page says so, wherever the site is mounted", async () => {
  const installation = await startInstallation({ basePath: "/team/" });
  const page = await installation.newPage();
  for (const path of ["/no-such-page", "/no/such/page"]) {
    await page.goto(installation.at(path));
    await heading(page, "This page does not exist").waitFor();
    await page.getByRole("link", { name: "Go to the start" }).click();
    await sectionIsShown(page, "Welcome");
    expect(page.url()).toBe(installation.at("/sections/welcome"));
  }
});

/** The built site as it is when the build was told its folder. */
const siteToldItsFolder = async (folder: string): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-told-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await cp(inject("siteDirectory"), directory, { recursive: true });
  for (const name of ["index.html", "404.html"]) {
    const page = await readFile(join(directory, name), "utf8");
    await writeFile(join(directory, name), tellBasePath(page, folder));
  }
  return directory;
};

test("an unknown address two folders deep loads without a failed asset, at the root, in a folder that was visited before, and in one that the build was told", async () => {
  const folder = "/team/";
  for (const [options, visitsBefore] of [
    [{}, false],
    [{ basePath: folder }, true],
    [{ basePath: folder, directory: await siteToldItsFolder(folder) }, false],
  ] as const) {
    const installation = await startInstallation(options);
    const page = await installation.newPage();
    if (visitsBefore) {
      await page.goto(installation.at("/"));
      await sectionIsShown(page, "Welcome");
    }
    const failed: string[] = [];
    page.on("response", (response) => {
      if (response.status() >= 400 && !response.request().isNavigationRequest())
        failed.push(response.url());
    });
    await page.goto(installation.at("/no/such/page"));
    await heading(page, "This page does not exist").waitFor();
    expect(failed).toEqual([]);
    await page.getByRole("link", { name: "Go to the start" }).click();
    await sectionIsShown(page, "Welcome");
    const robots = await page.request.get(installation.at("/robots.txt"));
    expect(await robots.text()).toContain("Disallow: /");
  }
});

test("the name of the installation comes from config.json", async () => {
  const installation = await startInstallation({ config: { title: "Acme Figures" } });
  const page = await installation.newPage();
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  expect(await page.title()).toBe("Welcome · Acme Figures");
});

test.each([
  ["is missing", null, /could not be read: the web server answered 404/],
  ["is a page in its place", "<!doctype html><title>Oops</title>", /is missing, or is not JSON/],
  ["names no API", "{}", /"apiUrl" has to be/],
])("a config.json that %s gets a page that says what is wrong", async (_, config, words) => {
  const installation = await startInstallation({ config });
  const page = await installation.newPage();
  await page.goto(installation.at("/sections/marketing"));
  await page.getByText(words).waitFor();
  expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  expect(installation.wire.requests).toEqual([]);
});

test("nobody who is signed in meets the sign-in page", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sign-in?next=%2Fsections%2Ffinance"));
  await sectionIsShown(page, "Finance");
  expect(page.url()).toBe(installation.at("/sections/finance"));
});
