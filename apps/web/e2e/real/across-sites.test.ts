import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import { expect, inject, onTestFinished, test } from "vitest";
import { browserFlags } from "./build-and-browser.ts";
import { minutes, startInstallation } from "./installation.ts";
import {
  expectNoDialog,
  heading,
  openSection,
  sectionIsShown,
  signIn,
  submitSignIn,
} from "./screens.ts";

const hosts = { site: "app.one.test", api: "api.two.test" };

/**
 * A browser whose settings block every cookie of the API's host, as a cautious person sets them.
 */
const openBlockingBrowser = async (host: string): Promise<BrowserContext> => {
  const profile = await mkdtemp(join(tmpdir(), "sallyport-profile-"));
  await mkdir(join(profile, "Default"));
  const preferences = {
    profile: {
      content_settings: { exceptions: { cookies: { [`[*.]${host},*`]: { setting: 2 } } } },
    },
  };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: inject("chromiumPath"),
    args: browserFlags,
    ignoreHTTPSErrors: true,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  onTestFinished(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  return context;
};

test("with the API on another site, partitioned cookies keep the session through a reload and a refresh", async () => {
  const installation = await startInstallation({ hosts });
  expect(installation.api.dependencies.config.cookieMode).toBe("cross-site");
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  const cookies = await page.context().cookies(installation.apiUrl);
  expect(cookies).toHaveLength(3);
  for (const cookie of cookies)
    expect(cookie).toMatchObject({
      secure: true,
      httpOnly: true,
      sameSite: "None",
      partitionKey: "https://one.test",
    });
  await page.reload();
  await sectionIsShown(page, "Finance");
  installation.serverClockAdvances(minutes(6));
  await openSection(page, "People");
  const asked = installation.wire.requests.map(
    ({ method, path, status }) => `${method} ${path} ${status}`,
  );
  expect(
    asked.filter((line) => line === "POST /refresh 200"),
    asked.join(", "),
  ).toHaveLength(1);
  await expectNoDialog(page);
});

test("a browser that blocks the API's cookies is told so, with the cause and the ways out", async () => {
  const installation = await startInstallation({ hosts });
  const context = await installation.adopt(await openBlockingBrowser(hosts.api));
  const page = await context.newPage();
  await page.goto(installation.at("/sections/finance"));
  await heading(page, "Sign in").waitFor();
  await submitSignIn(page, "mica");
  await heading(page, "Your browser blocks the session’s cookies").waitFor();
  await page.getByText("which is another site").waitFor();
  await page.getByText(hosts.api).first().waitFor();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/sections/finance");
  expect(await page.getByRole("button", { name: "Continue in this tab only" }).count()).toBe(0);
  await page.getByRole("button", { name: "Check again" }).click();
  await heading(page, "Your browser blocks the session’s cookies").waitFor();
});

test("where the operator allows it, a browser without cookies keeps the tokens in one tab's memory", async () => {
  const installation = await startInstallation({ hosts, config: { bearerFallback: true } });
  const context = await installation.adopt(await openBlockingBrowser(hosts.api));
  const page = await context.newPage();
  await page.goto(installation.at("/sections/finance"));
  await submitSignIn(page, "mica");
  await page.getByRole("button", { name: "Continue in this tab only" }).click();
  await page.getByText("You will be signed in for this tab only.").waitFor();
  await submitSignIn(page, "mica");
  await sectionIsShown(page, "Finance");
  installation.serverClockAdvances(minutes(6));
  await openSection(page, "People");
  await expectNoDialog(page);
  await page.reload();
  await heading(page, "Sign in").waitFor();
});
