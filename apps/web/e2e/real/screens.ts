/** What a person sees and does, in the words of the screen. */
import { text } from "node:stream/consumers";
import type { Download, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import type { Installation } from "./installation.ts";

export const heading = (page: Page, name: string): Locator =>
  page.getByRole("heading", { level: 1, name, exact: true });
export const dialog = (page: Page): Locator => page.getByRole("dialog");
export const sectionNav = (page: Page): Locator =>
  page.getByRole("navigation", { name: "Sections" });
export const sectionLink = (page: Page, title: string): Locator =>
  sectionNav(page).getByRole("link", { name: title, exact: true });
export const adminNav = (page: Page): Locator =>
  page.getByRole("navigation", { name: "Administration" });
export const connectionBanner = (page: Page): Locator => page.getByText("Connection lost.");
export const busyBanner = (page: Page): Locator => page.getByText("The server is busy.");
export const noAccess = "You have no access to this page";

/** Fills in the form that is on the screen and sends it. */
export const submitSignIn = async (
  page: Page,
  username: string,
  password: string = samplePasswordOf(username),
): Promise<void> => {
  const form = page.locator("form");
  await form.getByLabel("User name").fill(username);
  await form.getByLabel("Password", { exact: true }).fill(password);
  await form.getByRole("button", { name: "Sign in", exact: true }).click();
};

/** Signs in at the sign-in page, and waits for the first section. */
export const signIn = async (
  installation: Pick<Installation, "at">,
  page: Page,
  username: string,
): Promise<void> => {
  await page.goto(installation.at("/sign-in"));
  await submitSignIn(page, username);
  await page.getByRole("button", { name: /^Account:/ }).waitFor();
  await heading(page, "Sign in").waitFor({ state: "detached" });
};

/** Goes to a section by its link and waits until its panels are there. */
export const openSection = async (page: Page, title: string): Promise<void> => {
  await sectionLink(page, title).click();
  await sectionIsShown(page, title);
};

export const sectionIsShown = async (page: Page, title: string): Promise<void> => {
  await heading(page, title).waitFor();
  await page.locator("main section h2").first().waitFor();
};

export const signOut = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
};

/** The titles in the navigation. */
export const sectionTitles = (page: Page): Promise<string[]> =>
  sectionNav(page).getByRole("link").allInnerTexts();

/**
 * Marks this very document: a mark that is still there proves that the page was not loaded anew.
 */
export const markPage = (page: Page): Promise<void> =>
  page.evaluate(() => void Object.assign(globalThis, { marked: true }));
export const isMarked = (page: Page): Promise<boolean> =>
  page.evaluate(() => "marked" in globalThis);

/** As when the user comes back to this tab from another one. */
export const lookAtItAgain = async (page: Page): Promise<void> =>
  void (await page.evaluate(() =>
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
  ));

/** What the browser was handed as a file; it may run elsewhere. */
export const readDownload = async (download: Download): Promise<string> =>
  text(await download.createReadStream());

export const expectNoDialog = async (page: Page): Promise<void> =>
  expect(await page.locator("dialog").count(), "dialogs").toBe(0);
