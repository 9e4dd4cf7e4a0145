import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { seconds, startInstallation, type Installation } from "./installation.ts";
import { sectionIsShown, signIn } from "./screens.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";

/** Another tab than the one of the sign-in, which may still have been asking for what it shows. */
const signedInTab = async (installation: Installation, username: string): Promise<Page> => {
  const page = await installation.newPage();
  await signIn(installation, page, username);
  const tab = await page.context().newPage();
  await page.close();
  return tab;
};

test("a section asks for its data while its scripts are still on their way, and once", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, {});
  // The section is older than the answer: what changes is told by the second, and a change in the
  // second of an answer is asked for again.
  installation.serverClockAdvances(seconds(2));
  const page = await signedInTab(installation, "mica");
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(installation.apiUrl))
      asked.push(`${request.method()} ${request.url().slice(installation.apiUrl.length)}`);
  });
  const release = Promise.withResolvers<void>();
  await page.route("**/assets/index-*.js", async (route) => {
    await release.promise;
    await route.continue();
  });
  const opened = page.goto(installation.at("/sections/shop"));
  const early = ["GET /session", "GET /sections/shop?include=data"];
  await expect.poll(() => asked).toEqual(early);
  release.resolve();
  await opened;
  await sectionIsShown(page, "Shop");
  await page.getByRole("slider").first().waitFor();
  expect(asked.filter((one) => !one.startsWith("GET /session/events"))).toEqual(early);
});

test("nobody is asked about early where nobody is remembered", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, { visibility: "public" });
  const page = await installation.newPage();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(installation.apiUrl)) asked.push(request.url());
  });
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  expect(asked.filter((url) => url.endsWith("/session"))).toEqual([]);
});

test("what changes on the server is followed when there is nothing left to draw", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, {});
  const page = await signedInTab(installation, "mica");
  // A browser that is not free until it is told.
  await page.addInitScript(() => {
    const waiting: (() => void)[] = [];
    const scope = globalThis as unknown as Record<string, unknown>;
    scope["requestIdleCallback"] = (callback: () => void) => waiting.push(callback);
    scope["beFree"] = () => waiting.splice(0).forEach((callback) => callback());
  });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await page.getByRole("slider").first().waitFor();
  expect(asked.filter((url) => /follow-events|session.events/.test(url))).toEqual([]);
  await page.evaluate(() => (globalThis as unknown as { beFree(): void }).beFree());
  await expect
    .poll(() => asked.filter((url) => url.includes("/session/events?")).length)
    .toBeGreaterThan(0);
});

test("on a phone nothing moves while a section is drawn", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, {
    panels: [shopPanels.text, shopPanels.takings, shopPanels.line, shopPanels.share],
  });
  const page = await installation.newPage({ viewport: { width: 412, height: 823 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await page.getByRole("slider").first().waitFor();
  // All there have been since the page was opened, each with what it was.
  const shifts = await page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            seen.push((entry as PerformanceEntry & { value: number }).value);
        }).observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(seen)));
      }),
  );
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.02);
});
