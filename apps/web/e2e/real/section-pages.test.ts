/**
 * What a section page says of itself: which time it shows, whether it follows, what a link to it
 * holds.
 */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { PanelDefinition } from "../../../../packages/shared/src/contract/contract.ts";
import { days, minutes, startInstallation, type Installation } from "./installation.ts";
import { heading, openSection, sectionIsShown, sectionLink, signIn } from "./screens.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";

const panel = (page: Page, title: string): Locator =>
  page.getByRole("group", { name: title, exact: true });
const choose = async (page: Page, title: string, action: string): Promise<void> => {
  await page.getByRole("button", { name: `Actions: ${title}`, exact: true }).click();
  await page.getByRole("button", { name: action, exact: true }).click();
};
const rangeControl = (page: Page): Locator => page.getByRole("button", { name: /^Time range:/ });
const updates = (page: Page): Locator => page.getByRole("group", { name: "Updates" });

const open = async (
  panels: readonly PanelDefinition[],
  search = "",
  beforeAnyoneComes: (installation: Installation, ids: readonly string[]) => void = () => {},
): Promise<{ installation: Installation; page: Page; ids: readonly string[] }> => {
  const installation = await startInstallation();
  const ids = await addShopSection(installation, { panels });
  beforeAnyoneComes(installation, ids);
  const page = await installation.newPage({
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 900 },
  });
  await signIn(installation, page, "mica");
  await page.goto(installation.at(`/sections/shop${search}`));
  await sectionIsShown(page, "Shop");
  return { installation, page, ids };
};

test("each panel says which time it shows, and all of time is what it says once it is chosen", async () => {
  const years: PanelDefinition = {
    ...shopPanels.horizontal,
    title: "Last year",
    query: { ...shopPanels.horizontal.query, last: "P1Y", relativeTo: "latest" },
  };
  const { page } = await open([shopPanels.takings, years, shopPanels.line, shopPanels.ever]);
  expect(await rangeControl(page).innerText()).toBe("Each panel’s own time");
  await panel(page, "Takings")
    .getByText(/^Time shown: 2.{1,3}31 Dec 2025$/)
    .waitFor();
  await panel(page, "Takings").getByText("Line: 2025", { exact: true }).waitFor();
  await panel(page, "Last year").getByText("Time shown: 2025", { exact: true }).waitFor();
  await panel(page, "Takings by product")
    .getByText("Time shown: All time", { exact: true })
    .waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    choose(page, "Last year", "Download CSV"),
  ]);
  expect(file.suggestedFilename()).toMatch(
    /^shop-last-year-2025-01-01-to-2025-12-31-\d{4}-\d\d-\d\d\.csv$/,
  );

  await rangeControl(page).click();
  await page.getByRole("button", { name: "All time", exact: true }).click();
  await page.getByRole("button", { name: "Time range: All time" }).waitFor();
  expect(new URL(page.url()).search).toBe("?last=all");
  await panel(page, "Last year")
    .getByText("Time shown: 2025", { exact: true })
    .waitFor({ state: "detached" });
  await panel(page, "Takings").getByText("2,100").waitFor();
  // There is nothing before all of time.
  expect(
    await panel(page, "Takings")
      .getByText(/before|New/)
      .count(),
  ).toBe(0);

  await page.goBack();
  await panel(page, "Last year").getByText("Time shown: 2025", { exact: true }).waitFor();
  // A page of paper is looked at alone: each panel says its time there, also where the page says it
  // for all.
  await page.goForward();
  await page.emulateMedia({ media: "print" });
  await expect.poll(() => panel(page, "Last year").getByText("All time").isVisible()).toBe(true);
});

test("a link shows what was shared: table view, hidden series, order, page and range", async () => {
  const { installation, page, ids } = await open([
    shopPanels.line,
    { ...shopPanels.area, title: "Sold" },
    shopPanels.table,
  ]);
  await panel(page, "Takings by product").getByRole("button", { name: "Chair" }).click();
  await choose(page, "Sold", "View as table");
  await panel(page, "Orders").getByRole("button", { name: "Takings (USD)" }).click();
  await panel(page, "Orders").getByRole("button", { name: "Next page" }).click();
  await panel(page, "Orders").getByText("11–20 of 2,100").waitFor();
  const query = new URL(page.url()).searchParams;
  expect(Object.fromEntries(query)).toEqual({
    [`hide.${ids[0]}`]: "Chair",
    [`view.${ids[1]}`]: "table",
    [`sort.${ids[2]}`]: "-takings",
    [`page.${ids[2]}`]: "2",
  });

  const shared = await installation.newPage();
  await signIn(installation, shared, "mica");
  await shared.goto(page.url());
  const expectView = async (on: Page): Promise<void> => {
    await panel(on, "Sold").getByRole("table").waitFor();
    expect(
      await panel(on, "Takings by product")
        .getByRole("button", { name: "Chair" })
        .getAttribute("aria-pressed"),
    ).toBe("false");
    await panel(on, "Orders").getByText("11–20 of 2,100").waitFor();
  };
  await expectView(shared);

  // Another section is asked for the same time, and this one is found as it was left.
  await sectionLink(shared, "Welcome").click();
  await heading(shared, "Welcome").waitFor();
  await sectionLink(shared, "Shop").click();
  await expectView(shared);
  await rangeControl(shared).click();
  await shared.getByRole("button", { name: "Last 12 months" }).click();
  await sectionLink(shared, "Welcome").click();
  await heading(shared, "Welcome").waitFor();
  expect(new URL(shared.url()).search).toBe("?last=P12M");
});

test("paging adds nothing to the history, and the focus stays on the button at the last page", async () => {
  const { page } = await open([{ ...shopPanels.table, pageSize: 100 }], "?from=2025-11-01");
  const before = await page.evaluate(() => history.length);
  const next = panel(page, "Orders").getByRole("button", { name: "Next page" });
  await next.focus();
  await page.keyboard.press("Enter");
  await panel(page, "Orders").getByText("101–183 of 183").waitFor();
  expect(await next.getAttribute("aria-disabled")).toBe("true");
  await page.keyboard.press("Enter");
  await panel(page, "Orders").getByText("101–183 of 183").waitFor();
  expect(await page.evaluate(() => history.length)).toBe(before);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
    "Next page",
  );
});

test("a page says that it is live only while the server tells it what changes", async () => {
  const { installation, page } = await open([shopPanels.takings]);
  await updates(page).getByText("· live").waitFor();
  expect(await updates(page).innerText()).toMatch(/Updated \d\d:\d\d UTC/);
  await installation.wire.unplug();
  await updates(page).getByText("· live").waitFor({ state: "detached" });
  await installation.wire.plugIn();
  await updates(page).getByText("· live").waitFor();
});

test("a page that nobody touches says since when it does not follow, and goes on at a touch", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, { panels: [shopPanels.takings] });
  const page = await installation.newPage();
  await page.clock.install();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await page.clock.fastForward(days(3.5) + 120_000);
  await updates(page)
    .getByText(/not followed since \d\d:\d\d UTC, as nobody was here; any key or touch goes on/)
    .waitFor();
  await page.keyboard.press("Shift");
  await expect
    .poll(() =>
      updates(page)
        .getByText(/not followed/)
        .count(),
    )
    .toBe(0);
});

test("a page whose stream has ended while nobody was there says so, since when, and goes on at a touch", async () => {
  const { installation, page } = await open([shopPanels.takings]);
  await updates(page).getByText("· live").waitFor();
  // The access token runs out, and nobody is there for whom it would be renewed.
  await installation.timePasses(minutes(6));
  await installation.wire.unplug();
  await installation.wire.plugIn();
  installation.wire.forget();
  await updates(page)
    .getByText(/not followed since \d\d:\d\d UTC; any key or touch asks again/)
    .waitFor();
  expect(installation.wire.count("POST /refresh")).toBe(0);
  await page.keyboard.press("Shift");
  await updates(page).getByText("· live").waitFor();
  expect(installation.wire.count("POST /refresh")).toBe(1);
});

test("a text that is nested without end takes no other panel with it", async () => {
  const text = (title: string, words: string): PanelDefinition => ({
    kind: "markdown",
    title,
    width: 12,
    text: words,
  });
  const { page } = await open(
    [
      text("Deep", "bottom"),
      text("Deeper", "bottom"),
      text("Plain", "Still **here**."),
      shopPanels.ever,
    ],
    "",
    // As they stand in a database from before such texts were refused.
    ({ api }, ids) => {
      for (const [place, words] of [
        `${"> ".repeat(2_000)}bottom`,
        `${">".repeat(19_000)}bottom`,
      ].entries())
        api.runSql(
          "update panels set definition = json_set(definition, '$.text', ?) where id = ?",
          words,
          ids[place],
        );
    },
  );
  await panel(page, "Plain").getByText("here").waitFor();
  expect(
    await page
      .getByRole("group")
      .filter({ has: page.locator("h2") })
      .count(),
  ).toBe(4);
  await panel(page, "Orders ever").getByText("2,100").waitFor();
  await panel(page, "Deep").getByText("…").or(panel(page, "Deep").getByRole("alert")).waitFor();
  await panel(page, "Deeper").getByText("…").or(panel(page, "Deeper").getByRole("alert")).waitFor();
});

test("a text has tables, which scroll within their panel, and nothing in it runs", async () => {
  const wide = `| ${"Head | ".repeat(30)}\n|${"---|".repeat(30)}\n| ${"cell | ".repeat(30)}`;
  const { page } = await open([
    {
      kind: "markdown",
      title: "Words",
      width: 6,
      text: `${wide}\n\n- [x] done\n- [ ] open\n\n~~gone~~ [^1]\n\n<script>alert(1)</script> [x](javascript:alert(1))\n\n[^1]: A note.`,
    },
    shopPanels.ever,
  ]);
  const words = panel(page, "Words");
  await words.getByRole("table").waitFor();
  expect(await words.getByRole("columnheader").count()).toBe(30);
  expect(await words.getByRole("region", { name: "Table" }).count()).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
    true,
  );
  await words.getByRole("img", { name: "Done:" }).waitFor();
  expect(await words.locator("script, a[href^=javascript]").count()).toBe(0);
  await words.getByRole("link", { name: /1/ }).first().click();
  await heading(page, "Shop").waitFor();
});

test("who has been granted nothing is told so, and which name to give to whom", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "nora");
  await heading(page, "Welcome").waitFor();
  const note = page.getByRole("region", { name: "Your sections" });
  await note.getByText("nora", { exact: true }).waitFor();
  expect(await note.innerText()).toMatch(/No section has been granted to you yet/);
  // A visitor has no name that could be given to anybody.
  const visitor = await installation.newPage();
  await visitor.goto(installation.at("/"));
  await heading(visitor, "Welcome").waitFor();
  expect(await visitor.getByRole("region", { name: "Your sections" }).count()).toBe(0);
  // Nor has somebody who makes sections anybody to ask.
  installation.api.runSql("delete from grants");
  const admin = await installation.newPage();
  await signIn(installation, admin, "mica");
  await admin.goto(installation.at("/sections/welcome"));
  await heading(admin, "Welcome").waitFor();
  expect(await admin.getByRole("region", { name: "Your sections" }).count()).toBe(0);
  installation.api.runSql("UPDATE sections SET visibility = 'restricted'");
  await page.goto(installation.at("/"));
  await heading(page, "Nothing to see here yet").waitFor();
  await page.getByText("nora", { exact: true }).waitFor();
});

test("every section of the sample says the time that its panels show", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  for (const title of ["Finance", "Marketing", "Operations", "People"]) {
    await openSection(page, title);
    expect(await rangeControl(page).innerText()).toBe("Each panel’s own time");
    const metrics = page.locator('main [data-kind="metric"]');
    await metrics.first().waitFor();
    for (const text of await metrics.allInnerTexts()) expect(text).toMatch(/\b(19|20)\d\d\b/);
    await rangeControl(page).click();
    await page.getByRole("button", { name: "All time", exact: true }).click();
    await page.getByRole("button", { name: "Time range: All time" }).waitFor();
    await page.goBack();
  }
});

test("a page opened by its address begins at its top, and one loaded again goes back to its place unless somebody scrolls", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 800 } });
  await signIn(installation, page, "mica");
  const place = (): Promise<number> => page.evaluate(() => Math.round(scrollY));
  await page.goto(installation.at("/sections/people"));
  await sectionIsShown(page, "People");
  await page.evaluate(() => scrollTo(0, 300));
  await expect.poll(place).toBe(300);
  await page.reload();
  await sectionIsShown(page, "People");
  await expect.poll(place).toBe(300);

  // As by a bookmark, or by a link in a mail: to another page, and to this one.
  for (const [path, title] of [
    ["/sections/finance", "Finance"],
    ["/sections/people", "People"],
  ] as const) {
    await page.goto(installation.at(path));
    await sectionIsShown(page, title);
    expect(await place()).toBe(0);
  }

  // Whoever scrolls before the panels are there has chosen another place.
  await page.evaluate(() => scrollTo(0, 300));
  await expect.poll(place).toBe(300);
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/\/sections\/people/, async (route) => {
    if (route.request().resourceType() !== "document") await held;
    await route.continue();
  });
  await page.reload();
  await page.getByRole("button", { name: /^Account:/ }).waitFor();
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, -1);
  answer();
  await sectionIsShown(page, "People");
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  expect(await place()).toBe(0);
});
