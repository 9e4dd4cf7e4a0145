import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { MockApi } from "@sallyport/shared/mock";
import {
  connectionBanner,
  dialog,
  expectNoDialog,
  heading,
  isMarked,
  markPage,
  noAccess,
  openSection,
  sectionIsShown,
  sectionLink,
  sectionTitles,
  signIn,
  signOut,
  submitSignIn,
} from "../real/screens.ts";
import { startDemo } from "./demo.ts";

type MockedWindow = typeof globalThis & { readonly __mock: MockApi };

/** The demo as this persona meets it: on its first section. */
const openAs = async (persona: string): Promise<Page> => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at(`/?mock=persona:${persona}`));
  await sectionIsShown(page, "Welcome");
  return page;
};
const openPanel = async (page: Page): Promise<void> =>
  page.getByRole("button", { name: /^Mock:/ }).click();
const switchTo = async (page: Page, persona: string): Promise<void> => {
  await page.getByLabel("Signed in as").selectOption(persona);
  await page.getByRole("button", { name: "Switch" }).click();
};
const chooseScenario = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel("Scenario").selectOption(name);
};
const navigate = async (page: Page, title: string): Promise<void> =>
  sectionLink(page, title).click();

test("the demo signs people in and shows their sections, with no server behind it", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/"));
  await sectionIsShown(page, "Welcome");
  expect(await page.title()).toContain("Sallyport demo");
  await signIn(demo, page, "mica");
  await expect
    .poll(() => sectionTitles(page))
    .toEqual(["Welcome", "Marketing", "Finance", "People", "Operations"]);
  await signOut(page);
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await signIn(demo, page, "mike");
  await expect.poll(() => sectionTitles(page)).toEqual(["Welcome", "Marketing"]);
  await page.goto(demo.at("/sections/finance"));
  await heading(page, noAccess).waitFor();
});

test("a wrong password is refused as the server refuses it", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sign-in"));
  await submitSignIn(page, "mica", "not the passphrase");
  await page.getByText("The user name or the password is not right.").waitFor();
  expect(await page.getByLabel("User name").inputValue()).toBe("mica");
});

test("a deep link below a sub-path opens where it leads, also when it is loaded again", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sections/operations?mock=persona:mica"));
  await sectionIsShown(page, "Operations");
  await page.reload();
  await sectionIsShown(page, "Operations");
  expect(new URL(page.url()).pathname).toBe("/sallyport-demo/sections/operations");
});

test("the seeded data fill every panel of every section", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/?mock=persona:mica"));
  for (const title of ["Welcome", "Marketing", "Finance", "People", "Operations"]) {
    await openSection(page, title);
    await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
    expect(
      await page.getByText(/Nothing in this range|Nothing here yet|nothing to draw/).count(),
      `panels of ${title} without anything`,
    ).toBe(0);
    expect(
      await page.getByRole("button", { name: /^Retry/ }).count(),
      `panels of ${title} that failed`,
    ).toBe(0);
  }
});

test("the panel changes who is signed in, and the page follows", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/"));
  await openPanel(page);
  await switchTo(page, "frida");
  await page.getByRole("button", { name: "Account: Frida Marchetti" }).waitFor();
  await expect.poll(() => sectionTitles(page)).toEqual(["Welcome", "Finance", "Operations"]);
  await openPanel(page);
  await switchTo(page, "visitor");
  await page.getByRole("link", { name: "Sign in" }).waitFor();
});

test("the panel can be reached over a dialog, and Escape closes the panel alone", async () => {
  const page = await openAs("mica");
  await openPanel(page);
  await page.getByRole("button", { name: "+ 8 days" }).click();
  await dialog(page).waitFor();
  const corner = page.getByRole("complementary", { name: "Mock" });
  await corner.getByLabel("Scenario").focus();
  await page.keyboard.press("Escape");
  await corner.getByLabel("Scenario").waitFor({ state: "hidden" });
  await dialog(page).waitFor();
  await openPanel(page);
  await switchTo(page, "frida");
  await page.getByRole("button", { name: "Account: Frida Marchetti" }).waitFor();
  await expectNoDialog(page);
});

test("whoever is deactivated is shown as chosen, though no request finds them signed in", async () => {
  const page = await openAs("mica");
  await openPanel(page);
  await switchTo(page, "dan");
  await page.getByRole("button", { name: "Mock: dan, signed out" }).waitFor();
  await openPanel(page);
  expect(await page.getByLabel("Signed in as").inputValue()).toBe("dan");
  await switchTo(page, "mike");
  await page.getByRole("button", { name: "Mock: mike · invented numbers", exact: true }).waitFor();
});

test("moved past the life of an access token, the clock makes the page refresh unseen", async () => {
  const page = await openAs("mica");
  await markPage(page);
  await openPanel(page);
  await page.getByRole("button", { name: "+ 6 minutes" }).click();
  await openSection(page, "Finance");
  await expectNoDialog(page);
  expect(await isMarked(page)).toBe(true);
  await page.getByRole("button", { name: "+ 8 days" }).click();
  // The stream of events has ended with the session: nothing has to be asked for.
  await dialog(page)
    .getByRole("heading", { name: /Sign in/ })
    .waitFor();
  await submitSignIn(page, "mica");
  await dialog(page).waitFor({ state: "detached" });
  await openSection(page, "People");
  expect(await isMarked(page)).toBe(true);
});

test("offline keeps the page, says so, and goes on when it is over", async () => {
  const page = await openAs("mica");
  await markPage(page);
  await openPanel(page);
  await chooseScenario(page, "offline");
  await navigate(page, "Finance");
  await connectionBanner(page).waitFor();
  await expectNoDialog(page);
  await chooseScenario(page, "normal");
  await sectionIsShown(page, "Finance");
  await connectionBanner(page).waitFor({ state: "detached" });
  expect(await isMarked(page)).toBe(true);
});

test.each(["access-token-expired", "refresh-response-lost", "refresh-conflict"])(
  "in the scenario %s nobody is signed out",
  async (scenario) => {
    const page = await openAs("mica");
    await markPage(page);
    await openPanel(page);
    await chooseScenario(page, scenario);
    await openSection(page, "Marketing");
    await openSection(page, "People");
    await expectNoDialog(page);
    expect(await isMarked(page)).toBe(true);
  },
);

test("a permission that is taken away in the middle bites without a reload, and comes back", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sections/marketing?mock=persona:mike"));
  await sectionIsShown(page, "Marketing");
  await markPage(page);
  await openPanel(page);
  await chooseScenario(page, "permission-removed");
  await heading(page, noAccess).waitFor();
  await expect.poll(() => sectionTitles(page)).toEqual(["Welcome"]);
  await chooseScenario(page, "normal");
  await sectionLink(page, "Marketing").waitFor();
  expect(await isMarked(page)).toBe(true);
});

test.each([
  ["session-expired", "at once", /not used|unused|long/i],
  ["reuse-detected", "once it asks", /copied|stolen|used|elsewhere/i],
])(
  "in the scenario %s the page says %s why the session is over",
  async (scenario, when, reason) => {
    const page = await openAs("mike");
    await openPanel(page);
    await chooseScenario(page, scenario);
    if (when === "once it asks") await navigate(page, "Marketing");
    await dialog(page).getByText(reason).first().waitFor();
    await expect.poll(() => dialog(page).count()).toBe(1);
  },
);

test("somebody who is deactivated is told at once", async () => {
  const page = await openAs("mike");
  await openPanel(page);
  await chooseScenario(page, "user-deactivated");
  await dialog(page)
    .getByText(/deactivated/i)
    .first()
    .waitFor();
  expect(await dialog(page).count()).toBe(1);
});

test("with cookies blocked, a sign-in leads to the page that explains it", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sign-in?mock=scenario:cookies-blocked"));
  await submitSignIn(page, "mica");
  await page.waitForURL("**/cookies-blocked**");
  await expect.poll(() => page.locator("main").innerText()).toMatch(/cookies/i);
});

test("where too many have tried, the sign-in page says when to try again", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sign-in?mock=scenario:rate-limited"));
  await submitSignIn(page, "mica");
  await page
    .getByText(/Too many/i)
    .first()
    .waitFor();
  expect(await page.getByRole("button", { name: /^Account:/ }).count()).toBe(0);
});

test("an error of the server, an empty installation and one with many sections are shown as themselves", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sections/marketing?mock=persona:mica,scenario:many-sections"));
  await sectionIsShown(page, "Marketing");
  expect((await sectionTitles(page)).length).toBeGreaterThan(100);
  await page.goto(demo.at("/?mock=persona:mica,scenario:empty"));
  await page.getByRole("button", { name: /^Account:/ }).waitFor();
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.locator("main").innerText()).not.toBe("");
});

test("what the mock knows outlives a reload, tabs share it, and reset forgets it", async () => {
  const demo = await startDemo();
  const context = await demo.newContext();
  const [one, two] = [await context.newPage(), await context.newPage()];
  await signIn(demo, one, "mike");
  await two.goto(demo.at("/sections/marketing"));
  await sectionIsShown(two, "Marketing");
  await two.reload();
  await sectionIsShown(two, "Marketing");
  await one.bringToFront();
  await signOut(one);
  await two.getByRole("link", { name: "Sign in" }).waitFor();
  await signIn(demo, one, "mike");
  await openPanel(one);
  await one.getByRole("button", { name: "Reset" }).click();
  await one.getByRole("link", { name: "Sign in" }).waitFor();
  await expect.poll(() => sectionTitles(one)).toEqual(["Welcome"]);
});

test("a name that there is not is told, with those that there are, and the page leads on", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/sections/welcome?mock=persona:nobody&last=P30D"));
  await page.getByText(/There is no persona "nobody"/).waitFor();
  await heading(page, "The mock API cannot start").waitFor();
  expect(await page.locator("body").innerText()).toContain("mica");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole("button", { name: "Begin anew" }).click();
  await sectionIsShown(page, "Welcome");
  expect(new URL(page.url()).search).toBe("?last=P30D");
});

test("a browser that refuses its storage, or a service worker, is told as what is wrong", async () => {
  const demo = await startDemo();
  const [locked, workless] = [await demo.newPage(), await demo.newPage()];
  await locked.addInitScript(() => {
    Object.defineProperty(globalThis, "localStorage", {
      get: () => {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      },
    });
  });
  await locked.goto(demo.at("/"));
  await locked.getByText(/storage, which is blocked for this page/).waitFor();
  await workless.addInitScript(() => {
    navigator.serviceWorker.register = async () =>
      Promise.reject(
        new DOMException("The user denied permission to use Service Worker.", "SecurityError"),
      );
  });
  await workless.goto(demo.at("/"));
  await workless.getByText(/service worker, and the browser refused it/).waitFor();
  for (const page of [locked, workless]) await heading(page, "The mock API cannot start").waitFor();
  expect(await locked.getByRole("button", { name: "Begin anew" }).count()).toBe(1);
});

test("what the address asks of the mock is done once: whoever is chosen afterwards stays, with other tabs open too", async () => {
  const demo = await startDemo();
  const context = await demo.newContext();
  const [one, two] = [await context.newPage(), await context.newPage()];
  await one.goto(demo.at("/sections/finance?mock=persona:mica,seed:7"));
  await sectionIsShown(one, "Finance");
  expect(new URL(one.url()).search).toBe("");
  await two.goto(demo.at("/"));
  await two.getByRole("button", { name: "Account: Mica Okafor" }).waitFor();
  await one.bringToFront();
  await openPanel(one);
  await switchTo(one, "mike");
  await heading(one, noAccess).waitFor();
  await expect
    .poll(() => one.evaluate(() => document.activeElement?.textContent))
    .toContain("Mock: mike");
  expect(await one.evaluate(() => (globalThis as MockedWindow).__mock.settings())).toMatchObject({
    persona: "mike",
    seed: 7,
  });
  // Asked for once more, it is done once more.
  await one.goto(demo.at("/sections/finance?mock=persona:mica"));
  await sectionIsShown(one, "Finance");
});

test("a file that is no state is refused in words, and read once it has been mended", async () => {
  const page = await openAs("frida");
  const state = await page.evaluate(() =>
    JSON.stringify((globalThis as MockedWindow).__mock.exportState()),
  );
  await openPanel(page);
  const file = (text: string) => ({
    name: "state.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  const alert = page.getByRole("complementary", { name: "Mock" }).getByRole("alert");
  for (const [text, words] of [
    ["hello", /is no JSON/],
    ["null", /no state of this version/],
    ['{"version":1}', /no state of this version/],
  ] as const) {
    await page.getByLabel("Load state").setInputFiles(file(text));
    await alert.filter({ hasText: words }).waitFor();
  }
  await switchTo(page, "nora");
  await page.getByRole("button", { name: "Account: Nora Haddad" }).waitFor();
  await openPanel(page);
  await page.getByLabel("Load state").setInputFiles(file(state));
  await page.getByRole("button", { name: "Account: Frida Marchetti" }).waitFor();
  expect(await sectionTitles(page)).toEqual(["Welcome", "Finance", "Operations"]);
});

test("an installation without users says that nobody can be signed in, and leads to its setup", async () => {
  const demo = await startDemo();
  const page = await demo.newPage();
  await page.goto(demo.at("/?mock=scenario:setup"));
  await sectionIsShown(page, "Welcome");
  await openPanel(page);
  await switchTo(page, "mica");
  await page
    .getByRole("alert")
    .filter({ hasText: /no mica in this installation/ })
    .waitFor();
  const setup = page.waitForEvent("popup");
  await page.getByRole("link", { name: /setup link/ }).click();
  await (await setup).getByRole("button", { name: /Create/ }).waitFor();
  // The address may ask for somebody all the same: that ends the scenario.
  await page.goto(demo.at("/?mock=persona:mica"));
  await page.getByRole("button", { name: "Account: Mica Okafor" }).waitFor();
  expect(await page.evaluate(() => (globalThis as MockedWindow).__mock.settings().scenario)).toBe(
    "normal",
  );
});

test("the console drives the mock", async () => {
  const page = await openAs("mike");
  await page.evaluate(() => (globalThis as MockedWindow).__mock.giveGrant("mike", "finance"));
  await sectionLink(page, "Finance").waitFor();
  await page.evaluate(() => (globalThis as MockedWindow).__mock.advanceClock({ minutes: 6 }));
  await openSection(page, "Finance");
  expect(await page.evaluate(() => (globalThis as MockedWindow).__mock.settings().persona)).toBe(
    "mike",
  );
});

test("axe finds nothing on the panel, light or dark, 1280 or 320 px wide, and it is reached and left by keyboard", async () => {
  const page = await openAs("mica");
  await page.getByRole("button", { name: /^Mock:/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Mock API" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SELECT");
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => page.evaluate(() => document.documentElement.dataset["colorScheme"]))
        .toBe(colorScheme);
      const { violations } = await new AxeBuilder({ page })
        .include("aside[aria-label='Mock']")
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
        `${colorScheme}, ${width} px`,
      ).toEqual([]);
    }
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Mock API" }).waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Mock:");
});
