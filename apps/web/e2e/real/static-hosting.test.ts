import { expect, test } from "vitest";
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
