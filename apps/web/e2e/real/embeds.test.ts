import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { startInstallation, type Installation } from "./installation.ts";
import { sectionIsShown, signIn } from "./screens.ts";
import { addShopSection } from "./shop-section.ts";

/** A site of somebody else's, on another origin. Its pages say what they could do. */
const openOtherSite = async (): Promise<string> => {
  const server = createServer((request, response) => {
    const headers = request.url === "/refuses" ? { "x-frame-options": "DENY" } : {};
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(
      request.url === "/escapes"
        ? `<!doctype html><p id="top"></p><p id="storage"></p><script>
            try { top.location.href = "about:blank"; document.getElementById("top").textContent = "led away"; } catch { document.getElementById("top").textContent = "kept"; }
            try { localStorage.setItem("x", "y"); document.getElementById("storage").textContent = "own storage"; } catch { document.getElementById("storage").textContent = "no storage"; }
          </script>`
        : "<!doctype html><title>Status</title><h1>All is well</h1>",
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

const openEmbeds = async (
  urlsOf: (installation: Installation) => readonly string[],
): Promise<{ readonly page: Page; readonly installation: Installation }> => {
  const installation = await startInstallation();
  await addShopSection(installation, {
    panels: urlsOf(installation).map((url, index) => ({
      kind: "embed",
      title: `Embed ${index + 1}`,
      width: 6,
      url,
      height: 200,
    })),
  });
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  return { page, installation };
};

const embed = (page: Page, place: number): Locator =>
  page.getByRole("group", { name: `Embed ${place}` });

test("a page of another site is shown in a sandbox, with its own origin and without a way out", async () => {
  const other = await openOtherSite();
  const { page, installation } = await openEmbeds(() => [`${other}/`, `${other}/escapes`]);
  await embed(page, 1)
    .frameLocator("iframe")
    .getByRole("heading", { name: "All is well" })
    .waitFor();
  await embed(page, 2).frameLocator("iframe").getByText("kept").waitFor();
  await embed(page, 2).frameLocator("iframe").getByText("own storage").waitFor();
  const frame = embed(page, 1).locator("iframe");
  expect(await frame.getAttribute("sandbox")).toBe(
    "allow-scripts allow-forms allow-popups allow-same-origin",
  );
  expect(await frame.getAttribute("referrerpolicy")).toBe("no-referrer");
  expect(await frame.getAttribute("title")).toBe("Embed 1");
  expect(page.url()).toBe(installation.at("/sections/shop"));
});

test("whether or not a site lets itself be framed, there is a way to open it", async () => {
  const other = await openOtherSite();
  const { page } = await openEmbeds(() => [`${other}/refuses`]);
  expect(
    await embed(page, 1)
      .getByText(/Nothing to see/)
      .count(),
  ).toBe(0);
  const link = embed(page, 1).getByRole("link", { name: /^Open localhost:\d+ in a new tab$/ });
  expect(await link.getAttribute("href")).toBe(`${other}/refuses`);
  const [opened] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await opened.getByRole("heading", { name: "All is well" }).waitFor();
  expect(await opened.evaluate(() => window.opener)).toBeNull();
});

test("a page of our own origin is framed as a stranger: it does not reach this page", async () => {
  const { page } = await openEmbeds((installation) => [installation.at("/sections/welcome")]);
  const frame = await (await embed(page, 1).locator("iframe").elementHandle())?.contentFrame();
  if (!frame) throw new Error("There is no frame.");
  await expect.poll(() => frame.url()).toMatch(/^http/);
  expect(await frame.evaluate(() => self.origin)).toBe("null");
  const reached = await frame.evaluate(() => {
    try {
      return window.parent.document.title;
    } catch {
      return "kept out";
    }
  });
  expect(reached).toBe("kept out");
});

test("an unencrypted page is not tried, and the panel says why", async () => {
  const { page } = await openEmbeds(() => ["http://status.example.test/board"]);
  await embed(page, 1)
    .getByText(/its address is unencrypted \(http\)/)
    .waitFor();
  expect(await embed(page, 1).locator("iframe").count()).toBe(0);
  expect(
    await embed(page, 1)
      .getByRole("link", { name: /Open status\.example\.test/ })
      .getAttribute("href"),
  ).toBe("http://status.example.test/board");
});
