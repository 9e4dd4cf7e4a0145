/** How a screen looks: what axe finds on it, whether it fits, and its picture. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, inject } from "vitest";

export const wide = { width: 1280, height: 800 };
export const narrow = { width: 320, height: 640 };

export const axeFindings = async (
  page: Page,
  name: string,
  rules?: string[],
): Promise<string[]> => {
  // Without the second page that it otherwise opens, each time, to put the findings of frames
  // together; and of what is in order only the count, since nobody reads it.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.map(
    ({ id, nodes }) =>
      `${name}: ${id} at ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary})`).join("; ")}`,
  );
};

/** Charts follow a change of the window's size a moment later. */
export const tooWide = async (page: Page, name: string): Promise<string[]> => {
  const overflow = (): Promise<number> =>
    page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  return expect
    .poll(overflow, { timeout: 10_000 })
    .toBeLessThanOrEqual(0)
    .then(
      () => [],
      async () => [`${name}: ${await overflow()} px too wide`],
    );
};

const picturesAreAskedFor = process.env["SALLYPORT_PICTURES"] !== undefined;

/** For somebody who asks to see them: a picture takes as long as half a look of axe. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  if (!picturesAreAskedFor) return;
  const directory = inject("screenshotDirectory");
  await mkdir(directory, { recursive: true });
  await page.screenshot({
    path: join(directory, `${name}.png`),
    animations: "disabled",
    fullPage: !(await page.locator("dialog").count()),
  });
};

/** Nothing is on its way any more, and nothing moves. */
const isStill = async (page: Page, colorScheme: string): Promise<void> => {
  await expect
    .poll(() => page.evaluate(() => document.documentElement.dataset["colorScheme"]))
    .toBe(colorScheme);
  await expect
    .poll(() => page.locator("main [aria-busy=true] :text('Loading text')").count())
    .toBe(0);
  // One that is over may begin another, of what inherits its colour. What is cancelled is over,
  // too.
  await page.evaluate(async () => {
    for (;;) {
      const moving = document.getAnimations().filter(({ playState, effect }) => {
        const { endTime } = effect?.getComputedTiming() ?? {};
        return playState === "running" && endTime !== Infinity;
      });
      if (moving.length === 0) return;
      await Promise.allSettled(moving.map(({ finished }) => finished));
    }
  });
};

/** The other two differ from these in one thing each: they are for the pictures. */
const everyLook = [
  { colorScheme: "light", viewport: wide, isForPictures: false },
  { colorScheme: "dark", viewport: narrow, isForPictures: false },
  { colorScheme: "light", viewport: narrow, isForPictures: true },
  { colorScheme: "dark", viewport: wide, isForPictures: true },
] as const;

/**
 * What is wrong with the screen as it stands, light and wide, dark and at 320 px; it is light and
 * wide again afterwards.
 * @param isShort of dark and narrow only colours and places
 */
export const lookAt = async (page: Page, name: string, isShort = false): Promise<string[]> => {
  const found: string[] = [];
  for (const { colorScheme, viewport, isForPictures } of everyLook) {
    if (isForPictures && !picturesAreAskedFor) continue;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const look = `${name}-${colorScheme}-${viewport.width}`;
    await isStill(page, colorScheme);
    // What is half under the bar at the top is there because somebody scrolled.
    await page.evaluate(() => window.scrollTo(0, 0));
    await keepPicture(page, look);
    found.push(...(await tooWide(page, look)));
    const onlyPlaces = isForPictures || (isShort && viewport === narrow);
    found.push(
      ...(await axeFindings(
        page,
        look,
        onlyPlaces ? ["color-contrast", "target-size"] : undefined,
      )),
    );
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(wide);
  return found;
};
