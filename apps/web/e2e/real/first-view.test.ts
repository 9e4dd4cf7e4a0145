import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { sectionIsShown, signIn } from "./screens.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";

test("a section asks for its data while its scripts are still on their way, and once", async () => {
  const installation = await startInstallation();
  addShopSection(installation, {});
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
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
  await expect.poll(() => asked).toEqual(["GET /session", "GET /sections/shop?include=data"]);
  release.resolve();
  await opened;
  await sectionIsShown(page, "Shop");
  await page.getByRole("slider").first().waitFor();
  expect(asked.filter((one) => /^GET \/(session|sections\/.*)$/.test(one))).toHaveLength(2);
});

test("nobody is asked about early where nobody is remembered", async () => {
  const installation = await startInstallation();
  addShopSection(installation, { visibility: "public" });
  const page = await installation.newPage();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(installation.apiUrl)) asked.push(request.url());
  });
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  expect(asked.filter((url) => url.endsWith("/session"))).toEqual([]);
});

test("on a phone nothing moves that was there before the charts", async () => {
  const installation = await startInstallation();
  addShopSection(installation, {
    panels: [shopPanels.text, shopPanels.takings, shopPanels.line, shopPanels.share],
  });
  const page = await installation.newPage({ viewport: { width: 412, height: 823 } });
  await signIn(installation, page, "mica");
  // What a slow network does: the charts come after the rest has been painted.
  const release = Promise.withResolvers<void>();
  await page.route("**/assets/chart-canvas-*.js", async (route) => {
    await release.promise;
    await route.continue();
  });
  await page.goto(installation.at("/sections/shop"));
  await page.getByText("A shop that sells").waitFor();
  await page.evaluate(() => {
    const seen = ((globalThis as unknown as { shifts: number[] }).shifts = []) as number[];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        seen.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  release.resolve();
  await page.getByRole("slider").first().waitFor();
  const shifts = await page.evaluate(
    () =>
      new Promise<number[]>((resolve) =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() =>
            resolve((globalThis as unknown as { shifts: number[] }).shifts),
          ),
        ),
      ),
  );
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.02);
});
