import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Locator, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { giveGrant, takeGrant } from "../../../api/test/team.ts";
import { startInstallation, type Installation, type InstallationOptions } from "./installation.ts";
import { heading, noAccess, sectionIsShown, sectionLink, signIn } from "./screens.ts";
import { addShopSection, shopPanels, shopRows } from "./shop-section.ts";

interface Shop {
  readonly installation: Installation;
  readonly page: Page;
  /** Ids of the panels, in order. */
  readonly panels: readonly string[];
}

const openShop = async (
  section: Parameters<typeof addShopSection>[1] = {},
  {
    search = "",
    options = {},
    context = {},
  }: {
    readonly search?: string;
    readonly options?: InstallationOptions;
    readonly context?: Parameters<Installation["newPage"]>[0];
  } = {},
): Promise<Shop> => {
  const installation = await startInstallation(options);
  const panels = await addShopSection(installation, section);
  const page = await installation.newPage({
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 900 },
    ...context,
  });
  await signIn(installation, page, "mica");
  await page.goto(installation.at(`/sections/shop${search}`));
  await sectionIsShown(page, "Shop");
  return { installation, page, panels };
};

const panel = (page: Page, title: string): Locator =>
  page.getByRole("group", { name: title, exact: true });
const reader = (page: Page, title: string): Locator =>
  panel(page, title).getByRole("slider", { name: `Read values: ${title}` });
const tooltip = (page: Page, title: string): Locator =>
  panel(page, title).locator("[data-tooltip]");
const choose = async (page: Page, title: string, action: string): Promise<void> => {
  await page.getByRole("button", { name: `Actions: ${title}`, exact: true }).click();
  await page.getByRole("button", { name: action, exact: true }).click();
};
const download = async (
  page: Page,
  title: string,
  action: string,
): Promise<{ readonly name: string; readonly content: Buffer }> => {
  const [file] = await Promise.all([page.waitForEvent("download"), choose(page, title, action)] as [
    Promise<Download>,
    Promise<void>,
  ]);
  const directory = await mkdtemp(join(tmpdir(), "sallyport-download-"));
  const path = join(directory, "file");
  await file.saveAs(path);
  const content = await readFile(path);
  await rm(directory, { recursive: true });
  return { name: file.suggestedFilename(), content };
};
const rowsOf = (page: Page, title: string): Promise<string[][]> =>
  panel(page, title)
    .locator("tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
    );

test("a metric says how it has changed, against what, and whether that is good; a change is not told by colour alone", async () => {
  const { page } = await openShop({
    panels: [shopPanels.takings, shopPanels.late, shopPanels.ever],
  });
  await panel(page, "Takings")
    .getByText(/^Up US\$[\d.,]+ \([\d.]+%\)$/)
    .waitFor();
  await panel(page, "Takings").getByText("on the 30 days before").waitFor();
  await panel(page, "Takings")
    .getByRole("img", {
      name: /^Jan 2025 to Dec 2025: lowest US\$[\d.,]+, highest US\$[\d.,]+, latest US\$[\d.,]+\.$/,
    })
    .waitFor();
  await panel(page, "Late deliveries")
    .getByText(/^(Up|Down) [\d.]+ points$|^No change$/)
    .waitFor();
  expect(
    await panel(page, "Orders ever")
      .getByText(/before/)
      .count(),
  ).toBe(0);
});

test("the keyboard reads a chart point by point, and hears each of them", async () => {
  const { page } = await openShop({ panels: [shopPanels.line] });
  const slider = reader(page, "Takings by product");
  await slider.focus();
  // The keyboard has done it: the browser shows the focus.
  await page.keyboard.press("Home");
  expect(await slider.getAttribute("aria-valuetext")).toMatch(
    /^Jan 2024: Chair US\$[\d.,]+, Kettle US\$[\d.,]+, Lamp US\$[\d.,]+$/,
  );
  await tooltip(page, "Takings by product").getByText("Jan 2024").waitFor();
  await page.keyboard.press("ArrowRight");
  await tooltip(page, "Takings by product").getByText("Feb 2024").waitFor();
  expect(await slider.getAttribute("aria-valuenow")).toBe("2");
  for (let presses = 0; presses < 6; presses++) await page.keyboard.press("ArrowRight");
  expect(await slider.getAttribute("aria-valuetext")).toBe(
    "Aug 2024: Chair no value, Kettle no value, Lamp no value",
  );
  await page.keyboard.press("End");
  await tooltip(page, "Takings by product").getByText("Dec 2025").waitFor();
  await page.keyboard.press("ArrowRight");
  expect(await slider.getAttribute("aria-valuenow")).toBe("24");
  await page.keyboard.press("Escape");
  await tooltip(page, "Takings by product").waitFor({ state: "detached" });
});

test("mouse and finger read the point they are nearest to", async () => {
  const { page } = await openShop(
    { panels: [shopPanels.line, shopPanels.horizontal] },
    { context: { hasTouch: true } },
  );
  const slider = reader(page, "Takings by product");
  const box = await slider.boundingBox();
  if (!box) throw new Error("The chart has no place.");
  await page.mouse.move(box.x + 3, box.y + 40);
  await tooltip(page, "Takings by product").getByText("Jan 2024").waitFor();
  await page.mouse.move(box.x + box.width - 3, box.y + 40);
  await tooltip(page, "Takings by product").getByText("Dec 2025").waitFor();
  await page.mouse.move(5, 5);
  await tooltip(page, "Takings by product").waitFor({ state: "detached" });
  await page.touchscreen.tap(box.x + box.width / 2, box.y + 40);
  await tooltip(page, "Takings by product")
    .getByText(/(Dec 2024|Jan 2025)/)
    .waitFor();
  const bars = await reader(page, "Takings by region").boundingBox();
  await page.touchscreen.tap((bars?.x ?? 0) + 30, (bars?.y ?? 0) + 5);
  await expect
    .poll(() => tooltip(page, "Takings by region").innerText())
    .toMatch(/^East\s+Takings\s+US\$80,/);
});

test("the legend takes series away and brings them back, but never the last", async () => {
  const { page } = await openShop({ panels: [shopPanels.line] });
  const chart = panel(page, "Takings by product");
  const curves = chart.locator("[data-series]");
  await expect.poll(() => curves.count()).toBe(3);
  const [chair, kettle, lamp] = ["Chair", "Kettle", "Lamp"].map((name) =>
    chart.getByRole("button", { name, exact: true }),
  );
  if (!chair || !kettle || !lamp) throw new Error("There are three series.");
  await chair.click();
  // What is hidden stands in the address, and the page follows it a moment later.
  await expect.poll(() => chair.getAttribute("aria-pressed")).toBe("false");
  await kettle.click();
  await expect.poll(() => curves.count()).toBe(1);
  expect(await lamp.getAttribute("aria-disabled")).toBe("true");
  await lamp.click({ force: true });
  expect(await lamp.getAttribute("aria-pressed")).toBe("true");
  await reader(page, "Takings by product").hover();
  expect(await tooltip(page, "Takings by product").getByText("Chair").count()).toBe(0);
  await chair.click();
  await expect.poll(() => curves.count()).toBe(2);
});

test("shares stand beside their parts as values and percentages, and are of what is shown", async () => {
  const { page } = await openShop({ panels: [shopPanels.share] });
  const shares = panel(page, "Regions");
  await shares.getByRole("button", { name: /Overseas 20\.1% 9,394/ }).waitFor();
  await shares.getByRole("button", { name: /Overseas/ }).click();
  await shares.getByRole("button", { name: /North 25% 9,340/ }).waitFor();
  await expect
    .poll(() =>
      shares.getByRole("button", { name: /Overseas – 9,394/ }).getAttribute("aria-pressed"),
    )
    .toBe("false");
});

test("a chart can be looked at as a table, with every row that was drawn, and as a chart again", async () => {
  const { page } = await openShop({ panels: [shopPanels.line] });
  await reader(page, "Takings by product").waitFor();
  await choose(page, "Takings by product", "View as table");
  const rows = await rowsOf(page, "Takings by product");
  expect(rows).toHaveLength(23 * 3);
  expect(rows[0]?.slice(0, 2)).toEqual(["Jan 2024", "Chair"]);
  await choose(page, "Takings by product", "View as chart");
  await reader(page, "Takings by product").waitFor();
});

test("the CSV of a table has all its rows, in the order that is looked at, and no formula among them", async () => {
  const { page, panels } = await openShop({ panels: [shopPanels.table] });
  await page.goto(`${page.url()}?sort.${panels[0]}=takings&from=2025-01-01&to=2025-03-31`);
  await page.getByText("1–10 of 270").waitFor();
  const { name, content } = await download(page, "Orders", "Download CSV");
  expect(name).toMatch(/^shop-orders-2025-01-01-to-2025-03-31-\d{4}-\d\d-\d\d\.csv$/);
  const text = content.toString();
  expect(text.startsWith("\uFEFFDay,Product,Region,Takings (USD),Late,Remark\r\n")).toBe(true);
  const lines = text.trim().split("\r\n").slice(1);
  expect(lines).toHaveLength(270);
  const takings = lines.map((line) => Number(line.split(",")[3]));
  expect(takings).toEqual(takings.toSorted((one, other) => one - other));
  expect(lines.filter((line) => line.includes('"wrapped, ""with care"""')).length).toBeGreaterThan(
    5,
  );
  expect(
    lines
      .filter((line) => line.includes("HYPERLINK"))
      .every((line) => line.includes(`"'=HYPERLINK(""https://example.com"")"`)),
  ).toBe(true);
  expect(lines.some((line) => line.includes("HYPERLINK"))).toBe(true);
});

test("the CSV of a chart has what was drawn", async () => {
  const { page } = await openShop({ panels: [shopPanels.horizontal] });
  const { content } = await download(page, "Takings by region", "Download CSV");
  expect(content.toString()).toBe(
    `\uFEFFRegion,Takings (USD)\r\n${(await rowsOfApi(page)).map(([region, takings]) => `${region},${takings}`).join("\r\n")}\r\n`,
  );
});

const rowsOfApi = async (page: Page): Promise<[string, number][]> => {
  await choose(page, "Takings by region", "View as table");
  const sums = new Map<string, number>();
  for (const row of shopRows)
    sums.set(
      String(row["region"]),
      (sums.get(String(row["region"])) ?? 0) + Number(row["takings"]),
    );
  return [...sums].toSorted(([, one], [, other]) => other - one);
};

test.each(["light", "dark"] as const)(
  "the PNG of a chart is twice its size, with title and legend, on the background of the %s scheme",
  async (colorScheme) => {
    const { page } = await openShop(
      { panels: [shopPanels.stacked, shopPanels.share] },
      { context: { colorScheme } },
    );
    await reader(page, "Regions and products").waitFor();
    const seen: Record<string, unknown>[] = [];
    for (const title of ["Regions and products", "Regions"]) {
      const { name, content } = await download(page, title, "Download PNG");
      expect(name).toMatch(/^shop-regions.*\.png$/);
      expect(content.subarray(1, 4).toString()).toBe("PNG");
      seen.push(
        await page.evaluate(async (base64) => {
          const image = new Image();
          image.src = `data:image/png;base64,${base64}`;
          await image.decode();
          const canvas = document.createElement("canvas");
          canvas.width = image.width;
          canvas.height = image.height;
          const context = canvas.getContext("2d");
          if (!context) throw new Error("No canvas.");
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, image.width, image.height);
          const counts = new Map<string, number>();
          for (let at = 0; at < data.length; at += 4) {
            const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
            counts.set(colour, (counts.get(colour) ?? 0) + 1);
          }
          return {
            width: image.width,
            corner: [...data.subarray(0, 3)].join(","),
            colours: [...counts].filter(([, count]) => count > 2000).map(([colour]) => colour),
          };
        }, content.toString("base64")),
      );
      await writeScreenshot(
        `picture-${title.toLowerCase().replaceAll(" ", "-")}-${colorScheme}`,
        content,
      );
    }
    for (const { corner, colours, width } of seen as {
      corner: string;
      colours: string[];
      width: number;
    }[]) {
      expect(corner).toBe(colorScheme === "light" ? "255,255,255" : "25,29,30");
      // The background and at least three series.
      expect(colours.length).toBeGreaterThan(3);
      expect(width).toBeGreaterThan(700);
    }
  },
);

const writeScreenshot = async (name: string, content: Buffer): Promise<void> => {
  await mkdir(inject("screenshotDirectory"), { recursive: true });
  await writeFile(join(inject("screenshotDirectory"), `${name}.png`), content);
};

test("order and page of a table are asked of the server, stand in the address, and survive a reload", async () => {
  const { installation, page, panels } = await openShop({ panels: [shopPanels.table] });
  const table = panel(page, "Orders");
  const [id] = panels;
  const { pathname } = new URL(page.url());
  await table.getByText("1–10 of 2,100").waitFor();
  installation.wire.forget();
  await table.getByRole("button", { name: "Takings (USD)" }).click();
  await expect
    .poll(() =>
      table.getByRole("columnheader", { name: "Takings (USD)" }).getAttribute("aria-sort"),
    )
    .toBe("descending");
  expect(new URL(page.url()).search).toBe(`?sort.${id}=-takings`);
  const largest = Math.max(...shopRows.map(({ takings }) => Number(takings))).toFixed(1);
  await expect.poll(async () => (await rowsOf(page, "Orders"))[0]?.[3]).toBe(largest);
  await table.getByRole("button", { name: "Next page" }).click();
  await table.getByText("11–20 of 2,100").waitFor();
  expect(
    installation.wire.requests.map(({ path, query }) => `${path.replace(id ?? "", "ID")}?${query}`),
  ).toEqual([
    "/sections/shop/panels/ID/data?sort=-takings&page=1&limit=10",
    "/sections/shop/panels/ID/data?sort=-takings&page=2&limit=10",
  ]);
  const second = await rowsOf(page, "Orders");
  await page.reload();
  await table.getByText("11–20 of 2,100").waitFor();
  await expect.poll(() => rowsOf(page, "Orders")).toEqual(second);
  await table.getByRole("button", { name: "Previous page" }).click();
  await table.getByText("1–10 of 2,100").waitFor();
  await table.getByRole("button", { name: "Takings (USD)" }).click();
  await expect
    .poll(() =>
      table.getByRole("columnheader", { name: "Takings (USD)" }).getAttribute("aria-sort"),
    )
    .toBe("ascending");
  await table.getByRole("button", { name: "Takings (USD)" }).click();
  await expect
    .poll(() =>
      table.getByRole("columnheader", { name: "Takings (USD)" }).getAttribute("aria-sort"),
    )
    .toBeNull();
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(pathname);
  await page.goto(installation.at(`/sections/shop?page.${id}=210`));
  await table.getByText("2,091–2,100 of 2,100").waitFor();
  expect(await table.getByRole("button", { name: "Next page" }).isDisabled()).toBe(true);
});

test("a page beyond the end says so, and leads to the last one", async () => {
  const { page, installation, panels } = await openShop({ panels: [shopPanels.table] });
  await page.goto(installation.at(`/sections/shop?page.${panels[0]}=9999`));
  await panel(page, "Orders").getByText("There is no page 9999").waitFor();
  await panel(page, "Orders").getByRole("button", { name: "Go to the last page" }).click();
  await panel(page, "Orders").getByText("2,091–2,100 of 2,100").waitFor();
  expect(new URL(page.url()).search).toBe(`?page.${panels[0]}=210`);
});

test("an order that the table does not have fails alone, and leads back", async () => {
  const { page, installation, panels } = await openShop({
    panels: [shopPanels.table, shopPanels.ever],
  });
  await page.goto(installation.at(`/sections/shop?sort.${panels[0]}=no_such_column`));
  await panel(page, "Orders").getByRole("alert").waitFor();
  await panel(page, "Orders ever").getByText("2,100").waitFor();
  await panel(page, "Orders").getByRole("button", { name: "Back to the first page" }).click();
  await panel(page, "Orders").getByText("1–10 of 2,100").waitFor();
  expect(new URL(page.url()).search).toBe("");
});

test("the range of time is in the address: chosen, gone back from, and asked for with the first and only request", async () => {
  const { page, installation } = await openShop({ panels: [shopPanels.table, shopPanels.ever] });
  const control = page.getByRole("button", { name: /^Time range:/ });
  expect(await control.innerText()).toBe("All time");
  await control.click();
  await page.getByRole("button", { name: "Last 12 months" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?last=P12M");
  await panel(page, "Orders")
    .getByText(/^1–10 of/)
    .waitFor();
  await panel(page, "Orders ever").getByText("Not narrowed by the time range.").waitFor();
  await page.getByRole("button", { name: "Time range: Last 12 months" }).click();
  await page.getByLabel("From").fill("2024-02-01");
  await page.getByLabel("To").fill("2024-01-01");
  await page.getByRole("button", { name: "Show these dates" }).click();
  await page.getByRole("alert").getByText("The last day is before the first.").waitFor();
  expect(await page.getByLabel("To").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("To").fill("2024-02-29");
  await page.getByRole("button", { name: "Show these dates" }).click();
  await panel(page, "Orders").getByText("1–10 of 87").waitFor();
  expect((await rowsOf(page, "Orders"))[0]?.[0]).toBe("29 Feb 2024");
  expect(new URL(page.url()).search).toBe("?from=2024-02-01&to=2024-02-29");
  installation.wire.forget();
  await page.reload();
  await panel(page, "Orders").getByText("1–10 of 87").waitFor();
  await page.getByRole("button", { name: "Time range: 1 Feb 2024 – 29 Feb 2024" }).waitFor();
  expect(
    installation.wire.requests
      .filter(({ path }) => path.startsWith("/sections"))
      .map(({ path, query }) => `${path}?${query}`),
  ).toEqual(["/sections/shop?include=data&from=2024-02-01&to=2024-03-01"]);
  await page.goBack();
  await page.getByRole("button", { name: "Time range: Last 12 months" }).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Time range: All time" }).waitFor();
  await panel(page, "Orders").getByText("1–10 of 2,100").waitFor();
});

test("a section opens with its own range, and all of time is one press away", async () => {
  const { page } = await openShop({
    panels: [{ ...shopPanels.table, query: { ...shopPanels.table.query, relativeTo: "latest" } }],
    last: "P10D",
  });
  await page.getByRole("button", { name: "Time range: Last 10 days" }).click();
  await panel(page, "Orders").getByText("1–10 of 30").waitFor();
  await page.getByRole("button", { name: "All time" }).click();
  await panel(page, "Orders").getByText("1–10 of 2,100").waitFor();
  expect(new URL(page.url()).search).toBe("?last=all");
});

test("nothing in a range is not the same as nothing at all", async () => {
  const none = {
    ...shopPanels.table,
    title: "None",
    query: {
      ...shopPanels.table.query,
      filter: { column: "product", is: "equal" as const, value: "Sofa" },
    },
  };
  const { page, installation } = await openShop({
    panels: [
      shopPanels.line,
      shopPanels.share,
      shopPanels.late,
      { ...none, query: { ...none.query } },
      shopPanels.ever,
    ],
  });
  await panel(page, "None").getByText("Nothing here yet.").waitFor();
  await page.goto(installation.at("/sections/shop?from=2024-08-02&to=2024-08-20"));
  await panel(page, "Takings by product")
    .getByText(/^Nothing in this range: .*Aug 2024\.$/)
    .waitFor();
  await panel(page, "Regions")
    .getByText(/^Nothing in this range: .*Aug 2024\.$/)
    .waitFor();
  await panel(page, "Late deliveries")
    .getByText(/^Nothing in this range: .*Aug 2024\.$/)
    .waitFor();
  expect(await panel(page, "Orders ever").innerText()).toContain("2,100");
});

test("a panel that failed is asked for again as it is looked at: with the range", async () => {
  const installation = await startInstallation();
  const [id] = await addShopSection(installation, { panels: [shopPanels.table] });
  const { runSql } = installation.api;
  const [before] = runSql<{ definition: string }>("select definition from panels where id = ?", id);
  runSql(
    "update panels set definition = json_set(definition, '$.query.select', json('[{\"column\":\"no_such_column\"}]')) where id = ?",
    id,
  );
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/shop?from=2024-02-01&to=2024-02-29"));
  await panel(page, "Orders").getByText("Request ID:").waitFor();
  runSql("update panels set definition = ? where id = ?", before?.definition, id);
  installation.wire.forget();
  await panel(page, "Orders").getByRole("button", { name: "Retry: Orders" }).click();
  await panel(page, "Orders").getByText("1–10 of 87").waitFor();
  expect(installation.wire.requests.map(({ path, query }) => `${path}?${query}`)).toContain(
    `/sections/shop/panels/${id}/data?from=2024-02-01&to=2024-03-01&limit=10`,
  );
});

test("numbers are asked for again by hand and by themselves, and not while paused", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, { panels: [shopPanels.ever], refreshSeconds: 5 });
  const page = await installation.newPage();
  await page.clock.install();
  await signIn(installation, page, "mica");
  installation.wire.forget();
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await page.getByText(/^Updated .* · every 5 seconds$/).waitFor();
  const asked = (): number => installation.wire.count("GET /sections/shop");
  expect(asked()).toBe(1);
  await page.clock.runFor(5_200);
  await expect.poll(asked).toBe(2);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/· paused$/).waitFor();
  await page.clock.runFor(11_000);
  expect(asked()).toBe(2);
  await page.getByRole("button", { name: "Update now" }).click();
  await expect.poll(asked).toBe(3);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(asked).toBe(4);
  await page.clock.runFor(5_200);
  await expect.poll(asked).toBe(5);
});

test("a section that was taken away is not shown from memory on the way back", async () => {
  const installation = await startInstallation();
  await addShopSection(installation, { panels: [shopPanels.ever] });
  await giveGrant(installation.api, "mike", "shop");
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  await page.goto(installation.at("/sections/shop"));
  await sectionIsShown(page, "Shop");
  await takeGrant(installation.api, "mike", "shop");
  await sectionLink(page, "Marketing").click();
  await sectionIsShown(page, "Marketing");
  await expect.poll(() => sectionLink(page, "Shop").count()).toBe(0);
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() =>
      seen.push(document.querySelector("main")?.textContent ?? ""),
    ).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.goBack();
  await heading(page, noAccess).waitFor();
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((text) => text.includes("2,100"))).toEqual([]);
});

test("on paper there are the title and the range, whole panels on white, and nothing to press", async () => {
  const { page } = await openShop({ last: "P24M" }, { context: { colorScheme: "dark" } });
  await reader(page, "Takings by product").waitFor();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.screenshot({
    path: join(inject("screenshotDirectory"), "print.png"),
    animations: "disabled",
    fullPage: true,
  });
  // What has changed its size is drawn anew.
  await page.setViewportSize({ width: 1000, height: 2400 });
  await expect
    .poll(() =>
      page
        .locator("main svg[data-drawing]")
        .first()
        .evaluate((drawing) => drawing.getBoundingClientRect().right),
    )
    .toBeLessThan(1000);
  const heights = await page
    .locator("main svg[data-drawing]")
    .evaluateAll((drawings) =>
      drawings.map((drawing) => Math.round(drawing.getBoundingClientRect().height)),
    );
  expect(heights.length).toBeGreaterThan(4);
  expect(Math.min(...heights)).toBeGreaterThan(120);
  expect(await page.getByRole("button", { name: "Actions: Orders" }).isVisible()).toBe(false);
  expect(await page.getByRole("navigation", { name: "Sections" }).isVisible()).toBe(false);
  expect(await page.getByText("Each panel’s own time").last().isVisible()).toBe(true);
  expect(
    await panel(page, "Orders")
      .getByText(/^Time shown: /)
      .isVisible(),
  ).toBe(true);
  expect(
    await panel(page, "Orders").evaluate((element) => getComputedStyle(element).backgroundColor),
  ).toBe("rgb(255, 255, 255)");
  expect(await panel(page, "Orders").evaluate((element) => getComputedStyle(element).color)).toBe(
    "rgb(31, 30, 27)",
  );
  expect(
    await panel(page, "Orders").evaluate((element) => getComputedStyle(element).breakInside),
  ).toBe("avoid");
});
