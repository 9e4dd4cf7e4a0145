import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, sectionIsShown, signIn } from "./screens.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";

/** The scripts that a page fetched, in kilobytes as a web server would send them. */
const scriptsOf = async (
  page: Page,
): Promise<{ readonly kilobytes: number; readonly names: readonly string[] }> => {
  const addresses = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".js")),
  );
  const names = [...new Set(addresses.map((address) => basename(new URL(address).pathname)))];
  const files = await Promise.all(
    names.map((name) => readFile(join(inject("siteDirectory"), "assets", name))),
  );
  return {
    kilobytes: files.reduce((sum, file) => sum + gzipSync(file, { level: 6 }).length, 0) / 1000,
    names,
  };
};

test("the sign-in page needs less than 165 KB of script", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in"));
  await heading(page, "Sign in").waitFor();
  const { kilobytes } = await scriptsOf(page);
  expect(kilobytes).toBeGreaterThan(50);
  expect(kilobytes).toBeLessThan(165);
});

test("a section without charts needs less than 230 KB of script, text included, and nothing that draws charts", async () => {
  const installation = await startInstallation();
  addShopSection(installation, {
    panels: [shopPanels.takings, shopPanels.table, shopPanels.text],
    visibility: "public",
  });
  const page = await installation.newPage();
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await page.getByText("A shop that sells").waitFor();
  const { kilobytes, names } = await scriptsOf(page);
  expect(kilobytes).toBeLessThan(230);
  expect(names.filter((name) => name.startsWith("chart-canvas"))).toEqual([]);
});

test("a section with charts needs less than 10 KB more, fetched once", async () => {
  const installation = await startInstallation();
  addShopSection(installation, {
    panels: [shopPanels.line, shopPanels.share, shopPanels.stacked, shopPanels.text],
  });
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await page.getByRole("slider").first().waitFor();
  await page.getByText("A shop that sells").waitFor();
  const { kilobytes, names } = await scriptsOf(page);
  expect(kilobytes).toBeLessThan(240);
  expect(names.filter((name) => name.startsWith("chart-canvas"))).toHaveLength(1);
});
