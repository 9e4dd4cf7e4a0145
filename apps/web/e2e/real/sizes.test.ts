import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, sectionIsShown, signIn } from "./screens.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";

type Kind = "script" | "styles" | "typeface";
const endings: Readonly<Record<Kind, string>> = {
  script: ".js",
  styles: ".css",
  typeface: ".woff2",
};

/** What a page fetched of its site's files, in kilobytes as a web server would send them. */
const kilobytesOf = async (page: Page): Promise<Readonly<Record<Kind, number>>> => {
  const addresses = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name),
  );
  const names = new Set(addresses.map((address) => basename(new URL(address).pathname)));
  const sum = async (kind: Kind): Promise<number> => {
    const files = await Promise.all(
      [...names]
        .filter((name) => name.endsWith(endings[kind]))
        .map((name) => readFile(join(inject("siteDirectory"), "assets", name))),
    );
    // A typeface is compressed already.
    const sent = files.map((file) =>
      kind === "typeface" ? file.length : gzipSync(file, { level: 6 }).length,
    );
    return sent.reduce((one, other) => one + other, 0) / 1000;
  };
  return {
    script: await sum("script"),
    styles: await sum("styles"),
    typeface: await sum("typeface"),
  };
};

test("the sign-in page needs less than 146 KB of script, 8 of styles and 25 of a typeface", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in"));
  await heading(page, "Sign in").waitFor();
  const { script, styles, typeface } = await kilobytesOf(page);
  expect(script).toBeGreaterThan(50);
  expect(script).toBeLessThan(146);
  expect(styles).toBeLessThan(8);
  expect(typeface).toBeLessThan(25);
});

test("a section needs less than 196 KB of script, 11 of styles and 25 of a typeface, texts and charts included", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, {
    panels: [
      shopPanels.line,
      shopPanels.share,
      shopPanels.stacked,
      shopPanels.table,
      shopPanels.text,
    ],
  });
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await page.getByRole("slider").first().waitFor();
  await page.getByText("A shop that sells").waitFor();
  const { script, styles, typeface } = await kilobytesOf(page);
  // What draws a panel is a file of its own, since the editor of sections has it too.
  expect(script).toBeGreaterThan(100);
  expect(script).toBeLessThan(196);
  expect(styles).toBeLessThan(11);
  expect(typeface).toBeGreaterThan(10);
  expect(typeface).toBeLessThan(25);
});
