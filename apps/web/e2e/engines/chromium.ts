import { chromium, type Page } from "playwright-core";
import { inject } from "vitest";
import { patienceMilliseconds, type Engine, type Tab } from "./engine.ts";

const drive = (page: Page): Tab => ({
  goto: async (url) => void (await page.goto(url)),
  reload: async () => void (await page.reload()),
  url: () => Promise.resolve(page.url()),
  click: (target) => page.locator(`xpath=${target}`).click(),
  fill: (target, text) => page.locator(`xpath=${target}`).fill(text),
  text: () => page.locator("body").innerText(),
  run: (script, argument) => page.evaluate(script as never, argument),
  resize: (width, height) => page.setViewportSize({ width, height }),
  screenshot: () => page.screenshot(),
});

/** The one that all browser tests of a run share. */
export const startChromium = async (): Promise<Engine> => {
  const browser = await chromium.connect(inject("browserEndpoint"));
  return {
    newProfile: async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB" });
      context.setDefaultTimeout(patienceMilliseconds);
      return {
        newTab: async () => drive(await context.newPage()),
        cookies: (url) => context.cookies(url),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
};
