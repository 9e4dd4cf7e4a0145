import { launch, type Page } from "puppeteer-core";
import { hosts, patienceMilliseconds, type Engine, type Tab, type Target } from "./engine.ts";

const drive = (page: Page): Tab => {
  const find = (target: Target) => page.locator(`::-p-xpath(${target})`);
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    url: () => Promise.resolve(page.url()),
    // A page behind another draws nothing, and what is to be clicked has to stand still in two
    // frames.
    click: async (target) => {
      await page.bringToFront();
      await find(target).click();
    },
    fill: async (target, text) => {
      await page.bringToFront();
      await find(target).fill(text);
    },
    text: () => page.evaluate(() => document.body.innerText),
    run: (script, argument) => page.evaluate(script as never, argument as never),
    resize: (width, height) => page.setViewport({ width, height }),
    screenshot: async () => Buffer.from(await page.screenshot()),
  };
};

/** Over WebDriver BiDi, which Firefox speaks by itself. */
export const startFirefox = async (executablePath: string): Promise<Engine> => {
  const browser = await launch({
    browser: "firefox",
    executablePath,
    acceptInsecureCerts: true,
    defaultViewport: { width: 1280, height: 800 },
    extraPrefsFirefox: {
      "intl.accept_languages": "en-GB",
      "network.dns.localDomains": Object.values(hosts).join(","),
    },
  });
  return {
    newProfile: async () => {
      const context = await browser.createBrowserContext();
      return {
        newTab: async () => {
          const page = await context.newPage();
          page.setDefaultTimeout(patienceMilliseconds);
          return drive(page);
        },
        cookies: async (url) => {
          const { hostname } = new URL(url);
          const all = await context.cookies();
          return all
            .filter(({ domain }) => domain === hostname)
            .map(({ name, secure, httpOnly = false }) => ({ name, secure, httpOnly }));
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
};
