import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { connectionBanner, heading, sectionIsShown, signIn, submitSignIn } from "./screens.ts";

const routes = ["/", "/sections/welcome", "/sign-in", "/setup", "/account", "/no/such/page"];
const notReached = "The server has not been reached";

/** Every route in a tab of its own, which says so within five seconds of having been loaded. */
const expectSaidOnEveryRoute = async (
  open: () => Promise<Page>,
  at: (path: string) => string,
  words: readonly (string | RegExp)[],
): Promise<void> => {
  for (const path of routes) {
    const page = await open();
    await page.goto(at(path));
    await heading(page, notReached).waitFor({ timeout: 5_000 });
    const text = await page.getByRole("main").innerText();
    for (const word of words) expect(text, path).toMatch(word);
    expect(await page.title()).toMatch(new RegExp(`^${notReached}`));
    expect(await connectionBanner(page).count()).toBe(0);
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    await page.close();
  }
};

test("where nothing listens at the API's address, every route says within five seconds that it was never reached, and goes on when it is", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  await installation.wire.unplug();
  await expectSaidOnEveryRoute(() => context.newPage(), installation.at, [
    installation.apiUrl,
    `SALLYPORT_WEB_ORIGINS lists ${installation.siteOrigin}`,
  ]);
  await installation.wire.plugIn();
  // Nothing answers: until that counts as never reached, the form is there, and what is typed into
  // it is kept.
  const gate = Promise.withResolvers<void>();
  installation.wire.interfere(() => ({ before: gate.promise }));
  const page = await context.newPage();
  await page.goto(installation.at("/sign-in"));
  await page.getByLabel("User name").fill("mike");
  await heading(page, notReached).waitFor();
  gate.resolve();
  await heading(page, "Sign in").waitFor();
  expect(await page.getByLabel("User name").inputValue()).toBe("mike");
  await submitSignIn(page, "mike");
  await page.getByRole("button", { name: /^Account:/ }).waitFor();
});

test("where the API does not list this site, every route says so within five seconds", async () => {
  const installation = await startInstallation({
    environment: { SALLYPORT_WEB_ORIGINS: "http://localhost:1" },
  });
  const context = await installation.newContext();
  await expectSaidOnEveryRoute(() => context.newPage(), installation.at, [
    `SALLYPORT_WEB_ORIGINS lists ${installation.siteOrigin}`,
  ]);
});

test("an API at 127.0.0.1 for a page on localhost that does not answer is named as what it is", async () => {
  // Takes connections, and says nothing.
  const silent = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const installation = await startInstallation({
    config: { apiUrl: `http://127.0.0.1:${port}` },
  });
  const page = await installation.newPage();
  await page.goto(installation.at("/sections/welcome"));
  await heading(page, notReached).waitFor({ timeout: 5_000 });
  expect(await page.getByRole("main").innerText()).toContain("To a browser those are two sites");
});

test("a server that fails while a page is starting is told apart from one that is not there", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const first = await context.newPage();
  await signIn(installation, first, "mica");
  await first.close();
  const page = await context.newPage();
  let failing = true;
  await page.route(`${installation.apiUrl}/session`, (route) =>
    failing
      ? route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          headers: {
            "X-Request-Id": "req-of-the-fault",
            "Access-Control-Allow-Origin": installation.siteOrigin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "X-Request-Id",
          },
          json: {
            type: `${installation.apiUrl}/problems/internal`,
            title: "Something went wrong",
            status: 500,
            detail: "",
            code: "internal",
            requestId: "req-of-the-fault",
          },
        })
      : route.continue(),
  );
  await page.goto(installation.at("/sections/finance"));
  await heading(page, "The server cannot answer just now").waitFor();
  await page.getByText("req-of-the-fault").waitFor();
  expect(await connectionBanner(page).count()).toBe(0);
  failing = false;
  await sectionIsShown(page, "Finance");
});
