import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { adminNav, heading, readDownload, signIn } from "./screens.ts";

/** A title that would turn around what stands behind it. */
const title = "Orders \u202Eof 2026";

const choose = async (
  page: Page,
  name: string,
  content: string,
  button = "Choose a file…",
): Promise<void> => {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).press("Enter");
  await (
    await chooser
  ).setFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });
};

const expectNoViolations = async (page: Page): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }
};

test("a file becomes a dataset, is corrected before, added to, and replaced with other columns", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/datasets"));
  await page.getByRole("link", { name: "Import a dataset" }).press("Enter");
  await heading(page, "Import a dataset").waitFor();
  const here = adminNav(page).getByRole("link", { name: "Datasets" });
  expect(await here.getAttribute("aria-current")).toBe("page");
  await choose(
    page,
    "orders_2026.csv",
    "day;item;amount\n2026-01-31;figs;1,5\n2026-02-01;dates;NA\n2026-02-30;plums;3\n",
  );

  // What was found is shown, and read anew where somebody knows better.
  const column = (name: string) => page.getByRole("group", { name, exact: true });
  await column("amount").waitFor();
  expect(await page.getByLabel("Title").inputValue()).toBe("Orders 2026");
  expect(await column("amount").getByLabel("Type").inputValue()).toBe("text");
  await page.getByRole("button", { name: "Take it for empty cells" }).click();
  await expect.poll(() => column("amount").getByLabel("Type").inputValue()).toBe("decimal");
  await column("amount").getByLabel("Name").fill("paid");
  await column("amount").getByLabel("Unit").fill("EUR");
  await column("day").getByLabel("Type").selectOption({ label: "Date" });
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Name in queries").fill("orders");
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Import", exact: true }).click();

  // Nothing of it is stored: the row that does not fit is shown, and given back as it was.
  await page.getByText("Nothing was stored").waitFor();
  await page.getByRole("row", { name: /4 day: Not a date/ }).waitFor();
  await expectNoViolations(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download them as CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("orders_2026-bad-rows.csv");
  expect(await readDownload(file)).toBe(
    "day,item,amount,line,reason\r\n2026-02-30,plums,3,4,day: Not a date such as 2026-01-31.\r\n",
  );

  // The same columns take another type, and then it fits.
  await page.getByRole("button", { name: "Back to the columns" }).click();
  await column("day").getByLabel("Type").selectOption({ label: "Text" });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("3 rows came in; the dataset has 3 now.").waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toMatch(/^orders_2026\.csv/);
  await page.getByRole("link", { name: "Open the dataset" }).click();
  await heading(page, title).waitFor();
  await page.getByRole("row", { name: /Amount paid Number EUR/ }).waitFor();

  // More rows, of lines of JSON that call a column otherwise.
  await page.getByRole("link", { name: "Import rows" }).click();
  await choose(page, "more.ndjson", '{"day":"1 March","item":"figs","sum":2.5}\n');
  await column("Amount").getByLabel("Filled from").selectOption("sum");
  await page.setViewportSize({ width: 320, height: 800 });
  await expectNoViolations(page);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth),
    "the width of the page",
  ).toBe(320);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("1 row came in; the dataset has 4 now.").waitFor();

  // All of them, with other columns: by a file that takes long enough to be given up.
  await page.setViewportSize({ width: 1280, height: 900 });
  const row = '{"place":"Rome","people":2800000},';
  const towns = `[${row.repeat(400_000).slice(0, -1)}]`;
  await choose(page, "towns.json", towns, "Import another file");
  await page.getByRole("radio", { name: /Replace all rows/ }).check();
  await page.getByRole("button", { name: "Replace all rows" }).click();
  const progress = page.getByRole("progressbar", { name: "Read" });
  await progress.waitFor();
  await expect.poll(() => progress.getAttribute("value").then(Number)).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Give it up" }).click();
  await page.getByText("The import was given up. Nothing was stored.").waitFor();
  await page.goto(installation.at("/admin/datasets/orders"));
  await page.getByRole("row", { name: /Amount paid Number EUR/ }).waitFor();

  // A dataset that panels read keeps the columns that they need, and they are named.
  await page.goto(installation.at("/admin/import?dataset=movies"));
  await choose(page, "towns.json", `[${row.slice(0, -1)}]`);
  await page.getByRole("radio", { name: /Replace all rows/ }).check();
  await page.getByRole("button", { name: "Replace all rows" }).click();
  await page
    .getByText(/The panel .* would not fit/)
    .first()
    .waitFor();
});
