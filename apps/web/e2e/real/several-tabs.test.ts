import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { days, minutes, startInstallation } from "./installation.ts";
import {
  dialog,
  heading,
  lookAtItAgain,
  openSection,
  sectionIsShown,
  sectionLink,
  sectionTitles,
  signIn,
  signOut,
  submitSignIn,
} from "./screens.ts";

const account = (page: Page, displayName: string) =>
  page.getByRole("button", { name: `Account: ${displayName}` });
const isVisitors = async (page: Page): Promise<void> => {
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await sectionIsShown(page, "Welcome");
  expect(await sectionTitles(page)).toEqual(["Welcome"]);
};

test("a page that is signed out asks for nothing of it as a visitor, however long its way home takes", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [here, there] = [await context.newPage(), await context.newPage()];
  await signIn(installation, here, "mica");
  await there.goto(installation.at("/sections/finance"));
  await sectionIsShown(there, "Finance");
  const { wire } = installation;
  wire.forget();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  wire.interfere(({ path }) => (path === "/sections" ? { after: released } : undefined));
  await signOut(here);
  await there.getByText("You are signed out.").waitFor();
  // The browser lets one of two like requests wait for the other.
  await expect.poll(() => wire.count("GET /sections")).toBe(1);
  release();
  for (const page of [here, there]) await isVisitors(page);
  expect(wire.requests.filter(({ status }) => status === 401)).toEqual([]);
});

test("signing out in one tab signs the others out", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [here, there] = [await context.newPage(), await context.newPage()];
  await signIn(installation, here, "mica");
  await there.goto(installation.at("/sections/finance"));
  await sectionIsShown(there, "Finance");
  await signOut(here);
  await there.getByText("You are signed out.").waitFor();
  for (const page of [here, there]) await isVisitors(page);
  // What is left says that she has signed in on this device before, and opens nothing.
  const left = await context.cookies(installation.apiUrl);
  expect(left.map(({ name }) => name)).toEqual([expect.stringContaining("device")]);
  await there.goto(installation.at("/sections/finance"));
  await heading(there, "Sign in").waitFor();
});

test("without messages between tabs, a tab finds out that the user has signed out as soon as it is looked at", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  await context.addInitScript(() =>
    Object.defineProperty(globalThis, "BroadcastChannel", { value: undefined }),
  );
  const [here, there] = [await context.newPage(), await context.newPage()];
  await signIn(installation, here, "mica");
  await there.goto(installation.at("/sections/finance"));
  await sectionIsShown(there, "Finance");
  await signOut(here);
  await here.getByText("You are signed out.").waitFor();
  await lookAtItAgain(there);
  await isVisitors(there);
  expect(await dialog(there).count()).toBe(0);
});

test("a visitor's other tab follows a sign-in without a word", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [here, there] = [await context.newPage(), await context.newPage()];
  await there.goto(installation.at("/"));
  await isVisitors(there);
  await signIn(installation, here, "mica");
  await account(there, "Mica Okafor").waitFor();
  await openSection(there, "Finance");
  expect(await there.getByText("You are signed in as").count()).toBe(0);
});

test("when another user signs in, every tab is loaded anew and says whose it is now", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [here, there] = [await context.newPage(), await context.newPage()];
  await signIn(installation, here, "mica");
  await openSection(here, "Finance");
  await there.goto(installation.at("/sections/people"));
  await sectionIsShown(there, "People");

  installation.serverClockAdvances(days(8));
  for (const page of [here, there]) await dialog(page).waitFor();
  await submitSignIn(here, "mike");
  for (const page of [here, there]) {
    await page.getByText("You are signed in as Mike Lindqvist now.").waitFor();
    await account(page, "Mike Lindqvist").waitFor();
    await heading(page, "You have no access to this page").waitFor();
    expect((await sectionTitles(page)).toSorted()).toEqual(["Marketing", "Welcome"]);
    expect(await dialog(page).count()).toBe(0);
  }
  await here.getByRole("button", { name: "OK" }).click();
  await here.reload();
  await account(here, "Mike Lindqvist").waitFor();
  expect(await here.getByText("You are signed in as").count()).toBeLessThanOrEqual(1);
  expect(await here.getByText("The page was reloaded").count()).toBe(0);
});

test("the late answer to an old refresh does not disturb who has signed in since", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [here, there] = [await context.newPage(), await context.newPage()];
  await signIn(installation, here, "mica");
  await there.goto(installation.at("/sections/people"));
  await sectionIsShown(there, "People");

  const release = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let held = 0;
  const stop = installation.wire.interfere(({ path }) => {
    if (path !== "/refresh" || held++ > 0) return undefined;
    reached.resolve();
    return { after: release.promise };
  });
  installation.serverClockAdvances(minutes(6));
  await sectionLink(there, "Finance").click();
  await reached.promise;
  await signOut(here);
  await isVisitors(here);
  await here.getByRole("link", { name: "Sign in" }).click();
  await submitSignIn(here, "mike");
  await account(here, "Mike Lindqvist").waitFor();
  release.resolve();
  stop();

  await account(there, "Mike Lindqvist").waitFor();
  for (const page of [here, there]) {
    await page.goto(installation.at("/sections/marketing"));
    await sectionIsShown(page, "Marketing");
    await account(page, "Mike Lindqvist").waitFor();
    expect(await dialog(page).count()).toBe(0);
  }
  installation.serverClockAdvances(minutes(6));
  await openSection(here, "Welcome");
  expect(await dialog(here).count()).toBe(0);
});

test("signing out everywhere ends the session of another browser, which is told why", async () => {
  const installation = await startInstallation();
  const [here, elsewhere] = [await installation.newPage(), await installation.newPage()];
  await signIn(installation, here, "mica");
  await signIn(installation, elsewhere, "mica");
  await here.getByRole("button", { name: /^Account:/ }).click();
  await here.getByRole("button", { name: "Sign out everywhere…" }).click();
  const question = here.getByRole("alertdialog", { name: "Sign out everywhere?" });
  expect(
    await question
      .getByRole("button", { name: "Cancel" })
      .evaluate((button) => button === document.activeElement),
  ).toBe(true);
  await question.getByText("Every session of mica ends at once").waitFor();
  await question.getByRole("button", { name: "Sign out everywhere" }).click();
  await isVisitors(here);
  await dialog(elsewhere)
    .getByText("You signed out everywhere, on another page or on another device.")
    .waitFor();
  await submitSignIn(elsewhere, "mica");
  await dialog(elsewhere).waitFor({ state: "detached" });
  await openSection(elsewhere, "Finance");
});
