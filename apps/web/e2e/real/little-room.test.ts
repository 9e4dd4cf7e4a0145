/** Panels where there is little room: on a phone, on a tablet, in a quarter of the page. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation, type Installation } from "./installation.ts";
import { connectionBanner, sectionIsShown, signIn } from "./screens.ts";
import { addShopSection, shopPanels, shopRows } from "./shop-section.ts";

const openShop = async (
  panels: NonNullable<NonNullable<Parameters<typeof addShopSection>[1]>["panels"]>,
  width: number,
): Promise<{ page: Page; installation: Installation }> => {
  const installation = await startInstallation();
  await addShopSection(installation, { panels });
  const page = await installation.newPage({
    reducedMotion: "reduce",
    viewport: { width, height: 900 },
  });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  return { page, installation };
};

const panel = (page: Page, title: string): Locator =>
  page.getByRole("group", { name: title, exact: true });

/** The words that do not stand on one line. */
const brokenWords = (where: Locator): Promise<string[]> =>
  where.evaluateAll((elements) =>
    elements.flatMap((element) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      const broken: string[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (const found of (node.textContent ?? "").matchAll(/\S+/g)) {
          const range = document.createRange();
          range.setStart(node, found.index);
          range.setEnd(node, found.index + found[0].length);
          if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
            broken.push(found[0]);
        }
      }
      return broken;
    }),
  );

test("no name of a part is broken into letters in a narrow panel", async () => {
  const { page } = await openShop([{ ...shopPanels.share, width: 3 }, shopPanels.line], 1280);
  const names = panel(page, "Regions").locator("[data-legend] button");
  await names.first().waitFor();
  expect(await brokenWords(names)).toEqual([]);
});

test("no name is broken into letters where a point is read on a phone", async () => {
  const select = [
    ...shopPanels.line.query.select.slice(0, 2),
    {
      aggregate: "sum",
      column: "takings",
      name: "takings",
      label: "Takings",
      format: { digits: 6 },
    },
  ] as const;
  const installation = await startInstallation();
  await addShopSection(installation, {
    rows: shopRows.map((row) => ({
      ...row,
      product: `${String(row["product"])} and everything that belongs to it, and Donaudampfschifffahrtselektrizitaetenhauptbetriebswerke`,
    })),

    panels: [{ ...shopPanels.line, query: { ...shopPanels.line.query, select } }],
  });
  const page = await installation.newPage({
    reducedMotion: "reduce",
    viewport: { width: 320, height: 900 },
  });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  const slider = panel(page, "Takings by product").getByRole("slider");
  await slider.focus();
  for (const key of ["Home", "End"]) {
    await page.keyboard.press(key);
    const tooltip = panel(page, "Takings by product").locator("[data-tooltip]");
    await tooltip.waitFor();
    expect((await brokenWords(tooltip)).filter((word) => word.length < 20)).toEqual([]);
    // No value stands out of its box.
    expect(await tooltip.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  }
});

test("four quarters of a page stand two by two on a tablet", async () => {
  const titles = ["One", "Two", "Three", "Four"];
  const { page } = await openShop(
    titles.map((title) => ({ ...shopPanels.ever, title, width: 3 })),
    768,
  );
  const boxes = await Promise.all(titles.map((title) => panel(page, title).boundingBox()));
  const [one, two, three, four] = boxes;
  expect([two?.y, three?.x, four?.y]).toEqual([one?.y, one?.x, three?.y]);
  expect(three?.y).toBeGreaterThan(one?.y ?? 0);
});

test("the change of a figure and what it is measured against stand on one line", async () => {
  const { page } = await openShop([shopPanels.takings], 1280);
  const [amount, than] = [/^(Up|Down)/, /before/].map((words) =>
    panel(page, "Takings").locator("p > span", { hasText: words }),
  );
  const bottomOf = (words: Locator | undefined): Promise<number | undefined> | undefined =>
    words?.evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element.lastChild ?? element);
      return range.getClientRects()[0]?.bottom;
    });
  expect(Math.abs(((await bottomOf(amount)) ?? 0) - ((await bottomOf(than)) ?? 100))).toBeLessThan(
    0.6,
  );
});

test("the names beside bars are shortened to the room there is, and none begins outside of it", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, {
    rows: shopRows.map((row) => ({ ...row, region: `WWWW MMMM ${String(row["region"])}` })),
    panels: [shopPanels.horizontal],
  });
  const page = await installation.newPage({
    reducedMotion: "reduce",
    viewport: { width: 320, height: 900 },
  });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  const chart = panel(page, "Takings by region");
  await chart.getByRole("slider").waitFor();
  const edge = await chart
    .locator("svg[data-drawing]")
    .evaluate((drawing) => drawing.getBoundingClientRect().left);
  const names = chart.locator("svg[data-drawing] text", { hasText: "WW" });
  expect(await names.count()).toBe(5);
  for (const left of await names.evaluateAll((texts) =>
    texts.map((text) => text.getBoundingClientRect().left),
  ))
    expect(left).toBeGreaterThanOrEqual(edge);
});

test("a table whose query fails says so in a person's words", async () => {
  const { page, installation } = await openShop([shopPanels.table], 1280);
  await page.getByRole("button", { name: "Next page" }).click();
  await panel(page, "Orders").getByText("11–20 of").waitFor();
  installation.api.runSql(
    "update datasets set columns = replace(columns, '\"takings\"', '\"revenue\"'), version = version + 1 where name = 'shop'",
  );
  await page.reload();
  await expect
    .poll(() => panel(page, "Orders").getByRole("alert").allInnerTexts())
    .toEqual([expect.stringMatching(/^The panel's query failed\s+Request ID/)]);
});

test("while the numbers of another range are fetched, no time is told for them", async () => {
  const { page } = await openShop([shopPanels.line], 1280);
  const updated = page.getByRole("group", { name: "Updates" });
  await updated.getByText(/^Updated \d/).waitFor();
  const asked = Promise.withResolvers<void>();
  await page.route("**/sections/shop?*last=P7D*", async (route) => {
    await asked.promise;
    await route.continue();
  });
  await page.getByRole("button", { name: /^Time range/ }).click();
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await updated.getByText("Updating…").waitFor();
  asked.resolve();
  await expect.poll(() => updated.innerText()).toMatch(/^Updated \d/);
});

test("a chart whose rows have no values says so, and draws no empty axes", async () => {
  const select = [
    { bucket: "month", column: "day", name: "month" },
    { aggregate: "sum", column: "takings", name: "takings", label: "Takings" },
  ] as const;
  const filter = { column: "takings", is: "null" } as const;
  const installation = await startInstallation();
  await addShopSection(installation, {
    rows: shopRows.map((row) => ({ ...row, takings: null })),
    panels: [
      {
        ...shopPanels.line,
        query: { ...shopPanels.line.query, select, filter },
        chart: { type: "line", x: "month", y: ["takings"] },
      },
    ],
  });
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await expect
    .poll(() => panel(page, "Takings by product").innerText())
    .toContain("none of the rows has a value");
  expect(await panel(page, "Takings by product").getByRole("slider").count()).toBe(0);
});

test("a browser that is offline says so as soon as something is asked for", async () => {
  const { page } = await openShop([shopPanels.line], 1280);
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Update now" }).click();
  await expect.poll(() => connectionBanner(page).count()).toBe(1);
  await page.context().setOffline(false);
  await expect.poll(() => connectionBanner(page).count()).toBe(0);
});
